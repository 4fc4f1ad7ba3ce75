package external

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// A detailsHouse is a lastGood in front of a service, with what it keeps in.
type detailsHouse struct {
	t      *testing.T
	f      *fakeService
	keeper *memoryKeeper
	sealer Sealer
	g      *lastGood
}

func newDetailsHouse(t *testing.T) *detailsHouse {
	h := &detailsHouse{t: t, f: newFake(byToken{}, 3), keeper: newMemoryKeeper(), sealer: testSealer()}
	h.restart()
	return h
}

// restart begins anew with what the BlobStore has.
func (h *detailsHouse) restart() { h.g = h.of("it") }

func (h *detailsHouse) of(service string) *lastGood {
	w := newWalk(h.f, newShelf(shelfOptions{}), walkOptions{Sealer: h.sealer})
	return newLastGood(w, lastGoodOptions{Service: service, Blobs: h.keeper, Sealer: h.sealer, Log: slog.New(slog.DiscardHandler)})
}

func (h *detailsHouse) ask(worker, id string, newerThan time.Time) (frontline.DetailsResponse, error) {
	return h.g.CustomerDetails(h.t.Context(), frontline.DetailsRequest{Worker: worker, CustomerID: id, NewerThan: newerThan})
}

// must answers what alice is told of a1.
func (h *detailsHouse) must() frontline.DetailsResponse {
	h.t.Helper()
	resp, err := h.ask("alice", "a1", time.Time{})
	if err != nil {
		h.t.Error(err) // not Fatal: it may be another goroutine
	}
	return resp
}

// rename gives a1 another name.
func (h *detailsHouse) rename(name string) {
	h.f.set("alice", []frontline.Customer{{ID: "a1", DisplayName: name}})
}

func (h *detailsHouse) slow(d time.Duration) {
	synctest.Wait() // nobody looks at it now
	h.f.slow = d
}

func TestDetailsThatAreOldAreShownWhileFreshOnesAreFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.rename("Ann")
		first := time.Now()
		if resp := h.must(); resp.Customer.DisplayName != "Ann" || resp.Meta != (frontline.Meta{}) {
			t.Errorf("at first: %+v", resp)
		}
		time.Sleep(time.Minute)
		h.rename("Beth")
		h.slow(200 * time.Millisecond)
		if resp := h.must(); resp.Customer.DisplayName != "Beth" || resp.Meta != (frontline.Meta{}) {
			t.Errorf("of a service that is quick: %+v", resp)
		}
		second := time.Now()
		time.Sleep(time.Minute)
		h.rename("Cleo")
		h.slow(3 * time.Second)
		began := time.Now()
		resp := h.must()
		if took := time.Since(began); took != shownAfter || resp.Customer.DisplayName != "Beth" || !resp.Meta.AsOf.Equal(second) || resp.Meta.Stale != nil {
			t.Errorf("of a service that is slow, after %v: %+v", took, resp)
		}
		resp, err := h.ask("alice", "a1", resp.Meta.AsOf)
		if took := time.Since(began); err != nil || took != 3*time.Second || resp.Customer.DisplayName != "Cleo" || resp.Meta != (frontline.Meta{}) {
			t.Errorf("asked for a newer one, after %v: %+v, %v", took, resp, err)
		}
		if n := h.f.countDetails(); n != 3 {
			t.Errorf("%d calls", n)
		}
		resp, err = h.ask("alice", "a1", first)
		if err != nil || resp.Customer.DisplayName != "Cleo" || h.f.countDetails() != 3 {
			t.Errorf("asked for one newer than long ago: %+v, %v, %d calls", resp, err, h.f.countDetails())
		}
	})
}

