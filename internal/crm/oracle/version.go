package external

import (
	"sync"
	"time"
)

// Bounds of one version: more than any worker's list in the field, and as much
// memory as the shelf can give to one of them.
const (
	maxVersionRows  = 50_000
	maxVersionBytes = 16 << 20
)

// row is one customer in a list.
type row struct{ ID, Name, Avatar string }

// A version is what one walk through a worker's list brought so far: a growing
// copy without duplicates. Rows are only ever appended, so a place in it stays
// what it is. It is safe for concurrent use.
type version struct {
	id   string
	asOf time.Time

	mu     sync.RWMutex
	rows   []row
	place  map[string]int32 // ID → index in rows
	done   bool
	capped bool
	bytes  int
	heard  time.Time // when the service last answered for it
	steps  int       // answers and refusals so far, so that one is not asked twice
	walk   position  // where the service is to be asked on; for walk alone
}

// newVersion makes an empty version; id is unique among all versions ever made,
// asOf when its first page was true. Milliseconds are what it is kept with.
func newVersion(id string, asOf time.Time) *version {
	asOf = asOf.Truncate(time.Millisecond)
	return &version{id: id, asOf: asOf, heard: asOf, place: make(map[string]int32)}
}

// ID names the version.
func (v *version) ID() string { return v.id }

// AsOf is when its first page was true, in whole milliseconds.
func (v *version) AsOf() time.Time { return v.asOf }

// Len is how many customers are known so far.
func (v *version) Len() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.rows)
}

// Done tells whether the end of the list was reached.
func (v *version) Done() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.done
}

// Capped tells that the list was ended by us, as too long: more may follow.
func (v *version) Capped() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.capped
}

// Rows answers at most n rows from index from on. They must not be changed.
func (v *version) Rows(from, n int) []row {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if from < 0 || from >= len(v.rows) || n <= 0 {
		return nil
	}
	to := len(v.rows)
	if n < to-from {
		to = from + n
	}
	return v.rows[from:to:to]
}

// Has tells whether a customer is among the rows.
func (v *version) Has(id string) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	_, ok := v.place[id]
	return ok
}

// append appends the rows that are new, and returns how many those were. v.mu must be
// held.
func (v *version) append(rows []row) (fresh int) {
	for _, r := range rows {
		if _, there := v.place[r.ID]; there || r.ID == "" || r.Name == "" {
			continue
		}
		if len(v.rows) >= maxVersionRows || v.bytes+rowBytes(r) > maxVersionBytes {
			v.capped, v.done = true, true
			break
		}
		v.place[r.ID] = int32(len(v.rows))
		v.rows = append(v.rows, r)
		v.bytes += rowBytes(r)
		fresh++
	}
	return fresh
}

// size is about how much memory it takes.
func (v *version) size() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.bytes + 512 + 48*len(v.walk.used)
}

// lastHeard is when the service last answered for it.
func (v *version) lastHeard() time.Time {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.heard
}

// state tells how many rows there are, whether that is all, and how many steps
// were made.
func (v *version) state() (rows int, done bool, steps int) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.rows), v.done, v.steps
}

// row answers the row of a customer.
func (v *version) row(id string) (row, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	i, ok := v.place[id]
	if !ok {
		return row{}, false
	}
	return v.rows[i], true
}

// among tells whether a customer is among the first n rows.
func (v *version) among(id string, n int) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	i, ok := v.place[id]
	return ok && int(i) < n
}

// rowBytes is about what a row takes in memory, its place in the index included.
func rowBytes(r row) int { return len(r.ID) + len(r.Name) + len(r.Avatar) + 3*16 + 48 }
