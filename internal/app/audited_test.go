package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/audit"
)

// ledger is an app.Audit that keeps what it is told, in words.
type ledger struct {
	mu    sync.Mutex
	lines []string
}

func (l *ledger) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *ledger) Record(e audit.Entry) {
	l.note("%s by %q to %q: %q via %s from %s", e.Action, e.Actor, e.Subject, e.Detail, e.Via, e.Address)
}

func (l *ledger) Viewed(actor, id, name, address string) {
	l.note("view by %q of %q, %q from %s", actor, id, name, address)
}

// taken is what was told since it was last asked.
func (l *ledger) taken() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}

// auditedBench is a bench with an audit; requests come through a proxy.
func auditedBench(t testing.TB, change func(*app.Options)) (*ledger, *crm, *people, *client) {
	t.Helper()
	l := new(ledger)
	c, p, h, _ := newBench(t, func(o *app.Options) {
		o.Audit, o.TrustedProxies = l, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's peer is one
		if change != nil {
			change(o)
		}
	})
	b := stranger(t, h)
	b.header.Set("X-Forwarded-For", "198.51.100.7")
	return l, c, p, b
}

func TestDetailsThatWereShownAreWrittenDown(t *testing.T) {
	l, c, _, b := auditedBench(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "The One"}, frontline.Customer{ID: "2", DisplayName: ""})
	b.post("/signin", "identity", "alice", "password", "correct horse")
	l.taken()
	one, two := `view by "alice" of "1", "The One" from 198.51.100.7`, `view by "alice" of "2", "" from 198.51.100.7`
	for _, test := range []struct {
		name string
		ask  func() answer
		want []string
	}{
		{"the list shows nobody", func() answer { return b.get("/customers?q=one") }, nil},
		{"a page", func() answer { return b.get("/customers/1") }, []string{one}},
		{"a part of one", func() answer { return b.part("/customers/1", "detail") }, []string{one}},
		{"somebody without a name", func() answer { return b.get("/customers?id=2") }, []string{two}},
		{"somebody who is not there", func() answer { return b.get("/customers/3") }, []string{`denied by "alice" to "3": "a customer" via app from 198.51.100.7`}},
		{"no id at all", func() answer { return b.get("/customers?id=") }, nil},
		{"no content", func() answer { return b.do(httptest.NewRequest("HEAD", "/customers/1", nil)) }, nil},
		{"not there yet", func() answer { c.waits = 2; defer func() { c.waits = 0 }(); return b.get("/customers/1") }, nil},
		{"a failure", func() answer {
			c.fail = &frontline.CallbackError{Code: 48004}
			defer func() { c.fail = nil }()
			return b.get("/customers/1")
		}, nil},
		{"an old answer", func() answer { c.meta.AsOf = noon; return b.get("/customers/1") }, []string{one}},
	} {
		test.ask()
		if got := l.taken(); !slices.Equal(got, test.want) {
			t.Errorf("%s: written down is %q, want %q", test.name, got, test.want)
		}
	}
}

// A page that a browser has in store is shown without asking, so it is not given one.
func TestNobodyIsShownInAdvance(t *testing.T) {
	l, c, _, b := auditedBench(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "The One"})
	b.post("/signin", "identity", "alice", "password", "correct horse")
	l.taken()
	for name, value := range map[string]string{"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch", "X-Moz": "prefetch"} {
		r := httptest.NewRequest("GET", "/customers/1", nil)
		r.Header.Set(name, value)
		a := b.do(r)
		if a.StatusCode != http.StatusForbidden || a.body != "" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %s answers %d with %d bytes, %v", name, value, a.StatusCode, len(a.body), a.Header)
		}
	}
	if got := l.taken(); got != nil {
		t.Errorf("written down is %q", got)
	}
}

func TestASealedIDIsWrittenDownAsItIsKnown(t *testing.T) {
	l, c, _, b := auditedBench(t, func(o *app.Options) {
		o.CRM, o.Masked = hidden{o.CRM.(*crm)}, func() bool { return true }
	})
	c.add("alice", frontline.Customer{ID: sealed, DisplayName: "The One"})
	b.post("/signin", "identity", "alice", "password", "correct horse")
	l.taken()
	b.get("/customers/" + rawID)
	if got := l.taken(); len(got) != 1 || !strings.Contains(got[0], sealed) {
		t.Errorf("written down is %q", got)
	}
	c.customers["alice"][0].ID = "" // a service that does not repeat it
	c.customers["alice"] = append(c.customers["alice"], frontline.Customer{ID: "7", DisplayName: "Seven"})
	b.get("/customers/7")
	if got := l.taken(); len(got) != 1 || !strings.Contains(got[0], `of "7"`) {
		t.Errorf("written down is %q", got)
	}
}

