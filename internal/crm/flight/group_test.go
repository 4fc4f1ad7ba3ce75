package flight_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/flight"
)

// calls runs calls that take a while, and counts them.
type calls struct {
	group  flight.Group
	kind   *flight.Kind
	takes  time.Duration
	err    error
	begun  atomic.Int64
	cancel atomic.Int64 // how many noticed that they were cancelled
}

// do waits for a call at most as long as said; see flight.Do.
func (c *calls) do(ctx context.Context, owner, key string, wait time.Duration) (int64, error) {
	return flight.Do(ctx, &c.group, c.kind, owner, key, wait, func(ctx context.Context) (int64, error) {
		n := c.begun.Add(1)
		select {
		case <-time.After(c.takes):
			return n, c.err
		case <-ctx.Done():
			c.cancel.Add(1)
			return 0, ctx.Err()
		}
	})
}

// count returns the calls under way, the results held, the calls begun and those
// cancelled.
func (c *calls) count() [4]int {
	underWay, held := c.group.Count(c.kind)
	return [4]int{underWay, held, int(c.begun.Load()), int(c.cancel.Load())}
}

// isUnavailable reports whether err tells that there is no result now, and not that the
// caller's own context has ended.
func isUnavailable(err error) bool {
	var unavailable *frontline.UnavailableError
	return errors.As(err, &unavailable) && !unavailable.Pending && !errors.Is(err, context.Canceled)
}

var (
	attached = &flight.Kind{Name: "attached"}
	detached = &flight.Kind{Name: "detached", Detached: true, Hold: 20 * time.Second}
)

func TestGroup_JoinsIdenticalCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{kind: attached, takes: time.Second}
		results := make(chan int64, 50)
		for range cap(results) {
			go func() {
				n, err := c.do(t.Context(), "alice", "key", 0)
				if err != nil {
					t.Errorf("Do: %v", err)
				}
				results <- n
			}()
		}
		for range cap(results) {
			if n := <-results; n != 1 {
				t.Errorf("Do = result of call %d, want 1", n)
			}
		}
		if n, _ := c.do(t.Context(), "alice", "key", 0); n != 2 {
			t.Errorf("Do after the call = result of call %d, want 2", n)
		}
		if got, want := c.count(), [4]int{0, 0, 2, 0}; got != want {
			t.Errorf("under way, held, begun, cancelled = %v, want %v", got, want)
		}
	})
}

func TestGroup_AttachedCallEndsWithItsLastWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{kind: attached, takes: 10 * time.Second}
		first, cancelFirst := context.WithCancel(t.Context())
		second, cancelSecond := context.WithCancel(t.Context())
		errs := make(chan error)
		for _, ctx := range []context.Context{first, second} {
			go func() { _, err := c.do(ctx, "alice", "key", 0); errs <- err }()
			synctest.Wait()
		}
		for i, cancel := range []func(){cancelFirst, cancelSecond} {
			cancel()
			if err := <-errs; !errors.Is(err, context.Canceled) {
				t.Errorf("Do of a caller that has gone: %v, want its context's error", err)
			}
			synctest.Wait()
			if got, want := c.count(), [4]int{1 - i, 0, 1, i}; got != want {
				t.Errorf("under way, held, begun, cancelled = %v, want %v", got, want)
			}
		}
		if _, err := c.do(second, "alice", "key", 0); !errors.Is(err, context.Canceled) || c.begun.Load() != 1 {
			t.Errorf("Do with an ended context: %v, %d calls, want its error and no call", err, c.begun.Load())
		}
	})
}

// A cancelled call may take its time to end. An identical one must not get its error.
func TestGroup_CancelledCallIsNotJoined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group flight.Group
		defer group.Close(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		flight.Do(ctx, &group, attached, "alice", "key", 0, func(ctx context.Context) (int, error) {
			time.Sleep(time.Minute)
			return 0, ctx.Err()
		})
		n, err := flight.Do(t.Context(), &group, attached, "alice", "key", 0, func(context.Context) (int, error) { return 1, nil })
		if n != 1 || err != nil {
			t.Errorf("Do = %d, %v, want the result of a new call", n, err)
		}
	})
}

