package audit

import (
	"context"
	"time"
)

// Query says what is looked for. The zero value means everything.
type Query struct {
	// Actor and Subject are compared as a whole; in an e-mail address the case of
	// ASCII letters does not count. "" is anybody and anything.
	Actor, Subject string
	// Actions are those looked for, none means all.
	Actions []Action
	// From and To bound Entry.When: from From on, and before To. Zero is no bound.
	From, To time.Time
	// Unusual leaves out what is not marked so.
	Unusual bool
	// After is where the page before ended: its Page.Next. 0 is the beginning, which
	// is the newest entry.
	After int64
	// Limit is the most that a page may hold; DefaultLimit when 0, at most MaxLimit.
	Limit int
}

// How many entries a page holds when nothing is said, and at most.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Page is a part of what was looked for, newest first.
type Page struct {
	Entries []Entry
	// More tells that older entries are still to be looked through. A page may hold
	// fewer than Limit, even none, though there is more: what a rare combination of
	// filters asks of a large audit is looked for in several goes.
	More bool
	// Next is the Query.After of the page that follows; 0 without More. It is the ID
	// of the last entry that was looked at, which need not be one of Entries.
	Next int64
}

// Store keeps entries. There is no way to change one, and none to delete one but by
// its age. Errors wrap ErrUnavailable when the store cannot answer just now.
type Store interface {
	// AddEntries keeps entries, all of them or none, and gives them IDs in their
	// order. It does not read Entry.ID.
	AddEntries(ctx context.Context, entries []Entry) error
	// FindEntries answers a page. Limit is 1 to MaxLimit. What it costs does not grow
	// with the audit. ErrCursor when After was never the ID of an entry; that the
	// entry is dropped meanwhile is no error: then all that is older is, too.
	FindEntries(ctx context.Context, q Query) (Page, error)
	// DropEntries deletes entries from before before, at most limit, the oldest
	// first, and answers how many it were.
	DropEntries(ctx context.Context, before time.Time, limit int) (int, error)
}
