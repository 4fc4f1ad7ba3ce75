package external_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/external"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/secret"
)

// newUnsearchable returns a fake service of n customers that does not search.
func newUnsearchable(page crmfake.PageFunc, n int) *crmfake.Service {
	f := crmfake.New(page, n)
	f.SetSearchable(frontline.SearchableNo, false)
	return f
}

// searchUntil searches until the response is not partial, and fails the test after an
// hour.
func searchUntil(t *testing.T, s frontline.CRM, query string) frontline.ListResponse {
	t.Helper()
	for began := time.Now(); time.Since(began) < time.Hour; time.Sleep(time.Second) {
		if resp := mustOpen(t, s, frontline.ListRequest{Worker: "alice", Query: query}); !resp.Meta.Partial {
			if !resp.Meta.AsOf.IsZero() || resp.Meta.Stale != nil {
				t.Errorf("complete search for %q: Meta = %+v, want none of a stale list", query, resp.Meta)
			}
			return resp
		}
	}
	t.Fatalf("search for %q is partial after an hour", query)
	return frontline.ListResponse{}
}

func queriesSent(f *crmfake.Service) (queries []string) {
	for _, req := range f.ListRequests() {
		if req.Query != "" {
			queries = append(queries, req.Query)
		}
	}
	return queries
}

func TestService_LocalSearchFindsWhatBuiltInSearchFinds(t *testing.T) {
	var customers []frontline.Customer
	for i, name := range []string{"Ann Smith", "Bob Annan", "Joanna Doe", "José O’Neil", "---", "Anna 555-704-0102", "李小龙",
		"Smith, Ann", "Unit 48213", "annabelle", "Ümit Ann", "Nguyễn Thị", "Ann", "Team 🚀", "Straße 9", "An"} {
		customers = append(customers, frontline.Customer{ID: "c" + strconv.Itoa(i+1), DisplayName: name})
	}
	for _, query := range []string{"ann", "AN", "a", "smith ann", "ann s", "oneil", "o'n", "小", "5557040102", "+1 555 704 0102",
		"704", "48", "82", "821", "4821", "nguyen", "🚀", "strasse", "ß", "n", "doe joa", "zebra", "---", "!", "@", "ann ann"} {
		t.Run(query, func(t *testing.T) {
			var want []string // by class, in list order within a class
			q := search.ParseQuery(query)
			for class := range search.ClassAny + 1 {
				for _, c := range customers {
					if got, ok := q.Match(search.AppendNamed(nil, c.DisplayName)); ok && got == class {
						want = append(want, c.ID)
					}
				}
			}
			synctest.Test(t, func(t *testing.T) {
				f := newUnsearchable(crmfake.ByToken(4), 0)
				f.Set("alice", customers)
				s := newUnlimited(f)
				defer closeService(t, s)
				if _, err := walkIDs(t, s, alice); err != nil {
					t.Fatal(err)
				}
				for _, size := range []int{1, 3, 100} {
					req := frontline.ListRequest{Worker: "alice", Query: query, PageSize: size}
					if first := mustOpen(t, s, req); first.Searchable != frontline.SearchableNo || first.Meta.Partial {
						t.Errorf("search = searchable %v, %+v, want no and not partial", first.Searchable, first.Meta)
					}
					got, err := walkIDs(t, s, req)
					if diff := cmp.Diff(want, got); diff != "" || err != nil {
						t.Errorf("search with page size %d: %v (-want +got):\n%s", size, err, diff)
					}
				}
				if sent := queriesSent(f); len(sent) > 0 {
					t.Errorf("queries sent to a service that does not search: %q", sent)
				}
			})
		})
	}
}

func TestService_LocalSearchCoversWholeListInBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newUnsearchable(crmfake.ByToken(0), 2000)
		f.SetDelay(100 * time.Millisecond)
		s := newService(f, external.Options{})
		defer closeService(t, s)
		mustOpen(t, s, alice)
		first := mustOpen(t, s, frontline.ListRequest{Worker: "alice", Query: "01999"})
		if !first.Meta.Partial || first.Meta.Covered <= 0 || first.Meta.Covered >= 2000 {
			t.Errorf("first search: Meta = %+v, want partial with what is covered", first.Meta)
		}
		began := time.Now()
		if got := crmfake.IDs(searchUntil(t, s, "01999").Customers); !slices.Equal(got, []string{"a1999"}) {
			t.Errorf("search of the whole list = %v, want a1999", got)
		}
		if took := time.Since(began); took > 2*time.Minute {
			t.Errorf("whole list covered after %v, want 2m at most", took)
		}
		if n := len(f.ListRequests()); n > 75 {
			t.Errorf("%d calls for 67 pages", n)
		}
		if sent := queriesSent(f); len(sent) > 0 {
			t.Errorf("queries sent to a service that does not search: %q", sent)
		}
	})
}

