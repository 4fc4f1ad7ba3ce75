package customer

import (
	"context"
	"iter"
)

// Store keeps customers. Implementations are safe for concurrent use, and pass
// the behaviour suite in storetest.
type Store interface {
	Reader
	// Update runs fn in one transaction: all that fn did is kept when it returns
	// nil, nothing of it otherwise. One Update runs at a time; readers are not
	// kept waiting. fn may be run only once and must not use tx afterwards.
	Update(ctx context.Context, fn func(tx Tx) error) error
	// All yields every customer in order of ID, as of one moment.
	All(ctx context.Context) iter.Seq2[Customer, error]
}

// Reader answers workers' questions. A worker is named by identity; identities
// are compared as text.IdentityKey says. A worker that nobody assigned anything
// to has an empty list (and Everyone's customers), which is no error.
type Reader interface {
	// List answers a page of the worker's list, in list order.
	List(ctx context.Context, q ListQuery) (Page, error)
	// Search answers a page of the worker's customers that match, best first.
	Search(ctx context.Context, q SearchQuery) (Page, error)
	// Customer answers one of the worker's customers, or ErrNotFound.
	Customer(ctx context.Context, worker, id string) (Customer, error)
}

// ListQuery asks for a page of a worker's list: the beginning, or what follows
// After, or what follows the customer called Anchor. At most one of the two is set.
type ListQuery struct {
	Worker string
	After  Cursor
	// Anchor is a customer's ID; ErrUnknownAnchor when it never was this
	// worker's. It stays good for 30 days after deletion or reassignment.
	Anchor string
	// Limit is how many rows are wanted, at least 1.
	Limit int
}

// SearchQuery asks for a page of a worker's customers that match Query: the
// beginning, or what follows After, or what follows the customer called Anchor.
// At most one of the two is set. A Query without anything to look for (blanks
// and punctuation) matches nobody.
type SearchQuery struct {
	Worker string
	Query  string
	After  Cursor
	// Anchor is a customer's ID, as in ListQuery; ErrUnknownAnchor also when it
	// does not match Query (any more).
	Anchor string
	Limit  int
}

// Page is a run of rows; More tells that at least one follows.
type Page struct {
	Rows []Row
	More bool
}

// Row is a customer as a list shows it, and its place in that list.
type Row struct {
	ID, Name, Avatar string
	Cursor           Cursor
}

// Cursor is a place in a worker's list or search result: just after one row, as
// that row stood when it was read. The zero Cursor is the beginning. A cursor
// stays good when its row is renamed, reassigned or deleted, for 30 days.
// Only the Store that made it can make sense of it.
type Cursor struct {
	// Row names the customer, Rev the state of its name; Class is the class of
	// match in a search result.
	Row   int64
	Rev   int64
	Class uint8
}

// IsZero tells whether c is the beginning.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// MaxFound is how many customers FindByContact answers at most: those who share
// an address with so many are told apart by nothing that it could tell.
const MaxFound = 100

// Tx is a transaction of Update. It sees what it wrote.
type Tx interface {
	// Get answers a customer whoever's it is, or ErrNotFound.
	Get(ctx context.Context, id string) (Customer, error)
	// FindByContact answers the IDs of the customers that have a channel with
	// one of these contact keys (see ContactKeys), in byte order, at most MaxFound.
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	// Put keeps c as it stands, in place of what was kept under its ID. It
	// returns an *InvalidError when c breaks a rule of Validate. A removal of
	// that ID is over: who must heed it asks Removed first.
	Put(ctx context.Context, c Customer) error
	// Delete removes a customer and leaves a tombstone; ErrNotFound when there
	// is none.
	Delete(ctx context.Context, id string) error
	// Remove is Delete for good: it is remembered for ever that this customer is
	// not wanted any more, when and by whom it was said, and the contact keys,
	// but these as hashes only: what was removed is not kept by the back door.
	Remove(ctx context.Context, id, by string) error
	// Restore forgets a removal, so that an import may bring the customer back;
	// ErrNotFound when there is none. It does not bring back anything by itself.
	Restore(ctx context.Context, id string) error
	// Removed tells whether a customer of this ID was removed or, when none was,
	// one that had one of these contact keys, which nobody has by now.
	Removed(ctx context.Context, id string, keys []string) (Removal, bool, error)
	// KeepApart closes a group of duplicates by its Key: its members are different
	// people. It is open again when its members change. ErrNotFound when there is
	// no such group, or when it is closed already.
	KeepApart(ctx context.Context, key string) error
	// Reassign gives up to limit customers of one identity to another, the first
	// in list order, and answers how many they were: fewer than limit when these
	// were the last. A from of "" means those who are nobody's, a to of "" makes
	// them nobody's; other workers whose they are stay. An *InvalidError tells
	// that from and to are the same or that to is no identity. A thousand take a
	// tenth of a second: whoever moves more does it in several Updates, with a
	// pause of 25 ms in between, so that others come to write.
	Reassign(ctx context.Context, from, to string, limit int) (moved int, err error)
}