func TestDetailsOfAServiceThatFails(t *testing.T) {
	tests := []struct {
		name  string
		err   error
		stale bool
	}{
		{"too slow", errTimeout, true},
		{"an error status", errStatus500, true},
		{"a wrong signature", errStatus403, true},
		{"an invalid answer", errBadAnswer, true},
		{"left alone", &breakerOpenError{errStatus500}, true},
		{"unknown", frontline.ErrNotFound, false},
		{"no URL", errNoURL, false},
		{"our own queue is full", errQueueFull, false},
		{"an internal error", errors.New("oh"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newDetailsHouse(t)
				h.f.breakDown(tt.err)
				if _, err := h.ask("alice", "a1", time.Time{}); !errors.Is(err, tt.err) {
					t.Errorf("with nothing kept: %v", err)
				}
				h.f.breakDown(nil)
				h.must()
				asOf := time.Now()
				time.Sleep(time.Minute)
				h.f.breakDown(tt.err)
				for _, newerThan := range []time.Time{{}, asOf} {
					resp, err := h.ask("alice", "a1", newerThan)
					if !tt.stale {
						if !errors.Is(err, tt.err) || resp.Customer.ID != "" {
							t.Errorf("got %+v, %v", resp, err)
						}
						continue
					}
					if err != nil || resp.Customer.ID != "a1" || !resp.Meta.AsOf.Equal(asOf) || !errors.Is(resp.Meta.Stale, tt.err) {
						t.Errorf("got %+v, %v", resp, err)
					}
				}
			})
		})
	}
}

func TestACustomerThatIsUnknownNowIsKeptNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.must()
		time.Sleep(time.Minute)
		h.f.set("alice", nil)
		if _, err := h.ask("alice", "a1", time.Time{}); !errors.Is(err, frontline.ErrNotFound) {
			t.Error(err)
		}
		h.f.breakDown(errTimeout)
		if resp, err := h.ask("alice", "a1", time.Time{}); !errors.Is(err, errTimeout) {
			t.Errorf("in memory: %+v, %v", resp, err)
		}
		h.restart()
		if resp, err := h.ask("alice", "a1", time.Time{}); !errors.Is(err, errTimeout) {
			t.Errorf("in the Keeper: %+v, %v", resp, err)
		}
	})
}

func TestIdenticalQuestionsForDetailsAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.slow(time.Second)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { h.must() })
		}
		wg.Wait()
		time.Sleep(sameFor - time.Millisecond)
		h.must()
		if n := h.f.countDetails(); n != 1 {
			t.Errorf("%d calls within two seconds", n)
		}
		time.Sleep(time.Millisecond)
		h.must()
		if n := h.f.countDetails(); n != 2 {
			t.Errorf("%d calls afterwards", n)
		}
		time.Sleep(time.Second)
	})
}

func TestTheCallForDetailsGoesOnWhenItsCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.slow(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := h.g.CustomerDetails(ctx, frontline.DetailsRequest{Worker: "alice", CustomerID: "a1"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		time.Sleep(time.Second)
		if h.must(); h.f.countDetails() != 1 {
			t.Errorf("%d calls", h.f.countDetails())
		}
	})
}

func TestKeptDetailsOutliveTheProcess(t *testing.T) {
	tests := []struct {
		name string
		do   func(h *detailsHouse)
		kept bool
	}{
		{"for the worker, at once", func(h *detailsHouse) {}, true},
		{"for the worker, six days later", func(h *detailsHouse) { time.Sleep(6 * 24 * time.Hour) }, true},
		{"not for ever", func(h *detailsHouse) { time.Sleep(8 * 24 * time.Hour) }, false},
		{"not for another service", func(h *detailsHouse) { h.g = h.of("another") }, false},
		{"not under another secret", func(h *detailsHouse) { h.sealer = testSealer(); h.restart() }, false},
		{"not when they were forgotten", func(h *detailsHouse) {
			if err := h.g.Forget(h.t.Context(), "alice"); err != nil {
				h.t.Error(err)
			}
		}, false},
		{"not when they were exchanged for another customer's", func(h *detailsHouse) {
			if _, err := h.ask("alice", "a2", time.Time{}); err != nil {
				h.t.Error(err)
			}
			h.keeper.swap(detailName("a1"), detailName("a2"))
			h.restart()
		}, false},
		{"not when they are no details", func(h *detailsHouse) {
			h.keeper.spoil()
			h.restart()
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newDetailsHouse(t)
				h.must()
				time.Sleep(time.Minute)
				h.restart()
				tt.do(h)
				synctest.Wait()
				h.f.breakDown(errTimeout)
				resp, err := h.ask("alice", "a1", time.Time{})
				if tt.kept != (err == nil) || tt.kept && resp.Customer.DisplayName != "Person a 00001" {
					t.Errorf("got %+v, %v", resp, err)
				}
				if resp, err := h.ask("bob", "a1", time.Time{}); err == nil {
					t.Errorf("bob got %+v", resp)
				}
			})
		})
	}
}

