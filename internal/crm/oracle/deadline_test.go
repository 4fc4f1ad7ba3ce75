package external

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func TestWhatIsThereWithinASecondIsAnsweredAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newDeadline(&gauge{takes: 900 * time.Millisecond}, deadlineOptions{})
		began := time.Now()
		resp, err := p.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
		if err != nil || len(resp.Customers) != 1 || time.Since(began) != 900*time.Millisecond {
			t.Errorf("%v, %v after %v", resp, err, time.Since(began))
		}
		details, err := p.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "7"})
		if err != nil || details.Customer.ID != "7" {
			t.Errorf("%v, %v", details, err)
		}
		if s := p.Stats(); s != (DeadlineStats{}) {
			t.Errorf("left over: %+v", s)
		}
	})
}

func TestWhatTakesLongerIsPendingAndThereWhenAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 2500 * time.Millisecond}
		p := newDeadline(g, deadlineOptions{})
		began := time.Now()
		for range 2 {
			if is, after := pending(askFor(t.Context(), p, "alice")); !is || after != time.Second {
				t.Fatalf("after %v it is not pending", time.Since(began))
			}
		}
		if err := askFor(t.Context(), p, "alice"); err != nil || time.Since(began) != g.takes {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if g.calls() != 1 {
			t.Errorf("the service was asked %d times", g.calls())
		}
	})
}

func TestAnAnswerThatNobodyGotIsGivenOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
	}{
		{"a list", nil},
		{"the failure after 6 s", errTimeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &gauge{takes: 6 * time.Second, err: c.err}
				p := newDeadline(g, deadlineOptions{})
				askFor(t.Context(), p, "alice")
				time.Sleep(15 * time.Second)
				if s := p.Stats(); s.Held != 1 {
					t.Errorf("held: %+v", s)
				}
				began := time.Now()
				if err := askFor(t.Context(), p, "alice"); !errors.Is(err, c.err) || time.Since(began) != 0 {
					t.Errorf("got %v after %v", err, time.Since(began))
				}
				// "Try again" is a new question.
				g.set(0, nil)
				if err := askFor(t.Context(), p, "alice"); err != nil || g.calls() != 2 {
					t.Errorf("got %v after %d calls", err, g.calls())
				}
			})
		})
	}
}

func TestAnAnswerThatNobodyAsksForAnyMoreIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 2 * time.Second, err: errTimeout}
		p := newDeadline(g, deadlineOptions{})
		askFor(t.Context(), p, "alice")
		time.Sleep(time.Second + 20*time.Second + time.Millisecond)
		synctest.Wait()
		if s := p.Stats(); s != (DeadlineStats{}) {
			t.Errorf("left over: %+v", s)
		}
		g.set(0, nil)
		if err := askFor(t.Context(), p, "alice"); err != nil {
			t.Errorf("the old failure came back: %v", err)
		}
	})
}

func TestACallerWhoLeavesDoesNotEndTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 2 * time.Second}
		p := newDeadline(g, deadlineOptions{})
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := askFor(ctx, p, "alice"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := askFor(ctx, p, "alice"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("asked with a context that has ended: %v", err)
		}
		time.Sleep(3 * time.Second)
		if err := askFor(t.Context(), p, "alice"); err != nil || g.calls() != 1 || len(g.ended) != 0 {
			t.Errorf("got %v after %d calls, %d given up", err, g.calls(), len(g.ended))
		}
	})
}

func TestTheWorkKeepsTheValuesOfItsContext(t *testing.T) {
	p := newDeadline(asUrgent{t, refreshing}, deadlineOptions{})
	if err := askFor(withPriority(t.Context(), refreshing), p, "alice"); err != nil {
		t.Error(err)
	}
}

// asUrgent checks how urgent its questions are.
type asUrgent struct {
	t    *testing.T
	want priority
}

func (a asUrgent) CustomersList(ctx context.Context, _ frontline.ListRequest) (frontline.ListResponse, error) {
	if got := priorityOf(ctx); got != a.want {
		a.t.Errorf("urgency %d, want %d", got, a.want)
	}
	return frontline.ListResponse{}, nil
}

func (a asUrgent) CustomerDetails(context.Context, frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return frontline.DetailsResponse{}, nil
}

func TestOnlyIdenticalQuestionsShareAnAnswer(t *testing.T) {
	asOf := time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)
	lists := []frontline.ListRequest{
		{Worker: "alice"}, {Worker: "Alice"}, {Worker: "alice", PageSize: 30}, {Worker: "alice", Anchor: "x"},
		{Worker: "alice", NextPageToken: "x"}, {Worker: "alice", Query: "x"}, {Worker: "alice", NewerThan: asOf},
	}
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 2 * time.Second}
		p := newDeadline(g, deadlineOptions{})
		ask := func() {
			for _, req := range lists {
				go p.CustomersList(t.Context(), req)
			}
			go p.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "x"})
			go p.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "x", NewerThan: asOf})
		}
		ask()
		ask()
		lists[len(lists)-1].NewerThan = asOf.In(time.FixedZone("elsewhere", 3600)) // the same moment
		ask()
		synctest.Wait()
		if want := len(lists) + 2; g.calls() != want {
			t.Errorf("%d calls, want %d", g.calls(), want)
		}
		time.Sleep(time.Minute)
	})
}

func TestAPanicBecomesAnError(t *testing.T) {
	p := newDeadline(&gauge{panics: true}, deadlineOptions{})
	err := askFor(t.Context(), p, "alice")
	var called *frontline.CallbackError
	if err == nil || errors.As(err, &called) || !strings.Contains(err.Error(), "panic in a call: string") {
		t.Errorf("got %v", err)
	}
	if s := p.Stats(); s != (DeadlineStats{}) {
		t.Errorf("left over: %+v", s)
	}
}

