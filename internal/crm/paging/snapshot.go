// Package paging makes clean pages of whatever a service returns: no customer twice,
// all of them, and an end. A [Snapshot] is what one walk through a worker's list, or
// through the results of a search, has brought so far. A [Pager] asks the service for
// more of it, page by page as they are wanted, and seals page tokens that name a
// snapshot and a place in it.
package paging

import (
	"crypto/rand"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// Bounds of one snapshot: more than any worker's list in the field.
const (
	MaxRows  = 50_000
	maxBytes = 16 << 20
)

// Row is one customer in a list.
type Row struct {
	ID     string `json:"i"`
	Name   string `json:"n,omitempty"`
	Avatar string `json:"a,omitempty"`
}

// Bytes returns about what a row takes in memory, its place in an index included.
func (r Row) Bytes() int { return len(r.ID) + len(r.Name) + len(r.Avatar) + 3*16 + 48 }

// state says whether the end of a list was reached.
type state uint8

const (
	growing  state = iota
	complete       // the service has no more
	capped         // the list is too long: more may follow
)

// A Snapshot is a growing copy of a list without duplicates. Rows are only ever
// appended, and none when it is Done, so that an index stays what it is. It is safe for
// concurrent use.
type Snapshot struct {
	id   string
	asOf time.Time

	mu    sync.RWMutex // guards what follows
	rows  []Row
	index map[string]int32 // by Row.ID
	bytes int
	heard time.Time // when the service last answered for it
	state state
	next  question
	guard guard
}

// newSnapshot returns an empty snapshot of a list as it is at now. Times are kept in
// milliseconds.
func newSnapshot(now time.Time) *Snapshot {
	return &Snapshot{id: rand.Text(), asOf: now.Truncate(time.Millisecond), index: make(map[string]int32)}
}

// ID names the snapshot among all.
func (s *Snapshot) ID() string { return s.id }

// AsOf returns when its first page was true, in whole milliseconds.
func (s *Snapshot) AsOf() time.Time { return s.asOf }

// Heard returns when the service last answered for it.
func (s *Snapshot) Heard() time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.heard
}

// Len returns how many rows there are so far.
func (s *Snapshot) Len() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.rows)
}

// Done reports whether no more rows will come.
func (s *Snapshot) Done() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.state != growing
}

// Complete reports whether the end of the list was reached.
func (s *Snapshot) Complete() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.state == complete
}

// Rows returns at most n rows from an index on. They must not be changed.
func (s *Snapshot) Rows(from, n int) []Row {
	s.mu.RLock()
	defer s.mu.RUnlock()
	from = min(max(from, 0), len(s.rows))
	to := from + min(max(n, 0), len(s.rows)-from)
	return s.rows[from:to:to]
}

// Index returns the index of a customer's row.
func (s *Snapshot) Index(customerID string) (i int, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at, ok := s.index[customerID]
	return int(at), ok
}

// Bytes returns about how much memory the snapshot takes.
func (s *Snapshot) Bytes() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.bytes + 512 + 48*len(s.guard.used)
}

// append appends the rows that are new, and returns how many those were. s.mu is held.
func (s *Snapshot) append(rows []Row) (fresh int) {
	for _, r := range rows {
		if _, known := s.index[r.ID]; known || r.ID == "" {
			continue
		}
		if len(s.rows) >= MaxRows || s.bytes+r.Bytes() > maxBytes {
			s.state = capped
			break
		}
		s.index[r.ID] = int32(len(s.rows))
		s.rows = append(s.rows, r)
		s.bytes += r.Bytes()
		fresh++
	}
	return fresh
}

// Continued returns a snapshot of the first n rows of s and those of older that are not
// among them. It goes on as older does.
func (s *Snapshot) Continued(n int, older *Snapshot) *Snapshot {
	c := newSnapshot(older.asOf)
	c.append(s.Rows(0, n))
	older.mu.RLock()
	defer older.mu.RUnlock()
	c.heard, c.state, c.next = older.heard, older.state, older.next
	c.append(older.rows)
	c.guard = guard{pages: older.guard.pages, high: len(c.rows) - 1}
	return c
}

// rowsOf returns the rows of a response.
func rowsOf(resp frontline.ListResponse) []Row {
	rows := make([]Row, 0, len(resp.Customers))
	for _, c := range resp.Customers {
		if c.ID != "" {
			rows = append(rows, Row{c.ID, c.DisplayName, c.Avatar})
		}
	}
	return rows
}
