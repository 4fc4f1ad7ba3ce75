package localsearch_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/localsearch"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/secret"
)

// A searched is a Search and what is below it, over a service.
type searched struct {
	*localsearch.Search
	pager   *paging.Pager
	lists   *cache.Lists
	store   *cache.Store
	flights *flight.Group
}

// newSearch returns a Search over a service. What it fetches ends with stop.
func newSearch(next frontline.CRM, sealer crm.Sealer) (s searched, stop func()) {
	s.flights = new(flight.Group)
	s.store = cache.New(cache.Options{Flights: s.flights, Sealer: sealer})
	s.pager = paging.New(next, paging.Options{Flights: s.flights, Store: s.store, Sealer: sealer, Now: time.Now})
	s.lists = cache.NewLists(s.pager, s.store)
	s.Search = localsearch.New(s.lists, localsearch.Options{Pager: s.pager, Store: s.store, Flights: s.flights, Bytes: 8 << 20, Now: time.Now})
	return s, func() {
		cancelled, cancel := context.WithCancel(context.Background())
		cancel()
		s.flights.Close(cancelled)
		synctest.Wait()
	}
}

func newSealer() crm.Sealer { return secret.NewKey().Sealer("test") }

// inBubble runs a test in a bubble.
func inBubble(t *testing.T, next frontline.CRM, test func(t *testing.T, s searched)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, stop := newSearch(next, newSealer())
		defer stop()
		test(t, s)
	})
}

func mustList(t *testing.T, crm frontline.CRM, req frontline.ListRequest) frontline.ListResponse {
	t.Helper()
	req.Worker = "alice"
	resp, err := crm.CustomersList(t.Context(), req)
	if err != nil {
		t.Fatalf("CustomersList(%+v): %v", req, err)
	}
	return resp
}

// walk requests all pages from req on, and returns the first one too.
func walk(t *testing.T, crm frontline.CRM, req frontline.ListRequest) (ids []string, first frontline.ListResponse) {
	t.Helper()
	for {
		resp := mustList(t, crm, req)
		if req.NextPageToken == "" {
			first = resp
		}
		for _, id := range crmfake.IDs(resp.Customers) {
			if slices.Contains(ids, id) {
				t.Fatalf("CustomersList(%+v) repeats %s", req, id)
			}
			ids = append(ids, id)
		}
		if req.NextPageToken = resp.NextPageToken; req.NextPageToken == "" {
			return ids, first
		}
	}
}

// queries returns the queries that the service was sent, each once for all pages.
func queries(f *crmfake.Service) (sent []string) {
	for _, req := range f.ListRequests() {
		if req.Query != "" && req.NextPageToken == "" && req.Anchor == "" {
			sent = append(sent, req.Query)
		}
	}
	return sent
}

// saying is a service that says something about searching with lists, and perhaps
// something else with the results of a query.
type saying struct {
	frontline.CRM
	list, query frontline.Searchable
}

func (s saying) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	resp, err := s.CRM.CustomersList(ctx, req)
	if resp.Searchable = s.list; req.Query != "" {
		resp.Searchable = s.query
	}
	return resp, err
}

