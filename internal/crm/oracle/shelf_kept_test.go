package external

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

func TestListsAreKeptInSQLite(t *testing.T) {
	db, err := sqlite.Open(t.Context(), sqlitetest.File(t), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	people := db.Accounts()
	if err := people.AddPerson(t.Context(), account.Person{Identity: "alice", Role: account.RoleWorker, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	f := newFake(byToken{}, 200)
	opts := shelfOptions{Blobs: db.Blobs(), Sealer: testSealer()}
	w := shelfWalk(f, opts)
	all := scroll(t, w, "alice")
	if err := w.shelf.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := len(f.asked())

	w = shelfWalk(f, opts)
	v := w.Book(t.Context(), "alice").Current()
	if v == nil || !v.Done() || v.Len() != 200 {
		t.Fatal("the list was lost")
	}
	first := w.Held("alice", v, 0, 30)
	rest, err := scrollOn(t, w, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
	if got := append(ids(first.Customers), rest...); err != nil || !slices.Equal(got, all) || len(f.asked()) != before {
		t.Errorf("%d customers, %v, %d calls", len(got), err, len(f.asked())-before)
	}

	// Removed by another process, as it were, while the list was about to be saved.
	w.shelf.changed(w.Book(t.Context(), "alice"), true)
	if err := people.RemovePerson(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	if err := w.shelf.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if shelfWalk(f, opts).Book(t.Context(), "alice").Current() != nil {
		t.Error("the list of somebody who was removed is kept")
	}
}

// slowKeeper takes its time to read, and counts how often it did.
type slowKeeper struct {
	*memoryKeeper
	mu    sync.Mutex
	reads map[string]int
}

func (k *slowKeeper) Blob(ctx context.Context, service, worker, name string, now time.Time) ([]byte, error) {
	k.mu.Lock()
	k.reads[worker+" "+name]++
	k.mu.Unlock()
	time.Sleep(time.Second)
	return k.memoryKeeper.Blob(ctx, service, worker, name, now)
}

func TestABookIsReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper, sealer := &slowKeeper{memoryKeeper: newMemoryKeeper(), reads: map[string]int{}}, testSealer()
		w := shelfWalk(newFake(byToken{}, 40), shelfOptions{Blobs: keeper, Sealer: sealer})
		scroll(t, w, "alice")
		if err := w.shelf.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		clear(keeper.reads)
		shelf := newShelf(shelfOptions{Service: "s", Blobs: keeper, Sealer: sealer})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if v := shelf.Book(t.Context(), "alice").Best(); v == nil || v.Len() != 40 {
					t.Error("somebody had the book before it was read")
				}
			})
		}
		all.Wait()
		for what, n := range keeper.reads {
			if n != 1 {
				t.Errorf("%s was read %d times", what, n)
			}
		}
	})
}

func TestAListIsNotCutWhenItsBookLeavesTheShelfMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 300)
		w := shelfWalk(f, shelfOptions{Blobs: newMemoryKeeper(), Bytes: 60_000})
		v, err := w.Begin(t.Context(), "alice")
		if err != nil {
			t.Fatal(err)
		}
		for n := 60; n <= 300; n += 30 {
			for i := range 5 { // others, who need the place
				f.set(strconv.Itoa(i), people("x", 200))
				scroll(t, w, strconv.Itoa(i))
				time.Sleep(time.Second)
			}
			if err := w.Fill(t.Context(), "alice", v, n); err != nil {
				t.Fatal(err)
			}
			if best := w.Book(t.Context(), "alice").Best(); best == nil || best.Len() != v.Len() {
				t.Fatalf("of %d rows the book does not know all", v.Len())
			}
		}
		if err := w.shelf.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAListThatExpiredIsNotShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 40)
		keeper, sealer := newMemoryKeeper(), testSealer()
		g, _ := lastGoodOver(t, f, keeper, sealer)
		firstPage(t, g, time.Time{})
		f.breakDown(errTimeout)
		time.Sleep(6 * 24 * time.Hour)
		if resp := firstPage(t, g, time.Time{}); len(resp.Customers) != 30 {
			t.Errorf("after 6 days %d customers are shown", len(resp.Customers))
		}
		time.Sleep(2 * 24 * time.Hour)
		if resp, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"}); err == nil {
			t.Errorf("after 8 days %d customers are shown", len(resp.Customers))
		}
		closing(t, g)
		g, _ = lastGoodOver(t, f, keeper, sealer)
		defer closing(t, g)
		if g.lists.Book(t.Context(), "alice").Current() != nil {
			t.Error("it is there again after a restart")
		}
	})
}

func TestOnlyWhatReachesFurtherIsKeptBesideTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 100)
		keeper := newMemoryKeeper()
		w := shelfWalk(f, shelfOptions{Blobs: keeper})
		for _, test := range []struct{ walk, copies int }{{100, 1}, {30, 2}, {60, 2}, {100, 1}} {
			v, err := w.Begin(t.Context(), "alice")
			if err == nil {
				err = w.Fill(t.Context(), "alice", v, test.walk)
			}
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			if n := keeper.len(); n != test.copies {
				t.Errorf("after a walk of %d, %d copies are kept, want %d", test.walk, n, test.copies)
			}
		}
		if err := w.shelf.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestOnlySoManyCustomersOfSearchesAreRemembered(t *testing.T) {
	b := newBook("alice")
	b.Meet(people("a", maxMet), time.Now())
	b.Meet(people("b", 10), time.Now())
	if !b.Owns("b10") || !b.Owns("a11") || b.Owns("a10") || b.Owns("") {
		t.Error("the first ones are remembered, or the last ones are not")
	}
}