func TestComingAndGoingIsWrittenDown(t *testing.T) {
	l, _, p, b := auditedBench(t, nil)
	p.deactivated = map[string]bool{"bob": true}
	tail := " via app from 198.51.100.7"
	step := func(name string, a answer, want ...string) {
		t.Helper()
		got := l.taken()
		for i := range want {
			want[i] += tail
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s (%d): written down is %q, want %q", name, a.StatusCode, got, want)
		}
		for _, line := range got {
			if strings.Contains(line, "horse") || strings.Contains(line, "staple") {
				t.Errorf("%s: a password is written down: %s", name, line)
			}
		}
	}
	step("a wrong password", b.post("/signin", "identity", "alice", "password", "wrong horse"), `sign-in-failed by "" to "alice": "password"`)
	step("nobody", b.post("/signin", "identity", "nobody", "password", "wrong horse"), `sign-in-failed by "" to "nobody": "password"`)
	step("nothing", b.post("/signin", "identity", "", "password", ""))
	step("a deactivated person", b.post("/signin", "identity", "bob", "password", "correct horse"), `sign-in-failed by "" to "bob": "deactivated"`)
	other := stranger(t, b.h)
	other.header = b.header
	step("another browser", other.post("/signin", "identity", "alice", "password", "correct horse"), `sign-in by "alice" to "alice": "password"`)
	step("signing in", b.post("/signin", "identity", "alice", "password", "correct horse"), `sign-in by "alice" to "alice": "password"`)
	step("ending another session", b.post("/account/sessions/revoke", "id", "session-1"), `session-ended by "alice" to "alice": ""`)
	step("ending one that is over", b.post("/account/sessions/revoke", "id", "session-1"))
	step("ending all others", b.post("/account/sessions/revoke-others"), `session-ended by "alice" to "alice": "all other sessions"`)
	step("a wrong old password", b.post("/account/password", "old", "wrong horse", "new", "battery staple", "again", "battery staple"), `sign-in-failed by "alice" to "alice": "password"`)
	step("a new password", b.post("/account/password", "old", "correct horse", "new", "battery staple", "again", "battery staple"), `person-changed by "alice" to "alice": "password changed"`)
	step("signing out", b.post("/signout"), `sign-out by "alice" to "alice": ""`)
	step("signing out again", b.post("/signout"))
	for i := 0; b.post("/signin", "identity", "alice", "password", "guess").StatusCode != http.StatusTooManyRequests; i++ {
		if i > 50 {
			t.Fatal("guessing goes on for ever")
		}
	}
	lines := l.taken()
	if last := lines[len(lines)-1]; last != `sign-in-failed by "" to "alice": "too many attempts"`+tail {
		t.Errorf("too many attempts: %s", last)
	}
}

func TestADeactivatedPersonIsToldSoForTheRightPasswordOnly(t *testing.T) {
	_, p, h, _ := newBench(t, func(o *app.Options) { o.OneTap = func(*http.Request) []string { return []string{"bob"} } })
	p.deactivated = map[string]bool{"alice": true}
	b := stranger(t, h)
	b.post("/signin", "identity", "alice", "password", "correct horse").must(t, http.StatusForbidden, []string{"Your account is deactivated."}, "Incorrect username")
	b.post("/signin", "identity", "alice", "password", "wrong").must(t, http.StatusUnauthorized, []string{"Incorrect username"}, "deactivated")
	if len(b.cookies) != 0 {
		t.Errorf("cookies %v", b.cookies)
	}
}

func TestAPasswordThatWasMadeUpIsToBeChanged(t *testing.T) {
	_, p, h, _ := newBench(t, nil)
	p.persons["alice"].Temporary = true
	b := stranger(t, h)
	a := b.post("/signin", "identity", "alice", "password", "correct horse", "next", "/customers?q=x")
	if a.Header.Get("Location") != "/account" {
		t.Errorf("signing in leads to %s", a.Header.Get("Location"))
	}
	notice := "You have a temporary password."
	b.get("/account").must(t, http.StatusOK, []string{notice, `href="#password-card"`})
	a = b.post("/account/password", "old", "correct horse", "new", "battery staple", "again", "battery staple")
	b.get(a.Header.Get("Location")).must(t, http.StatusOK, []string{"Password changed."}, notice)
	if a := stranger(t, h).post("/signin", "identity", "alice", "password", "battery staple", "next", "/customers?q=x"); a.Header.Get("Location") != "/customers?q=x" {
		t.Errorf("the next time leads to %s", a.Header.Get("Location"))
	}
}
