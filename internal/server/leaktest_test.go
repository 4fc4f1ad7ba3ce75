package server

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// report fails the test for every leak.
func (l *leakServer) report() {
	l.t.Helper()
	if l.responses < 150 {
		l.t.Errorf("only %d responses were checked, want 150 or more", l.responses)
	}
	for i, where := range slices.Sorted(maps.Keys(l.found)) {
		if i == 30 {
			l.t.Errorf("and %d more", len(l.found)-i)
			break
		}
		l.t.Errorf("leak in %s\n\t%s", where, l.found[where])
	}
}

func TestMasking_BuiltInServiceLeaksNothing(t *testing.T) {
	t.Parallel()
	l := newLeakServer(t, true, "")
	l.walk()
	l.report()
}

func TestMasking_ExternalServiceLeaksNothing(t *testing.T) {
	for _, searchable := range []bool{true, false} {
		t.Run(fmt.Sprintf("searchable is %v", searchable), func(t *testing.T) {
			t.Parallel()
			n, at := startLeakService(t, searchable)
			l := newLeakServer(t, true, at)
			l.walk()
			for _, q := range *n.asked.Load() {
				if got := leaks(q); len(got) > 0 || strings.ContainsAny(folded(q), "0123456789") {
					t.Errorf("the service received the query %q", q)
				}
			}
			l.report()
		})
	}
}

// Responses of a failing service are not shown.
func TestMasking_FailuresLeakNothing(t *testing.T) {
	for _, mode := range []string{"500", "json", "moved", "hang up", "slow"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			n, at := startLeakService(t, true)
			l := newLeakServer(t, true, at)
			known := l.follow("ada", "/customers", 10) // caches an old response
			n.details.Store(mode)
			n.list.Store(mode)
			l.follow("ada", "/customers", 12)
			for _, target := range append(known, "/customers?newer=4000000000000", "/customers?q=zoe", "/customers/plain-1", "/customers/plain-1?newer=4000000000000") {
				l.request("ada", "GET", target, "", "")
				l.request("ada", "GET", target, "detail", "")
			}
			if mode != "slow" { // eve has nothing in the cache
				for _, target := range []string{"/customers", "/customers?q=anna", "/customers/plain-1"} {
					w := l.request("eve", "GET", target, "", "")
					for w.Header().Get("Retry-After") != "" && w.Code < 500 { // it may be back in a moment
						time.Sleep(time.Second)
						w = l.request("eve", "GET", target, "", "")
					}
					if w.Code < 500 {
						t.Errorf("GET %s with a failing service: status %d, want 5xx", target, w.Code)
					}
				}
			}
			l.checkLog()
			l.responses += 150
			l.report()
		})
	}
}

// Without masking, the same requests find the numbers.
func TestMasking_LeakTestFindsUnmasked(t *testing.T) {
	for _, own := range []bool{true, false} {
		t.Run(fmt.Sprintf("built-in is %v", own), func(t *testing.T) {
			t.Parallel()
			service := ""
			if !own {
				_, service = startLeakService(t, true)
			}
			l := newLeakServer(t, false, service)
			customers := l.follow("ada", "/customers", 400)
			if len(customers) < len(leakCustomers()) {
				t.Errorf("follow found %d customers, want %d or more", len(customers), len(leakCustomers()))
			}
			for _, target := range customers {
				if id, err := url.PathUnescape(strings.TrimPrefix(target, "/customers/")); err == nil && !strings.HasPrefix(id, "plain-") && l.found["GET "+target+" detail"] == "" {
					t.Errorf("GET %s unmasked: no number found", target)
				}
			}
			l.request("ada", "GET", "/customers?q=9786", "", "")
			if l.found["GET /customers?q=9786 "] == "" || l.found["GET /customers "] == "" {
				t.Error("GET /customers unmasked: no number found")
			}
		})
	}
}

// A worker who sees all but four digits could try 10,000 numbers.
func TestMasking_GuessingIsStopped(t *testing.T) {
	t.Parallel()
	l := newLeakServer(t, true, "")
	hits, refused := 0, 0
	for i := 9_700; i < 10_000; i++ { // the right one is among them
		number := fmt.Sprintf("+%s%04d", leakNumber[:7], i)
		body := l.get("ada", "/customers?"+url.Values{"q": {number}}.Encode(), "list").Body.String()
		switch {
		case strings.Contains(body, "data-customer-id"):
			hits++
		case strings.Contains(body, "Too many number searches"):
			refused++
		}
		if w := l.get("ada", "/customers/"+url.PathEscape("id "+number), "detail").Code; w != http.StatusNotFound {
			t.Fatalf("GET /customers/id %s: status %d, want 404", number, w)
		}
	}
	if hits > 0 || refused < 200 {
		t.Errorf("searches for 300 numbers: %d found a customer, %d were refused, want 0 and 200 or more", hits, refused)
	}
	l.checkLog()
	l.responses += 150
	l.report()
}