func TestRetryAfterFollowsTheQueue(t *testing.T) {
	for _, c := range []struct{ queue, want time.Duration }{
		{0, time.Second}, {300 * time.Millisecond, time.Second}, {4 * time.Second, 4 * time.Second}, {time.Hour, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := newDeadline(&gauge{takes: 3 * time.Second}, deadlineOptions{Estimate: func(priority) time.Duration { return c.queue }})
			if is, after := pending(askFor(t.Context(), p, "alice")); !is || after != c.want {
				t.Errorf("queue of %v: retry after %v, want %v", c.queue, after, c.want)
			}
			time.Sleep(time.Minute)
		})
	}
}

func TestQuestionsUnderWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newDeadline(&gauge{takes: 5 * time.Second}, deadlineOptions{Flights: 10})
		for i := range 10 {
			go askFor(t.Context(), p, fmt.Sprint("worker ", i))
		}
		synctest.Wait()
		err := askFor(t.Context(), p, "one too many")
		if is, after := pending(err); is || after != time.Second {
			t.Errorf("got %v, retry after %v", err, after)
		}
		if is, _ := pending(askFor(t.Context(), p, "worker 3")); !is {
			t.Error("who joins a question under way is refused")
		}
		time.Sleep(5 * time.Second)
		if err := askFor(t.Context(), p, "worker 3"); err != nil {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Minute)
	})
}

func TestANewSearchTakesThePlaceOfAnEarlierOneThatNobodyWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: time.Minute}
		p := newDeadline(g, deadlineOptions{PerWorker: 4})
		for i := range 12 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // typing on
			p.CustomersList(ctx, frontline.ListRequest{Worker: "Alice@example.com", Query: strings.Repeat("x", i+1)})
			cancel()
		}
		synctest.Wait()
		if s := p.Stats(); s.UnderWay != 4 || len(g.ended) != 8 {
			t.Errorf("%+v, %d given up", s, len(g.ended))
		}
		// Those who wait are not sent away.
		for i := range 4 {
			go p.CustomersList(t.Context(), frontline.ListRequest{Worker: "bob", Query: fmt.Sprint(i)})
		}
		synctest.Wait()
		err := askFor(t.Context(), p, "bob")
		if is, after := pending(err); is || after == 0 {
			t.Errorf("got %v", err)
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		if len(p.workers) != 0 || len(p.flights) != 0 {
			t.Error("something is left over")
		}
	})
}

func TestWhatAForgottenWorkerAskedIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{takes: 2 * time.Second}
		p := newDeadline(g, deadlineOptions{})
		askFor(t.Context(), p, "Bob@example.com") // pending
		time.Sleep(2 * time.Second)               // and held
		waits := make(chan error)
		go func() { waits <- askFor(t.Context(), p, "alice") }()
		go askFor(t.Context(), p, "Bob@example.com") // gets the held one
		synctest.Wait()
		go askFor(t.Context(), p, "Bob@example.com")
		synctest.Wait()
		p.Retain(func(key string) bool { return key == "bob@example.com" })
		err := <-waits
		var unavailable *frontline.UnavailableError
		if !errors.As(err, &unavailable) || unavailable.Pending || errors.Is(err, context.Canceled) {
			t.Errorf("alice got %v", err)
		}
		if s := p.Stats(); s.UnderWay != 1 {
			t.Errorf("%+v", s)
		}
		p.Forget("bob@example.com")
		if s := p.Stats(); s != (DeadlineStats{}) {
			t.Errorf("left over: %+v", s)
		}
		if err := askFor(t.Context(), p, "alice"); err == nil {
			t.Error("answered within a second?")
		}
		time.Sleep(time.Minute)
	})
}

func TestCloseWaitsForWhatIsUnderWayAndThenGivesItUp(t *testing.T) {
	for _, c := range []struct {
		name   string
		within time.Duration
		took   time.Duration
		want   error
	}{
		{"in time", 10 * time.Second, 2 * time.Second, nil},
		{"too late", time.Second, time.Second, context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newDeadline(&gauge{takes: 3 * time.Second}, deadlineOptions{})
				askFor(t.Context(), p, "alice")
				ctx, cancel := context.WithTimeout(t.Context(), c.within)
				defer cancel()
				began := time.Now()
				if err := p.Close(ctx); !errors.Is(err, c.want) || time.Since(began) != c.took {
					t.Errorf("Close: %v after %v", err, time.Since(began))
				}
				err := askFor(t.Context(), p, "alice")
				if is, _ := pending(err); is || err == nil {
					t.Errorf("after Close: %v", err)
				}
				if s := p.Stats(); s != (DeadlineStats{}) {
					t.Errorf("left over: %+v", s)
				}
			})
		})
	}
}

func BenchmarkPatientOverAWarmAnswer(b *testing.B) {
	p := newDeadline(&instant{}, deadlineOptions{})
	b.ReportAllocs()
	for b.Loop() {
		if err := askFor(b.Context(), p, "alice@example.com"); err != nil {
			b.Fatal(err)
		}
	}
}

// instant answers at once.
type instant struct{}

func (instant) CustomersList(context.Context, frontline.ListRequest) (frontline.ListResponse, error) {
	return frontline.ListResponse{}, nil
}

func (instant) CustomerDetails(context.Context, frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return frontline.DetailsResponse{}, nil
}
