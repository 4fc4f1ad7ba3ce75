package admin

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
)

// Options configures a Service.
type Options struct {
	// Store holds the customers; Reader is the administrators' view of the same.
	Store  customer.Store
	Reader Reader
	// Bulk opens the store for one import, on a connection of its own: finish compacts
	// the search index after many changes, close releases the connection.
	Bulk func(ctx context.Context) (store customer.Store, finish func(ctx context.Context) error, close func() error, err error)
	// Dir holds the uploads. Nothing else may use it. It is created when missing, and
	// left-over uploads are removed from it at the start.
	Dir string
	// Jobs shares imports and reassignments among several processes, with one Dir; nil: this
	// process is alone. Process is its id there, and Alive reports whether another one is alive.
	Jobs    JobStore
	Process string
	Alive   func(process string) bool
	// Audit receives an entry for every operation.
	Audit Audit
	// HasAccount returns a function that reports whether an identity has an account now: one
	// of those given, if there are any.
	HasAccount func(ctx context.Context, identities ...string) (func(identity string) bool, error)
	// Now is the clock, time.Now when nil.
	Now func() time.Time
	// Logger receives errors whose details do not help an administrator; slog.Default
	// when nil.
	Logger *slog.Logger
}

// Audit writes audit entries. *audit.Log implements it, and its documentation is the
// contract.
type Audit interface {
	Act(ctx context.Context, act func(ctx context.Context) ([]audit.Entry, error)) error
	Write(ctx context.Context, e audit.Entry) error
}

// Reader is the part of customer.AdminReader that a Service uses.
type Reader interface {
	Get(ctx context.Context, id string) (customer.Customer, error)
	GetAll(ctx context.Context, ids []string) ([]customer.Customer, error)
	FindByContact(ctx context.Context, keys []string) ([]string, error)
	FindDeletion(ctx context.Context, id string, keys []string) (customer.Deletion, bool, error)
	Totals(ctx context.Context) (customer.Totals, error)
	OwnerCount(ctx context.Context, worker string) (int, error)
	OwnerMatches(ctx context.Context) ([]customer.OwnerMatch, error)
	DuplicateGroup(ctx context.Context, key string) (customer.DuplicateGroup, error)
}

// Service runs the administrators' operations. A process has one. It is safe for
// concurrent use; Close stops it.
type Service struct {
	Options
	ctx     context.Context // done once the service is closed
	stop    context.CancelFunc
	running sync.WaitGroup

	// syncMu serializes sync.
	syncMu sync.Mutex

	// changeMu serializes Upload, SetOptions, Run, Cancel and expire.
	changeMu sync.Mutex

	mu      sync.Mutex
	uploads []*upload // oldest first
	// receiving is the number of uploads in progress.
	receiving     int
	reassignments []*reassignment // oldest first
	dropped       []string        // ids of forgotten jobs, whose rows are to be deleted
	// busy describes the one exclusive task, nil when there is none; free is closed
	// when it ends.
	busy *BusyError
	free chan struct{}
}

// New starts a service. Without Options.Jobs, it removes the files that a crashed process left in
// Options.Dir; with it, they may be those of other processes.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	s := &Service{Options: o}
	s.ctx, s.stop = context.WithCancel(context.Background())
	if s.Jobs == nil {
		s.clearDir()
	} else {
		s.running.Go(s.syncLoop)
	}
	s.running.Go(s.cleanupLoop)
	return s
}

// Close cancels running tasks, waits for them, and without Options.Jobs removes the uploaded files.
func (s *Service) Close() {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	s.running.Wait()
	if s.Jobs == nil {
		s.clearDir()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), cancelWait)
	defer cancel()
	s.sync(ctx)
}

// start runs fn in the background, or returns ErrClosed.
func (s *Service) start(fn func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return ErrClosed
	}
	s.running.Go(fn)
	return nil
}

// acquire begins the exclusive task, or returns a *BusyError.
func (s *Service) acquire(ctx context.Context, task BusyError) error {
	if err := s.acquireHere(task); err != nil {
		return err
	}
	err := s.acquireTask(ctx, task)
	if err != nil {
		s.releaseHere()
	}
	return err
}

func (s *Service) acquireHere(task BusyError) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy != nil {
		return s.busy
	}
	s.busy, s.free = &task, make(chan struct{})
	return nil
}

// acquireWait is acquire once no other task runs.
func (s *Service) acquireWait(ctx context.Context, task BusyError) error {
	for {
		err := s.acquire(ctx, task)
		if !errors.Is(err, ErrBusy) {
			return err
		}
		s.mu.Lock()
		free, busy := s.free, s.busy
		s.mu.Unlock()
		var elsewhere <-chan time.Time
		if busy == nil {
			free, elsewhere = nil, time.After(syncInterval)
		}
		select {
		case <-free:
		case <-elsewhere:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// release ends the exclusive task.
func (s *Service) release() {
	s.releaseTask()
	s.releaseHere()
}

func (s *Service) releaseHere() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = nil
	close(s.free)
}

// checkBusy returns a *BusyError while an exclusive task other than a check runs.
func (s *Service) checkBusy(ctx context.Context) error {
	s.mu.Lock()
	busy := s.busy
	s.mu.Unlock()
	if busy == nil {
		busy = s.taskElsewhere(ctx)
	}
	if busy != nil && !busy.Checking {
		return busy
	}
	return nil
}

type addressKey struct{}

// WithAddress returns a context that carries the client's IP address for the audit.
func WithAddress(ctx context.Context, address string) context.Context {
	return context.WithValue(ctx, addressKey{}, address)
}

// update runs fn in a transaction of the store and writes the entries that it returns in
// the same transaction.
func (s *Service) update(ctx context.Context, fn func(tx customer.Tx) ([]audit.Entry, error)) error {
	return s.Audit.Act(ctx, func(ctx context.Context) (entries []audit.Entry, err error) {
		err = s.Store.Update(ctx, func(tx customer.Tx) error {
			entries, err = fn(tx)
			return err
		})
		for i := range entries {
			entries[i] = fromConsole(ctx, entries[i])
		}
		return entries, err
	})
}

// writeAudit writes the entry of a task that begins or has ended, even if ctx is canceled.
// The error is the audit's.
func (s *Service) writeAudit(ctx context.Context, e audit.Entry) error {
	err := s.Audit.Write(context.WithoutCancel(ctx), fromConsole(ctx, e))
	if err != nil {
		s.Logger.LogAttrs(ctx, slog.LevelError, "writing an audit entry failed", slog.Any("error", err))
	}
	return err
}

func fromConsole(ctx context.Context, e audit.Entry) audit.Entry {
	e.Via = "console"
	e.Address, _ = ctx.Value(addressKey{}).(string)
	return e
}
