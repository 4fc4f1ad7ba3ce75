package cache

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// shownAfter is how long fresh details are waited for before the held ones are
	// shown: hardly noticed, and long enough for a service nearby.
	shownAfter = 250 * time.Millisecond
	// maxStored bounds the stored customers of one worker.
	maxStored = 500
	// detailPrefix begins the names of stored details.
	detailPrefix = "d:"
)

// fetching is the kind of calls for details. A worker has more when many customers are
// looked at in a hurry: the earliest are cancelled.
var fetching = &flight.Kind{Name: "details", Detached: true, PerOwner: 16}

// Details is a CRM that keeps the last good details that each worker viewed. Where
// fresh ones take long, the held ones are returned with Meta.AsOf; ask with NewerThan to
// get the fresh ones. Where the service fails, they are returned with Meta.Stale. A
// customer whom the service does not know any more is ErrNotFound and is kept no longer.
// Details without a name have that of the customer's row. Lists are passed on.
type Details struct {
	frontline.CRM // asked for everything else
	store         *Store
}

var _ frontline.CRM = (*Details)(nil)

// NewDetails returns a Details around next.
func NewDetails(next frontline.CRM, store *Store) *Details { return &Details{next, store} }

// detailKey names details; worker is the text.IdentityKey.
type detailKey struct{ worker, id string }

// detail is how details are held and stored.
type detail struct {
	At       time.Time          `json:"at"`
	Customer frontline.Customer `json:"customer"`
}

// CustomerDetails implements frontline.CRM.
func (d *Details) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	s := d.store
	key := detailKey{text.IdentityKey(req.Worker), req.CustomerID}
	held, ok := s.detail(ctx, key)
	age, newer := s.opts.Now().Sub(held.At), !req.NewerThan.IsZero()
	old := frontline.DetailsResponse{Customer: held.Customer}
	if ok && held.At.After(req.NewerThan) && (age <= loadedTwice || newer && age <= freshFor) {
		s.Hit(crm.Request{Details: &req})
		return old, nil
	}
	wait := time.Duration(0)
	if ok {
		ctx = crm.WithPriority(ctx, max(crm.PriorityOf(ctx), crm.Refreshing))
		if !newer {
			wait = shownAfter
		}
	}
	resp, err := flight.Do(ctx, s.opts.Flights, fetching, key.worker, req.CustomerID, wait, func(ctx context.Context) (frontline.DetailsResponse, error) {
		return d.fetch(ctx, key, req)
	})
	underWay := errors.Is(err, flight.ErrUnderWay)
	if !underWay && !(ok && crm.IsFailure(err)) {
		return resp, err
	}
	old.Meta.AsOf = held.At
	if !underWay {
		old.Meta.Stale = err
	}
	s.Hit(crm.Request{Details: &req})
	return old, nil
}

// fetch asks the service, and holds what it answers.
func (d *Details) fetch(ctx context.Context, key detailKey, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	s := d.store
	resp, err := d.CRM.CustomerDetails(ctx, req)
	unknown := errors.Is(err, frontline.ErrNotFound)
	if _, failure := s.Entry(ctx, req.Worker).failed(); unknown && failure != nil {
		return resp, failure // an outage may be told as a 404
	}
	switch {
	case unknown:
		s.details.Remove(key)
		s.delete(ctx, key.worker, detailName(key.id), 0)
	case err == nil:
		if row, ok := s.Entry(ctx, req.Worker).row(key.id); ok && resp.Customer.DisplayName == "" {
			resp.Customer.DisplayName = row.Name
		}
		s.holdDetail(ctx, key, detail{s.opts.Now(), resp.Customer})
	}
	return resp, err
}

// detail returns the held details that have not expired.
func (s *Store) detail(ctx context.Context, key detailKey) (d detail, ok bool) {
	now := s.opts.Now()
	if d, ok = s.details.Get(key); !ok {
		ok, _ = s.get(ctx, key.worker, detailName(key.id), &d)
		if ok = ok && !d.At.After(now); ok {
			s.details.Put(key, d, d.bytes())
		}
	}
	return d, ok && now.Sub(d.At) < expiry
}

// holdDetail holds details, and has them stored: nobody waits for that.
func (s *Store) holdDetail(ctx context.Context, key detailKey, d detail) {
	s.details.Put(key, d, d.bytes())
	name := detailName(key.id)
	flight.Do(ctx, s.opts.Flights, saving, key.worker, name, -1, func(ctx context.Context) (struct{}, error) {
		s.put(ctx, key.worker, name, d, d.At.Add(expiry))
		return struct{}{}, s.delete(ctx, key.worker, detailPrefix, maxStored)
	})
}

// bytes returns about how much memory details take.
func (d detail) bytes() int {
	b, _ := json.Marshal(d) // texts and a time
	return 512 + len(b)
}

// detailName is the name of stored details: ids may be of any length.
func detailName(customerID string) string {
	sum := sha256.Sum256([]byte(customerID))
	return detailPrefix + base64.RawURLEncoding.EncodeToString(sum[:])[:22]
}
