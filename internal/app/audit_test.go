package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/audit"
)

// auditLog is an app.Audit that collects entries as lines.
type auditLog struct {
	mu    sync.Mutex
	lines []string
}

func (l *auditLog) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

func (l *auditLog) Record(e audit.Entry) {
	l.add("%s by %q to %q: %q via %s from %s", e.Action, e.Actor, e.Subject, e.Params, e.Via, e.Address)
}

func (l *auditLog) Act(ctx context.Context, act func(ctx context.Context) ([]audit.Entry, error)) error {
	entries, err := act(ctx)
	for _, e := range entries {
		if err == nil {
			l.Record(e)
		}
	}
	return err
}

func (l *auditLog) Viewed(actor, id, name, address string) {
	l.add("view by %q of %q, %q from %s", actor, id, name, address)
}

// take returns the lines since the last call.
func (l *auditLog) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}

// newAuditedApp returns an app with an audit log, and a client behind a proxy.
func newAuditedApp(t testing.TB, change func(*app.Options)) (*auditLog, *fakeCRM, *fakeAccounts, *client) {
	t.Helper()
	l := new(auditLog)
	c, p, h, _ := newTestApp(t, func(o *app.Options) {
		o.Audit, o.TrustedProxies = l, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's peer is one
		if change != nil {
			change(o)
		}
	})
	b := newClient(t, h)
	b.header.Set("X-Forwarded-For", "198.51.100.7")
	return l, c, p, b
}

func TestAudit_RecordsViews(t *testing.T) {
	l, c, _, b := newAuditedApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "The One"}, frontline.Customer{ID: "2", DisplayName: ""})
	b.post("/signin", "identity", "alice", "password", "correct horse")
	l.take()
	one, two := `view by "alice" of "1", "The One" from 198.51.100.7`, `view by "alice" of "2", "" from 198.51.100.7`
	for _, test := range []struct {
		name string
		ask  func() response
		want []string
	}{
		{"list", func() response { return b.get("/customers?q=one") }, nil},
		{"a page", func() response { return b.get("/customers/1") }, []string{one}},
		{"a part of one", func() response { return b.getPart("/customers/1", "detail") }, []string{one}},
		{"customer without a name", func() response { return b.get("/customers?id=2") }, []string{two}},
		{"unknown customer", func() response { return b.get("/customers/3") }, []string{`denied by "alice" to "3": "what=customer" via app from 198.51.100.7`}},
		{"no id", func() response { return b.get("/customers?id=") }, nil},
		{"HEAD request", func() response { return b.do(httptest.NewRequest("HEAD", "/customers/1", nil)) }, nil},
		{"pending", func() response {
			c.pendingCount = 2
			defer func() { c.pendingCount = 0 }()
			return b.get("/customers/1")
		}, nil},
		{"a failure", func() response {
			c.fail = &frontline.CallbackError{Code: 48004}
			defer func() { c.fail = nil }()
			return b.get("/customers/1")
		}, nil},
		{"stale data", func() response { c.meta.AsOf = noon; return b.get("/customers/1") }, []string{one}},
	} {
		test.ask()
		if got := l.take(); !slices.Equal(got, test.want) {
			t.Errorf("audit lines of %s = %q, want %q", test.name, got, test.want)
		}
	}
}

// A browser shows a prefetched page without a request that could be recorded.
func TestAudit_RefusesPrefetches(t *testing.T) {
	l, c, _, b := newAuditedApp(t, nil)
	c.add("alice", frontline.Customer{ID: "1", DisplayName: "The One"})
	b.post("/signin", "identity", "alice", "password", "correct horse")
	l.take()
	for name, value := range map[string]string{"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch", "X-Moz": "prefetch"} {
		r := httptest.NewRequest("GET", "/customers/1", nil)
		r.Header.Set(name, value)
		a := b.do(r)
		if a.StatusCode != http.StatusForbidden || a.body != "" || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET with %s: %s: status %d, body of %d bytes, headers %v, want 403 without body", name, value, a.StatusCode, len(a.body), a.Header)
		}
	}
	if got := l.take(); got != nil {
		t.Errorf("recorded %q for prefetches, want nothing", got)
	}
}

