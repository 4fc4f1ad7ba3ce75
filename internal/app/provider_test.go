package app_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
)

// fakeProvider is an app.Provider that asserts the identity in the query.
type fakeProvider struct {
	passwordsOff     bool
	fail             error
	logout           string
	begins           int
	reauthentication bool // whether BeginReauthentication was called last
	// callback and after are the last arguments of Begin and Logout.
	callback, after string
}

func (p *fakeProvider) Name() string { return "idp.example" }

func (p *fakeProvider) Begin(_ context.Context, callback string) (redirectURL, sealed string, err error) {
	p.begins++
	p.callback, p.reauthentication = callback, false
	return "https://idp.example/authorize?state=S", "SEALED", p.fail
}

func (p *fakeProvider) BeginReauthentication(ctx context.Context, callback string) (redirectURL, sealed string, err error) {
	redirectURL, sealed, err = p.Begin(ctx, callback)
	p.reauthentication = true
	return redirectURL, sealed, err
}

func (p *fakeProvider) Finish(_ context.Context, callback, sealed string, query url.Values) (account.Assertion, error) {
	switch {
	case p.fail != nil:
		return account.Assertion{}, p.fail
	case sealed != "SEALED" || callback != p.callback || query.Get("state") != "S":
		return account.Assertion{}, account.ErrSignInExpired
	case query.Has("error"):
		return account.Assertion{}, account.ErrCanceled
	}
	who := query.Get("code")
	a := account.Assertion{Issuer: "https://idp.example", Subject: "sub-" + who, Identity: who, IdentityVerified: !query.Has("unverified"), Reauthentication: p.reauthentication}
	if !query.Has("untimed") {
		a.AuthTime = noon
	}
	return a, nil
}

func (p *fakeProvider) VerifyLogout(_ context.Context, logoutToken string) (account.Assertion, error) {
	if p.fail != nil {
		return account.Assertion{}, p.fail
	}
	return account.Assertion{Issuer: "https://idp.example", Subject: logoutToken}, nil
}

func (p *fakeProvider) Logout(after string) string {
	p.after = after
	return p.logout
}

func (p *fakeProvider) PasswordsOff() bool { return p.passwordsOff }

// newProviderApp returns an app with an identity provider and an audit log.
func newProviderApp(t testing.TB, change func(*app.Options)) (*fakeProvider, *auditLog, *fakeAccounts, *client) {
	t.Helper()
	provider := new(fakeProvider)
	l, _, p, b := newAuditedApp(t, func(o *app.Options) {
		o.Provider = provider
		if change != nil {
			change(o)
		}
	})
	return provider, l, p, b
}

// signInWithProvider begins a sign-in for next and calls back with query.
func (b *client) signInWithProvider(next, query string) redirect {
	b.t.Helper()
	b.get("/signin/provider?next=" + url.QueryEscape(next))
	return redirect{b.get("/signin/provider/callback?" + query)}
}

// redirect is a response that redirects.
type redirect struct{ response }

func (a redirect) location() string { return a.Header.Get("Location") }

func TestProvider_SignIn(t *testing.T) {
	provider, _, p, b := newProviderApp(t, nil)
	b.get("/signin?next=/account").must(t, http.StatusOK, []string{
		`href="/signin/provider?next=%2Faccount"`, "Sign in with <bdi>idp.example</bdi>", "or with a password", `name="password"`}, "autofocus")
	a := b.get("/signin/provider?next=/account")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "https://idp.example/authorize?state=S" || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("GET /signin/provider: status %d, headers %v", a.StatusCode, a.Header)
	}
	if provider.callback != "http://example.com/signin/provider/callback" {
		t.Errorf("Begin() got callback %s", provider.callback)
	}
	a = b.get("/signin/provider/callback?code=alice&state=S")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/account" {
		t.Fatalf("callback: status %d, Location %s, want 303, /account", a.StatusCode, a.Header.Get("Location"))
	}
	if len(b.cookies) != 1 || len(p.sessions) != 1 {
		t.Errorf("after the callback: cookies %v, %d sessions, want one each", b.cookies, len(p.sessions))
	}
	b.get("/account").must(t, http.StatusOK, []string{">alice</bdi>", "You sign in with idp.example."})
	if a := b.get("/signin/provider?next=/customers?q=x"); a.Header.Get("Location") != "/customers?q=x" || provider.begins != 1 {
		t.Errorf("GET /signin/provider when signed in: Location %s, Begin() called %d times", a.Header.Get("Location"), provider.begins)
	}
}

