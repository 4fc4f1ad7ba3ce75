package localsearch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/paging"
)

// A watched is a service that notes when calls began, and their priorities.
type watched struct {
	*crmfake.Service

	mu         sync.Mutex
	began      []time.Time
	priorities []crm.Priority
}

func (w *watched) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	w.mu.Lock()
	w.began, w.priorities = append(w.began, time.Now()), append(w.priorities, crm.PriorityOf(ctx))
	w.mu.Unlock()
	return w.Service.CustomersList(ctx, req)
}

func (w *watched) calls() (began []time.Time, priorities []crm.Priority) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.began), slices.Clone(w.priorities)
}

// newUnsearchable returns a service that does not search, where alice has n customers.
func newUnsearchable(n int, delay time.Duration) *watched {
	f := crmfake.New(crmfake.ByToken(0), n)
	f.SetSearchable(frontline.SearchableNo, false)
	f.SetDelay(delay)
	return &watched{Service: f}
}

var person = frontline.ListRequest{Query: "person", PageSize: 500}

func TestSearch_FetchPausesAndGivesWay(t *testing.T) {
	for _, test := range []struct{ takes, every time.Duration }{
		{10 * time.Millisecond, 60 * time.Millisecond}, {time.Second, 2 * time.Second}, {5 * time.Second, 7 * time.Second},
	} {
		t.Run(test.takes.String(), func(t *testing.T) {
			f := newUnsearchable(180, test.takes)
			inBubble(t, f, func(t *testing.T, s searched) {
				mustList(t, s, frontline.ListRequest{})
				time.Sleep(time.Minute)
				began, priorities := f.calls()
				if len(began) != 6 {
					t.Fatalf("%d calls, want 6 pages", len(began))
				}
				for i := 2; i < len(began); i++ {
					if every := began[i].Sub(began[i-1]); every != test.every {
						t.Errorf("call %d began %v after the one before, want %v", i+1, every, test.every)
					}
				}
				if want := []crm.Priority{0, 2, 2, 2, 2, 2}; !slices.Equal(priorities, want) {
					t.Errorf("priorities = %v, want %v", priorities, want)
				}
			})
		})
	}
}

func TestSearch_FetchesListsThatAreSearchedHere(t *testing.T) {
	for name, test := range map[string]struct {
		told   frontline.Searchable
		search bool
		want   bool
	}{
		"opened, no":         {frontline.SearchableNo, false, true},
		"opened, yes":        {frontline.SearchableYes, false, false},
		"opened, not said":   {frontline.SearchableUnknown, false, false},
		"searched, not said": {frontline.SearchableUnknown, true, true},
		"searched, yes":      {frontline.SearchableYes, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newUnsearchable(300, 0)
			f.SetSearchable(test.told, false)
			inBubble(t, f, func(t *testing.T, s searched) {
				mustList(t, s, frontline.ListRequest{})
				if test.search {
					mustList(t, s, frontline.ListRequest{Query: "00007"})
				}
				time.Sleep(time.Minute)
				if got := s.store.Entry(t.Context(), "alice").Furthest().Done(); got != test.want {
					t.Errorf("whole list fetched: %v, want %v", got, test.want)
				}
			})
		})
	}
}

// A fetch that fails goes on at the next visit, where it ended.
func TestSearch_FetchGoesOnAfterFailure(t *testing.T) {
	f := newUnsearchable(300, 0)
	inBubble(t, f, func(t *testing.T, s searched) {
		mustList(t, s, frontline.ListRequest{})
		f.FailOn(3, crmfake.ErrTimeout)
		time.Sleep(time.Hour)
		failed := len(f.ListRequests())
		_, first := walk(t, s, person)
		if failed > 5 || !first.Meta.Partial || first.Meta.Covered < 60 || first.Meta.Stale != nil {
			t.Errorf("after a failure and an hour: %d calls, Meta = %+v, want no more calls and what is covered", failed, first.Meta)
		}
		time.Sleep(time.Minute)
		if ids, first := walk(t, s, person); len(ids) != 300 || first.Meta.Partial {
			t.Errorf("search = %d customers, %+v, want all 300", len(ids), first.Meta)
		}
	})
	inBubble(t, f, func(t *testing.T, s searched) {
		mustList(t, s, frontline.ListRequest{})
		f.FailOn(3, crmfake.ErrTimeout)
		time.Sleep(time.Minute)
		before := len(f.ListRequests())
		mustList(t, s, person)
		time.Sleep(time.Minute)
		if next := f.ListRequests()[before]; next.NextPageToken == "" {
			t.Error("the fetch began anew, want it to go on")
		}
	})
}

// A list is fetched to its end though its first page is fetched all the time.
func TestSearch_FetchEndsThoughListIsOpened(t *testing.T) {
	f := newUnsearchable(1500, time.Second)
	inBubble(t, f, func(t *testing.T, s searched) {
		for range 20 {
			mustList(t, s, frontline.ListRequest{})
			time.Sleep(10 * time.Second)
		}
		if ids, first := walk(t, s, person); len(ids) != 1500 || first.Meta.Partial || first.Meta.Covered != 1500 {
			t.Errorf("search after 200s = %d customers, %+v, want all 1,500", len(ids), first.Meta)
		}
	})
}