func TestGroup_DetachedCallGoesOnAndItsResultIsHeldOnce(t *testing.T) {
	failure := errors.New("the service failed")
	for name, want := range map[string]error{"result": nil, "failure": failure} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &calls{kind: detached, takes: 6 * time.Second, err: want}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if _, err := c.do(ctx, "alice", "key", 0); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Do of a caller that has gone: %v", err)
				}
				if _, err := c.do(t.Context(), "alice", "key", time.Second); err != flight.ErrUnderWay {
					t.Errorf("Do for a second: %v, want %v", err, flight.ErrUnderWay)
				}
				time.Sleep(c.takes + 19*time.Second - 2*time.Second)
				if got, want := c.count(), [4]int{0, 1, 1, 0}; got != want {
					t.Errorf("under way, held, begun, cancelled = %v, want %v", got, want)
				}
				began := time.Now()
				if n, err := c.do(t.Context(), "alice", "key", 0); n != 1 || err != want || time.Since(began) != 0 {
					t.Errorf("Do = %d, %v after %v, want the held result at once", n, err, time.Since(began))
				}
				if n, _ := c.do(t.Context(), "alice", "key", 0); n != 2 {
					t.Errorf("Do again = result of call %d, want 2", n)
				}
				c.do(t.Context(), "alice", "key", -1) // only begins a call
				time.Sleep(c.takes + 20*time.Second + time.Millisecond)
				if got, want := c.count(), [4]int{0, 0, 3, 0}; got != want {
					t.Errorf("under way, held, begun, cancelled after 20 s = %v, want %v", got, want)
				}
			})
		})
	}
}

// A result that comes in the moment in which its caller stops waiting is either
// returned or held.
func TestGroup_ResultAtTheEndOfTheWaitIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{kind: detached, takes: time.Second}
		for i := range int64(300) {
			n, err := c.do(t.Context(), "alice", "key", c.takes)
			if err == flight.ErrUnderWay {
				n, err = c.do(t.Context(), "alice", "key", 0)
			}
			if n != i+1 || err != nil {
				t.Fatalf("Do = %d, %v, want the result of call %d", n, err, i+1)
			}
		}
	})
}

func TestGroup_CallBeyondItsTimeIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{kind: &flight.Kind{Name: "bounded", Detached: true, Within: 5 * time.Second}, takes: time.Minute}
		began := time.Now()
		if _, err := c.do(t.Context(), "alice", "key", 0); !isUnavailable(err) || time.Since(began) != c.kind.Within {
			t.Errorf("Do: %v after %v, want a *frontline.UnavailableError after %v", err, time.Since(began), c.kind.Within)
		}
	})
}

func TestGroup_OldestIdleCallOfAnOwnerGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{kind: &flight.Kind{Name: "bounded", Detached: true, Hold: time.Hour, PerOwner: 4}, takes: time.Minute}
		go c.do(t.Context(), "alice", "awaited", 0)
		synctest.Wait()
		for i := range 12 {
			c.do(t.Context(), "alice", fmt.Sprint(i), -1)
			synctest.Wait()
		}
		if got, want := c.count(), [4]int{4, 0, 13, 9}; got != want {
			t.Errorf("under way, held, begun, cancelled = %v, want %v", got, want)
		}
		for _, key := range []string{"awaited", "9", "10", "11"} { // joined: none of them was cancelled
			go c.do(t.Context(), "alice", key, 0)
		}
		synctest.Wait()
		if got := c.begun.Load(); got != 13 {
			t.Errorf("%d calls begun, want those that are left joined", got)
		}
		if _, err := c.do(t.Context(), "alice", "one more", 0); !isUnavailable(err) {
			t.Errorf("Do beside calls that are all awaited: %v, want a *frontline.UnavailableError", err)
		}
		if _, err := c.do(t.Context(), "bob", "key", time.Second); err != flight.ErrUnderWay {
			t.Errorf("Do of another owner: %v, want %v", err, flight.ErrUnderWay)
		}
		time.Sleep(time.Minute)
		if got, want := c.count(), [4]int{0, 1, 14, 9}; got != want { // bob's is held
			t.Errorf("under way, held, begun, cancelled = %v, want %v", got, want)
		}
	})
}

