package cache_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
)

// check requests details, and fails the test if they are not found as wanted, or if the
// service was asked for those of a customer who is not the worker's.
func (s *stack) check(f *crmfake.Service, worker, id string, want bool) {
	s.t.Helper()
	before := len(f.DetailsRequests())
	_, err := s.details(worker, id, time.Time{})
	asked := len(f.DetailsRequests()) - before
	if want && err != nil || !want && (!errors.Is(err, frontline.ErrNotFound) || asked != 0) {
		s.t.Errorf("CustomerDetails(%s, %q): %v, %d calls, want found %v", worker, id, err, asked, want)
	}
}

func TestOwned_OnlyTheWorkersOwnCustomersAreAskedFor(t *testing.T) {
	for name, test := range map[string]struct {
		id    string
		found bool
	}{
		"first page": {"a3", true}, "deep in the list": {"a95", true}, "last": {"a100", true},
		"another worker's": {"b1", false}, "unknown": {"zzz", false}, "none": {"", false}, "other case": {"A3", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := crmfake.New(crmfake.ByToken(0), 100)
			f.Set("bob", crmfake.People("b", 3))
			s := newStack(t, f, cache.Options{})
			defer s.close()
			s.check(f, "bob", "b1", true)
			for range 2 {
				s.check(f, "alice", test.id, test.found)
			}
		})
	}
}

// The newest list may not have been walked as far as an older one.
func TestOwned_OlderListAndSearchesCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 300)
		f.SetSearchable(frontline.SearchableYes, true)
		s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs()})
		defer s.close()
		s.mustWalk("alice", 300)
		f.Set("bob", crmfake.People("b", 300))
		for _, query := range []string{"", "00299"} {
			if _, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "bob", Query: query}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Hour)
		s.list(time.Now())
		s.restart()
		before := len(f.ListRequests())
		s.check(f, "alice", "a290", true)
		s.check(f, "bob", "b299", true)
		if n := len(f.ListRequests()); n != before {
			t.Errorf("%d calls for lists, want none", n-before)
		}
		s.check(f, "alice", "b299", false)
	})
}

func TestOwned_UnknownIDIsSoughtOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 60)
		s := newStack(t, f, cache.Options{})
		defer s.close()
		for range 5 {
			s.check(f, "alice", "zzz", false)
			s.check(f, "alice", "yyy", false)
		}
		if n := len(f.ListRequests()); n != 2 {
			t.Errorf("%d calls for a list of two pages, want 2", n)
		}
		f.Set("alice", append(crmfake.People("a", 60), frontline.Customer{ID: "zzz", DisplayName: "New"}))
		time.Sleep(time.Minute)
		s.check(f, "alice", "zzz", true)
	})
}

func TestOwned_LooksWithinBounds(t *testing.T) {
	t.Run("calls", func(t *testing.T) {
		f := crmfake.New(func(_ []frontline.Customer, _ frontline.ListRequest, nth int) (frontline.ListResponse, error) {
			return frontline.ListResponse{Customers: crmfake.People(fmt.Sprint(nth, "-"), 3), NextPageToken: fmt.Sprint(nth)}, nil
		}, 0)
		s := newStack(t, f, cache.Options{})
		defer s.close()
		s.check(f, "alice", "zzz", false)
		if n := len(f.ListRequests()); n > 201 {
			t.Errorf("%d calls, want at most 201", n)
		}
	})
	t.Run("time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := crmfake.New(crmfake.ByToken(0), 6000)
			f.SetDelay(3 * time.Second)
			s := newStack(t, f, cache.Options{})
			defer s.close()
			began := time.Now()
			var unavailable *frontline.UnavailableError
			if _, err := s.details("alice", "zzz", time.Time{}); !errors.As(err, &unavailable) || time.Since(began) > 61*time.Second {
				t.Errorf("CustomerDetails of an id that is not met in time: %v after %v, want unavailable after a minute", err, time.Since(began))
			}
			time.Sleep(time.Minute)
			before := len(f.ListRequests())
			s.check(f, "alice", "a900", true)
			if first := f.ListRequests()[before]; first.NextPageToken == "" {
				t.Error("the list was walked from its beginning, want it to be walked on")
			}
		})
	})
}

