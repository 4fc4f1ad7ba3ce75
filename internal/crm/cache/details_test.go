package cache_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
)

// detailsStack is a stack whose list of alice is held.
func detailsStack(t *testing.T, f *crmfake.Service) *stack {
	s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs()})
	s.list(time.Time{})
	return s
}

// mustDetails requests alice's a1.
func (s *stack) mustDetails() frontline.DetailsResponse {
	s.t.Helper()
	resp, err := s.details("alice", "a1", time.Time{})
	if err != nil {
		s.t.Errorf("CustomerDetails: %v", err)
	}
	return resp
}

func rename(f *crmfake.Service, name string) {
	f.Set("alice", []frontline.Customer{{ID: "a1", DisplayName: name}})
}

func TestDetails_ShowsHeldOnesWhileFreshOnesAreFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 1)
		s := detailsStack(t, f)
		defer s.close()
		rename(f, "Ann")
		first := time.Now()
		if resp := s.mustDetails(); resp.Customer.DisplayName != "Ann" || resp.Meta != (frontline.Meta{}) {
			t.Errorf("first CustomerDetails = %+v, want Ann", resp)
		}
		time.Sleep(time.Minute)
		rename(f, "Beth")
		f.SetDelay(200 * time.Millisecond)
		if resp := s.mustDetails(); resp.Customer.DisplayName != "Beth" || resp.Meta != (frontline.Meta{}) {
			t.Errorf("CustomerDetails of a quick service = %+v, want Beth", resp)
		}
		second := time.Now()
		time.Sleep(time.Minute)
		rename(f, "Cleo")
		f.SetDelay(3 * time.Second)
		began := time.Now()
		resp := s.mustDetails()
		if took := time.Since(began); took != 250*time.Millisecond || resp.Customer.DisplayName != "Beth" || !resp.Meta.AsOf.Equal(second) || resp.Meta.Stale != nil {
			t.Errorf("CustomerDetails of a slow service = %+v after %v, want the held Beth after 250ms", resp, took)
		}
		resp, err := s.details("alice", "a1", resp.Meta.AsOf)
		if took := time.Since(began); err != nil || took != 3*time.Second || resp.Customer.DisplayName != "Cleo" || resp.Meta != (frontline.Meta{}) {
			t.Errorf("CustomerDetails with NewerThan = %+v, %v after %v, want Cleo after 3s", resp, err, took)
		}
		resp, err = s.details("alice", "a1", first)
		if calls := len(f.DetailsRequests()); err != nil || resp.Customer.DisplayName != "Cleo" || calls != 3 {
			t.Errorf("CustomerDetails newer than long ago = %+v, %v, %d calls, want Cleo without a call", resp, err, calls)
		}
	})
}

func TestDetails_FailureKeepsHeldOnes(t *testing.T) {
	all := failures()
	all["unknown"] = failure{frontline.ErrNotFound, false}
	for name, test := range all {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 3)
				s := detailsStack(t, f)
				defer s.close()
				f.Fail(test.err)
				if _, err := s.details("alice", "a1", time.Time{}); !errors.Is(err, test.err) {
					t.Errorf("CustomerDetails with nothing held: %v, want %v", err, test.err)
				}
				f.Fail(nil)
				s.mustDetails()
				asOf := time.Now()
				time.Sleep(time.Minute)
				f.Fail(test.err)
				for _, newerThan := range []time.Time{{}, asOf} {
					resp, err := s.details("alice", "a1", newerThan)
					switch {
					case test.kept && (err != nil || resp.Customer.ID != "a1" || !resp.Meta.AsOf.Equal(asOf) || !errors.Is(resp.Meta.Stale, test.err)):
						t.Errorf("CustomerDetails = %+v, %v, want the held ones with the failure", resp, err)
					case !test.kept && (!errors.Is(err, test.err) || resp.Customer.ID != ""):
						t.Errorf("CustomerDetails = %+v, %v, want %v", resp, err, test.err)
					}
				}
			})
		})
	}
}

func TestDetails_UnknownCustomerIsKeptNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 3)
		s := detailsStack(t, f)
		defer s.close()
		s.mustDetails()
		time.Sleep(time.Minute)
		f.Set("alice", nil)
		if _, err := s.details("alice", "a1", time.Time{}); !errors.Is(err, frontline.ErrNotFound) {
			t.Errorf("CustomerDetails: %v, want ErrNotFound", err)
		}
		f.Fail(crmfake.ErrTimeout)
		for range 2 { // in memory and in the BlobStore
			if resp, err := s.details("alice", "a1", time.Time{}); !errors.Is(err, crmfake.ErrTimeout) {
				t.Errorf("CustomerDetails = %+v, %v, want the failure", resp, err)
			}
			s.restart()
		}
	})
}

func TestDetails_IdenticalRequestsAreOneCallThatGoesOnWithoutCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 3)
		s := detailsStack(t, f)
		defer s.close()
		f.SetDelay(time.Second)
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				if _, err := s.CustomerDetails(ctx, frontline.DetailsRequest{Worker: "alice", CustomerID: "a1"}); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("CustomerDetails of a caller that leaves: %v", err)
				}
			})
		}
		all.Wait()
		s.mustDetails()
		time.Sleep(250 * time.Millisecond)
		s.mustDetails()
		if n := len(f.DetailsRequests()); n != 1 {
			t.Errorf("%d calls within 250ms, want 1", n)
		}
		time.Sleep(time.Millisecond)
		s.mustDetails()
		if n := len(f.DetailsRequests()); n != 2 {
			t.Errorf("%d calls afterwards, want 2", n)
		}
	})
}

