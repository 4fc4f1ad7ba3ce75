package external

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// gauge is a service whose calls take a while and end as told; it notes who called,
// when, and how many at once. It is safe for concurrent use.
type gauge struct {
	takes time.Duration

	mu       sync.Mutex
	err      error
	panics   bool
	inFlight int
	most     int
	began    []time.Time
	workers  []string
	queued   []time.Duration
	ended    []error // of the calls' contexts, as far as they ended
}

func (g *gauge) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if err := g.call(ctx, req.Worker); err != nil {
		return frontline.ListResponse{}, err
	}
	return frontline.ListResponse{Customers: people(req.Worker, 1)}, nil
}

func (g *gauge) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	if err := g.call(ctx, req.Worker); err != nil {
		return frontline.DetailsResponse{}, err
	}
	return frontline.DetailsResponse{Customer: frontline.Customer{ID: req.CustomerID}}, nil
}

func (g *gauge) call(ctx context.Context, worker string) error {
	g.mu.Lock()
	g.inFlight++
	g.most = max(g.most, g.inFlight)
	g.began = append(g.began, time.Now())
	g.workers = append(g.workers, worker)
	g.queued = append(g.queued, queuedOf(ctx))
	takes, err, panics := g.takes, g.err, g.panics
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.inFlight--
	}()
	if panics {
		panic("the gauge broke")
	}
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
		return err
	case <-ctx.Done():
		g.mu.Lock()
		defer g.mu.Unlock()
		g.ended = append(g.ended, ctx.Err())
		return ctx.Err()
	}
}

// set tells how calls go from now on.
func (g *gauge) set(takes time.Duration, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.takes, g.err = takes, err
}

// calls answers how many were made.
func (g *gauge) calls() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.began)
}

// order answers who called, in order.
func (g *gauge) order() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.workers)
}

// askFor asks for a worker's list.
func askFor(ctx context.Context, crm frontline.CRM, worker string) error {
	_, err := crm.CustomersList(ctx, frontline.ListRequest{Worker: worker})
	return err
}

// pending tells whether an error says that the answer is on its way, and when to ask
// again.
func pending(err error) (bool, time.Duration) {
	var unavailable *frontline.UnavailableError
	if !errors.As(err, &unavailable) {
		return false, 0
	}
	return unavailable.Pending, unavailable.RetryAfter
}