func TestAudit_HandlesOfCustomers(t *testing.T) {
	l, c, _, b := newAuditedApp(t, func(o *app.Options) {
		o.CRM, o.Masked = maskingCRM{o.CRM.(*fakeCRM)}, func() bool { return true }
	})
	c.add("alice", frontline.Customer{ID: sealed, DisplayName: "The One"})
	b.post("/signin", "identity", "alice", "password", "correct horse")
	l.take()
	b.get("/customers/" + rawID)
	if got := l.take(); len(got) != 1 || !strings.Contains(got[0], sealed) {
		t.Errorf("recorded %q, want a view of %s", got, sealed)
	}
	c.customers["alice"][0].ID = "" // a CRM that does not return it
	c.customers["alice"] = append(c.customers["alice"], frontline.Customer{ID: "7", DisplayName: "Seven"})
	b.get("/customers/7")
	if got := l.take(); len(got) != 1 || !strings.Contains(got[0], `of "7"`) {
		t.Errorf("recorded %q, want a view of 7", got)
	}
}

func TestAudit_RecordsSignInAndAccountChanges(t *testing.T) {
	l, _, p, b := newAuditedApp(t, nil)
	p.deactivated = map[string]bool{"bob": true}
	tail := " via app from 198.51.100.7"
	step := func(name string, a response, want ...string) {
		t.Helper()
		got := l.take()
		for i := range want {
			want[i] += tail
		}
		if !slices.Equal(got, want) {
			t.Errorf("audit lines of %s (status %d) = %q, want %q", name, a.StatusCode, got, want)
		}
		for _, line := range got {
			if strings.Contains(line, "horse") || strings.Contains(line, "staple") {
				t.Errorf("audit lines of %s contain a password: %s", name, line)
			}
		}
	}
	step("a wrong password", b.post("/signin", "identity", "alice", "password", "wrong horse"), `sign-in-failed by "" to "alice": "method=password"`)
	step("an unknown person", b.post("/signin", "identity", "nobody", "password", "wrong horse"), `sign-in-failed by "" to "nobody": "method=password"`)
	step("nothing", b.post("/signin", "identity", "", "password", ""))
	step("a deactivated person", b.post("/signin", "identity", "bob", "password", "correct horse"), `sign-in-failed by "" to "bob": "change=deactivated"`)
	other := newClient(t, b.h)
	other.header = b.header
	step("another browser", other.post("/signin", "identity", "alice", "password", "correct horse"), `sign-in by "alice" to "alice": "method=password"`)
	step("signing in", b.post("/signin", "identity", "alice", "password", "correct horse"), `sign-in by "alice" to "alice": "method=password"`)
	step("ending another session", b.post("/account/sessions/revoke", "id", "session-1"), `session-ended by "alice" to "alice": ""`)
	step("ending one that is over", b.post("/account/sessions/revoke", "id", "session-1"))
	step("ending all others", b.post("/account/sessions/revoke-others"), `session-ended by "alice" to "alice": "sessions=others"`)
	step("a wrong old password", b.post("/account/password", "old", "wrong horse", "new", "battery staple", "again", "battery staple"), `sign-in-failed by "alice" to "alice": "method=password"`)
	step("a new password", b.post("/account/password", "old", "correct horse", "new", "battery staple", "again", "battery staple"), `person-changed by "alice" to "alice": "change=password"`)
	step("signing out", b.post("/signout"), `sign-out by "alice" to "alice": ""`)
	step("signing out again", b.post("/signout"))
	for i := 0; b.post("/signin", "identity", "alice", "password", "guess").StatusCode != http.StatusTooManyRequests; i++ {
		if i > 50 {
			t.Fatal("POST /signin is not limited")
		}
	}
	lines := l.take()
	if last := lines[len(lines)-1]; last != `sign-in-failed by "" to "alice": "reason=limited"`+tail {
		t.Errorf("too many attempts: recorded %s", last)
	}
}

