package external

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// A service that hands anybody's customer to anybody does not tell that one was
// given to a colleague: only that it comes no more.
func TestACustomerWhoIsSomebodyElsesByNowIsNotAskedForAfterAWeek(t *testing.T) {
	const day = 24 * time.Hour
	for name, meet := range map[string]func(*testing.T, *walk) (more func(day int)){
		"brought by a search": func(t *testing.T, w *walk) func(int) {
			if _, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "00002"}); err != nil {
				t.Fatal(err)
			}
			return func(int) {}
		},
		// Were each call to make the list younger, it could be kept for months.
		"of a list that is scrolled through very slowly": func(t *testing.T, w *walk) func(int) {
			first, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", PageSize: 30})
			if err != nil {
				t.Fatal(err)
			}
			next := first.NextPageToken
			return func(int) {
				resp, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", PageSize: 30, NextPageToken: next})
				if err == nil {
					next = resp.NextPageToken
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(byAnchor{}, 900)
				f.searches, f.searchable = true, frontline.SearchableYes
				keeper, sealer := newMemoryKeeper(), testSealer()
				open := func() (*walk, *owned) {
					w := shelfWalk(f, shelfOptions{Blobs: keeper, Sealer: sealer})
					return w, newOwned(w, w, ownedOptions{})
				}
				shut := func(w *walk) {
					if err := errors.Join(w.Close(t.Context()), w.shelf.Close(t.Context())); err != nil {
						t.Fatal(err)
					}
				}
				w, o := open()
				more := meet(t, w)
				if err := ask(t, o, "alice", "a2"); err != nil {
					t.Fatal(err)
				}
				f.set("bob", people("a", 3)[1:2])
				f.set("alice", append(people("a", 1), people("c", 900)...))
				for d := 1; d <= 6; d++ {
					time.Sleep(day)
					if _, err := w.Begin(t.Context(), "alice"); err != nil {
						t.Fatal(err)
					}
					more(d)
				}
				shut(w)
				w, o = open() // kept with its time
				if err := ask(t, o, "alice", "a2"); err != nil {
					t.Errorf("after six days: %v", err)
				}
				time.Sleep(2 * day)
				asked := f.countDetails()
				for range 2 {
					if err := ask(t, o, "alice", "a2"); !errors.Is(err, frontline.ErrNotFound) {
						t.Errorf("after eight days: %v", err)
					}
					shut(w)
					w, o = open()
				}
				if n := f.countDetails(); n != asked {
					t.Errorf("the service was asked %d times", n-asked)
				}
				if err := ask(t, o, "bob", "a2"); err != nil {
					t.Errorf("whose customer it is: %v", err)
				}
				shut(w)
			})
		})
	}
}

func TestWhatASearchBringsAgainIsRememberedAnew(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	r := newRecentIDs(3)
	r.add("a", at)
	r.add("b", at.Add(time.Hour))
	r.add("a", at.Add(2*time.Hour))
	r.add("a", at) // an old page that came late
	r.add("", at)
	r.expire(at.Add(90 * time.Minute))
	if !r.has("a") || r.has("b") || r.has("") {
		t.Errorf("remembered are %v", r.all())
	}
	for _, id := range []string{"c", "d", "e"} {
		r.add(id, at.Add(3*time.Hour))
	}
	if all := r.all(); r.has("a") || len(all) != 3 || r.bytes != 3*metBytes("c") {
		t.Errorf("remembered are %v, %d bytes", all, r.bytes)
	}
	r.expire(at.Add(4 * time.Hour))
	if len(r.all()) != 0 || len(r.known) != 0 || r.bytes != 0 {
		t.Errorf("remembered are %v, %d bytes", r.all(), r.bytes)
	}
}
