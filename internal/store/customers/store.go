// Package customers is the customer.Store in a database. It owns the tables
// of customers, their owners, contacts, duplicate groups, recorded deletions, and of the
// search index, which is package searchindex.
package customers

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/lru"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Options configure New; the zero value is right for serving.
type Options struct {
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Scale returns how much of a cache's size fits into memory; nil keeps sizes.
	Scale func(size int) int
	// Index are the sizes of the search index.
	Index searchindex.Sizes
	// Replica, unless nil, is a copy of the database which follows it. Lists, searches and
	// details are read there when it has received all changes.
	Replica *sqldb.DB
}

// Store is the customer.Store in a database. It is safe for concurrent use.
type Store struct {
	db           *sqldb.DB
	now          func() time.Time
	lists        *lru.Cache[string, *cachedList] // of busy workers, by text.IdentityKey
	owners       *lru.Cache[string, int64]       // their ids, by text.IdentityKey
	generation   generationOf
	replica      *sqldb.DB // nil without one
	index        *searchindex.Index
	searchTables searchStore
	entries      atomic.Int64 // put in the search journal since the last merge
	mergeDue     chan struct{}
	serverBytes  int
}

var (
	_ customer.Store       = (*Store)(nil)
	_ customer.AdminReader = (*Store)(nil)
)

// New returns the customers in db. It must be called before the first read of db.
func New(db *sqldb.DB, opts Options) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Scale == nil {
		opts.Scale = func(size int) int { return size }
	}
	tables, err := newSearchStore(db, opts.Scale)
	cacheBytes, serverBytes := opts.Scale(listCacheBytes), 0
	if db.Server {
		cacheBytes = opts.Scale(serverListCacheBytes)
		serverBytes = cacheBytes + opts.Scale(blockCacheBytes)
	}
	s := &Store{
		db: db, serverBytes: serverBytes, replica: opts.Replica, now: opts.Now,
		lists:      lru.New[string, *cachedList](cacheBytes/cachedListBytes, cacheBytes, nil),
		owners:     lru.New[string, int64](maxOwners, maxOwners, nil),
		generation: newGenerationOf(db),
		index:      searchindex.New(tables, opts.Index), searchTables: tables,
		mergeDue: make(chan struct{}, 1),
	}
	return s, err
}

// ServerBytes returns the most that the caches of a server's database hold, in bytes; 0 for a file,
// of which only the smaller cache of lists is kept.
func (s *Store) ServerBytes() int { return s.serverBytes }

// Compact makes searches fast after very many changes: it merges the search journal,
// finds the duplicates among new customers, and moves the write-ahead log into the
// file. Searches are right before, during and after it, and other processes can
// write during it.
//
// It does not run SQLite's ANALYZE. Each of our statements has one plan that is right
// whatever the tables hold; and with statistics, SQLite plans a statement again
// whenever its parameters change, which costs more than running it.
func (s *Store) Compact(ctx context.Context) error {
	if err := s.db.RunAnalyze(ctx); err != nil {
		return s.unavailable(err)
	}
	if err := s.index.Merge(ctx, 0, 0); err != nil {
		return s.unavailable(err)
	}
	if err := s.rebuildGroups(ctx); err != nil {
		return err
	}
	return s.unavailable(s.db.RunCheckpoint(ctx))
}

// Maintain keeps a long-running process fast and its file small: it completes what an older
// version or an interrupted import left, and purges. It is cheap when there is nothing to do,
// and meant for the start of a process and for every hour.
func (s *Store) Maintain(ctx context.Context) error {
	if err := s.addOtherForms(ctx); err != nil {
		return err
	}
	if err := s.index.Merge(ctx, fewEntries, 0); err != nil {
		return s.unavailable(err)
	}
	if err := s.rebuildGroups(ctx); err != nil {
		return err
	}
	_, err := s.Purge(ctx)
	return err
}

// view runs fn on a reading connection, in a transaction that sees one snapshot.
func (s *Store) view(ctx context.Context, fn func(c *sqldb.Conn) error) error {
	return s.readError(s.db.View(ctx, fn))
}

// unavailable wraps the driver's errors in customer.ErrUnavailable. Others stay as they are.
func (s *Store) unavailable(err error) error { return s.db.DomainError(err, customer.ErrUnavailable) }

// readError wraps every error of a read in customer.ErrUnavailable, except those
// that the request causes.
func (s *Store) readError(err error) error {
	for _, known := range []error{customer.ErrNotFound, customer.ErrUnknownAnchor, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return err
		}
	}
	err = s.unavailable(err)
	if err == nil || errors.Is(err, customer.ErrUnavailable) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: %w", customer.ErrUnavailable, err)
}

const (
	// A merge is due when so many entries were written to the search journal.
	dueEntries = 1000
	// Maintain leaves owners with few entries alone. Merge, which runs while customers
	// change, also those with few for each of their blocks: one entry rewrites a block.
	fewEntries, fewPerBlock = 64, 4
)

// MergeDue receives when enough has changed for Merge.
func (s *Store) MergeDue() <-chan struct{} { return s.mergeDue }

// Merge keeps searches fast while customers change. It is cheap when MergeDue has not
// received anything.
func (s *Store) Merge(ctx context.Context) error {
	return s.unavailable(s.index.Merge(ctx, fewEntries, fewPerBlock))
}

// noteEntries counts the entries of the search journal that were committed.
func (s *Store) noteEntries(n int) {
	if s.entries.Add(int64(n)) < dueEntries {
		return
	}
	s.entries.Store(0)
	select {
	case s.mergeDue <- struct{}{}:
	default: // one is waiting
	}
}
