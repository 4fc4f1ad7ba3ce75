package external

import (
	"context"
	"errors"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// What may be kept of details.
const (
	// shownAfter is how long a fresh answer is waited for before the kept one is
	// shown: hardly noticed, and long enough for a service nearby.
	shownAfter = 250 * time.Millisecond
	// sameFor is how long an answer is given again without asking: for a page that
	// is loaded twice.
	sameFor = loadedTwice
)

// CustomerDetails asks the service. When there is a kept answer and the fresh one
// takes long, the kept one is given, with Meta.AsOf, while the call goes on; the
// fresh one is there for who asks with NewerThan. When the service fails, the kept
// one is given with Meta.Stale. A customer that the service does not know (any
// more) is ErrNotFound, and is kept no longer.
func (g *lastGood) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	key := detailKey{text.IdentityKey(req.Worker), req.CustomerID}
	kept, ok := g.details.get(ctx, key)
	if ok && kept.at.After(req.NewerThan) {
		age := g.opts.Now().Sub(kept.at)
		if age < sameFor || !req.NewerThan.IsZero() && age < g.opts.FreshFor {
			g.hitDetails(req)
			return frontline.DetailsResponse{Customer: kept.customer}, nil
		}
	}
	f := g.details.fetch(ctx, g.lists, key, req, ok)
	defer g.details.leave(f)
	var long <-chan time.Time
	if ok && req.NewerThan.IsZero() {
		timer := time.NewTimer(shownAfter)
		defer timer.Stop()
		long = timer.C
	}
	old := frontline.DetailsResponse{Customer: kept.customer, Meta: frontline.Meta{AsOf: kept.at}}
	select {
	case <-f.done:
	case <-long:
		g.hitDetails(req)
		return old, nil
	case <-ctx.Done():
		return frontline.DetailsResponse{}, ctx.Err()
	}
	if ok && fallsBack(f.answer.err) {
		g.hitDetails(req)
		old.Meta.Stale = f.answer.err
		return old, nil
	}
	return f.answer.details, f.answer.err
}

// hitDetails notes an answer from what was kept.
func (g *lastGood) hitDetails(req frontline.DetailsRequest) {
	if g.opts.Recorder != nil {
		g.opts.Recorder.Record(Call{When: g.opts.Now(), Location: frontline.LocationCustomerDetails, Worker: req.Worker, Hit: true})
	}
}

// A detailFlight is a call for details on its way.
type detailFlight struct {
	done   chan struct{} // closed when answer is there
	answer answer
	raise  func(priority)
	goesOn *errand
	// forgotten: the worker was; the answer is not to be kept. Under keptDetails.life.
	forgotten bool
}

// fetch has the service asked, once for all who ask at the same time; whoever got the
// flight is to leave it. The call belongs to nobody and ends by itself, or when its
// worker has too many that nobody waits for. known tells that an old answer is there,
// so that nobody waits for this one, until somebody says so.
func (d *keptDetails) fetch(ctx context.Context, crm frontline.CRM, key detailKey, req frontline.DetailsRequest, known bool) *detailFlight {
	urgency := priorityOf(ctx)
	if known && req.NewerThan.IsZero() {
		urgency = max(urgency, refreshing)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.flights[key]
	if f != nil {
		f.raise(urgency)
		d.errands.join(f.goesOn)
		return f
	}
	f = &detailFlight{done: make(chan struct{}), goesOn: new(errand)}
	if d.closed {
		f.answer.err = &frontline.UnavailableError{Err: errors.New("shutting down")}
		close(f.done)
		return f
	}
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	detached, f.raise = withRisingPriority(withPriority(detached, urgency))
	end := context.AfterFunc(d.ctx, cancel)
	d.flights[key] = f
	f.goesOn = d.errands.begin(key.worker, func() {
		cancel()
		if d.flights[key] == f { // who asks the same from now on begins another
			delete(d.flights, key)
		}
	})
	d.running.Add(1)
	go func() {
		defer d.running.Done()
		defer cancel()
		defer end()
		_, ask := askDetails(crm, req)
		f.answer = safely(detached, ask)
		if detached.Err() != nil && errors.Is(f.answer.err, context.Canceled) {
			f.answer.err = &frontline.UnavailableError{Err: errGivenUp} // not the end of who waits
		}
		d.settle(detached, key, f)
	}()
	return f
}

// leave is for whoever waits for a flight no more.
func (d *keptDetails) leave(f *detailFlight) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.errands.leave(f.goesOn)
}

// settle keeps an answer that came, and hands it to those who wait.
func (d *keptDetails) settle(ctx context.Context, key detailKey, f *detailFlight) {
	kept := keptDetail{customer: f.answer.details.Customer, at: d.opts.Now()}
	gone := errors.Is(f.answer.err, frontline.ErrNotFound)
	d.life.RLock()
	defer d.life.RUnlock()
	if !f.forgotten {
		switch {
		case f.answer.err == nil:
			d.memory.Put(key, kept, detailBytes(key, kept.customer))
		case gone:
			d.memory.Remove(key)
			d.drop(ctx, key) // before anyone is told, or the next request reads it back
		}
	}
	d.mu.Lock()
	d.errands.end(f.goesOn)
	if d.flights[key] == f {
		delete(d.flights, key)
	}
	d.mu.Unlock()
	close(f.done) // before it is written: who waits need not wait for that
	if !f.forgotten && f.answer.err == nil {
		d.keep(ctx, key, kept)
	}
}
