package admin

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Service is one of a process. It is safe for concurrent use; Close ends it.
type Service struct {
	Options
	ctx     context.Context // ends when the office is closed
	stop    context.CancelFunc
	running sync.WaitGroup

	// changing is held by whoever changes what goes on: Choose, Run, Cancel.
	changing sync.Mutex

	mu      sync.Mutex
	uploads []*upload // oldest first
	// receiving is how many files are on their way here.
	receiving int
	jobs      []*job // likewise
	// busy is who does something that only one can do at a time, nil for nobody;
	// free is closed when that is over.
	busy *BusyError
	free chan struct{}
}

// New makes an office, and removes what a process that crashed left in its directory.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	f := &Service{Options: o}
	f.ctx, f.stop = context.WithCancel(context.Background())
	f.clearDir()
	f.running.Go(f.tidy)
	return f
}

// Close ends what goes on, waits for that, and removes the uploaded files.
func (o *Service) Close() {
	o.mu.Lock()
	o.stop()
	o.mu.Unlock()
	o.running.Wait()
	o.clearDir()
}

// begin runs fn beside the answers, unless the office is closed.
func (o *Service) begin(fn func()) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ctx.Err() != nil {
		return ErrClosed
	}
	o.running.Go(fn)
	return nil
}

// take makes one the only one who works, or answers a *BusyError.
func (o *Service) take(by, what string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy != nil {
		return o.busy
	}
	o.busy, o.free = &BusyError{By: by, What: what}, make(chan struct{})
	return nil
}

// await is take once nobody else works.
func (o *Service) await(ctx context.Context, by, what string) error {
	for o.take(by, what) != nil {
		o.mu.Lock()
		free := o.free
		o.mu.Unlock()
		select {
		case <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// release lets others work.
func (o *Service) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.busy = nil
	close(o.free)
}

// isBusy answers a *BusyError when somebody works.
func (o *Service) isBusy() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.busy != nil {
		return o.busy
	}
	return nil
}
