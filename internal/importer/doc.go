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
// Who was removed in the console stays so: a row that would make them anew is told as
// removed. That is a row with the id of who was removed, or whose made-up id is theirs,
// or with an e-mail address that they had and nobody has by now. A number is not
// enough, for the same reason as above.
//
// These rules make an import repeatable: a second run changes nothing, and a run
// that was killed and started again ends as one run does.
//
// # Whom a file no longer has
//
// With [Options.Prune] customers are deleted that no row is about: of all, when the
// file names owners or is everybody's; otherwise of its worker's, where one that
// others have too is only taken from this worker. A row that is rejected or skipped
// is about somebody as far as its id, or its addresses, can be read. Nobody is
// deleted when the file was not read to its end or was cut off, when it has a row of
// which that cannot be told, when none of its rows could be used, or, unless [Options.Insist] is set, when that is more than [PrunePercent] in
// a hundred. A later file brings them back.
//
// # Trying it
//
// [File.Check] tells what [File.Import] would do. It reads the customers as they are,
// and keeps what it would have written in memory and, beyond some thousands, in a file
// of its own: it takes no room that grows with the store, and keeps nobody from writing.
package importer