func TestSearch_LearnsWhetherServiceSearches(t *testing.T) {
	const unknown, no, yes = frontline.SearchableUnknown, frontline.SearchableNo, frontline.SearchableYes
	for name, test := range map[string]struct {
		list, query frontline.Searchable
		heard       frontline.Searchable // before, in any response
		unopened    bool                 // the list is not opened before
		searches    bool                 // the service looks at the query
		sent        int                  // of three searches
		want        frontline.Searchable
	}{
		"yes with lists":                    {list: yes, searches: true, sent: 3, want: yes},
		"yes with results":                  {query: yes, searches: true, sent: 3, want: yes},
		"yes with results, no list opened":  {query: yes, unopened: true, searches: true, sent: 3, want: yes},
		"no with lists":                     {list: no, query: no, sent: 0, want: no},
		"no with results":                   {query: no, sent: 1, want: no},
		"no with results, yes with lists":   {list: yes, query: no, sent: 1, want: no},
		"nothing ever":                      {sent: 1, want: no},
		"nothing ever, though it searches":  {searches: true, sent: 1, want: no},
		"no, heard before":                  {query: yes, heard: no, unopened: true, searches: true, sent: 0, want: no},
		"yes, heard before, then no answer": {heard: yes, unopened: true, searches: true, sent: 3, want: yes},
	} {
		t.Run(name, func(t *testing.T) {
			f := crmfake.New(crmfake.ByAnchor(5), 40)
			f.SetSearchable(unknown, test.searches)
			inBubble(t, saying{f, test.list, test.query}, func(t *testing.T, s searched) {
				s.store.Learn(paging.Traits{Searchable: test.heard})
				if !test.unopened {
					mustList(t, s, frontline.ListRequest{})
				}
				for range 3 {
					ids, first := walk(t, s, frontline.ListRequest{Query: "00007"})
					if test.want == yes && !slices.Equal(ids, []string{"a7"}) || len(ids) > 1 || first.Searchable != test.want {
						t.Errorf("search = %v, searchable %v, want %v", ids, first.Searchable, test.want)
					}
				}
				if got := queries(f); len(got) != test.sent {
					t.Errorf("queries sent: %q, want %d", got, test.sent)
				}
				if test.query == no {
					for _, req := range f.ListRequests() {
						if req.Query != "" && req.Anchor != "" {
							t.Error("the service was asked for more results after it said no")
						}
					}
				}
				if got := mustList(t, s, frontline.ListRequest{}).Searchable; got != test.want {
					t.Errorf("list afterwards is searchable %v, want %v", got, test.want)
				}
			})
		})
	}
}

func TestSearch_AsksServiceAgainAfterAnHour(t *testing.T) {
	f := crmfake.New(crmfake.ByToken(0), 5)
	inBubble(t, f, func(t *testing.T, s searched) {
		walk(t, s, frontline.ListRequest{Query: "person"})
		time.Sleep(time.Hour - time.Second)
		walk(t, s, frontline.ListRequest{Query: "person"})
		if got := queries(f); len(got) != 1 {
			t.Errorf("queries sent within an hour: %q, want 1", got)
		}
		f.SetSearchable(frontline.SearchableYes, true)
		time.Sleep(2 * time.Second)
		_, first := walk(t, s, frontline.ListRequest{Query: "Person"})
		if got := queries(f); len(got) != 2 || first.Searchable != frontline.SearchableYes {
			t.Errorf("queries sent after an hour: %q, searchable %v, want 2 and yes", got, first.Searchable)
		}
	})
}

func TestSearch_FailureIsAnsweredFromHeldList(t *testing.T) {
	full := &frontline.UnavailableError{Err: errors.New("queue is full")}
	for name, test := range map[string]struct {
		err  error
		held bool
		want error
	}{
		"slow":                          {crmfake.ErrTimeout, true, nil},
		"error status":                  {crmfake.ErrStatus500, true, nil},
		"refused":                       {crmfake.ErrStatus400, true, nil},
		"invalid response":              {crmfake.ErrBadAnswer, true, nil},
		"slow, and no list is held":     {crmfake.ErrTimeout, false, crmfake.ErrTimeout},
		"no URL":                        {crmfake.ErrNoURL, true, crmfake.ErrNoURL},
		"our own queue, which says why": {full, true, full},
	} {
		t.Run(name, func(t *testing.T) {
			f := crmfake.New(crmfake.ByToken(0), 40)
			f.SetSearchable(frontline.SearchableYes, true)
			inBubble(t, f, func(t *testing.T, s searched) {
				if test.held {
					walk(t, s, frontline.ListRequest{})
				}
				walk(t, s, frontline.ListRequest{Query: "00007"})
				f.Fail(test.err)
				resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "00012"})
				if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
					t.Fatalf("search = %v, want %v", err, test.want)
				}
				if err == nil && (len(resp.Customers) != 1 || !errors.Is(resp.Meta.Stale, test.err) || resp.Meta.AsOf.IsZero() || resp.Meta.Partial) {
					t.Errorf("search = %d customers, %+v, want 1 and the failure", len(resp.Customers), resp.Meta)
				}
			})
		})
	}
}

