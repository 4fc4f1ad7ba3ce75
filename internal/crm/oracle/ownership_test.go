package external_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/oracle"
)

func TestService_DetailsOfOwnCustomersOnly(t *testing.T) {
	for name, test := range map[string]struct {
		id    string
		found bool
	}{
		"on the first page":   {"a3", true},
		"deep in the list":    {"a95", true},
		"the last":            {"a100", true},
		"of another worker":   {"b1", false},
		"unknown":             {"zzz", false},
		"empty":               {"", false},
		"of another spelling": {"A3", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := external.NewFake(external.ByToken(0), 100)
				f.Set("bob", external.People("b", 3))
				s := newUnlimited(f)
				defer closeService(t, s)
				mustOpen(t, s, frontline.ListRequest{Worker: "bob"})
				resp, err := openDetails(t.Context(), s, "alice", test.id)
				calls := len(f.DetailsRequests())
				switch {
				case test.found && (err != nil || resp.Customer.ID != test.id || calls != 1):
					t.Errorf("CustomerDetails(alice, %q) = %+v, %v, %d calls, want the customer by one call", test.id, resp, err, calls)
				case !test.found && (!errors.Is(err, frontline.ErrNotFound) || calls != 0):
					t.Errorf("CustomerDetails(alice, %q): %v, %d calls for details, want ErrNotFound and none", test.id, err, calls)
				}
				for _, req := range f.ListRequests() {
					if req.Worker == "alice" && test.id != "" && !test.found && (req.Anchor == test.id || req.Query == test.id) {
						t.Errorf("the service was sent the id: %+v", req)
					}
				}
			})
		})
	}
}

func TestService_LooksForUnknownIDWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := external.NewFake(external.PageFunc(func(_ []frontline.Customer, _ frontline.ListRequest, nth int) (frontline.ListResponse, error) {
			return frontline.ListResponse{Customers: external.People(time.Duration(nth).String(), 30), NextPageToken: time.Duration(nth).String()}, nil
		}), 0)
		f.SetDelay(100 * time.Millisecond)
		s := newUnlimited(f)
		defer closeService(t, s)
		began := time.Now()
		if _, err := openDetails(t.Context(), s, "alice", "zzz"); !errors.Is(err, frontline.ErrNotFound) {
			t.Errorf("CustomerDetails of an unknown id: %v, want ErrNotFound", err)
		}
		lists := len(f.ListRequests())
		if lists > 400 || len(f.DetailsRequests()) != 0 || time.Since(began) > 2*time.Minute {
			t.Errorf("%d list calls, %d for details, in %v, want a bounded walk and none", lists, len(f.DetailsRequests()), time.Since(began))
		}
		for range 5 {
			openDetails(t.Context(), s, "alice", "zzz")
		}
		if n := len(f.ListRequests()); n > lists+1 {
			t.Errorf("%d more list calls for the same id, want none", n-lists)
		}
	})
}

func TestService_DetailsOfCustomersThatASearchFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := external.NewFake(external.ByToken(0), 300)
		f.SetSearchable(frontline.SearchableYes, true)
		s := newUnlimited(f)
		defer closeService(t, s)
		if resp := mustOpen(t, s, frontline.ListRequest{Worker: "alice", Query: "00299"}); len(resp.Customers) != 1 {
			t.Fatalf("search found %d customers, want 1", len(resp.Customers))
		}
		before := len(f.ListRequests())
		if _, err := openDetails(t.Context(), s, "alice", "a299"); err != nil || len(f.ListRequests()) != before {
			t.Errorf("CustomerDetails of a found customer: %v, %d list calls, want no error and none", err, len(f.ListRequests())-before)
		}
		if _, err := openDetails(t.Context(), s, "bob", "a299"); !errors.Is(err, frontline.ErrNotFound) {
			t.Errorf("CustomerDetails by another worker: %v, want ErrNotFound", err)
		}
	})
}

func TestService_SendsWorkerByteForByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const worker = "Alice+Test@Example.COM"
		f := external.NewFake(external.ByToken(0), 0)
		f.Set(worker, external.People("a", 70))
		s := newUnlimited(f)
		defer closeService(t, s)
		if got, err := walkIDs(t, s, frontline.ListRequest{Worker: worker}); err != nil || len(got) != 70 {
			t.Errorf("walk = %d customers, %v, want 70", len(got), err)
		}
		if _, err := openDetails(t.Context(), s, worker, "a1"); err != nil {
			t.Errorf("CustomerDetails: %v", err)
		}
		for _, req := range f.ListRequests() {
			if req.Worker != worker {
				t.Errorf("Worker sent = %q, want %q", req.Worker, worker)
			}
		}
		if got := f.DetailsRequests()[0].Worker; got != worker {
			t.Errorf("Worker sent for details = %q, want %q", got, worker)
		}
	})
}

func TestService_TokensBelongToOneWorkerAndQuery(t *testing.T) {
	for name, searchable := range map[string]frontline.Searchable{"service searches": frontline.SearchableYes, "local search": frontline.SearchableNo} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := external.NewFake(external.ByToken(0), 100)
				f.Set("bob", external.People("b", 100))
				f.SetSearchable(searchable, true)
				s := newUnlimited(f)
				defer closeService(t, s)
				type context struct{ worker, query string }
				tokens := map[context]string{}
				for _, worker := range []string{"alice", "bob"} {
					if _, err := walkIDs(t, s, frontline.ListRequest{Worker: worker}); err != nil {
						t.Fatal(err)
					}
					for _, query := range []string{"", "Person", "00"} {
						resp := mustOpen(t, s, frontline.ListRequest{Worker: worker, Query: query})
						if resp.NextPageToken != "" {
							tokens[context{worker, query}] = resp.NextPageToken
						}
					}
				}
				if len(tokens) < 4 {
					t.Fatalf("%d tokens, want one for each list and search", len(tokens))
				}
				for of, token := range tokens {
					for by := range tokens {
						resp, _, err := openList(t.Context(), s, frontline.ListRequest{Worker: by.worker, Query: by.query, NextPageToken: token})
						if by == of {
							if err != nil {
								t.Errorf("CustomersList by the token of %v: %v", of, err)
							}
							continue
						}
						if invalid := (*frontline.InvalidRequestError)(nil); !errors.As(err, &invalid) {
							t.Errorf("CustomersList of %v by the token of %v = %d customers, %v, want an InvalidRequestError", by, of, len(resp.Customers), err)
						}
					}
				}
			})
		})
	}
}
