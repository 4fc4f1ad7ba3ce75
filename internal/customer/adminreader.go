package customer

import (
	"context"
	"time"
)

// AdminReader answers an administrator's questions: about all customers, whoever's
// they are. Nothing in it costs more because the store has grown: pages go on
// from where the last one ended, and counts are kept, not counted.
type AdminReader interface {
	// ListAll answers a page of customers in list order; with a Query, those
	// that match, best first.
	ListAll(ctx context.Context, q AdminQuery) (AdminPage, error)
	// Get answers a customer whoever's it is, or ErrNotFound.
	Get(ctx context.Context, id string) (Customer, error)
	// FindByContact is that of Tx.
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	// FindRemoved is Removed of Tx.
	FindRemoved(ctx context.Context, id string, keys []string) (Removal, bool, error)
	// Totals answers how much there is of everything.
	Totals(ctx context.Context) (Totals, error)
	// OwnerCounts answers every identity that has customers, Everyone too when some
	// are everyone's, in order of text.IdentityKey. An identity is written as it
	// was when it was first assigned something.
	OwnerCounts(ctx context.Context) ([]OwnerCount, error)
	// OwnerCount answers how many customers are assigned to exactly this identity.
	OwnerCount(ctx context.Context, worker string) (int, error)
	// Duplicates answers a page of the groups that may be one person each, in an
	// order that stays.
	Duplicates(ctx context.Context, q DuplicateQuery) (DuplicatePage, error)
	// Removed answers a page of what was removed, newest first.
	Removed(ctx context.Context, q RemovedQuery) (RemovedPage, error)
}

// Scope says which customers are meant: the zero Scope all of them. Worker means
// those assigned to exactly this identity: not Everyone's with them, and Everyone
// for those. Unassigned means those who are nobody's; Worker does not count then.
type Scope struct {
	Worker     string
	Unassigned bool
}

// AdminQuery asks for a page of customers. Query, unless it is blank, asks for
// those that match, by the rules of Reader.Search. After is one of the Cursors of
// an earlier page, the zero Cursor the beginning; ErrUnknownAnchor when it is too
// old. Limit is how many are wanted, at least 1.
type AdminQuery struct {
	Scope
	Query string
	After Cursor
	Limit int
}

// AdminPage is a run of customers, with the place of each; More tells that at
// least one follows.
type AdminPage struct {
	Customers []Customer
	Cursors   []Cursor
	More      bool
}

// Totals is how much there is: Customers in all, how many of them are nobody's,
// the open groups of duplicates, and how many were removed and not restored.
// After a bulk import, Duplicates is right when the store was compacted.
type Totals struct{ Customers, Unassigned, Duplicates, Removed int }

// OwnerCount is how many customers are assigned to an identity.
type OwnerCount struct {
	Identity  string
	Customers int
}

// MaxSharing is how many customers may share an address and still be taken for
// the same person. More than that have a shared line: a switchboard, or something
// made up.
const MaxSharing = 20

// DuplicateQuery asks for the groups after the page whose Next was After, "" for
// the beginning; Limit is at least 1.
type DuplicateQuery struct {
	After string
	Limit int
}

// DuplicateGroup is two to MaxSharing customers who share an e-mail address or a
// number. Those who share several are one group.
type DuplicateGroup struct {
	// Key names the group until its members change. It tells nothing of them.
	Key string
	// Shared is a contact key that all have: an e-mail address if there is one.
	Shared string
	// Customers are in list order.
	Customers []Customer
}

// DuplicatePage is a run of groups; Next leads to the page after it, "" at the end.
type DuplicatePage struct {
	Groups []DuplicateGroup
	Next   string
}

// Removal is what is remembered of a customer that was removed.
type Removal struct {
	ID string
	At time.Time
	By string
}

// RemovedQuery asks for the removals after the page whose Next was After, "" for
// the beginning; Limit is at least 1.
type RemovedQuery struct {
	After string
	Limit int
}

// RemovedPage is a run of removals; Next leads to the page after it, "" at the end.
type RemovedPage struct {
	Removals []Removal
	Next     string
}
