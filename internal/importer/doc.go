// Package importer reads an export of somebody's CRM, as CSV, JSON or vCard, and
// brings a [customer.Store] into line with it.
//
// What kind of file it is, its encoding, its delimiter and what its columns mean
// are told from its content. The file is read as a stream: it is never in memory
// as a whole.
//
// # What a file owns
//
// A file owns the fields it carries and no others. A column that is there and
// empty in a row clears that field of that customer; a column that is not there
// leaves it alone. In JSON a key, in a vCard a property, is what a column is in a
// CSV. Channels and links are owned by type: a file with an e-mail column and no
// number replaces the e-mail addresses and keeps the numbers.
//
// A file that names owners sets whose customer it is to exactly that; a blank
// owner is nobody. A file that names none needs [Options.Worker], who is added to
// those who have the customer already.
//
// # Who is who
//
// A row with an id is the customer with that id. A row without one is, in this order:
//
//  1. whoever an earlier row of the same file was, when both have the same name and
//     share an e-mail address or a number: it is skipped, and told;
//  2. the customer that such a row made in an earlier import: its id is a hash of
//     the name and the addresses (without those, of name, company and links);
//  3. the customer with the same name that shares an e-mail address, or else a
//     number, when there is exactly one, or when one of several says already all
//     that the row says;
//  4. the only customer that shares an e-mail address with it, when no row of this
//     file was that customer yet: the name has changed;
//  5. a new customer.
//
// A shared number alone never makes two names one customer, because colleagues
// share the company's number; and an address that a hundred or more customers share
// tells nobody apart. Names are the same when their words are, in any order,
// accents and case aside. Of two rows for one customer the first one counts.
//
// These rules make an import repeatable: a second run changes nothing, and a run
// that was killed and started again ends as one run does.
package importer
