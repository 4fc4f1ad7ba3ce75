package external

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// openList opens the beginning of alice's list.
func openList(t *testing.T, crm frontline.CRM) {
	t.Helper()
	if _, err := crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"}); err != nil {
		t.Fatal(err)
	}
}

// count tells how many list calls there were.
func (f *fakeService) count() int { return len(f.asked()) }

// unsearchable is a service that does not search and takes 100 ms, whose 2,000
// customers alice has.
func unsearchable(size int) *fakeService {
	f := newFake(byToken{}, size)
	f.searchable, f.slow = frontline.SearchableNo, 100*time.Millisecond
	return f
}

func TestAnUnsearchableServiceOf2000CustomersIsSearchedInFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := unsearchable(2000)
		l := newLists(f)
		s := newSearch(t, l)
		defer s.Close(t.Context())
		openList(t, s)
		ids, first := searchFor(t, s, "person", 30)
		if !first.Meta.Partial || first.Meta.Covered < 30 || first.Meta.Covered >= 2000 || len(ids) != first.Meta.Covered {
			t.Errorf("at first it found %d, and says %+v", len(ids), first.Meta)
		}
		covered := first.Meta.Covered
		for began := time.Now(); ; {
			time.Sleep(time.Second)
			resp, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "02000"})
			if err != nil {
				t.Fatal(err)
			}
			if resp.Meta.Covered < covered || resp.Meta.Covered == covered && resp.Meta.Partial {
				t.Fatalf("it covers %d after %d", resp.Meta.Covered, covered)
			}
			covered = resp.Meta.Covered
			if !resp.Meta.Partial {
				if len(resp.Customers) != 1 || covered != 2000 {
					t.Errorf("the last customer was found %d times, %d covered", len(resp.Customers), covered)
				}
				break
			}
			if time.Since(began) > 30*time.Second {
				t.Fatalf("after %v it covers %d", time.Since(began), covered)
			}
		}
		if ids, _ := searchFor(t, s, "person", 1000); len(ids) != 2000 {
			t.Errorf("it found %d of 2000", len(ids))
		}
		if calls := f.count(); calls > 69 {
			t.Errorf("%d calls for 67 pages", calls)
		}
		for _, req := range f.asked() {
			if req.Query != "" {
				t.Errorf("the service was sent the query %q", req.Query)
			}
		}
	})
}

func TestACrawlLeavesTheServiceTimeToBreathe(t *testing.T) {
	for _, tt := range []struct{ takes, want time.Duration }{
		{10 * time.Millisecond, 60 * time.Millisecond},
		{time.Second, 2 * time.Second},
		{5 * time.Second, 7 * time.Second},
	} {
		t.Run(tt.takes.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := unsearchable(150)
				f.slow = tt.takes
				watched := &watching{CRM: f}
				s := newSearch(t, newLists(watched))
				defer s.Close(t.Context())
				s.crawler.visit(t.Context(), "alice", true)
				time.Sleep(time.Minute)
				began, _ := watched.seen()
				if len(began) != 5 {
					t.Fatalf("%d calls for 5 pages", len(began))
				}
				for i := 1; i < len(began); i++ {
					if every := began[i].Sub(began[i-1]); every != tt.want {
						t.Errorf("a call every %v, want %v", every, tt.want)
					}
				}
			})
		})
	}
}

func TestACrawlGoesOnAfterErrors(t *testing.T) {
	t.Run("from where it was", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := unsearchable(300)
			s := newSearch(t, newLists(f))
			defer s.Close(t.Context())
			openList(t, s)
			f.failOn(3, errTimeout)
			f.failOn(4, errStatus500)
			time.Sleep(time.Minute)
			if ids, first := searchFor(t, s, "person", 100); len(ids) != 300 || first.Meta.Partial {
				t.Errorf("found %d, %+v", len(ids), first.Meta)
			}
			if calls := f.count(); calls > 13 {
				t.Errorf("%d calls for 10 pages and two failures", calls)
			}
		})
	})
	t.Run("later and later, and then not until the worker comes again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := unsearchable(300)
			f.slow = 0
			s := newSearch(t, newLists(f))
			defer s.Close(t.Context())
			openList(t, s)
			f.breakDown(errStatus500)
			time.Sleep(time.Hour)
			before := f.count()
			if before < 5 || before > 7 {
				t.Errorf("%d calls in an hour", before)
			}
			f.breakDown(nil)
			time.Sleep(time.Hour)
			if n := f.count(); n != before {
				t.Errorf("%d more calls with nobody there", n-before)
			}
			searchFor(t, s, "person", 100)
			time.Sleep(time.Minute)
			if ids, first := searchFor(t, s, "person", 100); len(ids) != 300 || first.Meta.Partial {
				t.Errorf("found %d, %+v", len(ids), first.Meta)
			}
		})
	})
}

func TestACrawlGoesOnAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := unsearchable(900)
		keeper, sealer := newMemoryKeeper(), testSealer()
		start := func() (*shelf, *localSearch) {
			shelf := newShelf(shelfOptions{Service: "it", Blobs: keeper, Sealer: sealer})
			w := newWalk(f, shelf, walkOptions{Sealer: sealer})
			return shelf, newLocalSearch(w, w, sealer, searchOptions{})
		}
		shelf, s := start()
		openList(t, s)
		time.Sleep(3 * time.Second)
		first, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person"})
		if err != nil || !first.Meta.Partial {
			t.Fatal(err, first.Meta)
		}
		if err := errors.Join(s.Close(t.Context()), shelf.Close(t.Context())); err != nil {
			t.Fatal(err)
		}
		before := f.count()

		shelf, s = start()
		defer func() {
			if err := errors.Join(s.Close(t.Context()), shelf.Close(t.Context())); err != nil {
				t.Error(err)
			}
		}()
		again, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person"})
		if err != nil || again.Meta.Covered < first.Meta.Covered {
			t.Fatalf("covered %d before, %d afterwards, %v", first.Meta.Covered, again.Meta.Covered, err)
		}
		second, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person", NextPageToken: first.NextPageToken})
		if err != nil || second.Customers[0].ID != "a31" {
			t.Errorf("a search begun before leads to %v, %v", second.Customers, err)
		}
		time.Sleep(10 * time.Second)
		if ids, first := searchFor(t, s, "person", 100); len(ids) != 900 || first.Meta.Partial {
			t.Errorf("found %d, %+v", len(ids), first.Meta)
		}
		if f.asked()[before].NextPageToken == "" || f.count() > 32 {
			t.Errorf("it began anew: %d calls", f.count())
		}
	})
}

func TestWhoseListsAreCrawled(t *testing.T) {
	tests := []struct {
		name     string
		told     frontline.Searchable
		search   bool
		wantDone bool
	}{
		{"opened, of a service that does not search", frontline.SearchableNo, false, true},
		{"opened, of a service that searches", frontline.SearchableYes, false, false},
		{"opened, of a service that did not say", frontline.SearchableUnknown, false, false},
		{"searched, of a service that did not say", frontline.SearchableUnknown, true, true},
		{"searched, of a service that searches", frontline.SearchableYes, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := unsearchable(300)
				f.searchable, f.slow = tt.told, 0
				l := newLists(f)
				s := newSearch(t, l)
				defer s.Close(t.Context())
				openList(t, s)
				if tt.search {
					searchFor(t, s, "00007", 30)
				}
				time.Sleep(time.Minute)
				if done := l.Book(t.Context(), "alice").Best().Done(); done != tt.wantDone {
					t.Errorf("crawled: %v", done)
				}
			})
		})
	}
}

func TestAListIsCrawledAgainWhenItIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := unsearchable(90)
		f.slow = 0
		l := newLists(f)
		s := newSearch(t, l)
		defer s.Close(t.Context())
		openList(t, s)
		time.Sleep(time.Minute)
		first := l.Book(t.Context(), "alice").Best()
		_, resp := searchFor(t, s, "person", 30)
		time.Sleep(time.Minute)
		if best := l.Book(t.Context(), "alice").Best(); best != first || !resp.Meta.AsOf.IsZero() || resp.Meta.Partial {
			t.Errorf("after a minute: a new one %v, %+v", best != first, resp.Meta)
		}
		time.Sleep(crawlFresh)
		f.set("alice", people("n", 90))
		_, resp = searchFor(t, s, "person", 30)
		if !resp.Meta.AsOf.Equal(first.AsOf()) || resp.Meta.Stale != nil || resp.Meta.Partial {
			t.Errorf("while it is old: %+v", resp.Meta)
		}
		fresh, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person n", NewerThan: resp.Meta.AsOf})
		if err != nil || len(fresh.Customers) != 30 || !fresh.Meta.AsOf.IsZero() {
			t.Errorf("asked for a newer one: %d, %v, %+v", len(fresh.Customers), err, fresh.Meta)
		}
		time.Sleep(crawlFresh + time.Minute)
		f.breakDown(errTimeout)
		_, resp = searchFor(t, s, "person n", 30)
		stale, err := s.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "person n", NewerThan: resp.Meta.AsOf})
		if err != nil || len(stale.Customers) != 30 || !errors.Is(stale.Meta.Stale, errTimeout) || !stale.Meta.AsOf.Equal(resp.Meta.AsOf) {
			t.Errorf("asked for a newer one of a service that is down: %d, %v, %+v", len(stale.Customers), err, stale.Meta)
		}
	})
}