// swap exchanges two copies of alice's.
func (k *memoryKeeper) swap(a, b string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	x, y := [3]string{"it", "alice", a}, [3]string{"it", "alice", b}
	k.copies[x], k.copies[y] = k.copies[y], k.copies[x]
}

// spoil changes a byte in every copy.
func (k *memoryKeeper) spoil() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for key, c := range k.copies {
		data := append([]byte(nil), c.data...)
		data[len(data)/2] ^= 1
		k.copies[key] = keptCopy{data, c.expires}
	}
}

func TestNothingOfACustomerIsReadableInTheKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.must()
		synctest.Wait()
		if h.keeper.len() == 0 {
			t.Fatal("nothing was kept")
		}
		for key, c := range h.keeper.copies {
			if all := key[2] + string(c.data); strings.Contains(all, "a1") && strings.Contains(all, "Person") || strings.Contains(string(c.data), "Person") {
				t.Errorf("under %q: %q", key, c.data)
			}
		}
	})
}

func TestSoManyDetailsAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.f.set("alice", people("a", maxDetailsViewed+50))
		for i := range maxDetailsViewed + 50 {
			if _, err := h.ask("alice", fmt.Sprint("a", i+1), time.Time{}); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if i == maxDetailsViewed/2 {
				h.restart() // the index is read from the BlobStore
			}
		}
		if n := h.keeper.len(); n != maxDetailsViewed+1 {
			t.Errorf("%d copies, with the index", n)
		}
		h.restart()
		h.f.breakDown(errTimeout)
		if _, err := h.ask("alice", "a50", time.Time{}); err == nil {
			t.Error("the oldest are kept")
		}
		if _, err := h.ask("alice", "a51", time.Time{}); err != nil {
			t.Errorf("the five hundredth from the end is not kept: %v", err)
		}
		if err := h.g.Forget(t.Context(), "alice"); err != nil || h.keeper.len() != 0 {
			t.Errorf("forgotten, %d copies are left, %v", h.keeper.len(), err)
		}
	})
}

func TestDetailsOnTheirWayToAForgottenWorkerAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.slow(time.Second)
		go h.must()
		time.Sleep(500 * time.Millisecond)
		if err := h.g.Forget(t.Context(), "alice"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		if n := h.keeper.len(); n != 0 {
			t.Errorf("%d copies", n)
		}
		h.f.breakDown(errTimeout)
		if resp, err := h.ask("alice", "a1", time.Time{}); err == nil {
			t.Errorf("got %+v", resp)
		}
	})
}

func TestTroubleWithTheKeeperFailsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.keeper.failing = errors.New("disk full")
		h.must()
		time.Sleep(time.Minute)
		h.must()
	})
}

func TestVeryLargeDetailsAreShownAndNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.rename(strings.Repeat("x", maxDetailBytes))
		if resp := h.must(); len(resp.Customer.DisplayName) != maxDetailBytes {
			t.Error("cut")
		}
		synctest.Wait()
		if n := h.keeper.len(); n != 0 {
			t.Errorf("%d copies", n)
		}
	})
}

func TestCallsForDetailsEndWithTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newDetailsHouse(t)
		h.slow(time.Hour)
		go func() {
			var unavailable *frontline.UnavailableError
			if _, err := h.ask("alice", "a1", time.Time{}); !errors.As(err, &unavailable) {
				t.Errorf("who waits hears %v", err)
			}
		}()
		time.Sleep(time.Second)
		if err := h.g.Close(t.Context()); err != nil {
			t.Error(err)
		}
		var unavailable *frontline.UnavailableError
		if _, err := h.ask("alice", "a2", time.Time{}); !errors.As(err, &unavailable) {
			t.Errorf("who comes later hears %v", err)
		}
	})
}
