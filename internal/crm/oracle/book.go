package external

import (
	"slices"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

const (
	// maxMet bounds how many customers that searches brought are remembered for each
	// worker.
	maxMet = 2000
	// maxEarlier is how many versions besides the newest and the furthest are kept
	// for walks that began in them: of several devices, and of pages left open.
	maxEarlier = 8
)

// A book is what is held of one worker's list at one service: the newest version,
// the one that reaches furthest, and which customers searches brought. It is safe
// for concurrent use.
type book struct {
	worker string

	mu      sync.Mutex
	current *version
	best    *version
	earlier []*version // the last used last
	met     *recentIDs
	gone    bool // forgotten: what is still on its way for it is not to be held
}

// newBook makes an empty book.
func newBook(worker string) *book { return &book{worker: worker, met: newRecentIDs(maxMet)} }

// Worker is whose list this is, as the account stores it.
func (b *book) Worker() string { return b.worker }

// Current answers the newest version, nil when none was ever had.
func (b *book) Current() *version {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.current
}

// Best answers the version that reaches furthest: the newest that is whole, or else
// the longest; nil when there is none.
func (b *book) Best() *version {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.furthest()
}

// furthest is Best for whoever has the lock.
func (b *book) furthest() *version {
	if b.current != nil && (b.best == nil || reaches(b.current, b.best)) {
		b.best = b.current
	}
	return b.best
}

// reaches tells whether a newer version reaches as far as an older one.
func reaches(newer, older *version) bool {
	if newer.Done() || older.Done() {
		return newer.Done()
	}
	return newer.Len() >= older.Len()
}

// begin makes v the newest version. The one before stays while it reaches further,
// and for a while for the walks that began in it.
func (b *book) begin(v *version) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, furthest := b.current, b.furthest()
	b.current = v
	b.furthest()
	for _, old := range []*version{before, furthest} {
		if old != nil && old != b.best && !slices.Contains(b.earlier, old) {
			b.earlier = append(b.earlier, old)
		}
	}
	if n := len(b.earlier) - maxEarlier; n > 0 {
		b.earlier = slices.Delete(b.earlier, 0, n)
	}
}

// find answers the version with this id, nil when it is held no more.
func (b *book) find(id string) *version {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range []*version{b.current, b.best} {
		if v != nil && v.id == id {
			return v
		}
	}
	i := slices.IndexFunc(b.earlier, func(v *version) bool { return v.id == id })
	if i < 0 {
		return nil
	}
	v := b.earlier[i]
	b.earlier = append(slices.Delete(b.earlier, i, i+1), v)
	return v
}

// grew puts v, which has grown, in place of what was read from the BlobStore under its
// id while it was being filled, and makes it the furthest when it is now: a walk
// may end in a version after a newer one was begun.
func (b *book) grew(v *version) {
	b.mu.Lock()
	defer b.mu.Unlock()
	stands := func(in *version) bool { return in != nil && in != v && in.id == v.id && in.Len() <= v.Len() }
	if stands(b.current) {
		b.current = v
	}
	if stands(b.best) {
		b.best = v
	}
	held := v == b.current || v == b.best || slices.Contains(b.earlier, v)
	if best := b.furthest(); held && best != v && v.Done() && (!best.Done() || best.asOf.Before(v.asOf)) {
		b.best = v
	}
}

// forget marks the book as forgotten.
func (b *book) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = true
}

func (b *book) forgotten() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.gone
}

// expire drops the versions that were begun before then, and the customers that
// searches brought last before then: whom the worker was not shown since may be
// somebody else's by now. Going on in an old version does not make it younger.
func (b *book) expire(since time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old := func(v *version) bool { return v != nil && v.AsOf().Before(since) }
	if old(b.best) {
		b.best = nil
	}
	if old(b.current) {
		b.current = b.best
	}
	b.earlier = slices.DeleteFunc(b.earlier, old)
	b.met.expire(since)
}

// versions answers all that are held.
func (b *book) versions() []*version {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := slices.Clone(b.earlier)
	for _, v := range []*version{b.current, b.furthest()} {
		if v != nil && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// size is about how much memory it takes.
func (b *book) size() int {
	n := 256 + len(b.worker)
	for _, v := range b.versions() {
		n += v.size()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return n + b.met.bytes
}

// Owns tells whether this customer was brought by the worker's own list or search.
func (b *book) Owns(id string) bool {
	b.mu.Lock()
	met := b.met.has(id)
	b.mu.Unlock()
	return met || slices.ContainsFunc(b.versions(), func(v *version) bool { return v.Has(id) })
}

// Meet notes that a search brought these customers at that time.
func (b *book) Meet(customers []frontline.Customer, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range customers {
		b.met.add(c.ID, at)
	}
}

// meet is Meet of rows.
func (b *book) meet(rows []row, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range rows {
		b.met.add(r.ID, at)
	}
}