func TestProvider_EndsSessions(t *testing.T) {
	provider, l, p, b := newProviderApp(t, nil)
	b.signInWithProvider("/customers", "code=alice&state=S")
	l.take()
	idp := newClient(t, b.h)
	end := func(token string, status int) {
		t.Helper()
		a := idp.post("/signin/provider/logout", "logout_token", token)
		if a.StatusCode != status || a.Header.Get("Cache-Control") != "no-store" || a.body != "" {
			t.Errorf("POST /signin/provider/logout: status %d, headers %v, body %q, want %d, no-store, none", a.StatusCode, a.Header, a.body, status)
		}
	}
	provider.fail = account.ErrProviderRefused
	end("sub-alice", http.StatusBadRequest)
	provider.fail = nil
	end("sub-unknown", http.StatusOK)
	if entries := l.take(); len(p.sessions) != 1 || len(entries) != 0 {
		t.Errorf("after other tokens: %d sessions, audit %v, want alice's", len(p.sessions), entries)
	}
	end("sub-alice", http.StatusOK)
	if entries := strings.Join(l.take(), "\n"); len(p.sessions) != 0 || !strings.Contains(entries, "alice") {
		t.Errorf("after alice's: %d sessions, audit %s", len(p.sessions), entries)
	}
}

// TestProvider_LimitsLogouts uses up the attempts of an address with forged logout tokens,
// and with passwords: neither stops the other.
func TestProvider_LimitsLogouts(t *testing.T) {
	forged := func(p *fakeProvider, b *client) int {
		p.fail = account.ErrProviderRefused
		defer func() { p.fail = nil }()
		return b.post("/signin/provider/logout", "logout_token", "forged").StatusCode
	}
	wrong := func(_ *fakeProvider, b *client) int {
		return b.post("/signin", "identity", rand.Text(), "password", "guess").StatusCode
	}
	logout := func(b *client) int {
		return b.post("/signin/provider/logout", "logout_token", "sub-alice").StatusCode
	}
	signIn := func(b *client) int {
		return b.post("/signin", "identity", "alice", "password", "correct horse").StatusCode
	}
	for name, c := range map[string]struct {
		attempt    func(*fakeProvider, *client) int
		allowed    func(*client) int
		wantStatus int
	}{
		"forged tokens":   {forged, signIn, http.StatusSeeOther},
		"wrong passwords": {wrong, logout, http.StatusOK},
	} {
		provider, _, _, b := newProviderApp(t, nil)
		for range 100 {
			if status := logout(b); status != http.StatusOK {
				t.Fatalf("POST /signin/provider/logout: status %d, want %d however many", status, http.StatusOK)
			}
		}
		n := 0
		for n < 100 && c.attempt(provider, b) != http.StatusTooManyRequests {
			n++
		}
		if n != 30 {
			t.Errorf("%d %s, want a limit of 30", n, name)
		}
		if status := c.allowed(b); status != c.wantStatus {
			t.Errorf("after too many %s: status %d of the other, want %d", name, status, c.wantStatus)
		}
	}
}

