package external

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/lru"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// ownedOptions is how an owned is set up; zero values mean the defaults.
type ownedOptions struct {
	// Calls, rows and Within bound the walk for an id that was not met yet: 200
	// calls, 6,000 customers from the beginning of the list, 60 s.
	Calls, Rows int
	Within      time.Duration
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// owned is a CRM that asks for details only of customers that this worker's own
// list or search brought: there are services that hand anybody's customer to
// anybody, and some that stop at an unknown id. For any other id it first walks the
// worker's list, within bounds; when the id is not met the answer is
// frontline.ErrNotFound, and the service is not asked. It is safe for concurrent use.
//
// The answer is the same whether the customer is unknown or another worker's, and
// so is the time it takes: that depends on the worker's own list alone. Nothing that
// is held for others is looked at, and no call names the id.
type owned struct {
	crm    frontline.CRM
	lists  lists
	opts   ownedOptions
	absent *lru.Cache[absentKey, time.Time] // since when
}

var _ frontline.CRM = (*owned)(nil)

// absentKey names a customer that is not a worker's. The id is hashed, since it is
// of any length and may come from anywhere.
type absentKey struct {
	worker string
	id     [sha256.Size]byte
}

// absentFor is how long a customer that was not met is taken to be none of the
// worker's without looking again, and how young a whole list must be to tell.
const absentFor = time.Minute

// resumable is how young a list that was not walked to its end must be to be walked
// on, rather than from its beginning, where new customers may be.
const resumable = 5 * time.Minute

// maxAbsent bounds how many such customers are remembered, over all workers.
const maxAbsent = 10_000

// newOwned makes an owned around crm, over what lists holds.
func newOwned(crm frontline.CRM, lists lists, opts ownedOptions) *owned {
	opts.Calls = cmp.Or(opts.Calls, 200)
	opts.Rows = cmp.Or(opts.Rows, 6000)
	opts.Within = cmp.Or(opts.Within, time.Minute)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &owned{crm: crm, lists: lists, opts: opts, absent: lru.New[absentKey, time.Time](maxAbsent, maxAbsent, nil)}
}

// CustomersList passes on.
func (o *owned) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	return o.crm.CustomersList(ctx, req)
}

// CustomerDetails answers one of the worker's own customers, or ErrNotFound.
func (o *owned) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	own, err := o.owns(ctx, req.Worker, req.CustomerID)
	if err != nil {
		return frontline.DetailsResponse{}, err
	}
	if !own {
		return frontline.DetailsResponse{}, frontline.ErrNotFound
	}
	return o.crm.CustomerDetails(ctx, req)
}

// Forget drops what is remembered of a worker.
func (o *owned) Forget(worker string) {
	key := text.IdentityKey(worker)
	o.absent.RemoveFunc(func(k absentKey) bool { return k.worker == key })
}

// Retain drops what is remembered of workers that are no longer people. keep is
// asked with text.IdentityKey of each.
func (o *owned) Retain(keep func(workerKey string) bool) {
	retain(o.absent, func(k absentKey) string { return k.worker }, keep)
}

// owns tells whether the worker's list has the customer, as far as it is looked.
func (o *owned) owns(ctx context.Context, worker, id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	book := o.lists.Book(ctx, worker)
	if book.Owns(id) {
		return true, nil
	}
	key := absentKey{text.IdentityKey(worker), sha256.Sum256([]byte(id))}
	if since, ok := o.absent.Get(key); ok && o.opts.Now().Sub(since) < absentFor {
		return false, nil
	}
	errBounds := errors.New("list is too long to look for the customer")
	within, cancel := context.WithTimeoutCause(ctx, o.opts.Within, errBounds)
	defer cancel()
	found, err := o.look(within, book, id)
	if ctx.Err() == nil && context.Cause(within) == errBounds {
		found, err = book.Owns(id), nil
	}
	switch {
	case err != nil:
		return false, err
	case found:
		// The version may be replaced before it is whole.
		o.lists.Book(ctx, worker).Meet([]frontline.Customer{{ID: id}}, o.opts.Now())
	default:
		o.absent.Put(key, o.opts.Now(), 1)
	}
	return found, nil
}

// look walks the worker's list until the customer is met, the list ends, or the
// bounds are reached. What is held is walked on when that is young enough.
func (o *owned) look(ctx context.Context, book *book, id string) (found bool, err error) {
	v, begun := book.Current(), false
	for calls := 0; calls < o.opts.Calls; calls++ {
		switch {
		case v != nil && v.Has(id):
			return true, nil
		case v == nil || !begun && o.isOld(v):
			if v, err = o.lists.Begin(ctx, book.Worker()); err != nil {
				return false, err
			}
			begun = true
		case v.Done() || v.Len() >= o.opts.Rows:
			return false, nil
		default:
			before := v.Len()
			err := o.lists.Fill(ctx, book.Worker(), v, before+crawlStep)
			if v.Has(id) {
				return true, nil
			}
			if err != nil {
				return false, err
			}
			if v.Len() == before && !v.Done() {
				return false, nil // the walk has reached its own bounds
			}
		}
	}
	return v != nil && v.Has(id), nil
}

// isOld tells whether a list that lacks a customer says nothing any more.
func (o *owned) isOld(v *version) bool {
	age := o.opts.Now().Sub(v.AsOf())
	return age >= resumable || v.Done() && age >= absentFor
}
