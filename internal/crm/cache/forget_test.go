package cache_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/flight"
)

// Whatever of a removed worker is under way, and however it ends, nothing is there
// afterwards. The worker is removed here, or by another process.
func TestStore_RemovedWorkerLeavesNothing(t *testing.T) {
	list := func(req frontline.ListRequest) crm.Request {
		req.Worker = "alice"
		return crm.Request{List: req}
	}
	details := func(id string) crm.Request {
		return crm.Request{Details: &frontline.DetailsRequest{Worker: "alice", CustomerID: id}}
	}
	for name, req := range map[string]crm.Request{
		"list": list(frontline.ListRequest{}), "newer list": list(frontline.ListRequest{NewerThan: time.Now()}),
		"page": list(frontline.ListRequest{NextPageToken: "of the first page"}), "search": list(frontline.ListRequest{Query: "Person"}),
		"details": details("a1"), "unknown id": details("zzz"),
	} {
		for _, c := range []removal{{}, {held: true}, {held: true, elsewhere: true}, {held: true, answer: crmfake.ErrStatus500}, {elsewhere: true, answer: crmfake.ErrStatus500}} {
			for _, c.after = range []time.Duration{1, 45, 150, 1050, 1290, 1700} {
				c.after *= time.Millisecond
				t.Run(fmt.Sprintf("%s %+v", name, c), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { testRemoval(t, req, c) })
				})
			}
		}
	}
}

// A removal is how a worker is removed while a request is under way.
type removal struct {
	held      bool          // a list and details are held before
	answer    error         // of the service to the request
	after     time.Duration // since the request
	elsewhere bool          // by another process
}

func testRemoval(t *testing.T, req crm.Request, c removal) {
	f := crmfake.New(crmfake.ByToken(0), 100)
	f.SetSearchable(frontline.SearchableYes, true)
	blobs := &observedBlobs{Blobs: crmfake.NewBlobs(), takes: 100 * time.Millisecond}
	s := newStack(t, f, cache.Options{Blobs: blobs})
	s.CRM = flight.Deadline(s.CRM, s.opts.Flights, func(crm.Priority) time.Duration { return 0 })
	if c.held {
		resp, err := s.CustomersList(t.Context(), alice)
		if err != nil {
			t.Fatal(err)
		}
		if req.List.NextPageToken != "" {
			req.List.NextPageToken = resp.NextPageToken
		}
		s.details("alice", "a1", time.Time{})
		time.Sleep(time.Hour)
	}
	f.Fail(c.answer)
	f.SetDelay(time.Second)
	go req.Do(t.Context(), s)
	time.Sleep(c.after)
	drop := func() error { return s.store.Drop(t.Context(), "alice") }
	if c.elsewhere {
		blobs.refused.Store(true)
		blobs.DeleteBlobs(t.Context(), "service", "alice", "", 0)
		drop = func() error { s.store.DropMemory("alice"); return nil }
	}
	if err := s.opts.Flights.Forget(t.Context(), "alice", drop); err != nil {
		t.Errorf("Forget: %v", err)
	}
	blobs.refused.Store(false)
	f.Fail(crmfake.ErrTimeout)
	f.SetDelay(0)
	for range 2 { // in memory and in the BlobStore
		if resp, err := s.CustomersList(t.Context(), alice); !errors.Is(err, crmfake.ErrTimeout) {
			t.Errorf("CustomersList = %d customers, %v, want the failure", len(resp.Customers), err)
		}
		if resp, err := s.details("alice", "a1", time.Time{}); !errors.Is(err, crmfake.ErrTimeout) {
			t.Errorf("CustomerDetails = %+v, %v, want the failure", resp, err)
		}
		if n := count(blobs.Blobs, "alice", ""); n != 0 {
			t.Errorf("%d copies are stored", n)
		}
		s.restart()
	}
	s.close()
}