func TestACrawlEndsThoughTheListIsOpenedAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := unsearchable(1500)
		f.slow = time.Second
		l := newLists(f)
		s := newSearch(t, l)
		defer s.Close(t.Context())
		for range 20 {
			openList(t, s)
			time.Sleep(10 * time.Second)
		}
		if best := l.Book(t.Context(), "alice").Best(); !best.Done() {
			t.Fatalf("after 200 s it has %d of 1,500", best.Len())
		}
		if ids, first := searchFor(t, s, "person", 500); len(ids) != 1500 || first.Meta.Partial || first.Meta.Covered != 1500 {
			t.Errorf("found %d, %+v", len(ids), first.Meta)
		}
	})
}

func TestCrawlsTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := unsearchable(0)
		watched := &watching{CRM: f}
		for i := range 6 {
			f.set("w"+strconv.Itoa(i), people("w"+strconv.Itoa(i)+"-", 150+30*i)) // no two end at once
		}
		l := newLists(watched)
		s := newSearch(t, l)
		defer s.Close(t.Context())
		s.learnt.note(frontline.SearchableNo, false)
		for i := range 6 {
			s.crawler.visit(t.Context(), "w"+strconv.Itoa(i), i == 4)
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		if _, most := watched.seen(); most > 2 {
			t.Errorf("%d calls at once", most)
		}
		var order []string
		for _, req := range f.asked() {
			if !slices.Contains(order, req.Worker) {
				order = append(order, req.Worker)
			}
		}
		if want := []string{"w0", "w1", "w4", "w2", "w3", "w5"}; !slices.Equal(order, want) {
			t.Errorf("in the order %v, want %v: who searches goes first", order, want)
		}
		for i := range 6 {
			if best := l.Book(t.Context(), "w"+strconv.Itoa(i)).Best(); best == nil || !best.Done() {
				t.Errorf("w%d was not crawled to the end", i)
			}
		}
	})
}

// watching notes when calls of crawls began, and how many there were at once.
type watching struct {
	frontline.CRM
	mu        sync.Mutex
	began     []time.Time
	now, most int
}

func (w *watching) seen() (began []time.Time, most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.began), w.most
}

func (w *watching) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	w.mu.Lock()
	w.began = append(w.began, time.Now())
	w.now++
	w.most = max(w.most, w.now)
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.now--
		w.mu.Unlock()
	}()
	if priorityOf(ctx) != crawling {
		return frontline.ListResponse{}, errors.New("a crawl went before those who wait")
	}
	return w.CRM.CustomersList(ctx, req)
}

func TestCrawlsStop(t *testing.T) {
	for name, stop := range map[string]func(context.Context, *localSearch) error{
		"when the worker is forgotten": func(ctx context.Context, s *localSearch) error { return s.Forget(ctx, "alice") },
		"at the end":                   func(ctx context.Context, s *localSearch) error { return s.Close(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := unsearchable(3000)
				s := newSearch(t, newLists(f))
				defer s.Close(t.Context())
				openList(t, s)
				time.Sleep(time.Second + time.Millisecond) // no call begins just now
				if err := stop(t.Context(), s); err != nil {
					t.Error(err)
				}
				before := f.count()
				time.Sleep(time.Minute)
				if n := f.count(); n != before || before < 3 {
					t.Errorf("%d calls, %d after it was stopped", before, n-before)
				}
			})
		})
	}
}
