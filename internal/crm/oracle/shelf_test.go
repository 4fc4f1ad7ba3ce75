package external

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func shelfWalk(f frontline.CRM, opts shelfOptions) *walk {
	opts.Service = "s"
	if opts.Sealer == nil {
		opts.Sealer = testSealer()
	}
	return newWalk(f, newShelf(opts), walkOptions{Sealer: opts.Sealer, Now: opts.Now})
}

func TestATokenGoesOnAfterARestart(t *testing.T) {
	for name, m := range map[string]manner{"by token": byToken{}, "by anchor": byAnchor{}} {
		t.Run(name, func(t *testing.T) {
			f := newFake(m, 100)
			keeper, sealer := newMemoryKeeper(), testSealer()
			w := shelfWalk(f, shelfOptions{Blobs: keeper, Sealer: sealer})
			first, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(w.Close(t.Context()), w.shelf.Close(t.Context())); err != nil {
				t.Fatal(err)
			}
			w = shelfWalk(f, shelfOptions{Blobs: keeper, Sealer: sealer})
			rest, err := scrollOn(t, w, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
			if err != nil || !slices.Equal(rest, ids(people("a", 100)[30:])) {
				t.Errorf("after the restart %d customers came, %v", len(rest), err)
			}
			for _, req := range f.asked()[1:] {
				if req.NextPageToken == "" && req.Anchor == "" {
					t.Error("the list was asked for from the beginning")
				}
			}
		})
	}
}

func TestACopyThatCannotBeOpenedCountsAsNothingThere(t *testing.T) {
	f := newFake(byToken{}, 100)
	for name, spoil := range map[string]func(*memoryKeeper, *shelfOptions){
		"another secret": func(_ *memoryKeeper, o *shelfOptions) { o.Sealer = testSealer() },
		"not sealed":     func(k *memoryKeeper, _ *shelfOptions) { k.spoil() },
		"the Keeper is down": func(k *memoryKeeper, _ *shelfOptions) {
			k.failing = errors.New("down")
		},
		"of the other worker": func(k *memoryKeeper, _ *shelfOptions) {
			alice, bob := [3]string{"s", "alice", listCopy}, [3]string{"s", "bob", listCopy}
			k.copies[alice], k.copies[bob] = k.copies[bob], k.copies[alice]
		},
		"expired": func(_ *memoryKeeper, o *shelfOptions) {
			o.Now = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			f.set("bob", people("b", 10))
			keeper, opts := newMemoryKeeper(), shelfOptions{Sealer: testSealer(), Log: slog.New(slog.DiscardHandler)}
			opts.Blobs = keeper
			w := shelfWalk(f, opts)
			scroll(t, w, "alice")
			scroll(t, w, "bob")
			if err := w.shelf.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			spoil(keeper, &opts)
			w = shelfWalk(f, opts)
			for _, worker := range []string{"alice", "bob"} {
				if b := w.Book(t.Context(), worker); b.Current() != nil || b.Best() != nil || b.Owns("a1") || b.Owns("b1") {
					t.Errorf("%s has a book of %d customers", worker, b.Best().Len())
				}
			}
			if got := scroll(t, w, "alice"); len(got) != 100 {
				t.Errorf("%d customers came", len(got))
			}
		})
	}
}

func TestTroubleWithTheKeeperIsLoggedWithoutNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		keeper := newMemoryKeeper()
		keeper.failing = errors.New("the disk is full")
		w := shelfWalk(newFake(byToken{}, 40), shelfOptions{Blobs: keeper, Log: slog.New(slog.NewTextHandler(&log, nil))})
		for range 10 {
			scroll(t, w, "alice")
			time.Sleep(time.Second)
		}
		if err := w.shelf.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(log.String(), "the disk is full"); n != 1 {
			t.Errorf("it was logged %d times within a minute", n)
		}
		if strings.Contains(log.String(), "alice") {
			t.Error("the log names the worker")
		}
	})
}

func TestAGrowingListIsSavedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keeper := &countingKeeper{memoryKeeper: newMemoryKeeper()}
		w := shelfWalk(newFake(byToken{}, 3000), shelfOptions{Blobs: keeper})
		v, err := w.Begin(t.Context(), "alice")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if n := keeper.saves(); n != 1 {
			t.Errorf("%d saves after the first page, want 1", n)
		}
		for n := 60; n < 3000; n += 30 { // for 98 s
			if err := w.Fill(t.Context(), "alice", v, n); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if n := keeper.saves(); n < 5 || n > 11 {
			t.Errorf("%d saves in about 100 s, want one every 10 s or more", n)
		}
		if err := w.Fill(t.Context(), "alice", v, 4000); err != nil {
			t.Fatal(err)
		}
		before := keeper.saves()
		time.Sleep(time.Second)
		if n := keeper.saves() - before; n != 1 {
			t.Errorf("%d saves when it was whole, want 1", n)
		}
		if err := w.shelf.Close(t.Context()); err != nil || keeper.saves() != before+1 {
			t.Errorf("closing saved again, or failed: %v", err)
		}
	})
}

// countingKeeper counts the lists that it is given.
type countingKeeper struct {
	*memoryKeeper
	mu sync.Mutex
	n  int
}

func (k *countingKeeper) PutBlob(ctx context.Context, service, worker, name string, data []byte, expires time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if name == listCopy {
		k.n++
	}
	return k.memoryKeeper.PutBlob(ctx, service, worker, name, data, expires)
}

func (k *countingKeeper) saves() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.n
}

func TestTheShelfKeepsToItsBoundAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers, bound = 50, 100_000 // room for about four of them
		f := newFake(byToken{}, 0)
		for i := range workers {
			f.set(strconv.Itoa(i), people("c"+strconv.Itoa(i)+"-", 100))
		}
		keeper := newMemoryKeeper()
		w := shelfWalk(f, shelfOptions{Blobs: keeper, Bytes: bound})
		for i := range workers {
			scroll(t, w, strconv.Itoa(i))
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Second)
		w.shelf.mu.Lock()
		size, held := w.shelf.bytes, len(w.shelf.books)
		w.shelf.mu.Unlock()
		if size > bound || held == 0 || held > 10 {
			t.Errorf("%d books of %d bytes are held, the bound is %d", held, size, bound)
		}
		for i := range workers {
			if b := w.Book(t.Context(), strconv.Itoa(i)).Best(); b == nil || b.Len() != 100 || !b.Done() {
				t.Fatalf("the list of worker %d was lost", i)
			}
		}
		if n := len(f.asked()); n != 4*workers {
			t.Errorf("%d calls were made, want %d", n, 4*workers)
		}
		if err := w.shelf.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWithoutAKeeperTheBoundHoldsToo(t *testing.T) {
	f := newFake(byToken{}, 0)
	w := newWalk(f, newShelf(shelfOptions{Bytes: 100_000}), walkOptions{Sealer: testSealer()})
	for i := range 50 {
		f.set(strconv.Itoa(i), people("c", 100))
		scroll(t, w, strconv.Itoa(i))
	}
	if w.shelf.bytes > 100_000 {
		t.Errorf("%d bytes are held", w.shelf.bytes)
	}
}

func TestWhoIsForgottenLeavesNothing(t *testing.T) {
	f := newFake(byToken{}, 100)
	keeper := newMemoryKeeper()
	w := shelfWalk(f, shelfOptions{Blobs: keeper})
	first, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Forget(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	if b := w.Book(t.Context(), "alice"); b.Current() != nil || b.Owns("a1") {
		t.Error("the list is still held")
	}
	_, err = w.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
	if invalid := (*frontline.InvalidRequestError)(nil); !errors.As(err, &invalid) {
		t.Errorf("its token: %v", err)
	}
	if err := w.shelf.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := keeper.len(); n != 0 {
		t.Errorf("%d copies are kept", n)
	}
}

func TestWhatIsOnItsWayForWhoIsForgottenIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 100)
		f.slow = time.Second
		keeper := newMemoryKeeper()
		w := shelfWalk(f, shelfOptions{Blobs: keeper})
		forget := time.AfterFunc(500*time.Millisecond, func() {
			w.shelf.Retain(context.Background(), func(worker string) bool { return worker != "alice" })
		})
		defer forget.Stop()
		if _, err := w.Begin(t.Context(), "alice"); !errors.Is(err, errForgotten) {
			t.Errorf("the error is %v", err)
		}
		if err := w.shelf.Close(t.Context()); err != nil || w.Book(t.Context(), "alice").Current() != nil || keeper.len() != 0 {
			t.Errorf("the list is held, %v", err)
		}
	})
}

func TestOnlyWhoIsRetainedStaysInMemory(t *testing.T) {
	f := newFake(byToken{}, 100)
	f.set("bob", people("b", 10))
	f.searches = true
	w := shelfWalk(f, shelfOptions{})
	for _, worker := range []string{"alice", "bob"} {
		scroll(t, w, worker)
		if _, err := w.CustomersList(t.Context(), frontline.ListRequest{Worker: worker, Query: "0"}); err != nil {
			t.Fatal(err)
		}
	}
	w.shelf.Retain(t.Context(), func(worker string) bool { return worker == "bob" })
	if w.Book(t.Context(), "alice").Current() != nil || w.Book(t.Context(), "bob").Current() == nil {
		t.Error("the wrong one was retained")
	}
	if keys := w.shelf.searches.Keys(); len(keys) != 1 || keys[0].worker != "bob" {
		t.Errorf("searches of %v are held", keys)
	}
}

func TestABookOfAnotherSpellingIsNothing(t *testing.T) {
	f := newFake(byToken{}, 0)
	f.set("Ann@example.com", people("upper", 5))
	f.set("ann@example.com", people("lower", 5))
	keeper, sealer := newMemoryKeeper(), testSealer()
	for range 2 { // in memory, and from the BlobStore
		w := shelfWalk(f, shelfOptions{Blobs: keeper, Sealer: sealer})
		scroll(t, w, "Ann@example.com")
		if w.Book(t.Context(), "ann@example.com").Owns("upper1") {
			t.Error("a book of another spelling is held")
		}
		if got := scroll(t, w, "ann@example.com"); got[0] != "lower1" {
			t.Errorf("the list begins with %s", got[0])
		}
		if err := w.shelf.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSearchableIsLearntFromAnyAnswerAndKept(t *testing.T) {
	f := newFake(byToken{}, 40)
	keeper, sealer := newMemoryKeeper(), testSealer()
	w := shelfWalk(f, shelfOptions{Blobs: keeper, Sealer: sealer})
	told := func(req frontline.ListRequest) frontline.Searchable {
		resp, err := w.CustomersList(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Searchable
	}
	if got := told(frontline.ListRequest{Worker: "alice"}); got != frontline.SearchableUnknown {
		t.Errorf("before it said anything: %v", got)
	}
	f.searchable = frontline.SearchableYes
	told(frontline.ListRequest{Worker: "alice", Query: "x"})
	f.searchable = frontline.SearchableUnknown
	if got := told(frontline.ListRequest{Worker: "bob"}); got != frontline.SearchableYes {
		t.Errorf("said to a search of somebody else: %v", got)
	}
	if err := w.shelf.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := shelfWalk(f, shelfOptions{Blobs: keeper, Sealer: sealer}).Searchable(); got != frontline.SearchableYes {
		t.Errorf("after a restart: %v", got)
	}
}
