package cache_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
)

// observedBlobs counts what is stored and read of lists, and takes its time.
type observedBlobs struct {
	*crmfake.Blobs
	takes        time.Duration
	reads, saves atomic.Int64
	refused      atomic.Bool // nothing is stored any more: the worker was removed
}

func (b *observedBlobs) Blob(ctx context.Context, service, worker, name string, now time.Time) ([]byte, error) {
	if name == "list" {
		b.reads.Add(1)
	}
	time.Sleep(b.takes)
	return b.Blobs.Blob(ctx, service, worker, name, now)
}

func (b *observedBlobs) PutBlob(ctx context.Context, service, worker, name string, data []byte, expires time.Time) error {
	if name == "list" {
		b.saves.Add(1)
	}
	time.Sleep(b.takes)
	if b.refused.Load() {
		return nil
	}
	return b.Blobs.PutBlob(ctx, service, worker, name, data, expires)
}

// All of a list is written each time, so that not every page is worth it.
func TestStore_GrowingListIsStoredWhenBegunAndWhenWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blobs := &observedBlobs{Blobs: crmfake.NewBlobs()}
		s := newStack(t, crmfake.New(crmfake.ByToken(0), 3000), cache.Options{Blobs: blobs})
		req := alice
		for n := 1; n <= 100; n++ {
			resp, err := s.CustomersList(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if n < 100 && blobs.saves.Load() != 1 {
				t.Fatalf("%d saves after page %d, want 1", blobs.saves.Load(), n)
			}
			req.NextPageToken = resp.NextPageToken
		}
		s.close()
		if n := blobs.saves.Load(); n != 2 {
			t.Errorf("%d saves of a whole list, want 2", n)
		}
	})
}

func TestStore_CloseStoresWhatIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 100)
		s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs()})
		first := s.list(time.Time{})
		time.Sleep(time.Second)
		if _, err := s.page(first.NextPageToken); err != nil {
			t.Fatal(err)
		}
		s.restart()
		defer s.close()
		f.Fail(crmfake.ErrTimeout)
		if ids, err := s.walk(alice); !errors.Is(err, crmfake.ErrTimeout) || len(ids) != 60 {
			t.Errorf("walk after a restart = %d customers, %v, want the 60 that were fetched", len(ids), err)
		}
	})
}

func TestStore_IsBoundedAndLosesNothing(t *testing.T) {
	const workers, bound = 50, 100_000 // room for about four of them
	for name, blobs := range map[string]*crmfake.Blobs{"with blobs": crmfake.NewBlobs(), "without": nil} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := crmfake.New(crmfake.ByToken(0), 0)
				o := cache.Options{Bytes: bound}
				if blobs != nil {
					o.Blobs = blobs
				}
				s := newStack(t, f, o)
				defer s.close()
				for i := range workers {
					worker := fmt.Sprint("worker", i)
					f.Set(worker, crmfake.People(fmt.Sprint("c", i, "-"), 100))
					s.mustWalk(worker, 100)
					time.Sleep(time.Second)
					if n, bytes := s.store.Size(); bytes > bound || n == 0 || n > 10 {
						t.Fatalf("Size() = %d workers, %d bytes, want at most %d", n, bytes, bound)
					}
				}
				f.Fail(crmfake.ErrTimeout)
				for i := 0; blobs != nil && i < workers; i++ {
					s.mustWalk(fmt.Sprint("worker", i), 100)
				}
			})
		})
	}
}

func TestStore_ListThatLeavesMemoryWhileItGrowsIsNotCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 300)
		s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs(), Bytes: 60_000})
		defer s.close()
		resp, ids := s.list(time.Time{}), 0
		for {
			ids += len(resp.Customers)
			if resp.NextPageToken == "" {
				break
			}
			for i := range 5 { // who need the room
				worker := fmt.Sprint("worker", i)
				f.Set(worker, crmfake.People("x", 200))
				s.mustWalk(worker, 200)
				time.Sleep(time.Second)
			}
			var err error
			if resp, err = s.page(resp.NextPageToken); err != nil {
				t.Fatal(err)
			}
		}
		if ids != 300 {
			t.Errorf("walk = %d customers, want 300", ids)
		}
		time.Sleep(time.Second)
		f.Fail(crmfake.ErrTimeout)
		s.mustWalk("alice", 300)
	})
}

func TestStore_CopiesAreReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blobs := &observedBlobs{Blobs: crmfake.NewBlobs()}
		f := crmfake.New(crmfake.ByToken(0), 40)
		s := newStack(t, f, cache.Options{Blobs: blobs})
		s.mustWalk("alice", 40)
		s.restart()
		defer s.close()
		f.Fail(crmfake.ErrTimeout)
		blobs.reads.Store(0)
		blobs.takes = time.Second
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { s.mustWalk("alice", 40) })
		}
		all.Wait()
		if n := blobs.reads.Load(); n != 1 {
			t.Errorf("the list was read %d times, want once", n)
		}
	})
}

func TestStore_KeepsListThatReachesFurthestBesideTheNewest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blobs := crmfake.NewBlobs()
		s := newStack(t, crmfake.New(crmfake.ByToken(0), 100), cache.Options{Blobs: blobs})
		defer s.close()
		for _, test := range []struct{ pages, copies int }{{4, 1}, {1, 2}, {2, 2}, {4, 1}} {
			resp := s.list(time.Now())
			for range test.pages - 1 {
				resp, _ = s.page(resp.NextPageToken)
			}
			time.Sleep(time.Minute)
			if n := count(blobs, "alice", ""); n != test.copies {
				t.Errorf("%d copies after a walk of %d pages, want %d", n, test.pages, test.copies)
			}
		}
	})
}

func TestStore_SearchableIsLearntFromAnyResponseAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(0), 40)
		s := newStack(t, f, cache.Options{Blobs: crmfake.NewBlobs()})
		defer s.close()
		said := func(when string, req frontline.ListRequest, want frontline.Searchable) {
			t.Helper()
			if resp, err := s.CustomersList(t.Context(), req); err != nil || resp.Searchable != want {
				t.Errorf("CustomersList %s: Searchable = %v, %v, want %v", when, resp.Searchable, err, want)
			}
		}
		said("before it said anything", alice, frontline.SearchableUnknown)
		f.SetSearchable(frontline.SearchableYes, true)
		said("of a search", frontline.ListRequest{Worker: "alice", Query: "x"}, frontline.SearchableYes)
		f.SetSearchable(frontline.SearchableUnknown, true)
		said("of another worker", frontline.ListRequest{Worker: "bob"}, frontline.SearchableYes)
		s.restart()
		said("after a restart", frontline.ListRequest{Worker: "carol"}, frontline.SearchableYes)
	})
}
