package customer

import (
	"context"
	"time"
)

// AdminReader reads customers for administrators, whatever their owner. Its cost does not
// grow with the store: pages continue from a cursor, and counts are maintained on write.
type AdminReader interface {
	// ListAll returns a page of customers in list order or, with a Query, of those that
	// match, best first.
	ListAll(ctx context.Context, q AdminQuery) (AdminPage, error)
	// Get returns a customer of any owner, or ErrNotFound.
	Get(ctx context.Context, id string) (Customer, error)
	// GetAll returns those of these customers that exist, in no order.
	GetAll(ctx context.Context, ids []string) ([]Customer, error)
	// FindByContact is Tx.FindByContact.
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	// FindDeletion is Tx.FindDeletion.
	FindDeletion(ctx context.Context, id string, keys []string) (Deletion, bool, error)
	// Totals returns the counts of the whole store.
	Totals(ctx context.Context) (Totals, error)
	// OwnerCounts returns every identity that has customers, Everyone among them, in
	// order of text.IdentityKey. An identity is spelled as when first assigned.
	OwnerCounts(ctx context.Context) ([]OwnerCount, error)
	// OwnerCount returns the number of customers assigned to exactly this identity.
	OwnerCount(ctx context.Context, worker string) (int, error)
	// OwnerMatches returns which people stand for owners that files name, in order of
	// text.IdentityKey of the owners.
	OwnerMatches(ctx context.Context) ([]OwnerMatch, error)
	// Duplicates returns a page of the open groups of possible duplicates, in a stable
	// order.
	Duplicates(ctx context.Context, q DuplicateQuery) (DuplicatePage, error)
	// DuplicateGroup returns the open group with this Key. It returns ErrNotFound when
	// the group does not exist, is closed, or has other members now.
	DuplicateGroup(ctx context.Context, key string) (DuplicateGroup, error)
	// Deletions returns a page of the recorded deletions, newest first.
	Deletions(ctx context.Context, q DeletionQuery) (DeletionPage, error)
}

// Scope selects customers by owner; the zero Scope selects all. Worker selects those
// assigned to exactly this identity, without Everyone's; Everyone selects Everyone's.
// Unassigned selects those without an owner and overrides Worker.
type Scope struct {
	Worker     string
	Unassigned bool
}

// AdminQuery selects a page of customers. A Query that is not blank selects those that
// match, as in Reader.Search. After is a Cursor of an earlier page, zero for the
// beginning; ErrUnknownAnchor when it is too old. Limit is at least 1.
type AdminQuery struct {
	Scope
	Query string
	After Cursor
	Limit int
}

// AdminPage is a run of customers with the cursor of each. More reports whether at least
// one follows.
type AdminPage struct {
	Customers []Customer
	Cursors   []Cursor
	More      bool
}

// Totals counts all customers, the unassigned ones, the open groups of duplicates, and the
// recorded deletions. After a bulk import, Duplicates is right once the store is compacted.
type Totals struct{ Customers, Unassigned, Duplicates, Deleted int }

// OwnerCount is the number of customers assigned to an identity.
type OwnerCount struct {
	Identity  string
	Customers int
}

// OwnerMatch says which person stands for an owner in files: Owner is as the files write
// it, Person is the identity of the person.
type OwnerMatch struct{ Owner, Person string }

// MaxSharing is the most customers that may share an address and still be taken for
// duplicates. More than that share a switchboard or a placeholder.
const MaxSharing = 20

// DuplicateQuery selects the groups after After, the Next of the previous page, "" for the
// beginning. Limit is at least 1.
type DuplicateQuery struct {
	After string
	Limit int
}

// DuplicateGroup is two to MaxSharing customers who share one or more email addresses or
// phone numbers.
type DuplicateGroup struct {
	// Key identifies the group until its members change. It reveals nothing about them.
	Key string
	// Shared is a contact key of all members, an email address if there is one.
	Shared string
	// Customers are in list order.
	Customers []Customer
}

// DuplicatePage is a run of groups; Next continues after it, "" at the end.
type DuplicatePage struct {
	Groups []DuplicateGroup
	Next   string
}

// Deletion records that a customer was deleted and must not be imported again.
type Deletion struct {
	ID string
	At time.Time
	By string
}

// DeletionQuery selects the deletions after After, the Next of the previous page, "" for the
// beginning. Limit is at least 1.
type DeletionQuery struct {
	After string
	Limit int
}

// DeletionPage is a run of deletions; Next continues after it, "" at the end.
type DeletionPage struct {
	Deletions []Deletion
	Next      string
}
