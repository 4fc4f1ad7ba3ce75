package app_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
)

// idp is an app.Provider that vouches for who is named in the answer.
type idp struct {
	off    bool
	fail   error
	logout string
	begun  int
	// callback is where browsers were to come back to, after where to from signing out.
	callback, after string
}

func (p *idp) Name() string { return "idp.example" }

func (p *idp) Begin(_ context.Context, callback string) (goTo, sealed string, err error) {
	p.begun++
	p.callback = callback
	return "https://idp.example/authorize?state=S", "SEALED", p.fail
}

func (p *idp) Finish(_ context.Context, callback, sealed string, answer url.Values) (account.Assertion, error) {
	switch {
	case p.fail != nil:
		return account.Assertion{}, p.fail
	case sealed != "SEALED" || callback != p.callback || answer.Get("state") != "S":
		return account.Assertion{}, account.ErrSignInExpired
	case answer.Has("error"):
		return account.Assertion{}, account.ErrCancelled
	}
	who := answer.Get("code")
	return account.Assertion{Issuer: "https://idp.example", Subject: "sub-" + who, Identity: who, IdentityVerified: !answer.Has("unverified")}, nil
}

func (p *idp) Logout(after string) string {
	p.after = after
	return p.logout
}

func (p *idp) PasswordsOff() bool { return p.off }

// providerBench is an audited bench with an identity provider.
func providerBench(t testing.TB, change func(*app.Options)) (*idp, *ledger, *people, *client) {
	t.Helper()
	provider := new(idp)
	l, _, p, b := auditedBench(t, func(o *app.Options) {
		o.Provider = provider
		if change != nil {
			change(o)
		}
	})
	return provider, l, p, b
}

// back comes back from the provider, having gone there from next.
func (b *client) back(next, answer string) redirect {
	b.t.Helper()
	b.get("/signin/provider?next=" + url.QueryEscape(next))
	return redirect{b.get("/signin/provider/callback?" + answer)}
}

// redirect is an answer whose redirect matters.
type redirect struct{ answer }

func (a redirect) to() string { return a.Header.Get("Location") }

func TestSigningInWithTheProvider(t *testing.T) {
	provider, _, p, b := providerBench(t, nil)
	b.get("/signin?next=/account").must(t, http.StatusOK, []string{
		`href="/signin/provider?next=%2Faccount"`, "Sign in with <bdi>idp.example</bdi>", "or with a password", `name="password"`}, "autofocus")
	a := b.get("/signin/provider?next=/account")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "https://idp.example/authorize?state=S" || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("it begins with %d %v", a.StatusCode, a.Header)
	}
	if provider.callback != "http://example.com/signin/provider/callback" {
		t.Errorf("the way back is %s", provider.callback)
	}
	a = b.get("/signin/provider/callback?code=alice&state=S")
	if a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/account" {
		t.Fatalf("it ends with %d to %s", a.StatusCode, a.Header.Get("Location"))
	}
	if len(b.cookies) != 1 || len(p.sessions) != 1 {
		t.Errorf("afterwards there are cookies %v and %d sessions", b.cookies, len(p.sessions))
	}
	b.get("/account").must(t, http.StatusOK, []string{">alice</bdi>", "You sign in with idp.example."})
	if a := b.get("/signin/provider?next=/customers?q=x"); a.Header.Get("Location") != "/customers?q=x" || provider.begun != 1 {
		t.Errorf("who is signed in is sent to %s, and %d sign-ins were begun", a.Header.Get("Location"), provider.begun)
	}
}

