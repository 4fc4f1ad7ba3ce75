package oidc

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

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

	if _, err := p.signIn(provider, newBrowser(t), url.Values{"cancel": {"yes"}}); !errors.Is(err, ErrCanceled) {
		t.Errorf("canceled sign-in = %v, want ErrCanceled", err)
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
			t.Errorf("sign-in, %s = %v, want success %v", name, err, c.good)
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
	end := provider.LogoutURL(t.Context(), "https://crm.example.com/signin?bye=1")
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
	resp, err = browser.Get(provider.LogoutURL(t.Context(), "https://evil.example/"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode < 400 {
		t.Errorf("logout with an unregistered URL: %s, want an error", resp.Status)
	}
}
