package server

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// report fails for what was found.
func (l *leakServer) report() {
	l.t.Helper()
	if l.answers < 150 {
		l.t.Errorf("only %d answers were looked at: the test is blind", l.answers)
	}
	for i, where := range slices.Sorted(maps.Keys(l.found)) {
		if i == 30 {
			l.t.Errorf("and %d more", len(l.found)-i)
			break
		}
		l.t.Errorf("%s\n\ttells %s", where, l.found[where])
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
			n, at := startNumbersElsewhere(t, searchable)
			l := newLeakServer(t, true, at)
			l.walk()
			for _, q := range *n.asked.Load() {
				if got := leaks(q); len(got) > 0 || strings.ContainsAny(folded(q), "0123456789") {
					t.Errorf("the service was asked for %q", q)
				}
			}
			l.report()
		})
	}
}

// What a service says when it fails is told to nobody.
func TestMasking_FailuresLeakNothing(t *testing.T) {
	for _, manner := range []string{"500", "json", "moved", "hang up", "slow"} {
		t.Run(manner, func(t *testing.T) {
			t.Parallel()
			n, at := startNumbersElsewhere(t, true)
			l := newLeakServer(t, true, at)
			known := l.follow("ada", "/customers", 10) // so that there is an old answer
			n.details.Store(manner)
			n.list.Store(manner)
			l.follow("ada", "/customers", 12)
			for _, target := range append(known, "/customers?newer=4000000000000", "/customers?q=zoe", "/customers/plain-1", "/customers/plain-1?newer=4000000000000") {
				l.request("ada", "GET", target, "", "")
				l.request("ada", "GET", target, "detail", "")
			}
			if manner != "slow" { // of whom nothing is held
				for _, target := range []string{"/customers", "/customers?q=anna", "/customers/plain-1"} {
					if w := l.request("eve", "GET", target, "", ""); w.Code < 500 {
						t.Errorf("%s: status %d, the service does not fail", target, w.Code)
					}
				}
			}
			l.checkLog()
			l.answers += 150
			l.report()
		})
	}
}

// The same walk finds everything where nothing is masked: it is not blind.
func TestMasking_LeakTestFindsUnmasked(t *testing.T) {
	for _, own := range []bool{true, false} {
		t.Run(fmt.Sprintf("our own is %v", own), func(t *testing.T) {
			t.Parallel()
			service := ""
			if !own {
				_, service = startNumbersElsewhere(t, true)
			}
			l := newLeakServer(t, false, service)
			customers := l.follow("ada", "/customers", 400)
			if len(customers) < len(leakCustomers()) {
				t.Errorf("only %d customers were looked at", len(customers))
			}
			for _, target := range customers {
				if id, err := url.PathUnescape(strings.TrimPrefix(target, "/customers/")); err == nil && !strings.HasPrefix(id, "plain-") && l.found["GET "+target+" detail"] == "" {
					t.Errorf("nothing is found in %s", target)
				}
			}
			l.request("ada", "GET", "/customers?q=9786", "", "")
			if l.found["GET /customers?q=9786 "] == "" || l.found["GET /customers "] == "" {
				t.Error("nothing is found in the list")
			}
		})
	}
}

// Whoever sees all but four digits has 10,000 numbers to try.
func TestMasking_GuessingIsStopped(t *testing.T) {
	t.Parallel()
	l := newLeakServer(t, true, "")
	hits, refused := 0, 0
	for i := 9_000; i < 10_000; i++ { // the right one is among them
		number := fmt.Sprintf("+%s%04d", leakNumber[:7], i)
		body := l.get("ada", "/customers?"+url.Values{"q": {number}}.Encode(), "list").Body.String()
		switch {
		case strings.Contains(body, "data-customer-id"):
			hits++
		case strings.Contains(body, "Too many number searches"):
			refused++
		}
		if w := l.get("ada", "/customers/"+url.PathEscape("id "+number), "detail").Code; w != http.StatusNotFound {
			t.Fatalf("the id with %s: status %d", number, w)
		}
	}
	if hits > 0 || refused < 900 {
		t.Errorf("%d guesses hit, %d of 1,000 were refused", hits, refused)
	}
	l.checkLog()
	l.answers += 150
	l.report()
}
