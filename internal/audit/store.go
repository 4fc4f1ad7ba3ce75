package audit

import (
	"context"
	"time"
)

// Query selects entries. The zero value selects all.
type Query struct {
	// Actor and Subject must match exactly, except for the case of ASCII letters in an
	// email address. "" matches any.
	Actor, Subject string
	// Actions to find; none means all.
	Actions []Action
	// From and To limit Entry.When: at or after From, before To. Zero is no limit.
	From, To time.Time
	// Unusual selects marked entries only.
	Unusual bool
	// After is the Next of the previous page; 0 for the first page, which has the newest
	// entries.
	After int64
	// Limit is the size of a page: DefaultLimit when 0, at most MaxLimit.
	Limit int
}

// Page sizes.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Page is a run of matching entries, newest first.
type Page struct {
	Entries []Entry
	// More reports whether older entries remain to be searched. A page with More may have
	// fewer than Limit entries, even none: a rare combination of filters in a large audit
	// takes several pages.
	More bool
	// Next is the Query.After of the next page, 0 without More. It is the ID of the last
	// entry examined, which need not be in Entries.
	Next int64
}

// Store stores entries. Entries cannot be changed, and are deleted by age only. Errors
// wrap ErrUnavailable when the store fails.
type Store interface {
	// Atomically runs act in a transaction: what act writes with its context, to any store
	// of the same database, is stored when act returns nil, and nothing of it otherwise.
	// The error is that of act, or wraps ErrUnavailable.
	Atomically(ctx context.Context, act func(ctx context.Context) error) error
	// AddEntries stores all entries or none, and assigns IDs in their order. It ignores
	// Entry.ID.
	AddEntries(ctx context.Context, entries []Entry) error
	// AddEntriesUnsynced is AddEntries without waiting for the disk: entries survive the end of
	// the process, but perhaps not a power failure.
	AddEntriesUnsynced(ctx context.Context, entries []Entry) error
	// FindEntries returns a page. Limit is 1 to MaxLimit. Its cost does not grow with the
	// audit. It returns ErrCursor when After never was the ID of an entry; when the entry
	// has been dropped, so are all older ones, and the page is empty.
	FindEntries(ctx context.Context, q Query) (Page, error)
	// OldestEntry returns the time of the oldest entry, zero when there is none.
	OldestEntry(ctx context.Context) (time.Time, error)
	// Clock returns what SaveClock stored last, the zero Clock before that.
	Clock(ctx context.Context) (Clock, error)
	SaveClock(ctx context.Context, c Clock) error
	// DeleteEntries deletes up to limit entries from before before, the oldest first, and
	// returns how many.
	DeleteEntries(ctx context.Context, before time.Time, limit int) (int, error)
}
