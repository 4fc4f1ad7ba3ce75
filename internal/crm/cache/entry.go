package cache

import (
	"slices"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/crm/paging"
)

const (
	// confirmEmpty is after how long a second empty answer counts, for a list that had
	// customers.
	confirmEmpty = 2 * time.Minute
	// maxFound bounds how many customers that searches brought are remembered for each
	// worker.
	maxFound = 2000
)

// An Entry is what is held of one worker's list: the newest snapshot, the one that
// reaches furthest, and which customers searches brought. It is safe for concurrent use.
type Entry struct {
	worker string

	mu               sync.Mutex // guards what follows
	newest, furthest *paging.Snapshot
	previous         *paging.Snapshot     // the newest before, for walks that began in it
	found            map[string]time.Time // by customer id, when a search last brought it
	emptied          time.Time            // when the list was first answered empty
	failure          error                // of the last refresh, nil if it was good
	failedAt         time.Time
	unsaved          bool // it has changed since it was stored
}

func newEntry(worker string) *Entry {
	return &Entry{worker: worker, found: map[string]time.Time{}}
}

// Newest returns the newest snapshot, nil if there is none.
func (e *Entry) Newest() *paging.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.newest
}

// Furthest returns the snapshot that reaches furthest: the newest that is done, or else
// the longest; nil if there is none.
func (e *Entry) Furthest() *paging.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.furthest
}

// Has reports whether the worker's list has this customer, or a search brought it since.
func (e *Entry) Has(customerID string, since time.Time) bool {
	e.mu.Lock()
	at, found := e.found[customerID]
	e.mu.Unlock()
	if found && at.After(since) {
		return true
	}
	_, listed := e.row(customerID)
	return listed
}

// row returns the row that the worker's list has of a customer.
func (e *Entry) row(customerID string) (paging.Row, bool) {
	for _, s := range e.snapshots() {
		if i, ok := s.Index(customerID); ok {
			return s.Rows(i, 1)[0], true
		}
	}
	return paging.Row{}, false
}

// snapshots returns the snapshots that are held, the newest first.
func (e *Entry) snapshots() (held []*paging.Snapshot) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range []*paging.Snapshot{e.newest, e.furthest, e.previous} {
		if s != nil && !slices.Contains(held, s) {
			held = append(held, s)
		}
	}
	return held
}

// snapshot returns the snapshot with this id; the newest if id is "".
func (e *Entry) snapshot(id string) *paging.Snapshot {
	for _, s := range e.snapshots() {
		if id == "" || id == s.ID() {
			return s
		}
	}
	return nil
}

// put holds a snapshot that was begun or has grown, or only its customers if it is the
// result of a search. It reports whether the entry is worth storing now: not for every
// page, as all of a list is written each time.
func (e *Entry) put(s *paging.Snapshot, isSearch bool, now time.Time) (worthSaving bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unsaved = true
	if isSearch {
		for _, r := range s.Rows(0, maxFound) {
			remember(e.found, r.ID, s.AsOf())
		}
		return false, nil
	}
	begun := e.newest == nil || s.ID() != e.newest.ID() && s.ID() != e.furthest.ID() && s.AsOf().After(e.newest.AsOf())
	if begun && s.Done() && s.Len() == 0 && e.furthest != nil && e.furthest.Len() > 0 {
		if e.emptied.IsZero() {
			e.emptied = now
		}
		if now.Sub(e.emptied) < confirmEmpty {
			return false, errEmptied
		}
	}
	if s.Len() > 0 {
		e.emptied = time.Time{}
	}
	// What was read from the BlobStore meanwhile is the same with fewer rows.
	if begun {
		e.previous = e.newest
	}
	if begun || e.newest.ID() == s.ID() {
		e.newest = s
	}
	if f := e.furthest; f == nil || f.ID() == s.ID() || reaches(s, f) {
		e.furthest = s
	}
	return begun || s.Done(), nil
}

// hasUnsaved reports whether the entry has changed since it was stored.
func (e *Entry) hasUnsaved() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.unsaved
}

// reaches reports whether a newer snapshot reaches as far as an older one.
func reaches(newer, older *paging.Snapshot) bool {
	if newer.Done() || older.Done() {
		return newer.Done() && (!older.Done() || !newer.AsOf().Before(older.AsOf()))
	}
	return newer.Len() >= older.Len()
}

// remember notes an id, in place of the oldest if there are too many.
func remember(ids map[string]time.Time, id string, at time.Time) {
	if _, known := ids[id]; !known && len(ids) >= maxFound {
		oldest := id
		for other, since := range ids {
			if oldest == id || since.Before(ids[oldest]) {
				oldest = other
			}
		}
		delete(ids, oldest)
	}
	ids[id] = at
}

// expire drops the snapshots that were begun before since: customers who were not seen
// since then may be somebody else's by now.
func (e *Entry) expire(since time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.furthest != nil && e.furthest.AsOf().Before(since) {
		e.furthest = e.newest
	}
	if e.newest != nil && e.newest.AsOf().Before(since) {
		e.newest, e.furthest, e.previous = nil, nil, nil
	}
}

// bytes returns about how much memory the entry takes.
func (e *Entry) bytes() int {
	n := 512
	for _, s := range e.snapshots() {
		n += s.Bytes()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	n += 128 * len(e.found)
	return n
}

// fail notes how the last refresh ended.
func (e *Entry) fail(err error, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failure, e.failedAt = err, at
}

// failed returns when and why the last refresh failed, nil if it did not.
func (e *Entry) failed() (at time.Time, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failedAt, e.failure
}
