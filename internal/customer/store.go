package customer

import (
	"context"
	"iter"
)

// Store stores customers. Implementations are safe for concurrent use and pass the
// behavior suite in storetest.
type Store interface {
	Reader
	// Update runs fn in one transaction, which is committed when fn returns nil and
	// rolled back otherwise. One Update runs at a time; readers do not wait for it. fn
	// must not use tx after it returns.
	Update(ctx context.Context, fn func(tx Tx) error) error
	// All yields every customer by ID, as of one moment.
	All(ctx context.Context) iter.Seq2[Customer, error]
}

// Reader reads customers for workers. A worker is named by identity; identities are
// compared by text.IdentityKey. A worker without customers has an empty list (apart from
// Everyone's customers), which is no error.
type Reader interface {
	// List returns a page of the worker's list, in list order.
	List(ctx context.Context, q ListQuery) (Page, error)
	// Search returns a page of the worker's customers that match, best first.
	Search(ctx context.Context, q SearchQuery) (Page, error)
	// Customer returns one of the worker's customers, or ErrNotFound.
	Customer(ctx context.Context, worker, id string) (Customer, error)
}

// ListQuery selects a page of a worker's list: the first one, the one after After, or the
// one after the customer Anchor. At most one of After and Anchor is set.
type ListQuery struct {
	Worker string
	After  Cursor
	// Anchor is a customer's ID. It is ErrUnknownAnchor when it never was this worker's
	// customer, and stays valid for 30 days after deletion or reassignment.
	Anchor string
	// Limit is the number of rows wanted, at least 1.
	Limit int
}

// SearchQuery selects a page of a worker's customers that match Query: the first one, the
// one after After, or the one after the customer Anchor. At most one of After and Anchor
// is set. A Query of blanks and punctuation only matches no customer.
type SearchQuery struct {
	Worker string
	Query  string
	After  Cursor
	// Anchor is a customer's ID, as in ListQuery. The error is ErrUnknownAnchor even if
	// the customer only does not match Query.
	Anchor string
	Limit  int
}

// Page is a run of rows. More reports whether at least one row follows.
type Page struct {
	Rows []Row
	More bool
}

// Row is a customer as a list shows it, with its position in that list.
type Row struct {
	ID, Name, Avatar string
	Cursor           Cursor
}

// Cursor is a position in a worker's list or search result: just after a row, as that row
// was when read. The zero Cursor is the beginning. A cursor stays valid for 30 days after
// its row is renamed, reassigned or deleted. Only the Store that made it can interpret it.
type Cursor struct {
	// Row identifies the customer, Rev the version of its name; Class is the class of
	// match in a search result.
	Row   int64
	Rev   int64
	Class uint8
}

// IsZero reports whether c is the beginning.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// MaxFound is the most customers that FindByContact returns. More than that do not share
// a contact that identifies a person.
const MaxFound = 100

// Tx is a transaction of Update. It sees its own writes.
type Tx interface {
	// Get returns a customer of any owner, or ErrNotFound.
	Get(ctx context.Context, id string) (Customer, error)
	// Prefetch reads the customers with these IDs, at most 256, in one go, to be got next.
	Prefetch(ctx context.Context, ids []string) error
	// FindByContact returns the IDs of the customers that have a channel with one of
	// these contact keys (see ContactKeys), in byte order, at most MaxFound.
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	// Put stores c unchanged and replaces the customer with its ID. It returns an
	// *InvalidError when Validate does. Put ends a recorded deletion of that ID; callers
	// that must respect these call FindDeletion first.
	Put(ctx context.Context, c Customer) error
	// Delete deletes a customer and leaves a tombstone, or returns ErrNotFound.
	Delete(ctx context.Context, id string) error
	// DeleteAndBlock deletes a customer and records the deletion for ever, so that imports
	// do not bring the customer back: its ID, when and by whom it was deleted, and hashes of
	// its contact keys. It returns ErrNotFound.
	DeleteAndBlock(ctx context.Context, id, by string) error
	// AllowImport forgets a recorded deletion, so that an import may add the customer, or
	// returns ErrNotFound. It does not add the customer itself.
	AllowImport(ctx context.Context, id string) error
	// FindDeletion finds the recorded deletion of this ID or, when there is none, of a customer with one
	// of these contact keys that no existing customer has.
	FindDeletion(ctx context.Context, id string, keys []string) (Deletion, bool, error)
	// KeepApart closes a group of duplicates by its Key: its members are different people.
	// The group opens again when its members change. It returns ErrNotFound when the
	// group does not exist or is closed.
	KeepApart(ctx context.Context, key string) error
	// Reassign makes up to limit customers of from belong to to, the first in list order,
	// and returns how many: fewer than limit when none is left. "" stands for unassigned.
	// Other owners of these customers are unaffected. It returns an *InvalidError when
	// from and to are the same or to is no valid identity. A thousand customers take a
	// tenth of a second; to move more, call Update several times with pauses of 25 ms, so
	// that others can write.
	Reassign(ctx context.Context, from, to string, limit int) (moved int, err error)
	// MatchOwner stores that person stands for owner in files, in place of an earlier match
	// of owner; "" removes that, or returns ErrNotFound. It assigns no customers. It returns
	// an *InvalidError when owner and person are the same, or either is no valid identity.
	MatchOwner(ctx context.Context, owner, person string) error
}
