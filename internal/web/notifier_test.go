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

// isClosed reports whether a channel is closed.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func TestNotifier_Changed(t *testing.T) {
	p := web.NewNotifier("full")
	first := p.Changed()
	p.Set("full")
	if isClosed(first) {
		t.Error("Set(same state) closes Changed")
	}
	p.Set("masked")
	if !isClosed(first) || p.State() != "masked" {
		t.Errorf("Set(masked): Changed closed: %v, State() = %q", isClosed(first), p.State())
	}
	second := p.Changed()
	if isClosed(second) {
		t.Error("Changed() is closed before the next change")
	}
	p.Wake()
	if !isClosed(second) || p.State() != "masked" {
		t.Errorf("Wake(): Changed closed: %v, State() = %q", isClosed(second), p.State())
	}
}

func TestNotifier_Touch(t *testing.T) {
	p := web.NewNotifier("full")
	p.SetNews(7)
	first, changed := p.News("alice")
	_, others := p.News("bob")
	p.Touch(web.NewsTopic("alice"), 9)
	if second, _ := p.News("alice"); first != 7 || second != 9 || !isClosed(changed) || isClosed(others) {
		t.Errorf("Touch(alice, 9) after SetNews(7): News(alice) = %d after %d, closed: %v, bob's closed: %v", second, first, isClosed(changed), isClosed(others))
	}
}

func TestNotifier_Close(t *testing.T) {
	p := web.NewNotifier("full")
	if !p.Acquire("alice") {
		t.Fatal("Acquire(alice) = false at first")
	}
	waiting := p.Changed()
	p.Close()
	p.Close()
	p.Wake()
	p.Set("masked")
	if !isClosed(waiting) || !isClosed(p.Changed()) || !p.Closed() {
		t.Error("Close() does not close Changed")
	}
	if p.Acquire("alice") {
		t.Error("Acquire(alice) = true after Close")
	}
}

func TestNotifier_LimitsWaitingRequests(t *testing.T) {
	p := web.NewNotifier("full")
	n := 0
	for p.Acquire(strconv.Itoa(n)) {
		if n++; n > 100_000 {
			t.Fatal("Acquire() never returns false")
		}
	}
	if n < 1000 {
		t.Errorf("Acquire() = true %d times, want 1000 or more", n)
	}
	p.Release("0")
	if !p.Acquire("alice") {
		t.Error("Acquire(alice) = false after Release(0)")
	}
}

func TestNotifier_LimitsWaitingRequestsOfOneUser(t *testing.T) {
	p := web.NewNotifier("full")
	n := 0
	for p.Acquire("mallory") {
		if n++; n > 1000 {
			t.Fatal("Acquire(mallory) never returns false")
		}
	}
	if n < 10 || !p.Acquire("alice") {
		t.Errorf("Acquire(mallory) = true %d times, want 10 or more, and then Acquire(alice) = true", n)
	}
	p.Release("mallory")
	if !p.Acquire("mallory") {
		t.Error("Acquire(mallory) = false after Release")
	}
}

// One person must not be able to make all others' pages send many requests.
func TestNotifier_WakeIsLimited(t *testing.T) {
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
			t.Errorf("Wake, 1000 times in ten seconds: %d wake-ups, want 15 to 25", n)
		}
		was := woken.Load()
		p.Wake()
		synctest.Wait()
		if woken.Load() != was+1 {
			t.Error("Wake() after a minute is delayed")
		}
		p.Wake() // not lost, though it comes right after
		time.Sleep(time.Second)
		if woken.Load() != was+2 {
			t.Error("Wake() right after another is lost")
		}
		p.Wake()
		p.Wake()
		p.Close()
	})
}

func TestQuiet(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		want   int
	}{{"success", http.StatusNoContent, 0}, {"refusal", http.StatusUnauthorized, 0}, {"failure", http.StatusServiceUnavailable, 1}} {
		var log bytes.Buffer
		observed := 0
		h := web.Instrument(func(web.Request) { observed++ })(web.Log(slog.New(slog.NewTextHandler(&log, nil)))(
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				web.Quiet(w)
				w.WriteHeader(test.status)
			})))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/pulse", nil))
		if lines := strings.Count(log.String(), "\n"); lines != test.want || observed != test.want {
			t.Errorf("GET /pulse, %s: %d lines logged, %d requests observed, want %d", test.name, lines, observed, test.want)
		}
	}
	web.Quiet(httptest.NewRecorder()) // without Log
}
