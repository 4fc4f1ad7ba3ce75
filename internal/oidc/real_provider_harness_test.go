package oidc

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
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
)

// realProvider is a running test/idp, a real provider that tests control.
type realProvider struct {
	t      *testing.T
	issuer string
}

// binaries is the directory where the provider is built, once.
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

var buildRealProvider = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(binaries, "idp")
	out, err := exec.Command("go", "build", "-C", "../../test/idp", "-o", binary, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("build test/idp: %w\n%s", err, out)
	}
	return binary, err
})

// startRealProvider starts the provider; it stops with the test.
func startRealProvider(t *testing.T) *realProvider {
	t.Helper()
	binary, err := buildRealProvider()
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