func TestSearch_FetchesOldListAgain(t *testing.T) {
	f := newUnsearchable(90, 0)
	inBubble(t, f, func(t *testing.T, s searched) {
		mustList(t, s, frontline.ListRequest{})
		time.Sleep(time.Minute)
		calls := len(f.ListRequests())
		if _, first := walk(t, s, person); !first.Meta.AsOf.IsZero() || first.Meta.Partial {
			t.Errorf("search after a minute: Meta = %+v, want none", first.Meta)
		}
		time.Sleep(time.Minute)
		if n := len(f.ListRequests()); n != calls {
			t.Errorf("%d more calls after a minute, want none", n-calls)
		}

		time.Sleep(10 * time.Minute)
		f.Set("alice", crmfake.People("n", 90))
		f.SetDelay(50 * time.Millisecond)
		_, old := walk(t, s, person)
		if old.Meta.AsOf.IsZero() || old.Meta.Stale != nil || old.Meta.Partial {
			t.Errorf("search of an old list: Meta = %+v, want its time alone", old.Meta)
		}
		newer := frontline.ListRequest{Query: "person n", NewerThan: old.Meta.AsOf}
		if got := mustList(t, s, newer); len(got.Customers) != 30 || !got.Meta.AsOf.IsZero() || got.Meta.Partial {
			t.Errorf("search with NewerThan = %d customers, %+v, want 30 of a fresh whole list", len(got.Customers), got.Meta)
		}

		time.Sleep(11 * time.Minute)
		f.Fail(crmfake.ErrTimeout)
		newer.NewerThan = mustList(t, s, newer).Meta.AsOf
		if got := mustList(t, s, newer); len(got.Customers) != 30 || !errors.Is(got.Meta.Stale, crmfake.ErrTimeout) || !got.Meta.AsOf.Equal(newer.NewerThan) {
			t.Errorf("search while the service is down = %d customers, %+v, want 30 old ones and the failure", len(got.Customers), got.Meta)
		}
	})
}

// Whoever waits for a whole list has a part of it to look at: its calls give way to those
// of workers who have nothing.
func TestSearch_FetchGivesWay(t *testing.T) {
	f := newUnsearchable(300, 100*time.Millisecond)
	inBubble(t, f, func(t *testing.T, s searched) {
		mustList(t, s, frontline.ListRequest{})
		time.Sleep(500 * time.Millisecond)
		mustList(t, s, frontline.ListRequest{Query: "person", NewerThan: time.Now()})
		_, got := f.calls()
		for _, p := range got[1:] {
			if p != crm.Background {
				t.Fatalf("priorities = %v, want Background after the first", got)
			}
		}
	})
}

// However many lists are to be fetched, a search is answered, and not called a failure.
func TestSearch_FetchesAreBounded(t *testing.T) {
	f := newUnsearchable(0, 20*time.Minute)
	inBubble(t, f, func(t *testing.T, s searched) {
		s.store.Learn(paging.Traits{Searchable: frontline.SearchableNo})
		f.SetDelay(0)
		var workers []string
		for i := range 1010 {
			worker := fmt.Sprintf("worker%d", i)
			workers = append(workers, worker)
			f.Set(worker, crmfake.People(worker+"-", 90))
			if _, err := s.pager.Begin(t.Context(), worker, ""); err != nil {
				t.Fatal(err)
			}
		}
		before := len(f.ListRequests())
		f.SetDelay(20 * time.Minute)
		for _, worker := range workers {
			resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: worker, Query: "person"})
			if err != nil || len(resp.Customers) != 30 || resp.Meta.Stale != nil || !resp.Meta.Partial {
				t.Fatalf("search of %s = %d customers, %+v, %v, want a part of the list", worker, len(resp.Customers), resp.Meta, err)
			}
		}
		time.Sleep(time.Minute)
		if n := len(f.ListRequests()) - before; n != 3 {
			t.Errorf("%d lists are being fetched, want 3 at a time", n)
		}
	})
}

func TestSearch_FetchStops(t *testing.T) {
	for name, stop := range map[string]func(searched) error{
		"worker forgotten": func(s searched) error {
			return s.flights.Forget(context.Background(), "alice", func() error { return nil })
		},
		"closed": func(s searched) error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			s.flights.Close(ctx)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newUnsearchable(3000, 100*time.Millisecond)
			inBubble(t, f, func(t *testing.T, s searched) {
				mustList(t, s, frontline.ListRequest{})
				time.Sleep(time.Second)
				if err := stop(s); err != nil {
					t.Error(err)
				}
				before := len(f.ListRequests())
				time.Sleep(time.Minute)
				if n := len(f.ListRequests()); n != before || before < 3 {
					t.Errorf("%d calls, and %d after the fetch was stopped, want none", before, n-before)
				}
			})
		})
	}
}
