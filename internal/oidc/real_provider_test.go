package oidc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// realProvider is a running test/idp, a real provider that tests control.
type realProvider struct {
	t      *testing.T
	issuer string
}

// startRealProvider builds and starts the provider; it stops with the test.
func startRealProvider(t *testing.T) *realProvider {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "idp")
	build := exec.Command("go", "build", "-C", "../../test/idp", "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("build test/idp: %v\n%s", err, out)
		}
		t.Skipf("SKIPPING THE REAL PROVIDER: test/idp cannot be built here: %v\n%s", err, out)
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
		t.Fatalf("the provider printed no URL: %v", err)
	}
	p := &realProvider{t, strings.TrimSpace(line)}
	p.set("users", []map[string]any{
		{"name": "ada", "subject": "sub-ada", "claims": map[string]any{
			"email": "ada@example.com", "email_verified": true, "groups": []string{"staff", "admins"}}},
		{"name": "bob", "subject": "sub-bob", "claims": map[string]any{"email": "bob@example.com", "email_verified": true}},
	})
	p.client("s3cret", true)
	return p
}

func (p *realProvider) client(secret string, inToken bool) {
	p.set("client", map[string]any{"id": "clientele", "secret": secret, "in_token": inToken,
		"redirects": []string{redirect}, "logouts": []string{"https://crm.example.com/signin?bye=1"}})
}

// set configures the provider.
func (p *realProvider) set(what string, v any) { p.control(http.MethodPut, what, v) }