// A cancelled call that has not ended yet has its successor already.
func TestGroup_CancelledCallsDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group flight.Group
		var cancelled atomic.Int64
		kind := &flight.Kind{Name: "bounded", Detached: true, PerOwner: 2}
		for i := range 10 {
			flight.Do(t.Context(), &group, kind, "alice", fmt.Sprint(i), -1, func(ctx context.Context) (int, error) {
				<-ctx.Done()
				cancelled.Add(1)
				time.Sleep(time.Minute)
				return 0, nil
			})
		}
		synctest.Wait()
		if got := cancelled.Load(); got != 8 {
			t.Errorf("%d calls cancelled, want 8", got)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		group.Close(ended)
		time.Sleep(time.Minute)
	})
}

func TestGroup_CallsOfAllOwnersAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{kind: &flight.Kind{Name: "bounded", Detached: true, Total: 10}, takes: time.Minute}
		defer c.group.Close(t.Context())
		for i := range 10 {
			c.do(t.Context(), fmt.Sprint("worker ", i), "key", -1)
		}
		if _, err := c.do(t.Context(), "one more", "key", -1); !isUnavailable(err) {
			t.Errorf("Do beyond the bound: %v, want a *frontline.UnavailableError", err)
		}
		if _, err := c.do(t.Context(), "worker 3", "key", 0); err != nil {
			t.Errorf("Do that joins a call: %v", err)
		}
	})
}

func TestGroup_PanicAndGoexitAreErrors(t *testing.T) {
	var empty []int
	i := 3
	for name, c := range map[string]struct {
		run  func()
		want string
	}{
		"panic":         {func() { panic("jane roe") }, "panic in a call: string"},
		"runtime error": {func() { _ = empty[i] }, "index out of range"},
		"Goexit":        {runtime.Goexit, "without a result"},
	} {
		t.Run(name, func(t *testing.T) {
			var group flight.Group
			_, err := flight.Do(t.Context(), &group, attached, "alice", "key", 0, func(context.Context) (int, error) {
				c.run()
				return 1, nil
			})
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "jane") {
				t.Errorf("Do: %v, want %q and nothing of the value", err, c.want)
			}
			if err := group.Close(t.Context()); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

// The inner call is begun by the outer one, as a call to a service by a background fetch.
func TestGroup_PriorityIsThatOfTheMostUrgentWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group flight.Group
		inner := make(chan context.Context, 1)
		do := func(ctx context.Context) {
			flight.Do(ctx, &group, detached, "alice", "outer", 0, func(ctx context.Context) (int, error) {
				return flight.Do(ctx, &group, attached, "alice", "inner", 0, func(ctx context.Context) (int, error) {
					inner <- ctx
					time.Sleep(time.Minute)
					return 0, nil
				})
			})
		}
		go do(crm.WithPriority(t.Context(), crm.Background))
		ctx := <-inner
		expect := func(when string, want crm.Priority) {
			t.Helper()
			synctest.Wait()
			if got := crm.PriorityOf(ctx); got != want {
				t.Errorf("PriorityOf %s = %d, want %d", when, got, want)
			}
		}
		expect("a background call", crm.Background)
		go do(crm.WithPriority(t.Context(), crm.Refreshing))
		expect("a call that is also a refresh", crm.Refreshing)
		worker, cancel := context.WithCancel(t.Context())
		go do(worker)
		expect("a call that a worker waits for", crm.Waiting)
		cancel()
		expect("a call that the worker has left", crm.Refreshing)
		time.Sleep(time.Hour)
	})
}

