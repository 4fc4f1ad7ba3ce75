package oidc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// idp is a running test/idp: a real provider, with a door for tests.
type idp struct {
	t      *testing.T
	issuer string
}

// binaries is where the provider is built, once.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if binaries, err = os.MkdirTemp("", "clientele-oidc-"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(binaries)
		return m.Run()
	}())
}

var buildIDP = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(binaries, "idp")
	out, err := exec.Command("go", "build", "-C", "../../test/idp", "-o", binary, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("build test/idp: %w\n%s", err, out)
	}
	return binary, err
})

// startIDP starts the provider; it ends with the test.
func startIDP(t *testing.T) *idp {
	t.Helper()
	binary, err := buildIDP()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPING THE REAL PROVIDER: it cannot be built here: %v", err)
	}
	cmd := exec.Command(binary)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider says nothing: %v", err)
	}
	p := &idp{t, strings.TrimSpace(line)}
	p.set("users", []map[string]any{
		{"name": "ada", "subject": "sub-ada", "claims": map[string]any{
			"email": "ada@example.com", "email_verified": true, "groups": []string{"staff", "admins"}}},
		{"name": "bob", "subject": "sub-bob", "claims": map[string]any{"email": "bob@example.com", "email_verified": true}},
	})
	p.client("s3cret", true)
	return p
}

func (p *idp) client(secret string, inToken bool) {
	p.set("client", map[string]any{"id": "clientele", "secret": secret, "in_token": inToken,
		"redirects": []string{redirect}, "logouts": []string{"https://crm.example.com/signin?bye=1"}})
}

// set says what is to be at the provider.
func (p *idp) set(what string, v any) { p.control(http.MethodPut, what, v) }

func (p *idp) control(method, what string, v any) {
	p.t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequest(method, p.issuer+"/control/"+what, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		p.t.Fatalf("control %s: %s", what, resp.Status)
	}
}

func (p *idp) provider(secret string) *Provider {
	p.t.Helper()
	made, err := New(Options{Issuer: p.issuer, ClientID: "clientele", ClientSecret: secret})
	if err != nil {
		p.t.Fatal(err)
	}
	return made
}

// newBrowser keeps cookies and stops where it would leave the provider.
func newBrowser(t *testing.T) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == "crm.example.com" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// visit goes to where Begin said, does what a person does there, and answers the
// query that they come back with.
func (p *idp) visit(browser *http.Client, to string, form url.Values) url.Values {
	p.t.Helper()
	resp, err := browser.Get(to)
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusOK { // the page that asks
		form.Set("id", resp.Request.URL.Query().Get("id"))
		if resp, err = browser.PostForm(p.issuer+"/login", form); err != nil {
			p.t.Fatal(err)
		}
		resp.Body.Close()
	}
	back, err := resp.Location()
	if err != nil || !strings.HasPrefix(back.String(), redirect+"?") {
		p.t.Fatalf("the provider leads to %v (%s): %v", back, resp.Status, err)
	}
	return back.Query()
}

func (p *idp) signIn(provider *Provider, browser *http.Client, form url.Values, wanted ...string) (Identity, error) {
	p.t.Helper()
	started, err := provider.Begin(p.t.Context(), redirect)
	if err != nil {
		return Identity{}, err
	}
	return provider.Finish(context.Background(), redirect, started, p.visit(browser, started.URL, form), wanted...)
}

func as(name string) url.Values { return url.Values{"user": {name}} }

