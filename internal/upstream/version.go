package upstream

import (
	"sync"
	"time"
)

// Row is one customer in a list.
type Row struct{ ID, Name, Avatar string }

// A Version is what one walk through a worker's list brought so far: a growing
// copy without duplicates. Rows are only ever appended, so a place in it stays
// what it is. It is safe for concurrent use.
type Version struct {
	id   string
	asOf time.Time

	mu    sync.RWMutex
	rows  []Row
	place map[string]int32 // ID → index in rows
	done  bool
	bytes int
	walk  position // where the service is to be asked on; for Walk alone
}

// newVersion makes an empty version; id is unique among all versions ever made,
// asOf when its first page was true.
func newVersion(id string, asOf time.Time) *Version {
	return &Version{id: id, asOf: asOf, place: make(map[string]int32)}
}

// ID names the version.
func (v *Version) ID() string { return v.id }

// AsOf is when its first page was true.
func (v *Version) AsOf() time.Time { return v.asOf }

// Len is how many customers are known so far.
func (v *Version) Len() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.rows)
}

// Done tells whether the end of the list was reached.
func (v *Version) Done() bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.done
}

// Rows answers at most n rows from index from on. They must not be changed.
func (v *Version) Rows(from, n int) []Row {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if from < 0 || from >= len(v.rows) || n <= 0 {
		return nil
	}
	to := min(from+n, len(v.rows))
	return v.rows[from:to:to]
}

// Has tells whether a customer is among the rows.
func (v *Version) Has(id string) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	_, ok := v.place[id]
	return ok
}

// add appends the rows that are new, and tells how many those were.
func (v *Version) add(rows []Row) (fresh int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, r := range rows {
		if _, there := v.place[r.ID]; there || r.ID == "" || r.Name == "" {
			continue
		}
		v.place[r.ID] = int32(len(v.rows))
		v.rows = append(v.rows, r)
		v.bytes += rowBytes(r)
		fresh++
	}
	return fresh
}

// end marks the list as whole.
func (v *Version) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done = true
}

// rowBytes is about what a row takes in memory, its place in the index included.
func rowBytes(r Row) int { return len(r.ID) + len(r.Name) + len(r.Avatar) + 3*16 + 48 }

// position is where a walk goes on.
type position struct {
	// token or anchor asks for the page after the last one; both are "" before the
	// first page.
	token, anchor string
}