func TestProvider_Confirm(t *testing.T) {
	provider, l, p, b := newProviderApp(t, nil)
	b.signInWithProvider("/customers", "code=alice&state=S")
	until := func() time.Time {
		t.Helper()
		for _, s := range p.sessions {
			return s.ConfirmedUntil
		}
		t.Fatal("the session has ended")
		return time.Time{}
	}
	confirm := func(query string) response {
		t.Helper()
		if a := b.get("/signin/provider/confirm"); a.StatusCode != http.StatusSeeOther || !provider.reauthentication {
			t.Fatalf("GET /signin/provider/confirm: status %d, asked again: %v", a.StatusCode, provider.reauthentication)
		}
		return b.get(b.get("/signin/provider/callback?" + query).Header.Get("Location"))
	}
	confirm("code=bob&state=S").must(t, http.StatusOK, []string{">alice</bdi>", "That was another account"}, "Confirmed.")
	if entries := strings.Join(l.take(), "\n"); !until().IsZero() || !strings.Contains(entries, "sign-in-failed") {
		t.Errorf("after another's sign-in: confirmed until %v, audit\n%s", until(), entries)
	}
	confirm("code=alice&state=S&untimed").must(t, http.StatusOK, []string{"idp.example doesn’t say when you signed in there", "Confirm with your password"}, "Confirmed.")
	if entries := l.take(); !until().IsZero() || len(entries) != 0 {
		t.Errorf("after a sign-in without a time: confirmed until %v, audit %v, want none", until(), entries)
	}
	confirm("code=alice&state=S").must(t, http.StatusOK, []string{"Confirmed. Go back to the other tab"})
	if want := noon.Add(account.ConfirmationLife); !until().Equal(want) || len(p.sessions) != 1 {
		t.Errorf("after signing in again: confirmed until %v, want %v; %d sessions, want 1", until(), want, len(p.sessions))
	}
	newClient(t, b.h).get("/signin/provider/confirm").must(t, http.StatusSeeOther, nil)
	r := httptest.NewRequest("GET", "/signin/provider/confirm", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	b.do(r).must(t, http.StatusForbidden, nil)
}

func TestProvider_FailedSignIn(t *testing.T) {
	for _, test := range []struct {
		name, query, says string
		change            func(*fakeProvider, *fakeAccounts)
		written           string
	}{
		{name: "cancelled", query: "error=access_denied&state=S", says: "Sign-in with idp.example was canceled."},
		{name: "the wrong state", query: "code=alice&state=X", says: "This sign-in took too long or started in another browser."},
		{name: "not reachable", query: "code=alice&state=S", says: "Can’t reach idp.example right now.", change: func(i *fakeProvider, _ *fakeAccounts) { i.fail = account.ErrProviderDown }},
		{name: "refused", query: "code=alice&state=S", says: "idp.example denied access.", change: func(i *fakeProvider, _ *fakeAccounts) { i.fail = account.ErrProviderRefused }, written: `to "": "method=provider"`},
		{name: "email not verified", query: "code=alice&unverified&state=S", says: "idp.example didn’t confirm your identity", written: `to "alice": "reason=unverified"`},
		{name: "no account", query: "code=mallory&state=S", says: "you don’t have an account here yet", written: `to "mallory": "reason=unknown"`},
		{name: "deactivated", query: "code=bob&state=S", says: "Your account is deactivated.", change: func(_ *fakeProvider, p *fakeAccounts) { p.deactivated = map[string]bool{"bob": true} }, written: `to "bob": "change=deactivated"`},
		{name: "another's", query: "code=alice&state=S", says: "linked to another idp.example account", change: func(_ *fakeProvider, p *fakeAccounts) { p.persons["alice"].Subject = "other" }, written: `to "alice": "reason=linked-elsewhere"`},
		{name: "the store is down", query: "code=alice&state=S", says: "Sign-in isn’t available right now.", change: func(_ *fakeProvider, p *fakeAccounts) { p.fail = account.ErrUnavailable }},
		{name: "anything else", query: "code=alice&state=S", says: "Sign-in isn’t available right now.", change: func(i *fakeProvider, _ *fakeAccounts) { i.fail = errors.New("secret reasons") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			provider, l, p, b := newProviderApp(t, nil)
			b.get("/signin/provider?next=/account")
			if test.change != nil {
				test.change(provider, p)
			}
			a := redirect{b.get("/signin/provider/callback?" + test.query)}
			a.must(t, http.StatusSeeOther, nil)
			if strings.Contains(a.location(), "code") || strings.Contains(a.location(), "state") || len(b.cookies) != 0 {
				t.Errorf("callback: Location %s, cookies %v", a.location(), b.cookies)
			}
			p.fail = nil
			b.get(a.location()).must(t, http.StatusOK, []string{test.says, `role="alert"`, `href="/signin/provider?next=%2Faccount"`}, "secret reasons", "mallory")
			got := strings.Join(l.take(), "\n")
			if test.written == "" && got != "" || !strings.Contains(got, test.written) || test.written != "" && !strings.HasPrefix(got, `sign-in-failed by "" `) {
				t.Errorf("recorded %q, want %q", got, test.written)
			}
		})
	}
}

func TestProvider_BeginFails(t *testing.T) {
	provider, _, _, b := newProviderApp(t, nil)
	provider.fail = account.ErrProviderDown
	a := redirect{b.get("/signin/provider?next=/account")}
	if a.location() != "/signin?next=%2Faccount&problem=down" || len(b.cookies) != 0 {
		t.Errorf("GET /signin/provider: Location %s, cookies %v", a.location(), b.cookies)
	}
	// Messages for other problems do not exist.
	b.get("/signin?problem=<script>").must(t, http.StatusOK, nil, "<script>", "&lt;script", `role="alert"`)
	_, _, h, _ := newTestApp(t, nil)
	for _, path := range []string{"/signin/provider", "/signin/provider/callback?code=x"} {
		newClient(t, h).get(path).must(t, http.StatusNotFound, []string{`data-error-code="no-page"`})
	}
	newClient(t, h).get("/signin?problem=down").must(t, http.StatusOK, nil, `role="alert"`, "Sign in with")
}

// A link cannot sign a person in: without the cookie, the callback is refused.
func TestProvider_RefusesUnrequestedCallbacks(t *testing.T) {
	provider, _, p, b := newProviderApp(t, nil)
	provider.callback = "http://example.com/signin/provider/callback"
	for _, cookie := range []string{"", "SEALED.!!!", "SEALED", ".L2FjY291bnQ", "FORGED.L2FjY291bnQ", "SEALED.aHR0cHM6Ly9ldmlsLmV4YW1wbGUv"} {
		b.cookies = map[string]string{"clientele-signin": cookie}
		a := redirect{b.get("/signin/provider/callback?code=alice&state=S")}
		signed := strings.HasPrefix(cookie, "SEALED")
		if signed != (a.location() == "/customers") || !signed && a.location() != "/signin?next="+map[bool]string{true: "%2Faccount", false: "%2Fcustomers"}[strings.HasSuffix(cookie, "L2FjY291bnQ")]+"&problem=expired" {
			t.Errorf("callback with cookie %q: Location %s", cookie, a.location())
		}
	}
	if len(p.sessions) != 3 { // one for each cookie that is not forged
		t.Errorf("callbacks created %d sessions, want 3", len(p.sessions))
	}
	for _, next := range []string{"https://evil.example/", "//evil.example", "/signout", "/\\evil"} {
		if a := newClient(t, b.h).signInWithProvider(next, "code=alice&state=S"); a.location() != "/customers" {
			t.Errorf("next %q: Location %s, want /customers", next, a.location())
		}
	}
}

func TestProvider_LimitsAttempts(t *testing.T) {
	now := noon
	provider, _, _, b := newProviderApp(t, func(o *app.Options) { o.Now = func() time.Time { return now } })
	n := 0
	for ; n < 100 && b.get("/signin/provider").StatusCode == http.StatusSeeOther; n++ {
	}
	if n == 100 {
		t.Fatal("GET /signin/provider is not limited")
	}
	a := b.get("/signin/provider/callback?code=alice&state=S")
	a.must(t, http.StatusTooManyRequests, []string{"Too many attempts"})
	if a.Header.Get("Retry-After") == "" || provider.begins != n {
		t.Errorf("Retry-After %q, Begin() called %d times, want %d", a.Header.Get("Retry-After"), provider.begins, n)
	}
	now = now.Add(5 * time.Minute)
	for i := range 100 { // successful attempts are not counted
		other := newClient(t, b.h)
		other.header = b.header
		if a := other.signInWithProvider("/customers", "code=alice&state=S"); a.location() != "/customers" {
			t.Fatalf("sign-in %d: Location %s, want /customers", i, a.location())
		}
	}
}

func TestProvider_PasswordsOff(t *testing.T) {
	provider, l, p, b := newProviderApp(t, nil)
	b.post("/signin", "identity", "alice", "password", "correct horse")
	l.take()
	provider.passwordsOff, p.passwordsOff = true, true
	b.get("/account").must(t, http.StatusOK, []string{"Passwords are turned off. Next time, sign in with idp.example."}, `name="old"`, "You sign in without a password")
	if a := b.post("/account/password", "old", "correct horse", "new", "battery staple", "again", "battery staple"); a.Header.Get("Location") != "/account" {
		t.Errorf("POST /account/password: Location %q, want /account", a.Header.Get("Location"))
	}
	newClient(t, b.h).get("/signin").must(t, http.StatusOK, []string{"Sign in with <bdi>idp.example</bdi>"}, `name="password"`, "or with a password")
	other := newClient(t, b.h)
	other.post("/signin", "identity", "alice", "password", "correct horse").must(t, http.StatusForbidden, []string{"Passwords are turned off."}, `name="password"`)
	provider.passwordsOff = false // as in a stale configuration: the accounts still refuse
	other.post("/signin", "identity", "alice", "password", "correct horse").must(t, http.StatusForbidden, []string{"Passwords are turned off."})
	if len(other.cookies) != 0 {
		t.Errorf("cookies %v, want none", other.cookies)
	}
	if got := l.take(); got != nil {
		t.Errorf("recorded %q, want nothing", got)
	}
}

func TestProvider_KeepsSignInWithoutPassword(t *testing.T) {
	provider, _, _, b := newProviderApp(t, func(o *app.Options) { o.OneTap = func(*http.Request) []string { return []string{"alice"} } })
	provider.passwordsOff = true
	b.get("/signin").must(t, http.StatusOK, []string{`name="as" value="alice"`, "Sign in with <bdi>idp.example</bdi>"}, `name="password"`)
	if a := b.post("/signin", "as", "alice"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("POST /signin as alice: status %d, want 303", a.StatusCode)
	}
}

func TestAudit_RecordsProviderSignInChanges(t *testing.T) {
	for _, test := range []struct {
		result account.SignInResult
		role   account.Role
		want   string
	}{
		{account.SignInResult{}, "worker", `sign-in "method=provider"`},
		{account.SignInResult{Added: true}, "worker", `sign-in "method=provider" person-added "role=worker"`},
		{account.SignInResult{Linked: true, PreviousRole: "worker"}, "admin", `sign-in "method=provider" person-changed "change=linked" person-changed "role=admin"`},
		{account.SignInResult{KeptAdmin: true}, "admin", `sign-in "method=provider" person-changed "change=kept-last-admin"`},
	} {
		_, l, p, b := newProviderApp(t, nil)
		p.signInResult, p.persons["alice"].Role = test.result, test.role
		b.signInWithProvider("/customers", "code=alice&state=S")
		var got []string
		for _, line := range l.take() {
			action, rest, _ := strings.Cut(line, ` by "alice" to "alice": `)
			detail, _, _ := strings.Cut(rest, " via app")
			got = append(got, action+" "+detail)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("audit lines of sign-in %+v = %q, want %q", test.result, got, test.want)
		}
	}
}

// Requests that a page of another site causes, by images, frames and windows, must not
// begin a sign-in or count as attempts.
func TestProvider_RefusesCrossSiteRequests(t *testing.T) {
	provider, _, _, b := newProviderApp(t, nil)
	ask := func(site, dest, purpose string) redirect {
		r := httptest.NewRequest("GET", "/signin/provider?next=/account", nil)
		for name, value := range map[string]string{"Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest, "Sec-Purpose": purpose} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		return redirect{b.do(r)}
	}
	for range 100 {
		for _, from := range [][3]string{{"cross-site", "image"}, {"cross-site", "document"}, {"same-site", "document"}, {"same-origin", "iframe"}, {"same-origin", "document", "prefetch"}} {
			if a := ask(from[0], from[1], from[2]); a.location() != "/signin?next=%2Faccount" || len(a.Cookies()) != 0 {
				t.Fatalf("GET /signin/provider from %v: status %d, Location %s, cookies %v", from, a.StatusCode, a.location(), a.Cookies())
			}
		}
	}
	if provider.begins != 0 {
		t.Errorf("Begin() called %d times, want 0", provider.begins)
	}
	for _, from := range [][2]string{{"same-origin", "document"}, {"none", "document"}, {"", ""}} {
		if a := ask(from[0], from[1], ""); !strings.HasPrefix(a.location(), "https://idp.example/") {
			t.Errorf("GET /signin/provider from %v: Location %s, want the provider", from, a.location())
		}
	}
	b.post("/signin", "identity", "alice", "password", "wrong").must(t, http.StatusUnauthorized, nil)
}