func TestGroup_ForgetDropsAfterTheLastCallHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group flight.Group
		var order []string
		c := &calls{kind: detached, takes: time.Second}
		c.do(t.Context(), "bob", "held", -1)
		time.Sleep(2 * time.Second)
		slow := func(ctx context.Context) (int, error) {
			<-ctx.Done()
			time.Sleep(time.Second) // it notices late
			order = append(order, "ended")
			return 1, nil
		}
		errs := make(chan error)
		go func() { _, err := flight.Do(t.Context(), &group, detached, "alice", "key", 0, slow); errs <- err }()
		synctest.Wait()
		go func() {
			errs <- group.Forget(t.Context(), "alice", func() error {
				order = append(order, "dropped")
				time.Sleep(time.Second)
				return nil
			})
		}()
		synctest.Wait()
		for range 2 { // while it waits, and while it drops
			if _, err := flight.Do(t.Context(), &group, detached, "alice", "new", 0, slow); !isUnavailable(err) {
				t.Errorf("Do during Forget: %v, want a *frontline.UnavailableError", err)
			}
			time.Sleep(1500 * time.Millisecond)
			synctest.Wait()
			if len(order) == 1 {
				t.Fatal("Forget did not drop")
			}
		}
		for range 2 {
			if err := <-errs; err != nil {
				t.Errorf("Forget, or the call: %v", err)
			}
		}
		if want := []string{"ended", "dropped"}; !slices.Equal(order, want) {
			t.Errorf("order = %q, want %q", order, want)
		}
		if _, err := flight.Do(t.Context(), &group, detached, "alice", "new", 0, func(context.Context) (int, error) { return 1, nil }); err != nil {
			t.Errorf("Do after Forget: %v", err)
		}
		// A held result is dropped as well, and others keep theirs.
		c.group.Forget(t.Context(), "alice", func() error { return nil })
		if got := c.group.Owners(); !slices.Equal(got, []string{"bob"}) {
			t.Errorf("Owners() = %q, want bob", got)
		}
		c.group.Forget(t.Context(), "bob", func() error { return nil })
		if got := c.group.Owners(); len(got) != 0 {
			t.Errorf("Owners() = %q, want none", got)
		}
	})
}

func TestGroup_ForgetDoesNotDropBeforeCallsHaveEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group flight.Group
		defer group.Close(t.Context())
		flight.Do(t.Context(), &group, detached, "alice", "key", -1, func(context.Context) (int, error) {
			time.Sleep(time.Minute)
			return 0, nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := group.Forget(ctx, "alice", func() error { t.Error("dropped"); return nil })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Forget: %v, want the error of its context", err)
		}
	})
}

func TestGroup_CloseWaitsAndThenCancels(t *testing.T) {
	for name, c := range map[string]struct {
		within, took time.Duration
		want         error
	}{
		"in time":  {10 * time.Second, 3 * time.Second, nil},
		"too late": {time.Second, time.Second, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := &calls{kind: detached, takes: 3 * time.Second}
				calls.do(t.Context(), "alice", "held", -1)
				time.Sleep(4 * time.Second)
				calls.do(t.Context(), "alice", "key", -1)
				ctx, cancel := context.WithTimeout(t.Context(), c.within)
				defer cancel()
				began := time.Now()
				if err := calls.group.Close(ctx); !errors.Is(err, c.want) || time.Since(began) != c.took {
					t.Errorf("Close: %v after %v, want %v after %v", err, time.Since(began), c.want, c.took)
				}
				if _, err := calls.do(t.Context(), "alice", "key", 0); !isUnavailable(err) {
					t.Errorf("Do after Close: %v, want a *frontline.UnavailableError", err)
				}
				synctest.Wait()
				if got := calls.count(); got[0] != 0 || got[1] != 0 {
					t.Errorf("after Close %d calls are under way and %d results held", got[0], got[1])
				}
			})
		})
	}
}

func TestGroup_CloseDoesNotWaitForACallThatIgnoresItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group flight.Group
		flight.Do(t.Context(), &group, detached, "alice", "key", -1, func(context.Context) (int, error) {
			time.Sleep(time.Hour)
			return 0, nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		if err := group.Close(ctx); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("Close: %v after %v, want the context's error after a second", err, time.Since(began))
		}
		time.Sleep(time.Hour)
	})
}