// TestAudit_RecordsReplacedSessions signs bob in where alice is signed in, which ends her
// session and two of his.
func TestAudit_RecordsReplacedSessions(t *testing.T) {
	for method, signIn := range map[string]func(b *client) response{
		"password": func(b *client) response { return b.post("/signin", "identity", "bob", "password", "correct horse") },
		"demo":     func(b *client) response { return b.post("/signin", "as", "bob") },
		"provider": func(b *client) response { return b.get("/signin/provider/callback?code=bob&state=S") },
	} {
		_, l, p, b := newProviderApp(t, func(o *app.Options) { o.OneTap = func(*http.Request) []string { return []string{"bob"} } })
		b.get("/signin/provider") // in another tab
		b.post("/signin", "identity", "alice", "password", "correct horse")
		l.take()
		p.ended = 2
		signIn(b).must(t, http.StatusSeeOther, nil)
		want := []string{
			`sign-out by "alice" to "alice": "reason=replaced" via app from 198.51.100.7`,
			`sign-in by "bob" to "bob": "method=` + method + `&ended=2" via app from 198.51.100.7`,
		}
		if got := l.take(); !slices.Equal(got, want) || len(p.sessions) != 1 {
			t.Errorf("signing in with %s recorded %q and left %d sessions, want %q and 1", method, got, len(p.sessions), want)
		}
	}
}

func TestSignIn_DeactivatedAccount(t *testing.T) {
	_, p, h, _ := newTestApp(t, func(o *app.Options) { o.OneTap = func(*http.Request) []string { return []string{"bob"} } })
	p.deactivated = map[string]bool{"alice": true}
	b := newClient(t, h)
	b.post("/signin", "identity", "alice", "password", "correct horse").must(t, http.StatusForbidden, []string{"Your account is deactivated."}, "Incorrect username")
	b.post("/signin", "identity", "alice", "password", "wrong").must(t, http.StatusUnauthorized, []string{"Incorrect username"}, "deactivated")
	if len(b.cookies) != 0 {
		t.Errorf("POST /signin of a deactivated person: cookies %v, want none", b.cookies)
	}
}

func TestSignIn_TemporaryPassword(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	p.persons["alice"].PasswordExpires = noon.Add(time.Hour)
	b := newClient(t, h)
	if a := b.post("/signin", "identity", "alice", "password", "correct horse", "next", "/customers?q=x"); a.Header.Get("Location") != "/account" {
		t.Errorf("POST /signin with a temporary password: Location %s, want /account", a.Header.Get("Location"))
	}
	for _, path := range []string{"/customers?q=x", "/customers/1", "/avatars/x"} {
		if a := b.get(path); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/account" {
			t.Errorf("GET %s with a temporary password: status %d, Location %s, want 303 to /account", path, a.StatusCode, a.Header.Get("Location"))
		}
	}
	if a := b.post("/account/preferences", "theme", "dark"); a.Header.Get("Location") != "/account" || p.persons["alice"].Preferences.Theme != "" {
		t.Errorf("POST /account/preferences with a temporary password: Location %s, %+v", a.Header.Get("Location"), p.persons["alice"].Preferences)
	}
	notice := "You have a temporary password."
	b.get("/account").must(t, http.StatusOK, []string{notice, `action="/account/password"`, `action="/signout"`}, `action="/account/preferences"`, `action="/account/sessions`, `href="/customers"`)
	a := b.post("/account/password", "old", "correct horse", "new", "battery staple", "again", "battery staple")
	b.get(a.Header.Get("Location")).must(t, http.StatusOK, []string{"Password changed.", `action="/account/preferences"`}, notice)
	b.get("/customers?q=x").must(t, http.StatusOK, nil)
	p.persons["alice"].PasswordExpires = noon.Add(time.Hour)
	if a := b.post("/signout"); a.StatusCode != http.StatusSeeOther || len(b.cookies) != 0 {
		t.Errorf("POST /signout with a temporary password: status %d, cookies %v", a.StatusCode, b.cookies)
	}
	p.persons["alice"].PasswordExpires = noon
	b.post("/signin", "identity", "alice", "password", "battery staple").must(t, http.StatusForbidden, []string{"Your temporary password has expired."}, "Incorrect")
	b.post("/signin", "identity", "alice", "password", "wrong").must(t, http.StatusUnauthorized, []string{"Incorrect username"}, "expired")
}