func (p *realProvider) control(method, what string, v any) {
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

func (p *realProvider) provider(secret string) *Provider {
	p.t.Helper()
	made, err := New(Options{Issuer: p.issuer, ClientID: "clientele", ClientSecret: secret})
	if err != nil {
		p.t.Fatal(err)
	}
	return made
}

// newBrowser returns a client with cookies that stops at redirects to this product.
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

// followSignIn opens the URL of Begin, signs in there, and returns the query of the
// redirect.
func (p *realProvider) followSignIn(browser *http.Client, to string, form url.Values) url.Values {
	p.t.Helper()
	resp, err := browser.Get(to)
	if err != nil {
		p.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusOK { // the sign-in page
		form.Set("id", resp.Request.URL.Query().Get("id"))
		if resp, err = browser.PostForm(p.issuer+"/login", form); err != nil {
			p.t.Fatal(err)
		}
		resp.Body.Close()
	}
	back, err := resp.Location()
	if err != nil || !strings.HasPrefix(back.String(), redirect+"?") {
		p.t.Fatalf("the provider redirects to %v (%s): %v", back, resp.Status, err)
	}
	return back.Query()
}

func (p *realProvider) signIn(provider *Provider, browser *http.Client, form url.Values, wanted ...string) (Identity, error) {
	p.t.Helper()
	started, err := provider.Begin(p.t.Context(), redirect)
	if err != nil {
		return Identity{}, err
	}
	return provider.Finish(context.Background(), redirect, started, p.followSignIn(browser, started.URL, form), wanted...)
}

func asUser(name string) url.Values { return url.Values{"user": {name}} }

func TestRealProvider_SignIn(t *testing.T) {
	p := startRealProvider(t)
	provider := p.provider("s3cret")
	who, err := p.signIn(provider, newBrowser(t), asUser("ada"), "email", "groups")
	if err != nil {
		t.Fatal(err)
	}
	if who.Issuer != p.issuer || who.Subject != "sub-ada" || Text(who.Claims["email"]) != "ada@example.com" ||
		!IsTrue(who.Claims["email_verified"]) || len(Texts(who.Claims["groups"])) != 2 {
		t.Errorf("sign-in = %+v", who.Claims)
	}

	p.client("s3cret", false) // claims at the userinfo endpoint only
	who, err = p.signIn(provider, newBrowser(t), asUser("bob"), "email", "groups")
	if err != nil || Text(who.Claims["email"]) != "bob@example.com" || !IsTrue(who.Claims["email_verified"]) || Lookup(who.Claims, "groups") != nil {
		t.Errorf("sign-in with user information = %v, %v", who.Claims, err)
	}
	p.client("", true)
	if _, err := p.signIn(p.provider(""), newBrowser(t), asUser("ada")); err != nil {
		t.Errorf("sign-in as a public client = %v", err)
	}
	p.client("another", true)
	if _, err := p.signIn(provider, newBrowser(t), asUser("ada")); !errors.Is(err, ErrRefused) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("sign-in with a wrong secret = %v, want ErrRefused", err)
	}
	p.client("s3cret", true)

	if _, err := p.signIn(provider, newBrowser(t), url.Values{"cancel": {"yes"}}); !errors.Is(err, ErrCancelled) {
		t.Errorf("cancelled sign-in = %v, want ErrCancelled", err)
	}

	// A stolen code is useless without the verifier.
	started, err := provider.Begin(t.Context(), redirect)
	if err != nil {
		t.Fatal(err)
	}
	query := p.followSignIn(newBrowser(t), started.URL, asUser("ada"))
	stolen := started
	stolen.Verifier = strings.Repeat("x", 43)
	if who, err := provider.Finish(t.Context(), redirect, stolen, query); err == nil {
		t.Errorf("Finish() with another verifier = %s, want an error", who.Subject)
	}
	if _, err := provider.Finish(t.Context(), redirect, started, query); !errors.Is(err, ErrExpired) {
		t.Errorf("Finish() with a used code = %v, want ErrExpired", err)
	}

	p.set("down", true)
	if _, err := provider.Finish(t.Context(), redirect, started, query); !errors.Is(err, ErrUnreachable) {
		t.Errorf("Finish() while down = %v, want ErrUnreachable", err)
	}
	if _, err := p.provider("s3cret").Begin(t.Context(), redirect); !errors.Is(err, ErrUnreachable) {
		t.Errorf("Begin() while down = %v, want ErrUnreachable", err)
	}
	p.set("down", false)
	if _, err := p.signIn(provider, newBrowser(t), asUser("ada")); err != nil {
		t.Errorf("sign-in after recovery = %v", err)
	}
}

func TestRealProvider_KeyRotation(t *testing.T) {
	p := startRealProvider(t)
	provider := p.provider("s3cret")
	for i, forget := range []bool{false, true} {
		if _, err := p.signIn(provider, newBrowser(t), asUser("ada")); err != nil {
			t.Errorf("sign-in before rotation %d = %v", i+1, err)
		}
		p.control(http.MethodPost, "rotate", map[string]bool{"forget": forget})
		if _, err := p.signIn(provider, newBrowser(t), asUser("ada")); err != nil {
			t.Errorf("sign-in after rotation %d = %v", i+1, err)
		}
	}
}

func TestRealProvider_FaultyTokens(t *testing.T) {
	p := startRealProvider(t)
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
		"signed by another key":           {map[string]any{"sign": "stranger"}, false},
		"signed with the client's secret": {map[string]any{"sign": "shared"}, false},
		"not signed":                      {map[string]any{"sign": "none"}, false},
	} {
		p.set("faults", c.faults)
		_, err := p.signIn(provider, newBrowser(t), asUser("ada"))
		if c.good && err != nil || !c.good && !errors.Is(err, ErrRefused) {
			t.Errorf("%s: sign-in = %v, want success %v", name, err, c.good)
		}
	}
}

func TestRealProvider_Logout(t *testing.T) {
	p := startRealProvider(t)
	provider, browser := p.provider("s3cret"), newBrowser(t)
	if _, err := p.signIn(provider, browser, asUser("ada")); err != nil {
		t.Fatal(err)
	}
	// The provider remembers ada and does not ask.
	if who, err := p.signIn(provider, browser, asUser("bob")); err != nil || who.Subject != "sub-ada" {
		t.Fatalf("second sign-in = %s, %v, want sub-ada", who.Subject, err)
	}
	end := provider.LogoutURL(t.Context(), "", "https://crm.example.com/signin?bye=1")
	resp, err := browser.Get(end)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if back, err := resp.Location(); err != nil || back.String() != "https://crm.example.com/signin?bye=1" {
		t.Errorf("LogoutURL() redirects to %v (%s)", back, resp.Status)
	}
	if who, err := p.signIn(provider, browser, asUser("bob")); err != nil || who.Subject != "sub-bob" {
		t.Errorf("sign-in of bob after logout = %s, %v", who.Subject, err)
	}
	resp, err = browser.Get(provider.LogoutURL(t.Context(), "", "https://evil.example/"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode < 400 {
		t.Errorf("logout with an unregistered URL: %s, want an error", resp.Status)
	}
}