func TestDetails_WithoutANameHaveThatOfTheRow(t *testing.T) {
	for name, test := range map[string]struct{ row, details, want string }{
		"both":        {"Row", "Details", "Details"},
		"row only":    {"Row", "", "Row"},
		"none":        {"", "", ""},
		"no row name": {"", "Details", "Details"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 0)
				rename(f, test.row)
				s := detailsStack(t, f)
				defer s.close()
				rename(f, test.details)
				for range 2 { // fetched and held
					if resp := s.mustDetails(); resp.Customer.DisplayName != test.want {
						t.Errorf("CustomerDetails = %+v, want %q", resp, test.want)
					}
				}
				s.restart()
				f.Fail(crmfake.ErrTimeout)
				if resp := s.mustDetails(); resp.Customer.DisplayName != test.want {
					t.Errorf("CustomerDetails from the BlobStore = %+v, want %q", resp, test.want)
				}
			})
		})
	}
}

func TestDetails_OutliveTheProcess(t *testing.T) {
	ann := frontline.Customer{ID: "a1", DisplayName: "Ann", Avatar: "https://example.com/a.png",
		Channels: []frontline.Channel{{Type: "sms", Value: "+15551234567"}}, Links: []frontline.Link{{Type: "site", Value: "https://example.com", DisplayName: "Site"}},
		Details: &frontline.Detail{Title: "Notes", Content: "One\nTwo"}}
	for name, test := range map[string]struct {
		change func(s *stack)
		kept   bool
	}{
		"at once":         {func(*stack) {}, true},
		"six days later":  {func(*stack) { time.Sleep(6 * 24 * time.Hour) }, true},
		"eight days":      {func(*stack) { time.Sleep(8 * 24 * time.Hour) }, false},
		"another service": {func(s *stack) { s.opts.Service = "other" }, false},
		"another key":     {func(s *stack) { s.opts.Sealer = newStack(s.t, nil, cache.Options{}).opts.Sealer }, false},
		"of another customer": {func(s *stack) {
			blobs := s.opts.Blobs.(*crmfake.Blobs)
			for key := range blobs.All() {
				if key.Worker == "alice" && key.Name[0] == 'd' {
					other := blobs.All()[crmfake.Key{Service: key.Service, Worker: "bob", Name: key.Name}]
					blobs.PutBlob(s.t.Context(), key.Service, key.Worker, key.Name, other, time.Now().Add(time.Hour))
				}
			}
		}, false},
		"spoiled": {func(s *stack) { spoil(s.opts.Blobs.(*crmfake.Blobs), "d") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 0)
				for _, worker := range []string{"alice", "bob"} {
					f.Set(worker, []frontline.Customer{ann})
				}
				s := detailsStack(t, f)
				s.mustDetails()
				s.details("bob", "a1", time.Time{})
				s.close()
				test.change(s)
				s.open()
				defer s.close()
				f.Fail(nil)
				s.list(time.Time{})
				f.Fail(crmfake.ErrTimeout)
				resp, err := s.details("alice", "a1", time.Time{})
				if test.kept != (err == nil) || test.kept && !reflect.DeepEqual(resp.Customer, ann) {
					t.Errorf("CustomerDetails = %+v, %v, want kept %v", resp.Customer, err, test.kept)
				}
			})
		})
	}
}

func TestDetails_OnlySoManyAreStored(t *testing.T) {
	const most = 500
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 2)
		s := detailsStack(t, f)
		blobs := s.opts.Blobs.(*crmfake.Blobs)
		s.mustDetails()
		time.Sleep(time.Hour)
		for i := range most - 1 { // of customers viewed since
			blobs.PutBlob(t.Context(), "service", "alice", fmt.Sprint("d:", i), nil, time.Now().Add(7*24*time.Hour))
		}
		time.Sleep(time.Hour)
		for _, id := range []string{"a1", "a2"} { // a1 again, which is the oldest no more
			if _, err := s.details("alice", id, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		s.restart()
		defer s.close()
		if n := count(blobs, "alice", "d:"); n != most || count(blobs, "alice", "list") != 1 {
			t.Errorf("details of %d customers are stored, want %d and the list", n, most)
		}
		f.Fail(crmfake.ErrTimeout)
		for _, id := range []string{"a1", "a2"} {
			if _, err := s.details("alice", id, time.Time{}); err != nil {
				t.Errorf("CustomerDetails(%s) of the last ones: %v", id, err)
			}
		}
	})
}

func TestDetails_CallsEndWithTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 3)
		s := detailsStack(t, f)
		f.SetDelay(time.Hour)
		var unavailable *frontline.UnavailableError
		go func() {
			if _, err := s.details("alice", "a1", time.Time{}); !errors.As(err, &unavailable) {
				t.Errorf("CustomerDetails during Close: %v, want a *frontline.UnavailableError", err)
			}
		}()
		time.Sleep(time.Second)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		s.opts.Flights.Close(ended)
		synctest.Wait()
		if _, err := s.details("alice", "a2", time.Time{}); !errors.As(err, &unavailable) {
			t.Errorf("CustomerDetails after Close: %v, want a *frontline.UnavailableError", err)
		}
	})
}
