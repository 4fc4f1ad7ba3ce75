package external

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// newSearch makes a localSearch whose crawls end with the test.
func newSearch(t *testing.T, l lists) *localSearch {
	t.Helper()
	s := newLocalSearch(l, l, testSealer(), searchOptions{})
	t.Cleanup(func() {
		if err := s.Close(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return s
}

// searchFor answers all pages of a search of alice's, and the first page's Meta.
func searchFor(t *testing.T, crm frontline.CRM, query string, size int) (ids []string, first frontline.ListResponse) {
	t.Helper()
	req := frontline.ListRequest{Worker: "alice", Query: query, PageSize: size}
	for n := 0; ; n++ {
		resp, err := crm.CustomersList(t.Context(), req)
		if err != nil {
			t.Fatalf("page %d: %v", n+1, err)
		}
		if n == 0 {
			first = resp
		}
		for _, c := range resp.Customers {
			ids = append(ids, c.ID)
		}
		if req.NextPageToken = resp.NextPageToken; req.NextPageToken == "" {
			return ids, first
		}
	}
}

// queries answers the queries that the service was sent, each once for all pages.
func (f *fakeService) queries() (sent []string) {
	for _, req := range f.asked() {
		if req.Query != "" && req.NextPageToken == "" && req.Anchor == "" {
			sent = append(sent, req.Query)
		}
	}
	return sent
}

func TestWhetherAServiceSearchesIsLearnt(t *testing.T) {
	const (
		unknown = frontline.SearchableUnknown
		no      = frontline.SearchableNo
		yes     = frontline.SearchableYes
	)
	tests := []struct {
		name         string
		list, answer frontline.Searchable // what lists and answers to a query say
		crawl        frontline.Searchable // what the walk heard
		listFirst    bool
		searches     bool // the service looks at the query
		wantSent     int  // of three searches
		want         frontline.Searchable
	}{
		{"yes in lists, nothing in answers", yes, unknown, unknown, true, true, 3, yes},
		{"yes in answers only", unknown, yes, unknown, true, true, 3, yes},
		{"yes in answers, no list asked for", unknown, yes, unknown, false, true, 3, yes},
		{"no in lists", no, no, unknown, true, false, 0, no},
		{"no in answers only", unknown, no, unknown, true, false, 1, no},
		{"no in answers outweighs yes in lists", yes, no, unknown, true, false, 1, no},
		{"nothing ever", unknown, unknown, unknown, true, false, 1, no},
		{"nothing ever, though it does search", unknown, unknown, unknown, true, true, 1, no},
		{"no, heard by the walk", unknown, yes, no, false, true, 0, no},
		{"yes, heard by the walk, nothing in answers", unknown, unknown, yes, false, true, 3, yes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(byAnchor{size: 5}, 40)
			f.searches = tt.searches
			l := newLists(saying{f, tt.list, tt.answer})
			l.shelf.learn(tt.crawl, outcome{})
			s := newSearch(t, l)
			if tt.listFirst {
				if _, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"}); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				ids, resp := searchFor(t, s, "00007", 30)
				if !slices.Equal(ids, []string{"a7"}) && tt.want == yes || len(ids) > 1 {
					t.Errorf("found %v", ids)
				}
				if resp.Searchable != tt.want {
					t.Errorf("the answer says %v", resp.Searchable)
				}
			}
			if n := len(f.queries()); n != tt.wantSent {
				t.Errorf("%d queries were sent on, want %d", n, tt.wantSent)
			}
			if tt.want == no && tt.answer == no {
				for _, req := range f.asked() {
					if req.Query != "" && (req.NextPageToken != "" || req.Anchor != "") {
						t.Error("the query was sent on after a no")
					}
				}
			}
			list, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
			if err != nil {
				t.Fatal(err)
			}
			if list.Searchable != tt.want {
				t.Errorf("the list says %v afterwards, want %v", list.Searchable, tt.want)
			}
		})
	}
}

// saying is a service that says something about searching in lists, and perhaps
// something else in answers to a query.
type saying struct {
	frontline.CRM
	list, answer frontline.Searchable
}

func (s saying) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	resp, err := s.CRM.CustomersList(ctx, req)
	if resp.Searchable = s.list; req.Query != "" {
		resp.Searchable = s.answer
	}
	return resp, err
}

func TestAServiceThatDidNotSayIsAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 5)
		s := newSearch(t, newLists(f))
		defer s.Close(t.Context())
		searchFor(t, s, "person", 30)
		time.Sleep(askAgain - time.Second)
		searchFor(t, s, "person", 30)
		if n := len(f.queries()); n != 1 {
			t.Errorf("%d queries were sent on within the hour", n)
		}
		f.mu.Lock()
		f.searchable, f.searches = frontline.SearchableYes, true
		f.mu.Unlock()
		time.Sleep(2 * time.Second)
		_, resp := searchFor(t, s, "person", 30)
		if n := len(f.queries()); n != 2 || resp.Searchable != frontline.SearchableYes {
			t.Errorf("after the hour %d queries, %v", n, resp.Searchable)
		}
	})
}