// named returns customers of rows "id name".
func named(rows ...string) (all []frontline.Customer) {
	for _, row := range rows {
		id, name, _ := strings.Cut(row, " ")
		all = append(all, frontline.Customer{ID: id, DisplayName: name})
	}
	return all
}

// TestSearch_OfTwoLists searches a list that was opened again since: as far as either
// reaches, each customer once, as in the newer one.
func TestSearch_OfTwoLists(t *testing.T) {
	old := named("1 Ann Old", "2 Bob Ann", "3 Annabel", "4 Joanna", "5 Zoe Ann", "7 Ann Last", "10 Zed")
	newer := named("6 Ann New", "5 Zoe Ann", "1 Renamed", "8 Ann Further", "9 Anna")
	for name, test := range map[string]struct {
		whole   bool // the old list was walked to its end
		newer   []frontline.Customer
		want    string
		covered int
		partial bool
	}{
		"whole":                        {true, nil, "1 3 7 2 5 4", 7, false},
		"not whole":                    {false, nil, "1 3 7 2 5 4", 6, true},
		"newer one before a whole":     {true, newer, "6 3 7 5 2 4", 8, false},
		"newer one, and none is whole": {false, newer, "6 3 7 5 2 4", 7, true},
		"newer one that is whole":      {true, newer[:2], "6 5", 2, false},
		"nobody":                       {true, named(), "", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := crmfake.New(crmfake.ByToken(3), 0)
			f.SetSearchable(frontline.SearchableNo, false)
			inBubble(t, f, func(t *testing.T, s searched) {
				first := frontline.ListRequest{PageSize: 6}
				if name != "nobody" {
					f.Set("alice", old)
				}
				if test.whole {
					walk(t, s.lists, first)
				} else {
					mustList(t, s.lists, first)
				}
				if len(test.newer) > 0 {
					f.Set("alice", test.newer)
					time.Sleep(time.Minute)
					list, err := s.pager.Begin(t.Context(), "alice", "")
					if err == nil && len(test.newer) < 3 {
						err = s.pager.Grow(t.Context(), "alice", "", list, 3)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				f.SetDelay(time.Second) // so that nothing more is fetched meanwhile
				for _, size := range []int{1, 2, 30} {
					ids, got := walk(t, s, frontline.ListRequest{Query: "ann", PageSize: size})
					if found := strings.Join(ids, " "); found != test.want {
						t.Errorf("search = %q, want %q", found, test.want)
					}
					if m := got.Meta; m.Covered != test.covered || m.Partial != test.partial {
						t.Errorf("search: Meta = %+v, want %d covered, partial %v", m, test.covered, test.partial)
					}
				}
			})
		})
	}
}

// The list that is searched grows from page to page.
func TestSearch_LaterPagesOfGrowingList(t *testing.T) {
	f := crmfake.New(crmfake.ByToken(0), 1000)
	f.SetSearchable(frontline.SearchableNo, false)
	f.SetDelay(10 * time.Millisecond)
	inBubble(t, f, func(t *testing.T, s searched) {
		mustList(t, s, frontline.ListRequest{})
		var ids []string
		req := frontline.ListRequest{Query: "person", PageSize: 20}
		for {
			resp := mustList(t, s, req)
			ids = append(ids, crmfake.IDs(resp.Customers)...)
			if req.NextPageToken = resp.NextPageToken; req.NextPageToken == "" {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if len(ids) != 1000 || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != 1000 {
			t.Errorf("pages of a search had %d customers, want all 1,000 once", len(ids))
		}
	})
}

func TestSearch_Tokens(t *testing.T) {
	sealer := newSealer()
	f := crmfake.New(crmfake.ByToken(0), 100)
	f.Set("bob", crmfake.People("b", 100))
	f.SetSearchable(frontline.SearchableNo, false)
	synctest.Test(t, func(t *testing.T) {
		s, stop := newSearch(f, sealer)
		defer stop()
		walk(t, s, frontline.ListRequest{})
		next := frontline.ListRequest{Query: "person"}
		next.NextPageToken = mustList(t, s, next).NextPageToken
		if next.NextPageToken == "" || strings.Contains(next.NextPageToken, "a30") {
			t.Fatalf("token %q is missing, or can be read", next.NextPageToken)
		}
		for name, req := range map[string]frontline.ListRequest{
			"another worker": {Worker: "bob", Query: "person", NextPageToken: next.NextPageToken},
			"another query":  {Worker: "alice", Query: "person 1", NextPageToken: next.NextPageToken},
			"no query":       {Worker: "alice", NextPageToken: next.NextPageToken},
			"changed":        {Worker: "alice", Query: "person", NextPageToken: next.NextPageToken[1:]},
			"very long":      {Worker: "alice", Query: "person", NextPageToken: strings.Repeat("A", 2000)},
		} {
			var invalid *frontline.InvalidRequestError
			if resp, err := s.CustomersList(t.Context(), req); !errors.As(err, &invalid) {
				t.Errorf("token for %s = %d customers, %v, want an InvalidRequestError", name, len(resp.Customers), err)
			}
		}

		// In a newer list the search goes on behind its last customer.
		f.Set("alice", slices.Concat(crmfake.People("a", 100)[20:], crmfake.People("new", 20)))
		time.Sleep(time.Hour)
		walk(t, s.lists, frontline.ListRequest{NewerThan: time.Now()})
		if got := mustList(t, s, next); got.Customers[0].ID != "a31" {
			t.Errorf("page in a newer list begins with %s, want a31", got.Customers[0].ID)
		}
		// If that one is gone, it goes on behind as many as were shown.
		f.Set("alice", crmfake.People("x", 100))
		time.Sleep(time.Hour)
		walk(t, s.lists, frontline.ListRequest{NewerThan: time.Now()})
		if got := mustList(t, s, next); got.Customers[0].ID != "x31" {
			t.Errorf("page in another list begins with %s, want x31", got.Customers[0].ID)
		}

		stop()
		s, stop = newSearch(f, sealer) // where no list is held
		defer stop()
		next.Worker = "alice"
		var unavailable *frontline.UnavailableError
		if resp, err := s.CustomersList(t.Context(), next); !errors.As(err, &unavailable) {
			t.Errorf("page where no list is held = %d customers, %v", len(resp.Customers), err)
		}
	})
}

// unsealed seals nothing: what a fuzzer makes up is as good as sealed.
type unsealed struct{}

func (unsealed) Seal(plain []byte, _ string) string    { return string(plain) }
func (unsealed) Open(sealed, _ string) ([]byte, error) { return []byte(sealed), nil }

func FuzzSearch_Tokens(f *testing.F) {
	f.Add(`{"c":"a1","i":1}`)
	f.Add(`{"c":"","i":-1}`)
	f.Add(`{"i":99999999999}`)
	f.Fuzz(func(t *testing.T, token string) {
		fake := crmfake.New(crmfake.ByToken(0), 3)
		fake.SetSearchable(frontline.SearchableNo, false)
		s, _ := newSearch(fake, unsealed{})
		mustList(t, s.lists, frontline.ListRequest{})
		resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person", NextPageToken: token})
		if err == nil && len(resp.Customers) > 3 {
			t.Errorf("page has %d of 3 customers", len(resp.Customers))
		}
	})
}