func TestTheCookieOfASignInUnderWay(t *testing.T) {
	for _, test := range []struct {
		public, name, callback string
		secure                 bool
	}{
		{"", "clientele-signin", "http://example.com/signin/provider/callback", false},
		{"https://crm.example.com", "__Host-clientele-signin", "https://crm.example.com/signin/provider/callback", true},
	} {
		provider, _, _, b := providerBench(t, func(o *app.Options) { o.PublicURL = test.public })
		a := b.get("/signin/provider?next=/account")
		if provider.callback != test.callback {
			t.Errorf("%q: the way back is %s", test.public, provider.callback)
		}
		if len(a.Cookies()) != 1 {
			t.Fatalf("%q: cookies %v", test.public, a.Cookies())
		}
		c := a.Cookies()[0]
		if c.Name != test.name || !c.HttpOnly || c.Secure != test.secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 600 || c.Domain != "" {
			t.Errorf("%q: cookie %+v", test.public, c)
		}
		b.get("/signin/provider/callback?code=alice&state=S")
		if a := (redirect{b.get("/signin/provider/callback?code=alice&state=S")}); a.to() != "/signin?next=%2Fcustomers&problem=expired" {
			t.Errorf("%q: the same answer again leads to %s", test.public, a.to())
		}
	}
}

func TestASignInThatFailsSaysWhyAndLeadsOn(t *testing.T) {
	for _, test := range []struct {
		name, answer, says string
		change             func(*idp, *people)
		written            string
	}{
		{name: "cancelled", answer: "error=access_denied&state=S", says: "Sign-in with idp.example was canceled."},
		{name: "the wrong state", answer: "code=alice&state=X", says: "This sign-in took too long or started in another browser."},
		{name: "not reachable", answer: "code=alice&state=S", says: "Can’t reach idp.example right now.", change: func(i *idp, _ *people) { i.fail = account.ErrProviderDown }},
		{name: "refused", answer: "code=alice&state=S", says: "idp.example denied access.", change: func(i *idp, _ *people) { i.fail = account.ErrProviderRefused }, written: `to "": "identity provider"`},
		{name: "e-mail not verified", answer: "code=alice&unverified&state=S", says: "idp.example didn’t confirm your identity", written: `to "alice": "not confirmed by the identity provider"`},
		{name: "no account", answer: "code=mallory&state=S", says: "you don’t have an account here yet", written: `to "mallory": "no account here"`},
		{name: "deactivated", answer: "code=bob&state=S", says: "Your account is deactivated.", change: func(_ *idp, p *people) { p.deactivated = map[string]bool{"bob": true} }, written: `to "bob": "deactivated"`},
		{name: "another's", answer: "code=alice&state=S", says: "linked to another idp.example account", change: func(_ *idp, p *people) { p.persons["alice"].Subject = "other" }, written: `to "alice": "bound to another account of the identity provider"`},
		{name: "the store is down", answer: "code=alice&state=S", says: "Sign-in isn’t available right now.", change: func(_ *idp, p *people) { p.fail = account.ErrUnavailable }},
		{name: "anything else", answer: "code=alice&state=S", says: "Sign-in isn’t available right now.", change: func(i *idp, _ *people) { i.fail = errors.New("secret reasons") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			provider, l, p, b := providerBench(t, nil)
			b.get("/signin/provider?next=/account")
			if test.change != nil {
				test.change(provider, p)
			}
			a := redirect{b.get("/signin/provider/callback?" + test.answer)}
			a.must(t, http.StatusSeeOther, nil)
			if strings.Contains(a.to(), "code") || strings.Contains(a.to(), "state") || len(b.cookies) != 0 {
				t.Errorf("it leads to %s with cookies %v", a.to(), b.cookies)
			}
			p.fail = nil
			b.get(a.to()).must(t, http.StatusOK, []string{test.says, `role="alert"`, `href="/signin/provider?next=%2Faccount"`}, "secret reasons", "mallory")
			got := strings.Join(l.taken(), "\n")
			if test.written == "" && got != "" || !strings.Contains(got, test.written) || test.written != "" && !strings.HasPrefix(got, `sign-in-failed by "" `) {
				t.Errorf("written down is %q, want %q", got, test.written)
			}
		})
	}
}

