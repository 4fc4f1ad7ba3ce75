package upstream

import (
	"sync"

	"github.com/clientele-project/clientele/frontline"
)

// A Book is what is held of one worker's list at one service: the newest version,
// the one that reaches furthest, and which customers searches brought. It is safe
// for concurrent use.
type Book struct {
	worker string

	mu      sync.Mutex
	current *Version
	best    *Version
	met     *recentIDs
}

// newBook makes an empty book.
func newBook(worker string) *Book { return &Book{worker: worker, met: newRecentIDs(maxMet)} }

// maxMet bounds how many customers that searches brought are remembered for each
// worker.
const maxMet = 2000

// Worker is whose list this is, as the account stores it.
func (b *Book) Worker() string { return b.worker }

// Current answers the newest version, nil when none was ever had.
func (b *Book) Current() *Version {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current
}

// Best answers the version that reaches furthest: the newest that is whole, or else
// the longest; nil when there is none.
func (b *Book) Best() *Version {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.current != nil && (b.best == nil || reaches(b.current, b.best)) {
		b.best = b.current
	}
	return b.best
}

// reaches tells whether a newer version reaches as far as an older one.
func reaches(newer, older *Version) bool {
	if newer.Done() || older.Done() {
		return newer.Done()
	}
	return newer.Len() >= older.Len()
}

// begin makes v the newest version. The one before stays while it reaches further.
func (b *Book) begin(v *Version) {
	b.Best()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.current = v
	if b.best == nil {
		b.best = v
	}
}

// Owns tells whether this customer was brought by the worker's own list or search.
func (b *Book) Owns(id string) bool {
	b.mu.Lock()
	current, best, met := b.current, b.best, b.met.has(id)
	b.mu.Unlock()
	return met || current != nil && current.Has(id) || best != nil && best.Has(id)
}

// Meet notes that a search brought these customers.
func (b *Book) Meet(customers []frontline.Customer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range customers {
		b.met.add(c.ID)
	}
}

// recentIDs remembers the last so many ids.
type recentIDs struct {
	most  int
	known map[string]bool
	order []string
}

func newRecentIDs(most int) *recentIDs { return &recentIDs{most: most, known: make(map[string]bool)} }

func (r *recentIDs) has(id string) bool { return r.known[id] }

func (r *recentIDs) add(id string) {
	if id == "" || r.known[id] {
		return
	}
	if len(r.order) >= r.most {
		delete(r.known, r.order[0])
		r.order = append(r.order[:0], r.order[1:]...)
	}
	r.known[id] = true
	r.order = append(r.order, id)
}
