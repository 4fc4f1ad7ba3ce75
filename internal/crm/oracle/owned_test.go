package external

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func ask(t *testing.T, crm frontline.CRM, worker, id string) error {
	t.Helper()
	_, err := crm.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: worker, CustomerID: id})
	return err
}

// countDetails tells how often the service was asked for details.
func (f *fakeService) countDetails() int { return len(f.askedDetails()) }

func TestOnlyTheWorkersOwnCustomersAreAskedFor(t *testing.T) {
	tests := []struct {
		name, id string
		want     error
		asked    int
	}{
		{"one of the first page", "a3", nil, 1},
		{"one deep in the list", "a95", nil, 1},
		{"the last one", "a100", nil, 1},
		{"another worker's", "b1", frontline.ErrNotFound, 0},
		{"nobody's", "zzz", frontline.ErrNotFound, 0},
		{"no id at all", "", frontline.ErrNotFound, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(byToken{}, 100)
			f.set("bob", people("b", 3))
			o := newOwned(f, newLists(f), ownedOptions{})
			if err := ask(t, o, "alice", tt.id); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if n := f.countDetails(); n != tt.asked {
				t.Errorf("the service was asked for details %d times, want %d", n, tt.asked)
			}
		})
	}
}

func TestWhatASearchBroughtIsTheWorkersOwn(t *testing.T) {
	f := newFake(byToken{}, 1)
	f.set("bob", people("b", 3))
	l := newLists(f)
	o := newOwned(f, l, ownedOptions{})
	l.Book(t.Context(), "alice").Meet([]frontline.Customer{{ID: "b2"}}, time.Now())
	if err := ask(t, o, "alice", "b2"); err != nil {
		t.Errorf("a customer that a search brought: %v", err)
	}
	if n := len(f.asked()); n != 0 {
		t.Errorf("the list was walked, %d calls, for a customer that was met", n)
	}
	if err := ask(t, o, "bob", "b2"); err != nil {
		t.Errorf("the same customer for the worker who has it: %v", err)
	}
}

func TestWhatALocalSearchFoundIsTheWorkersOwn(t *testing.T) {
	f := newFake(byToken{}, 300)
	f.searchable = frontline.SearchableNo
	l := newLists(f)
	o := newOwned(newSearch(t, l), l, ownedOptions{})
	wholeList(t, l, "alice")
	found, err := o.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "00299"})
	if err != nil || len(found.Customers) != 1 {
		t.Fatal(found, err)
	}
	if _, err := l.Begin(t.Context(), "alice"); err != nil { // a newer list, of which little is known
		t.Fatal(err)
	}
	before := f.count()
	if err := ask(t, o, "alice", found.Customers[0].ID); err != nil {
		t.Errorf("a customer that was found: %v", err)
	}
	if n := f.count(); n != before {
		t.Errorf("%d calls to find out", n-before)
	}
	if err := ask(t, o, "bob", found.Customers[0].ID); !errors.Is(err, frontline.ErrNotFound) {
		t.Errorf("for another worker: %v", err)
	}
}

