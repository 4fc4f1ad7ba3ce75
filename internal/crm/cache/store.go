// Package cache keeps the last good lists and details of an external service. They are
// shown at once while fresh ones are fetched, and when the service fails. A [Store]
// holds them, within a bound of memory, and sealed in a crm.BlobStore beyond the
// process. [Lists], [Details] and [Owned] are the decorators made of it.
package cache

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// expiry is how long a list or details are kept and shown after they were fetched.
	expiry = 7 * 24 * time.Hour
	// traitsExpiry is how long what was learnt of a service is kept.
	traitsExpiry = 90 * 24 * time.Hour
	// maxWorkers bounds the workers whose lists are held in memory, maxSearches the
	// results of searches, and maxDetails the customers viewed.
	maxWorkers  = 100_000
	maxSearches = 200
	maxDetails  = 2000
)

// Options configures a Store. Flights and Sealer are required.
type Options struct {
	Flights *flight.Group
	// Service is a digest of the callback URL: copies are stored under it.
	Service string
	// Blobs stores copies beyond the process; nil means that they are held in memory
	// only. Sealer seals them.
	Blobs  crm.BlobStore
	Sealer crm.Sealer
	// Bytes bounds the memory of lists: 64 MiB if 0. Details may take a quarter as much.
	Bytes int
	// Recorder records the responses from the cache; may be nil.
	Recorder crm.Recorder
	// Logger logs failures of Blobs, without names of workers or customers;
	// slog.Default if nil.
	Logger *slog.Logger
	// Now is the clock, time.Now if nil.
	Now func() time.Time
}

// A Store holds what a service answered: for each worker the lists and which customers
// they had, and details. It is a paging.Store. It is safe for concurrent use.
//
// Whatever changes it runs in a call of Options.Flights whose owner is the worker, so
// that after flight.Group.Forget nothing of the worker comes back.
type Store struct {
	opts     Options
	entries  *lru.Cache[string, *Entry] // by text.IdentityKey of the worker
	searches *lru.Cache[searchKey, *paging.Snapshot]
	details  *lru.Cache[detailKey, detail]

	mu      sync.Mutex // guards what follows
	traits  *paging.Traits
	unsaved bool      // traits have changed since they were saved
	warned  time.Time // when a failure of Blobs was last logged
}

// searchKey names the results of a search.
type searchKey struct{ worker, query, snapshot string }

// New returns a Store.
func New(o Options) *Store {
	if o.Bytes <= 0 {
		o.Bytes = 64 << 20
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Store{opts: o,
		entries:  lru.New[string, *Entry](maxWorkers, o.Bytes, nil),
		searches: lru.New[searchKey, *paging.Snapshot](maxSearches, o.Bytes/8, nil),
		details:  lru.New[detailKey, detail](maxDetails, o.Bytes/4, nil),
	}
}

// reading is the kind of calls that read a worker's copies.
var reading = &flight.Kind{Name: "read copies"}

// Entry returns what is held of a worker's list, read from the BlobStore if it is not in
// memory; never nil. It is the worker's byte for byte: a service may tell apart what
// counts as one identity here.
func (s *Store) Entry(ctx context.Context, worker string) *Entry {
	key := text.IdentityKey(worker)
	e, ok := s.entries.Get(key)
	if !ok || e.worker != worker {
		var err error
		e, err = flight.Do(ctx, s.opts.Flights, reading, key, worker, 0, func(ctx context.Context) (*Entry, error) {
			e, err := s.read(ctx, worker)
			if err == nil {
				s.hold(e)
			}
			return e, err
		})
		if err != nil {
			return newEntry(worker) // and the next call reads again
		}
	}
	e.expire(s.opts.Now().Add(-expiry))
	return e
}

// hold puts an entry into memory, or notes that it has grown. The least recently used
// give way: what they have is stored, or about to be.
func (s *Store) hold(e *Entry) { s.entries.Put(text.IdentityKey(e.worker), e, e.bytes()) }

// Snapshot implements paging.Store.
func (s *Store) Snapshot(ctx context.Context, worker, query, id string) *paging.Snapshot {
	if query != "" {
		results, _ := s.searches.Get(searchKey{text.IdentityKey(worker), query, id})
		return results
	}
	return s.Entry(ctx, worker).snapshot(id)
}

// Put implements paging.Store. The customers that a search brought are the worker's own.
func (s *Store) Put(ctx context.Context, worker, query string, snapshot *paging.Snapshot) error {
	e := s.Entry(ctx, worker)
	worthSaving, err := e.put(snapshot, query != "", s.opts.Now())
	if err != nil {
		return err
	}
	if query != "" {
		s.searches.Put(searchKey{text.IdentityKey(worker), query, snapshot.ID()}, snapshot, snapshot.Bytes())
	}
	s.hold(e)
	if worthSaving && s.opts.Blobs != nil {
		s.saveLater(ctx, e)
	}
	return nil
}

// Traits implements paging.Store.
func (s *Store) Traits(ctx context.Context) paging.Traits {
	s.mu.Lock()
	known := s.traits
	s.mu.Unlock()
	if known == nil {
		var read paging.Traits
		s.get(context.WithoutCancel(ctx), "", serviceCopy, &read)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.traits == nil {
			s.traits = &read
		}
		known = s.traits
	}
	return *known
}

// Learn implements paging.Store.
func (s *Store) Learn(t paging.Traits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.traits == nil || *s.traits != t {
		s.traits, s.unsaved = &t, true
	}
}

// Drop deletes what is held of a worker, in memory and in the BlobStore. Call it within
// flight.Group.Forget.
func (s *Store) Drop(ctx context.Context, workerKey string) error {
	s.DropMemory(workerKey)
	return s.delete(ctx, workerKey, "", 0)
}

// DropMemory deletes what is held of a worker in memory.
func (s *Store) DropMemory(workerKey string) {
	s.entries.Remove(workerKey)
	s.searches.RemoveFunc(func(k searchKey) bool { return k.worker == workerKey })
	s.details.RemoveFunc(func(k detailKey) bool { return k.worker == workerKey })
}

// Workers returns the text.IdentityKey of the workers of whom anything is held in memory.
func (s *Store) Workers() []string {
	keys := s.entries.Keys()
	for _, k := range s.searches.Keys() {
		keys = append(keys, k.worker)
	}
	for _, k := range s.details.Keys() {
		keys = append(keys, k.worker)
	}
	return keys
}

// Size returns how many workers' lists are held, and about how much memory they take.
func (s *Store) Size() (workers, bytes int) { return s.entries.Size() }

// Hit records a response from the cache.
func (s *Store) Hit(req crm.Request) {
	if s.opts.Recorder != nil {
		s.opts.Recorder.Record(crm.Call{When: s.opts.Now(), Location: req.Location(), Search: req.List.Query != "",
			Worker: req.Worker(), Hit: true})
	}
}

// errEmptied is why an empty list does not replace one with customers: it may be an
// outage that the service tells as an empty list.
var errEmptied = &frontline.CallbackError{Code: frontline.CodeInvalidResponse, Status: 200,
	Err: errors.New("list is suddenly empty")}