func TestOwned_FailureToWalkIsNotNotFound(t *testing.T) {
	for name, call := range map[string]int{"first page": 1, "later page": 2} {
		for kind, test := range failures() {
			t.Run(name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := crmfake.New(crmfake.ByToken(0), 100)
					for n := call; n < call+5; n++ {
						f.FailOn(n, test.err)
					}
					s := newStack(t, f, cache.Options{})
					defer s.close()
					if _, err := s.details("alice", "a100", time.Time{}); !errors.Is(err, test.err) {
						t.Errorf("CustomerDetails: %v, want %v", err, test.err)
					}
					for range 5 {
						s.details("alice", "a100", time.Time{})
					}
					s.check(f, "alice", "a100", true)
				})
			})
		}
	}
	t.Run("caller leaves", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := crmfake.New(crmfake.ByToken(0), 100)
			f.SetDelay(time.Second)
			s := newStack(t, f, cache.Options{})
			defer s.close()
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			if _, err := s.CustomerDetails(ctx, frontline.DetailsRequest{Worker: "alice", CustomerID: "a100"}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("CustomerDetails: %v, want the error of the context", err)
			}
		})
	})
}

func TestOwned_ManyAtOnce(t *testing.T) {
	f := crmfake.New(crmfake.ByToken(0), 90)
	f.Set("bob", crmfake.People("b", 90))
	s := newStack(t, f, cache.Options{})
	defer s.close()
	var all sync.WaitGroup
	for i := range 30 { // of a worker's details, sixteen at once are fetched
		worker, own, others := "alice", "a", "b"
		if i%2 == 1 {
			worker, own, others = "bob", "b", "a"
		}
		all.Go(func() {
			if _, err := s.details(worker, fmt.Sprint(own, 1+i), time.Time{}); err != nil {
				t.Errorf("CustomerDetails of %s's own: %v", worker, err)
			}
			if _, err := s.details(worker, fmt.Sprint(others, 1+i), time.Time{}); !errors.Is(err, frontline.ErrNotFound) {
				t.Errorf("CustomerDetails of another's for %s: %v, want ErrNotFound", worker, err)
			}
		})
	}
	all.Wait()
	for _, req := range f.DetailsRequests() {
		if req.Worker[:1] != req.CustomerID[:1] {
			t.Errorf("the service was asked for %s as %s", req.CustomerID, req.Worker)
		}
	}
}

// A service that gives anybody's customer to anybody does not say that one was given to
// a colleague, only that the list has them no more.
func TestOwned_CustomerIsTheWorkersForAWeek(t *testing.T) {
	const day = 24 * time.Hour
	for name, query := range map[string]string{"list": "", "search": "Person"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByAnchor(0), 900)
				f.SetSearchable(frontline.SearchableYes, true)
				s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs()})
				defer s.close()
				first, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: query})
				if err != nil {
					t.Fatal(err)
				}
				scroll := frontline.ListRequest{Worker: "alice", Query: query, NextPageToken: first.NextPageToken}
				s.check(f, "alice", "a2", true)
				f.Set("bob", crmfake.People("a", 2))
				f.Set("alice", slices.Concat(crmfake.People("a", 1), crmfake.People("c", 900)))
				for range 6 {
					time.Sleep(day)
					s.list(time.Now())
					// Scrolling slowly must not keep the first rows for longer.
					if resp, err := s.CustomersList(t.Context(), scroll); err == nil {
						scroll.NextPageToken = resp.NextPageToken
					}
				}
				s.check(f, "alice", "a2", true)
				if query == "" {
					s.restart()
				}
				time.Sleep(2 * day)
				for range 2 { // in memory and in the BlobStore
					s.check(f, "alice", "a2", false)
					s.restart()
				}
				s.check(f, "bob", "a2", true)
			})
		})
	}
}

func TestOwned_OnlySoManyCustomersOfSearchesAreRemembered(t *testing.T) {
	const most = 2000
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(func(_ []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
			if req.Query == "" {
				return frontline.ListResponse{}, nil
			}
			n := most
			if req.Query == "b" {
				n = 10
			}
			return frontline.ListResponse{Customers: crmfake.People(req.Query, n), Searchable: frontline.SearchableYes}, nil
		}, 0)
		f.Set("alice", slices.Concat(crmfake.People("a", most), crmfake.People("b", 10)))
		s := newStack(t, f, cache.Options{})
		defer s.close()
		for _, query := range []string{"a", "b"} {
			if _, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: query}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		kept := 0
		for i := range most {
			if _, err := s.details("alice", fmt.Sprint("a", i+1), time.Time{}); err == nil {
				kept++
			}
		}
		s.check(f, "alice", "b10", true)
		if kept != most-10 {
			t.Errorf("%d customers of the first search are remembered, want %d", kept, most-10)
		}
	})
}
