package flight_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/flight"
)

// service is a CRM that answers after a while and counts the calls.
type service struct {
	takes time.Duration
	err   error

	mu         sync.Mutex
	calls      int
	priorities []crm.Priority
}

func (s *service) crm() frontline.CRM {
	return crm.Func(func(ctx context.Context, req crm.Request) (crm.Response, error) {
		s.mu.Lock()
		s.calls++
		s.priorities = append(s.priorities, crm.PriorityOf(ctx))
		s.mu.Unlock()
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			return crm.Response{}, ctx.Err()
		}
		return crm.Response{
			List:    frontline.ListResponse{Customers: []frontline.Customer{{ID: req.List.Worker}}},
			Details: frontline.DetailsResponse{Customer: frontline.Customer{ID: "details"}},
		}, s.err
	})
}

func noQueue(crm.Priority) time.Duration { return 0 }

var alice = frontline.ListRequest{Worker: "alice"}

// pending returns when to ask again for a response that is being fetched, -1 if it is
// not.
func pending(err error) time.Duration {
	var unavailable *frontline.UnavailableError
	if !errors.As(err, &unavailable) || !unavailable.Pending {
		return -1
	}
	return unavailable.RetryAfter
}

// The requests of each pair differ, or read the same when they are only strung together.
func TestDeadline_JoinsOnlyIdenticalRequests(t *testing.T) {
	at := time.Now() // with a monotonic reading
	lists := []frontline.ListRequest{
		{Worker: "alice"}, {Worker: "Alice"}, {Worker: "alic", Anchor: "e"}, {Worker: `alice" 0 "`}, {Worker: "alice\x00"},
		{Worker: "a", Anchor: "b", Query: "c"}, {Worker: "a", Anchor: "b c"}, {Worker: "a", NextPageToken: "b"},
		{Worker: "a", Query: "b"}, {Worker: "a b"}, {Worker: "a", PageSize: 30},
	}
	const details = 2 // one with NewerThan
	for name, c := range map[string]struct {
		wrap func(frontline.CRM, *flight.Group) frontline.CRM
		want int
	}{
		"Deadline": {func(next frontline.CRM, g *flight.Group) frontline.CRM { return flight.Deadline(next, g, noQueue) }, len(lists) + details},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{takes: 500 * time.Millisecond}
				decorated := c.wrap(s.crm(), new(flight.Group))
				var all sync.WaitGroup
				for _, at := range []time.Time{at, at.Round(0).In(time.FixedZone("elsewhere", 3600))} {
					for _, req := range lists {
						all.Go(func() {
							if resp, err := decorated.CustomersList(t.Context(), req); err != nil || resp.Customers[0].ID != req.Worker {
								t.Errorf("CustomersList(%q) = %v, %v", req.Worker, resp, err)
							}
						})
					}
					for _, newer := range []time.Time{{}, at} {
						all.Go(func() {
							resp, err := decorated.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", NewerThan: newer})
							if err != nil || resp.Customer.ID != "details" {
								t.Errorf("CustomerDetails = %v, %v", resp, err)
							}
						})
					}
				}
				all.Wait()
				if s.calls != c.want {
					t.Errorf("%d calls, want %d", s.calls, c.want)
				}
			})
		})
	}
}

func TestDeadline_LateResponseIsPendingAndThereWhenAskedAgain(t *testing.T) {
	for name, failure := range map[string]error{"response": nil, "failure": &frontline.CallbackError{Code: frontline.CodeCallbackTimeout}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{takes: 2500 * time.Millisecond, err: failure}
				decorated := flight.Deadline(s.crm(), new(flight.Group), noQueue)
				began := time.Now()
				for i := range 2 {
					_, err := decorated.CustomersList(t.Context(), alice)
					if after := pending(err); after != time.Second || time.Since(began) != time.Duration(i+1)*time.Second {
						t.Errorf("CustomersList: %v after %v, want it to be pending", err, time.Since(began))
					}
				}
				if _, err := decorated.CustomersList(t.Context(), alice); err != failure || time.Since(began) != s.takes {
					t.Errorf("CustomersList: %v after %v, want %v after %v", err, time.Since(began), failure, s.takes)
				}
				if s.calls != 1 {
					t.Errorf("%d calls, want 1", s.calls)
				}
			})
		})
	}
}

func TestDeadline_RetryAfterFollowsTheQueue(t *testing.T) {
	for _, c := range []struct{ queue, want time.Duration }{
		{0, time.Second}, {300 * time.Millisecond, time.Second}, {4 * time.Second, 4 * time.Second}, {time.Hour, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			estimate := func(p crm.Priority) time.Duration {
				if p != crm.Refreshing {
					t.Errorf("estimate(%d), want the caller's priority", p)
				}
				return c.queue
			}
			s := &service{takes: 3 * time.Second}
			var group flight.Group
			_, err := flight.Deadline(s.crm(), &group, estimate).CustomersList(crm.WithPriority(t.Context(), crm.Refreshing), alice)
			if got := pending(err); got != c.want {
				t.Errorf("queue of %v: retry after %v, want %v", c.queue, got, c.want)
			}
			group.Close(t.Context())
			if s.priorities[0] != crm.Refreshing {
				t.Errorf("priority of the call = %d, want the caller's", s.priorities[0])
			}
		})
	}
}