func TestAFailedSearchIsAnsweredFromTheHeldCopy(t *testing.T) {
	tests := []struct {
		name string
		err  error
		held bool
		want error
	}{
		{"too slow", errTimeout, true, nil},
		{"an error status", errStatus500, true, nil},
		{"an invalid answer", errBadAnswer, true, nil},
		{"left alone", &breakerOpenError{errTimeout}, true, nil},
		{"too slow, and nothing is held", errTimeout, false, errTimeout},
		{"no URL is set", errNoURL, true, errNoURL},
		{"our own queue is full", errQueueFull, true, errQueueFull},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(byToken{}, 40)
			f.searchable, f.searches = frontline.SearchableYes, true
			l := newLists(f)
			s := newSearch(t, l)
			if tt.held {
				wholeList(t, l, "alice")
			}
			searchFor(t, s, "00007", 30)
			f.breakDown(tt.err)
			resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "00012"})
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if err != nil {
				return
			}
			if len(resp.Customers) != 1 || !errors.Is(resp.Meta.Stale, tt.err) || resp.Meta.AsOf.IsZero() || resp.Meta.Partial {
				t.Errorf("got %d customers, %+v", len(resp.Customers), resp.Meta)
			}
		})
	}
}

func TestTokensOfALocalSearch(t *testing.T) {
	f := newFake(byToken{}, 100)
	f.searchable = frontline.SearchableNo
	l := newLists(f)
	wholeList(t, l, "alice")
	s := newSearch(t, l)
	first, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person"})
	if err != nil || first.NextPageToken == "" {
		t.Fatal(err, first.NextPageToken)
	}
	if strings.Contains(first.NextPageToken, "erson") {
		t.Error("the token can be read")
	}
	next := frontline.ListRequest{Worker: "alice", Query: "person", NextPageToken: first.NextPageToken}
	refused := func(t *testing.T, s *localSearch, req frontline.ListRequest) {
		t.Helper()
		resp, err := s.CustomersList(t.Context(), req)
		var invalid *frontline.InvalidRequestError
		if err == nil && len(resp.Customers) > 0 || err != nil && !errors.As(err, &invalid) {
			t.Errorf("got %d customers, %v", len(resp.Customers), err)
		}
	}
	t.Run("are good while the list is replaced", func(t *testing.T) {
		f.set("alice", people("x", 100))
		for range 20 {
			wholeList(t, l, "alice")
		}
		resp, err := s.CustomersList(t.Context(), next)
		if err != nil || resp.Customers[0].ID != "a31" {
			t.Errorf("got %v, %v", resp.Customers, err)
		}
	})
	t.Run("are good after results were given up, while the list is held", func(t *testing.T) {
		l := newLists(newFake(byToken{}, 100))
		wholeList(t, l, "alice")
		s := newSearch(t, l)
		s.learnt.note(frontline.SearchableNo, false)
		ids, first := searchFor(t, s, "person", 30)
		s.findings.RemoveFunc(func(findingKey) bool { return true })
		resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person", NextPageToken: first.NextPageToken})
		if err != nil || resp.Customers[0].ID != ids[30] {
			t.Errorf("got %v, %v", resp.Customers, err)
		}
	})
	t.Run("are refused when what they belong to is gone", func(t *testing.T) {
		s.findings.RemoveFunc(func(findingKey) bool { return true })
		refused(t, s, next)
	})
	t.Run("are another worker's never", func(t *testing.T) {
		f.set("bob", people("b", 100))
		wholeList(t, l, "bob")
		s := newSearch(t, l)
		req := next
		req.Worker = "bob"
		refused(t, s, req)
	})
	t.Run("are good for no other query", func(t *testing.T) {
		s := newSearch(t, l)
		req := next
		req.Query = "person 1"
		refused(t, s, req)
	})
}

func TestAServiceThatChangesItsMindIsBelievedAfterAWhile(t *testing.T) {
	now := time.Now()
	l := learnt{now: func() time.Time { return now }}
	l.note(frontline.SearchableNo, true)
	l.note(frontline.SearchableYes, false)
	if got := l.value(frontline.SearchableYes); got != frontline.SearchableNo {
		t.Errorf("yes in a list, just after a no to a search: %v", got)
	}
	now = now.Add(askAgain)
	if got := l.value(frontline.SearchableYes); got != frontline.SearchableYes {
		t.Errorf("an hour later: %v", got)
	}
	l.note(frontline.SearchableNo, true)
	l.note(frontline.SearchableYes, true)
	if got := l.value(frontline.SearchableYes); got != frontline.SearchableYes {
		t.Errorf("yes to a search: %v", got)
	}
}