func TestService_LocalSearchContinuesAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := external.Options{Blobs: crmfake.NewBlobs(), Sealer: secret.NewKey().Sealer("test")}
		f := newUnsearchable(crmfake.ByToken(0), 2000)
		f.SetDelay(100 * time.Millisecond)
		s := newService(f, o)
		mustOpen(t, s, alice)
		mustOpen(t, s, frontline.ListRequest{Worker: "alice", Query: "01999"})
		time.Sleep(5 * time.Second)
		closeService(t, s)
		before := len(f.ListRequests())
		if before < 10 {
			t.Fatalf("%d calls before the restart, want some of the list", before)
		}
		s = newService(f, o)
		defer closeService(t, s)
		if got := crmfake.IDs(searchUntil(t, s, "01999").Customers); !slices.Equal(got, []string{"a1999"}) {
			t.Errorf("search after a restart = %v, want a1999", got)
		}
		if n := len(f.ListRequests()); n > 67+10 {
			t.Errorf("%d calls in all for 67 pages, want the list continued", n)
		}
	})
}

// A learnedFake sets searchable depending on the request.
type learnedFake struct {
	*crmfake.Service
	list, query frontline.Searchable
}

func (f *learnedFake) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	resp, err := f.Service.CustomersList(ctx, req)
	resp.Searchable = f.list
	if req.Query != "" {
		resp.Searchable = f.query
	}
	return resp, err
}

// Services set searchable in responses to a list, to a Query, or to none.
func TestService_LearnsSearchable(t *testing.T) {
	for name, test := range map[string]struct {
		list, query frontline.Searchable
		local       bool // the second search is local
	}{
		"with the list":    {frontline.SearchableNo, frontline.SearchableNo, true},
		"with a Query":     {frontline.SearchableUnknown, frontline.SearchableNo, true},
		"yes":              {frontline.SearchableYes, frontline.SearchableYes, false},
		"yes with a Query": {frontline.SearchableUnknown, frontline.SearchableYes, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				crm := &learnedFake{Service: crmfake.New(crmfake.ByToken(0), 100), list: test.list, query: test.query}
				crm.SetSearchable(0, test.query == frontline.SearchableYes)
				o := external.Options{Blobs: crmfake.NewBlobs(), Sealer: secret.NewKey().Sealer("test"), Queue: noLimits}
				s := newService(crm, o)
				mustOpen(t, s, alice)
				for _, query := range []string{"00042", "00043"} {
					if got := crmfake.IDs(searchUntil(t, s, query).Customers); !slices.Equal(got, []string{"a" + strings.TrimLeft(query, "0")}) {
						t.Errorf("search for %s = %v", query, got)
					}
				}
				if local := !slices.Contains(queriesSent(crm.Service), "00043"); local != test.local {
					t.Errorf("second search is local: %v, want %v", local, test.local)
				}
				closeService(t, s)
				before := len(queriesSent(crm.Service))
				s = newService(crm, o)
				searchUntil(t, s, "00044")
				if local := len(queriesSent(crm.Service)) == before; local != test.local {
					t.Errorf("search after a restart is local: %v, want %v", local, test.local)
				}
				closeService(t, s)
			})
		})
	}
}

func TestService_RefusedSearchIsNoOutage(t *testing.T) {
	for _, status := range []int{400, 401, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				refused := &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: status}
				f := crmfake.New(func(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
					if req.Query != "" {
						return frontline.ListResponse{}, refused
					}
					return crmfake.ByToken(0)(all, req, nth)
				}, 100)
				f.SetSearchable(frontline.SearchableYes, false)
				s := newUnlimited(f)
				defer closeService(t, s)
				if _, err := walkIDs(t, s, alice); err != nil {
					t.Fatal(err)
				}
				resp := mustOpen(t, s, frontline.ListRequest{Worker: "alice", Query: "00042"})
				if got := crmfake.IDs(resp.Customers); !slices.Equal(got, []string{"a42"}) || !errors.Is(resp.Meta.Stale, refused) {
					t.Errorf("refused search = %v, Meta.Stale %v, want a42 of the cached list and the failure", got, resp.Meta.Stale)
				}
				if got := mustOpen(t, s, alice); len(got.Customers) != 30 || got.Meta.Stale != nil {
					t.Errorf("CustomersList after a refused search = %d customers, %+v, want 30 and no failure", len(got.Customers), got.Meta)
				}
			})
		})
	}
}

// A service that refuses blanks, or a character, refuses every worker's query.
func TestService_RefusedSearchesOpenNoBreaker(t *testing.T) {
	for _, status := range []int{400, 401} {
		synctest.Test(t, func(t *testing.T) {
			f := crmfake.New(func(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
				if req.Query != "" {
					return frontline.ListResponse{}, &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: status}
				}
				return crmfake.ByToken(0)(all, req, nth)
			}, 100)
			f.SetSearchable(frontline.SearchableYes, false)
			s := newUnlimited(f)
			defer closeService(t, s)
			for i := range 50 {
				s.CustomersList(t.Context(), frontline.ListRequest{Worker: fmt.Sprintf("worker%d", i), Query: "John Smith"})
				if got := s.Stats().Breaker.State; got != "closed" {
					t.Fatalf("breaker after %d searches that were refused with %d is %s", i+1, status, got)
				}
			}
			if _, err := walkIDs(t, s, alice); err != nil {
				t.Errorf("list after 50 searches that were refused with %d: %v", status, err)
			}
		})
	}
}
