package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/web"
)

// over tells whether a channel is closed.
func over(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestAPulseTellsEveryChangeOnce(t *testing.T) {
	p := web.NewNotifier("full")
	first := p.Changed()
	p.Set("full")
	if over(first) {
		t.Error("the state that held already is told as a change")
	}
	p.Set("masked")
	if !over(first) || p.State() != "masked" {
		t.Errorf("a change is not told; the state is %q", p.State())
	}
	second := p.Changed()
	if over(second) {
		t.Error("one change is told twice")
	}
	p.Wake()
	if !over(second) || p.State() != "masked" {
		t.Errorf("nobody is woken; the state is %q", p.State())
	}
}

func TestAPulseThatIsClosedKeepsNobodyWaiting(t *testing.T) {
	p := web.NewNotifier("full")
	if !p.Acquire("alice") {
		t.Fatal("the first may not wait")
	}
	waiting := p.Changed()
	p.Close()
	p.Close()
	p.Wake()
	p.Set("masked")
	if !over(waiting) || !over(p.Changed()) || !p.Closed() {
		t.Error("somebody waits for a server that stops")
	}
	if p.Acquire("alice") {
		t.Error("one more may wait")
	}
}

func TestHowManyMayWaitIsBounded(t *testing.T) {
	p := web.NewNotifier("full")
	n := 0
	for p.Acquire(strconv.Itoa(n)) {
		if n++; n > 100_000 {
			t.Fatal("any number may wait")
		}
	}
	if n < 1000 {
		t.Errorf("only %d may wait", n)
	}
	p.Release("0")
	if !p.Acquire("alice") {
		t.Error("a place that was left is not given to another")
	}
}

func TestOnePersonTakesNobodysPlace(t *testing.T) {
	p := web.NewNotifier("full")
	n := 0
	for p.Acquire("mallory") {
		if n++; n > 1000 {
			t.Fatal("one person may wait any number of times")
		}
	}
	if n < 10 || !p.Acquire("alice") {
		t.Errorf("%d of one may wait, and another none", n)
	}
	p.Release("mallory")
	if !p.Acquire("mallory") {
		t.Error("a place that was left is not given back")
	}
}

// TestManyWakesAreFew holds what one person can make all others' pages ask.
func TestManyWakesAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var woken atomic.Int32
		p := web.NewNotifier("full")
		go func() {
			for !p.Closed() {
				<-p.Changed()
				woken.Add(1)
			}
		}()
		time.Sleep(time.Minute)
		for range 1000 { // within ten seconds
			p.Wake()
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Minute)
		if n := woken.Load(); n < 15 || n > 25 {
			t.Errorf("everybody was woken %d times in ten seconds", n)
		}
		was := woken.Load()
		p.Wake()
		synctest.Wait()
		if woken.Load() != was+1 {
			t.Error("after a while nobody is woken at once")
		}
		p.Wake() // not lost, though it comes right after
		time.Sleep(time.Second)
		if woken.Load() != was+2 {
			t.Error("who is woken soon after is forgotten")
		}
		p.Wake()
		p.Wake()
		p.Close()
	})
}

func TestQuietRequestsAreNeitherLoggedNorWatchedUnlessTheyFail(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		seen   int
	}{{"an answer", http.StatusNoContent, 0}, {"a refusal", http.StatusUnauthorized, 0}, {"a failure", http.StatusServiceUnavailable, 1}} {
		var log bytes.Buffer
		seen := 0
		h := web.Instrument(func(web.Request) { seen++ })(web.Log(slog.New(slog.NewTextHandler(&log, nil)))(
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				web.Quiet(w)
				w.WriteHeader(test.status)
			})))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/pulse", nil))
		if lines := strings.Count(log.String(), "\n"); lines != test.seen || seen != test.seen {
			t.Errorf("%s: %d lines, watched %d times, want %d", test.name, lines, seen, test.seen)
		}
	}
	web.Quiet(httptest.NewRecorder()) // nothing logs it
}