func TestUnknownIDs(t *testing.T) {
	t.Run("are looked for once a minute", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(byToken{}, 60)
			o := newOwned(f, newLists(f), ownedOptions{})
			for range 5 {
				if err := ask(t, o, "alice", "zzz"); !errors.Is(err, frontline.ErrNotFound) {
					t.Fatal(err)
				}
			}
			if err := ask(t, o, "alice", "yyy"); !errors.Is(err, frontline.ErrNotFound) {
				t.Fatal(err)
			}
			if n := len(f.asked()); n != 2 {
				t.Errorf("%d calls for a list of two pages", n)
			}
			f.set("alice", append(people("a", 60), frontline.Customer{ID: "zzz", DisplayName: "New"}))
			time.Sleep(absentFor)
			if err := ask(t, o, "alice", "zzz"); err != nil {
				t.Errorf("a customer who came meanwhile: %v", err)
			}
		})
	})
	t.Run("are not looked for in a whole list of just now", func(t *testing.T) {
		f := newFake(byToken{}, 60)
		l := newLists(f)
		wholeList(t, l, "alice")
		before := len(f.asked())
		if err := ask(t, newOwned(f, l, ownedOptions{}), "alice", "zzz"); !errors.Is(err, frontline.ErrNotFound) {
			t.Error(err)
		}
		if n := len(f.asked()); n != before {
			t.Errorf("%d further calls", n-before)
		}
	})
	t.Run("do not keep a service busy whose list never ends", func(t *testing.T) {
		f := newFake(newPages{}, 0)
		o := newOwned(f, newLists(f), ownedOptions{})
		if err := ask(t, o, "alice", "zzz"); !errors.Is(err, frontline.ErrNotFound) {
			t.Error(err)
		}
		if n := len(f.asked()); n > 201 {
			t.Errorf("%d calls", n)
		}
	})
	t.Run("do not keep a worker waiting for ever", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(byToken{}, 6000)
			f.slow = 3 * time.Second
			o := newOwned(f, newLists(f), ownedOptions{})
			began := time.Now()
			if err := ask(t, o, "alice", "zzz"); !errors.Is(err, frontline.ErrNotFound) {
				t.Error(err)
			}
			if took := time.Since(began); took > 61*time.Second {
				t.Errorf("it took %v", took)
			}
			// Looked for again, the walk goes on where it was.
			time.Sleep(absentFor)
			f.mu.Lock()
			before := len(f.calls)
			f.mu.Unlock()
			if err := ask(t, o, "alice", "a900"); err != nil {
				t.Error(err)
			}
			if first := f.asked()[before]; first.NextPageToken == "" {
				t.Error("it began again at the first page")
			}
		})
	})
}

func TestFailingToWalkIsThatFailureNotNotFound(t *testing.T) {
	for name, call := range map[string]int{"at the first page": 1, "in the middle": 2} {
		t.Run(name, func(t *testing.T) {
			f := newFake(byToken{}, 100)
			f.failOn(call, errTimeout)
			o := newOwned(f, newLists(f), ownedOptions{})
			if err := ask(t, o, "alice", "a100"); !errors.Is(err, errTimeout) {
				t.Errorf("got %v", err)
			}
			if err := ask(t, o, "alice", "a100"); err != nil {
				t.Errorf("asked again when the service is well: %v", err)
			}
		})
	}
	t.Run("when the caller leaves", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(byToken{}, 100)
			f.slow = time.Second
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			_, err := newOwned(f, newLists(f), ownedOptions{}).CustomerDetails(ctx, frontline.DetailsRequest{Worker: "alice", CustomerID: "a100"})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		})
	})
}

func TestManyAskForTheirOwnAtOnce(t *testing.T) {
	f := newFake(byToken{}, 90)
	f.set("bob", people("b", 90))
	o := newOwned(f, newLists(f), ownedOptions{})
	var wg sync.WaitGroup
	for i := range 40 {
		worker, other := "alice", "b"
		if i%2 == 1 {
			worker, other = "bob", "a"
		}
		wg.Go(func() {
			if err := ask(t, o, worker, worker[:1]+strconv.Itoa(1+i)); err != nil {
				t.Errorf("%s's own: %v", worker, err)
			}
			if err := ask(t, o, worker, other+strconv.Itoa(1+i)); !errors.Is(err, frontline.ErrNotFound) {
				t.Errorf("not %s's: %v", worker, err)
			}
		})
	}
	wg.Wait()
	for _, req := range f.askedDetails() {
		if req.Worker[:1] != req.CustomerID[:1] {
			t.Errorf("%s's name was given with %s", req.Worker, req.CustomerID)
		}
	}
}

// newPages has a new page for ever.
type newPages struct{}

func (newPages) page(_ []frontline.Customer, _ frontline.ListRequest, nth int) (frontline.ListResponse, error) {
	return frontline.ListResponse{Customers: people(strconv.Itoa(nth)+"-", 30), NextPageToken: strconv.Itoa(nth)}, nil
}
