package external

import (
	"container/list"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/lru"

	"github.com/clientele-project/clientele/internal/text"
)

// shelfOptions is how a shelf is set up; zero values mean the defaults.
type shelfOptions struct {
	// Service is a digest of the callback URL: what is kept for another is not
	// touched.
	Service string
	// Blobs keeps the books where they outlive the process, sealed by Sealer; with
	// either nil, they are held in memory alone.
	Blobs  BlobStore
	Sealer Sealer
	// Bytes bounds the memory for all books, about; 64 MiB. The last used stay. Searches
	// that the service answered take an eighth as much.
	Bytes int
	// Expiry is how long a list is held after it was begun, and a customer that a search
	// brought counts as the worker's; 7 days.
	Expiry time.Duration
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Log hears of trouble with the BlobStore; no worker is ever named. slog.Default
	// when nil.
	Log *slog.Logger
}

// A shelf holds the books of one service's workers. It keeps to a bound of memory,
// and what it holds it also writes, sealed, to a BlobStore, a moment after it has
// changed. Trouble with the BlobStore never fails a worker: it is logged, and the
// books are as good as not kept. It is safe for concurrent use.
type shelf struct {
	opts     shelfOptions
	searches *lru.Cache[searchKey, *version]
	reading  sync.Once // of the notes

	mu     sync.Mutex
	books  map[string]*shelved // by text.IdentityKey of the worker
	order  *list.List          // of *shelved, the last used first
	bytes  int
	saving bool          // a saver runs
	wake   chan struct{} // tells it to look again
	closed bool

	notes    notes
	notesDue time.Time // when to save them; zero when nothing changed

	writing sync.Mutex // one copy is written at a time
	trouble time.Time  // when trouble was logged last, under mu
}

// shelved is a book and what the shelf knows of it.
type shelved struct {
	key   string
	book  *book
	ready chan struct{} // closed when it was read from the BlobStore
	place *list.Element
	bytes int
	gone  bool      // taken off the shelf
	leave bool      // to be taken off when it is saved
	due   time.Time // when to save it; zero when nothing changed
	saved time.Time // when it was saved last
	best  string    // what is kept under bestCopy: a mark of it, "" for nothing
}

// newShelf makes a shelf. Close it, so that nothing is lost.
func newShelf(opts shelfOptions) *shelf {
	opts.Bytes = orElse(opts.Bytes, 64<<20)
	opts.Expiry = orElse(opts.Expiry, 7*24*time.Hour)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	return &shelf{
		opts: opts, books: make(map[string]*shelved), order: list.New(), wake: make(chan struct{}, 1),
		searches: lru.New[searchKey, *version](maxSearches, opts.Bytes/8, nil),
	}
}

// Book answers what is held of the worker's list, read from the BlobStore when it is
// not in memory; never nil. The worker is who the account says, byte for byte: a
// book that was of another spelling counts as nothing there.
func (s *shelf) Book(ctx context.Context, worker string) *book {
	key := text.IdentityKey(worker)
	s.mu.Lock()
	e := s.books[key]
	if e != nil && e.book.worker != worker {
		s.remove(e)
		e = nil
	}
	if e != nil {
		e.leave = false
		s.order.MoveToFront(e.place)
		s.mu.Unlock()
		<-e.ready
		e.book.expire(s.opts.Now().Add(-s.opts.Expiry))
		return e.book
	}
	e = &shelved{key: key, book: newBook(worker), ready: make(chan struct{})}
	s.books[key] = e
	e.place = s.order.PushFront(e)
	s.mu.Unlock()
	defer close(e.ready)
	s.read(ctx, e)
	s.resize(e)
	return e.book
}

// changed tells that a book was added to; soon that it should be saved at once
// rather than some time while it grows.
func (s *shelf) changed(b *book, soon bool) {
	s.mu.Lock()
	e := s.books[text.IdentityKey(b.worker)]
	s.mu.Unlock()
	if e == nil || e.book != b {
		return // forgotten meanwhile
	}
	s.resize(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !e.gone {
		s.saveLater(e, soon)
	}
}

// resize counts a book's memory anew, and makes room.
func (s *shelf) resize(e *shelved) {
	size := e.book.size()
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.gone {
		return
	}
	s.bytes += size - e.bytes
	e.bytes = size
	s.makeRoom()
}

// makeRoom takes books off the shelf, the longest unused first: at once when all
// of it is kept, or else as soon as it is. It is for whoever has the lock.
func (s *shelf) makeRoom() {
	over := s.bytes - s.opts.Bytes
	for at := s.order.Back(); at != nil && at != s.order.Front() && over > 0; {
		e := at.Value.(*shelved)
		at = at.Prev()
		over -= e.bytes
		if e.due.IsZero() || !s.keeps() {
			s.remove(e)
		} else if !e.leave {
			e.leave, e.due = true, s.opts.Now()
			s.kick()
		}
	}
}

// remove takes a book off the shelf, saved or not, for whoever has the lock.
func (s *shelf) remove(e *shelved) {
	if e.gone {
		return
	}
	e.gone = true
	delete(s.books, e.key)
	s.order.Remove(e.place)
	s.bytes -= e.bytes
}

// Forget drops what is held of a worker's list, here and in the BlobStore.
func (s *shelf) Forget(ctx context.Context, worker string) error {
	key := text.IdentityKey(worker)
	s.mu.Lock()
	if e := s.books[key]; e != nil {
		e.book.forget()
		s.remove(e)
	}
	s.mu.Unlock()
	s.searches.RemoveFunc(func(k searchKey) bool { return k.worker == key })
	return s.dropCopies(ctx, key)
}

// Retain drops from memory what is held of workers that are no longer people. keep
// is asked with text.IdentityKey of each.
func (s *shelf) Retain(_ context.Context, keep func(workerKey string) bool) {
	s.mu.Lock()
	keys := make([]string, 0, len(s.books))
	for key := range s.books {
		keys = append(keys, key)
	}
	s.mu.Unlock()
	for _, key := range keys {
		if keep(key) { // may ask a database: without the lock
			continue
		}
		s.mu.Lock()
		if e := s.books[key]; e != nil {
			e.book.forget()
			s.remove(e)
		}
		s.mu.Unlock()
	}
	retain(s.searches, func(k searchKey) string { return k.worker }, keep)
}

// keeps tells whether books are written anywhere.
func (s *shelf) keeps() bool { return s.opts.Blobs != nil && s.opts.Sealer != nil }