func TestTheWholeWayWithARealProvider(t *testing.T) {
	p := startIDP(t)
	provider := p.provider("s3cret")
	who, err := p.signIn(provider, newBrowser(t), as("ada"), "email", "groups")
	if err != nil {
		t.Fatal(err)
	}
	if who.Issuer != p.issuer || who.Subject != "sub-ada" || Text(who.Claims["email"]) != "ada@example.com" ||
		!True(who.Claims["email_verified"]) || len(Texts(who.Claims["groups"])) != 2 {
		t.Errorf("the identity is %+v", who.Claims)
	}

	p.client("s3cret", false) // what is known is told at the userinfo endpoint alone
	who, err = p.signIn(provider, newBrowser(t), as("bob"), "email", "groups")
	if err != nil || Text(who.Claims["email"]) != "bob@example.com" || !True(who.Claims["email_verified"]) || Lookup(who.Claims, "groups") != nil {
		t.Errorf("from the userinfo endpoint: %v, %v", who.Claims, err)
	}
	p.client("", true)
	if _, err := p.signIn(p.provider(""), newBrowser(t), as("ada")); err != nil {
		t.Errorf("as a public client: %v", err)
	}
	p.client("another", true)
	if _, err := p.signIn(provider, newBrowser(t), as("ada")); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("with a wrong secret: %v", err)
	}
	p.client("s3cret", true)

	if _, err := p.signIn(provider, newBrowser(t), url.Values{"cancel": {"yes"}}); !errors.Is(err, ErrCancelled) {
		t.Errorf("cancelled: %v", err)
	}

	// The code of somebody who listened in is of no use without the verifier.
	started, err := provider.Begin(t.Context(), redirect)
	if err != nil {
		t.Fatal(err)
	}
	query := p.visit(newBrowser(t), started.URL, as("ada"))
	stolen := started
	stolen.Verifier = strings.Repeat("x", 43)
	if who, err := provider.Finish(t.Context(), redirect, stolen, query); err == nil {
		t.Errorf("a code was exchanged with another verifier, for %s", who.Subject)
	}
	if _, err := provider.Finish(t.Context(), redirect, started, query); !errors.Is(err, ErrExpired) {
		t.Errorf("a code that was spent: %v", err)
	}

	p.set("down", true)
	if _, err := provider.Finish(t.Context(), redirect, started, query); !errors.Is(err, ErrUnreachable) {
		t.Errorf("down at the end: %v", err)
	}
	if _, err := p.provider("s3cret").Begin(t.Context(), redirect); !errors.Is(err, ErrUnreachable) {
		t.Errorf("down at the beginning: %v", err)
	}
	p.set("down", false)
	if _, err := p.signIn(provider, newBrowser(t), as("ada")); err != nil {
		t.Errorf("up again: %v", err)
	}
}

func TestARealProvidersKeysRotate(t *testing.T) {
	p := startIDP(t)
	provider := p.provider("s3cret")
	for i, forget := range []bool{false, true} {
		if _, err := p.signIn(provider, newBrowser(t), as("ada")); err != nil {
			t.Errorf("before rotation %d: %v", i+1, err)
		}
		p.control(http.MethodPost, "rotate", map[string]bool{"forget": forget})
		if _, err := p.signIn(provider, newBrowser(t), as("ada")); err != nil {
			t.Errorf("after rotation %d: %v", i+1, err)
		}
	}
}

func TestARealProvidersFaultyTokensAreRefused(t *testing.T) {
	p := startIDP(t)
	provider := p.provider("s3cret")
	life := 5 * time.Minute // of its tokens
	for name, c := range map[string]struct {
		faults map[string]any
		good   bool
	}{
		"none":                            {map[string]any{}, true},
		"its clock is a little fast":      {map[string]any{"shift": 90}, true},
		"its clock is too fast":           {map[string]any{"shift": 150}, false},
		"its clock is slow":               {map[string]any{"shift": -(life + 90*time.Second).Seconds()}, true},
		"its clock is too slow":           {map[string]any{"shift": -(life + 150*time.Second).Seconds()}, false},
		"another nonce":                   {map[string]any{"set": map[string]any{"nonce": "x"}}, false},
		"another audience":                {map[string]any{"set": map[string]any{"aud": "x"}}, false},
		"another issuer":                  {map[string]any{"set": map[string]any{"iss": "https://evil.example"}}, false},
		"another party":                   {map[string]any{"set": map[string]any{"azp": "x"}}, false},
		"another access token":            {map[string]any{"set": map[string]any{"at_hash": "x"}}, false},
		"signed by a stranger":            {map[string]any{"sign": "stranger"}, false},
		"signed with the client's secret": {map[string]any{"sign": "shared"}, false},
		"not signed":                      {map[string]any{"sign": "none"}, false},
	} {
		p.set("faults", c.faults)
		_, err := p.signIn(provider, newBrowser(t), as("ada"))
		if c.good && err != nil || !c.good && !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARealProviderSignsOut(t *testing.T) {
	p := startIDP(t)
	provider, browser := p.provider("s3cret"), newBrowser(t)
	if _, err := p.signIn(provider, browser, as("ada")); err != nil {
		t.Fatal(err)
	}
	// It remembers ada: bob's click is never asked for.
	if who, err := p.signIn(provider, browser, as("bob")); err != nil || who.Subject != "sub-ada" {
		t.Fatalf("signed in again as %s: %v", who.Subject, err)
	}
	end := provider.LogoutURL(t.Context(), "", "https://crm.example.com/signin?bye=1")
	resp, err := browser.Get(end)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if back, err := resp.Location(); err != nil || back.String() != "https://crm.example.com/signin?bye=1" {
		t.Errorf("signing out leads to %v (%s)", back, resp.Status)
	}
	if who, err := p.signIn(provider, browser, as("bob")); err != nil || who.Subject != "sub-bob" {
		t.Errorf("after signing out, bob is %s: %v", who.Subject, err)
	}
	resp, err = browser.Get(provider.LogoutURL(t.Context(), "", "https://evil.example/"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode < 400 {
		t.Errorf("the provider leads to a place that is not registered: %s", resp.Status)
	}
}