func TestASignInThatCannotBegin(t *testing.T) {
	provider, _, _, b := providerBench(t, nil)
	provider.fail = account.ErrProviderDown
	a := redirect{b.get("/signin/provider?next=/account")}
	if a.to() != "/signin?next=%2Faccount&problem=down" || len(b.cookies) != 0 {
		t.Errorf("it leads to %s with cookies %v", a.to(), b.cookies)
	}
	// What is said of a failure is ours alone.
	b.get("/signin?problem=<script>").must(t, http.StatusOK, nil, "<script>", "&lt;script", `role="alert"`)
	_, _, h, _ := newBench(t, nil)
	for _, path := range []string{"/signin/provider", "/signin/provider/callback?code=x"} {
		stranger(t, h).get(path).must(t, http.StatusNotFound, []string{`data-error-code="no-page"`})
	}
	stranger(t, h).get("/signin?problem=down").must(t, http.StatusOK, nil, `role="alert"`, "Sign in with")
}

// A link cannot sign anybody in: without what the browser was given, an answer of the
// provider is nobody's.
func TestAnswersThatThisBrowserDidNotAskFor(t *testing.T) {
	provider, _, p, b := providerBench(t, nil)
	provider.callback = "http://example.com/signin/provider/callback"
	for _, cookie := range []string{"", "SEALED.!!!", "SEALED", ".L2FjY291bnQ", "FORGED.L2FjY291bnQ", "SEALED.aHR0cHM6Ly9ldmlsLmV4YW1wbGUv"} {
		b.cookies = map[string]string{"clientele-signin": cookie}
		a := redirect{b.get("/signin/provider/callback?code=alice&state=S")}
		signed := strings.HasPrefix(cookie, "SEALED")
		if signed != (a.to() == "/customers") || !signed && a.to() != "/signin?next="+map[bool]string{true: "%2Faccount", false: "%2Fcustomers"}[strings.HasSuffix(cookie, "L2FjY291bnQ")]+"&problem=expired" {
			t.Errorf("with %q it leads to %s", cookie, a.to())
		}
	}
	if len(p.sessions) != 3 { // of those that were not forged
		t.Errorf("%d sessions", len(p.sessions))
	}
	for _, next := range []string{"https://evil.example/", "//evil.example", "/signout", "/\\evil"} {
		if a := stranger(t, b.h).back(next, "code=alice&state=S"); a.to() != "/customers" {
			t.Errorf("next %q leads to %s", next, a.to())
		}
	}
}

func TestSigningInWithTheProviderIsLimited(t *testing.T) {
	now := noon
	provider, _, _, b := providerBench(t, func(o *app.Options) { o.Now = func() time.Time { return now } })
	n := 0
	for ; n < 100 && b.get("/signin/provider").StatusCode == http.StatusSeeOther; n++ {
	}
	if n == 100 {
		t.Fatal("an address may begin for ever")
	}
	a := b.get("/signin/provider/callback?code=alice&state=S")
	a.must(t, http.StatusTooManyRequests, []string{"Too many attempts"})
	if a.Header.Get("Retry-After") == "" || provider.begun != n {
		t.Errorf("Retry-After %q, %d were begun of %d", a.Header.Get("Retry-After"), provider.begun, n)
	}
	now = now.Add(5 * time.Minute)
	for i := range 100 { // those that succeed are not counted
		other := stranger(t, b.h)
		other.header = b.header
		if a := other.back("/customers", "code=alice&state=S"); a.to() != "/customers" {
			t.Fatalf("sign-in %d leads to %s", i, a.to())
		}
	}
}

func TestPasswordsThatAreOff(t *testing.T) {
	provider, l, p, b := providerBench(t, nil)
	b.post("/signin", "identity", "alice", "password", "correct horse")
	l.taken()
	provider.off, p.off = true, true
	b.get("/account").must(t, http.StatusOK, []string{"Passwords are turned off. Next time, sign in with idp.example."}, `name="old"`, "You sign in without a password")
	if a := b.post("/account/password", "old", "correct horse", "new", "battery staple", "again", "battery staple"); a.Header.Get("Location") != "/account" {
		t.Errorf("changing a password leads to %q", a.Header.Get("Location"))
	}
	stranger(t, b.h).get("/signin").must(t, http.StatusOK, []string{"Sign in with <bdi>idp.example</bdi>"}, `name="password"`, "or with a password")
	other := stranger(t, b.h)
	other.post("/signin", "identity", "alice", "password", "correct horse").must(t, http.StatusForbidden, []string{"Passwords are turned off."}, `name="password"`)
	provider.off = false // the accounts know better
	other.post("/signin", "identity", "alice", "password", "correct horse").must(t, http.StatusForbidden, []string{"Passwords are turned off."})
	if len(other.cookies) != 0 {
		t.Errorf("cookies %v", other.cookies)
	}
	if got := l.taken(); got != nil {
		t.Errorf("written down is %q", got)
	}
}

