// Package importer imports the customers of another CRM's export, as CSV, JSON or
// vCard, into a [customer.Store].
//
// Package source reads the file: its character set, format and rows. This package maps
// columns to fields by their names or [Options.Map], builds a customer from each row,
// finds the customer that the row is about, and writes it. [ExportJSON] and [ExportCSV]
// write files that are imported back without loss.
//
// # Which fields change
//
// A file changes the fields that it has and no others. A column that is empty in a row
// clears that field of the customer; a column that is not there leaves it as it is. In
// JSON a key is a column, in a vCard a property. Channels and links are replaced by
// type: a file with email addresses and without numbers keeps the numbers.
//
// A file that names owners sets the owners of each customer; a blank owner is none. A
// file that names no owners needs [Options.Worker], who is added to the owners. An owner
// in [Options.OwnerMatches] is the person matched, in everything below. Owners without an
// account are in [Report.OwnersWithoutAccount].
//
// # Which customer a row is about
//
// A row with an id is the customer with that id. A row without one is, in this order:
//
//  1. the customer of an earlier row of the file with the same name that shares an
//     email address or a number: the row is skipped;
//  2. the customer that such a row created in an earlier import: its id is a hash of
//     the name and the addresses (without those, of name, company and links);
//  3. the customer with the same name that shares an email address, or else a number,
//     if there is exactly one, or if one of several has all values of the row already;
//  4. the only customer that shares an email address, if no row of the file was about
//     it yet and nothing speaks against a changed name: they share a number too, or one
//     of them has no number and the names are alike (the same first name, or one has all
//     words of the other), or one of them has no name;
//  5. if one of them has no name, the only customer that shares a number;
//  6. a new customer.
//
// A row without a name is called by its email address, or else its number. A name that
// comes later replaces that, and is never replaced by it.
//
// So colleagues and families that share an email address stay apart: losing a person is
// worse than a duplicate, which the console shows. A shared number alone does not identify
// a customer with a name, because colleagues share the company's number. Nor does an address that a hundred or more customers share. Names
// are equal when they have the same words in any order, accents and case aside. Of two
// rows about one customer the first counts.
//
// Customers that were deleted in the console stay deleted. A row is reported as
// previously deleted when it has the id of such a customer, the hash that was its id, or an
// email address that it had and no customer has now. A number is not enough, as above.
//
// So an import is repeatable: a second run changes nothing, and a run that was killed
// and started again ends as one run does.
//
// # What a spreadsheet did to a file
//
// A spreadsheet that opens and saves a CSV writes 00123 as 123, 1-2 as 02-Jan and
// 123456789012 as 1.23457E+11. [ExportCSV] puts an apostrophe before such texts, which is
// removed when the file is read. Where that did not help: an id that no customer has is
// that of the customer with the same name and an address whose id a spreadsheet would
// write so. One whose last digits are lost is no id: the row is treated as one without,
// but never renames a customer, and in a file of [ExportCSV] it creates none. A number
// whose last digits are lost is left out, and the customer's numbers stay.
//
// # Pruning
//
// [Options.Prune] deletes customers that no row is about: of all customers when the file
// names owners or is for everyone, otherwise of its worker's, where one with further
// owners is only taken from the worker. A customer that a row may be
// about stays: of a row that is rejected or skipped, those with its id or an address of it;
// of one without an id, those with its name and an address of it, or with its name alone if
// it has no email address and no complete number; of one with an id, the one whose id a
// spreadsheet would write so.
//
// Nothing is deleted when the file was not read to its end or was cut off, when a row does
// not show which customer it is about (it is rejected and leads to no customer, or its id or
// number has lost digits), when no row could be used, or, without [Options.PruneAnyway],
// when it would be more than [PrunePercent] of the customers. A later file can bring them
// back.
//
// # Dry run
//
// [File.DryRun] returns the [Report] that [File.Import] would. It reads the customers as
// they are, and holds what it would have written in memory and, beyond some thousands,
// in a temporary file. It blocks no writer.
package importer