func TestTheDemoStaysOpenBesideAProvider(t *testing.T) {
	provider, _, _, b := providerBench(t, func(o *app.Options) { o.OneTap = func(*http.Request) []string { return []string{"alice"} } })
	provider.off = true
	b.get("/signin").must(t, http.StatusOK, []string{`name="as" value="alice"`, "Sign in with <bdi>idp.example</bdi>"}, `name="password"`)
	if a := b.post("/signin", "as", "alice"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("one tap answers %d", a.StatusCode)
	}
}

func TestWhatASignInWithTheProviderChangesIsWrittenDown(t *testing.T) {
	for _, test := range []struct {
		arrival account.SignInResult
		role    account.Role
		want    string
	}{
		{account.SignInResult{}, "worker", `sign-in "identity provider"`},
		{account.SignInResult{Added: true}, "worker", `sign-in "identity provider" person-added "role: worker"`},
		{account.SignInResult{Bound: true, Was: "worker"}, "admin", `sign-in "identity provider" person-changed "bound to the identity provider" person-changed "role: administrator"`},
		{account.SignInResult{KeptAdmin: true}, "admin", `sign-in "identity provider" person-changed "stays administrator, as the last one"`},
	} {
		_, l, p, b := providerBench(t, nil)
		p.arrival, p.persons["alice"].Role = test.arrival, test.role
		b.back("/customers", "code=alice&state=S")
		var got []string
		for _, line := range l.taken() {
			action, rest, _ := strings.Cut(line, ` by "alice" to "alice": `)
			detail, _, _ := strings.Cut(rest, " via app")
			got = append(got, action+" "+detail)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%+v: written down is %q, want %q", test.arrival, got, test.want)
		}
	}
}

func TestSigningOutLeadsThroughTheProvider(t *testing.T) {
	provider, _, _, b := providerBench(t, nil)
	provider.logout = "https://idp.example/logout?client_id=x&post_logout_redirect_uri=y"
	b.back("/customers", "code=alice&state=S")
	a := b.post("/signout")
	if a.Header.Get("Location") != "/signin?bye=1" || b.cookies["clientele"] != "" {
		t.Fatalf("signing out leads to %s with cookies %v", a.Header.Get("Location"), b.cookies)
	}
	bye := b.get("/signin?bye=1")
	bye.must(t, http.StatusOK, []string{"Signing you out of idp.example too…", `href="https://idp.example/logout?client_id=x&amp;post_logout_redirect_uri=y"`})
	if bye.Header.Get("Refresh") != "0; url="+provider.logout || provider.after != "http://example.com/signin?bye=1" {
		t.Errorf("it goes on by %q, and comes back to %s", bye.Header.Get("Refresh"), provider.after)
	}
	end := b.get("/signin?bye=1")
	end.must(t, http.StatusOK, []string{"You’re signed out."}, "idp.example/logout")
	if end.Header.Get("Refresh") != "" || len(b.cookies) != 0 {
		t.Errorf("at the end it goes on by %q with cookies %v", end.Header.Get("Refresh"), b.cookies)
	}
	// Those who came with a password, or to a provider without such a place, stay here.
	b.post("/signin", "identity", "bob", "password", "correct horse")
	b.post("/signout")
	if a := b.get("/signin?bye=1"); a.Header.Get("Refresh") != "" {
		t.Errorf("who came with a password goes on by %q", a.Header.Get("Refresh"))
	}
	provider.logout = ""
	b.back("/customers", "code=alice&state=S")
	b.post("/signout")
	if a := b.get("/signin?bye=1"); a.Header.Get("Refresh") != "" || contains(a.body, "Signing you out") {
		t.Errorf("without a place to go to it goes on by %q", a.Header.Get("Refresh"))
	}
}
