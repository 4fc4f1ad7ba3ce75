package server

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/oidc"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
	"github.com/clientele-project/clientele/internal/web/auth"
)

func TestAssertion(t *testing.T) {
	number := json.Number("4711")
	for name, c := range map[string]struct {
		claims string
		say    settings.SignIn
		want   account.Assertion // its identity, whether that is verified, and the role
	}{
		"a verified address":                    {`{"email":"a@b","email_verified":true}`, settings.SignIn{Claim: "email"}, account.Assertion{Identity: "a@b", IdentityVerified: true}},
		"verified as a text":                    {`{"email":"a@b","email_verified":"true"}`, settings.SignIn{Claim: "email"}, account.Assertion{Identity: "a@b", IdentityVerified: true}},
		"an unverified address":                 {`{"email":"a@b","email_verified":false}`, settings.SignIn{Claim: "email"}, account.Assertion{Identity: "a@b"}},
		"unverified as a text":                  {`{"email":"a@b","email_verified":"false"}`, settings.SignIn{Claim: "email"}, account.Assertion{Identity: "a@b"}},
		"an address without a verified claim":   {`{"email":"a@b"}`, settings.SignIn{Claim: "email"}, account.Assertion{Identity: "a@b"}},
		"a list of addresses":                   {`{"email":["a@b"],"email_verified":true}`, settings.SignIn{Claim: "email"}, account.Assertion{}},
		"no address":                            {`{"email_verified":true}`, settings.SignIn{Claim: "email"}, account.Assertion{}},
		"another claim":                         {`{"upn":"a@b"}`, settings.SignIn{Claim: "upn"}, account.Assertion{Identity: "a@b", IdentityVerified: true}},
		"a nested claim":                        {`{"x":{"id":"a"}}`, settings.SignIn{Claim: "x.id"}, account.Assertion{Identity: "a", IdentityVerified: true}},
		"a number":                              {`{"nr":4711}`, settings.SignIn{Claim: "nr"}, account.Assertion{Identity: number.String(), IdentityVerified: true}},
		"another claim that is missing":         {`{"email":"a@b","email_verified":true}`, settings.SignIn{Claim: "upn"}, account.Assertion{}},
		"the role in a text":                    {`{"r":"boss"}`, settings.SignIn{Claim: "upn", RoleClaim: "r", AdminValue: "boss"}, account.Assertion{Role: account.RoleAdmin}},
		"the role in a list":                    {`{"r":["x","boss"]}`, settings.SignIn{Claim: "upn", RoleClaim: "r", AdminValue: "boss"}, account.Assertion{Role: account.RoleAdmin}},
		"the role in a nested list":             {`{"realm_access":{"roles":["boss"]}}`, settings.SignIn{Claim: "upn", RoleClaim: "realm_access.roles", AdminValue: "boss"}, account.Assertion{Role: account.RoleAdmin}},
		"another role":                          {`{"r":["bossy","BOSS"]}`, settings.SignIn{Claim: "upn", RoleClaim: "r", AdminValue: "boss"}, account.Assertion{Role: account.RoleWorker}},
		"no role any more":                      {`{}`, settings.SignIn{Claim: "upn", RoleClaim: "r", AdminValue: "boss"}, account.Assertion{Role: account.RoleWorker}},
		"a role without a role claim":           {`{"r":"boss"}`, settings.SignIn{Claim: "upn"}, account.Assertion{}},
		"a role of another kind":                {`{"r":{"boss":true}}`, settings.SignIn{Claim: "upn", RoleClaim: "r", AdminValue: "boss"}, account.Assertion{Role: account.RoleWorker}},
		"an address that is verified elsewhere": {`{"x":{"email":"a@b"},"email_verified":true}`, settings.SignIn{Claim: "email"}, account.Assertion{}},
	} {
		c.want.Issuer, c.want.Subject = "https://idp.example", "s1"
		if got := assertion(oidc.Identity{Issuer: "https://idp.example", Subject: "s1", Claims: claimsOf(t, c.claims)}, c.say); got != c.want {
			t.Errorf("assertion, %s = %+v, want %+v", name, got, c.want)
		}
	}
}

// claimsOf reads claims as package oidc does.
func claimsOf(t *testing.T, text string) (claims map[string]any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// testProvider returns a provider whose issuer serves only its discovery document.
func testProvider(t *testing.T, origin string, now func() time.Time) *identityProvider {
	t.Helper()
	var idp *httptest.Server
	idp = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"issuer": idp.URL, "authorization_endpoint": idp.URL + "/a", "token_endpoint": idp.URL + "/t", "jwks_uri": idp.URL + "/k"})
	}))
	t.Cleanup(idp.Close)
	asked, err := oidc.New(oidc.Options{Issuer: idp.URL, ClientID: "clientele"})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), sqlitetest.File(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	key := secret.NewKey()
	return &identityProvider{
		oidc: asked, sealer: key.Sealer(signInPurpose), origin: origin, now: now,
		rules: &signInRules{settings: newSettings(db, key), hasProvider: true}, logger: slog.New(slog.DiscardHandler),
	}
}

func TestIdentityProvider_CallbackAddress(t *testing.T) {
	for callback, want := range map[string]struct{ public, here bool }{
		"https://crm.example.com/signin/provider/callback":       {true, false},
		"https://evil.example/signin/provider/callback":          {},
		"http://crm.example.com/signin/provider/callback":        {},
		"http://127.0.0.1:8080/signin/provider/callback":         {false, true},
		"http://localhost:8080/signin/provider/callback":         {false, true},
		"http://localhost.evil.example/signin/provider/callback": {},
		"http://127.0.0.1@evil.example/signin/provider/callback": {},
		"http://a@127.0.0.1/signin/provider/callback":            {},
		"http://127.0.0.1:8080/elsewhere":                        {},
		"http://127.0.0.1:8080/signin/provider/callback?x=1":     {},
		"": {},
	} {
		for origin, want := range map[string]bool{"https://crm.example.com": want.public, "": want.here} {
			_, sealed, err := testProvider(t, origin, time.Now).Begin(t.Context(), callback)
			if want != (err == nil && sealed != "") || !want && !errors.Is(err, account.ErrProviderRefused) {
				t.Errorf("Begin(%q) at public URL %q: %v, want success %v", callback, origin, err, want)
			}
		}
	}
}

func TestIdentityProvider_PendingSignIn(t *testing.T) {
	const here, there = "http://127.0.0.1:8080" + auth.ProviderCallbackPath, "http://127.0.0.1:8081" + auth.ProviderCallbackPath
	now := time.Unix(1_800_000_000, 0)
	p := testProvider(t, "", func() time.Time { return now })
	goTo, sealed, err := p.Begin(t.Context(), here)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(goTo)
	if err != nil {
		t.Fatal(err)
	}
	state := u.Query().Get("state")
	begun, err := openPendingSignIn(p.sealer, sealed)
	if err != nil || begun.State != state || strings.Contains(goTo, begun.Verifier) || len(sealed) > 1024 {
		t.Errorf("Begin sealed %+v in %d bytes: %v", begun, len(sealed), err)
	}
	canceled := url.Values{"state": {state}, "error": {"access_denied"}}
	for name, c := range map[string]struct {
		callback, sealed string
		passed           time.Duration
		response         url.Values
		want             error
	}{
		"in time":                    {here, sealed, app.SignInTimeout, canceled, account.ErrCanceled},
		"too late":                   {here, sealed, app.SignInTimeout + time.Second, canceled, account.ErrSignInExpired},
		"before it began":            {here, sealed, -time.Hour, canceled, account.ErrSignInExpired},
		"at another callback":        {there, sealed, 0, canceled, account.ErrSignInExpired},
		"of another browser":         {here, sealed, 0, url.Values{"state": {"x"}, "error": {"access_denied"}}, account.ErrSignInExpired},
		"never begun":                {here, "", 0, canceled, account.ErrSignInExpired},
		"sealed with another key":    {here, secret.NewKey().Sealer(signInPurpose).Seal([]byte("{}"), signInPurpose), 0, canceled, account.ErrSignInExpired},
		"sealed for another purpose": {here, p.sealer.Seal([]byte(`{"s":"x"}`), "other"), 0, canceled, account.ErrSignInExpired},
		"a provider that fails":      {here, sealed, 0, url.Values{"state": {state}, "code": {"c"}}, account.ErrProviderDown},
	} {
		now = time.Unix(1_800_000_000, 0).Add(c.passed)
		if proof, err := p.Finish(t.Context(), c.callback, c.sealed, c.response); !errors.Is(err, c.want) || proof != (account.Assertion{}) {
			t.Errorf("Finish, %s = %+v, %v; want %v", name, proof, err, c.want)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	now = time.Unix(1_800_000_000, 0)
	if _, err := p.Finish(gone, here, sealed, url.Values{"state": {state}, "code": {"c"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Finish with a canceled request: %v, want %v", err, context.Canceled)
	}
}

func FuzzPendingSignIn(f *testing.F) {
	sealer := secret.NewKey().Sealer(signInPurpose)
	f.Add(sealer.Seal([]byte(`{"s":"a","n":"b","v":"c","c":"d","t":"2027-01-15T08:00:00Z"}`), signInPurpose), []byte(`{"s":1}`))
	f.Add("", []byte(nil))
	f.Fuzz(func(t *testing.T, sealed string, plain []byte) {
		if begun, err := openPendingSignIn(sealer, sealed); err != nil && begun.State+begun.Verifier != "" {
			t.Errorf("openPendingSignIn(%q) = %+v, %v, want nothing with the error", sealed, begun, err)
		}
		openPendingSignIn(sealer, sealer.Seal(plain, signInPurpose))
	})
}

func FuzzAssertion(f *testing.F) {
	f.Add([]byte(`{"email":"a@b","email_verified":"true","r":["x",1]}`), "email", "r", "x")
	f.Add([]byte(`{"a":{"b":{}}}`), "a.b", "a", "")
	f.Fuzz(func(t *testing.T, text []byte, claim, roleClaim, value string) {
		var claims map[string]any
		if json.Unmarshal(text, &claims) != nil {
			return
		}
		p := assertion(oidc.Identity{Claims: claims}, settings.SignIn{Claim: claim, RoleClaim: roleClaim, AdminValue: value})
		if p.IdentityVerified && (p.Identity == "" || claim == "email" && claims["email_verified"] != true && claims["email_verified"] != "true") {
			t.Errorf("assertion(%s) = %+v, want an unverified identity", text, p)
		}
		if roleClaim == "" && p.Role != "" || p.Role == account.RoleAdmin && value == "" {
			t.Errorf("assertion(%s) has the role %q", text, p.Role)
		}
	})
}

func TestSignInRules(t *testing.T) {
	p := testProvider(t, "", time.Now)
	rules := p.rules
	want := func(what string, want account.Rules) {
		t.Helper()
		if got, err := rules.rules(t.Context()); err != nil || got != want {
			t.Errorf("rules(), %s = %+v, %v; want %+v", what, got, err, want)
		}
		if p.PasswordsOff() == want.Passwords {
			t.Errorf("PasswordsOff(), %s = %v, want %v", what, p.PasswordsOff(), !want.Passwords)
		}
	}
	want("by default", account.Rules{Passwords: true})
	if err := rules.settings.SaveSignIn(t.Context(), settings.SignIn{PasswordsOff: true, Provision: true}); err != nil {
		t.Fatal(err)
	}
	want("saved", account.Rules{Provision: true})
	rules.hasProvider = false
	want("without a provider", account.Rules{Passwords: true})
	rules.hasProvider = true
	db, err := store.Open(t.Context(), sqlitetest.File(t), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := newSettings(db, secret.NewKey()).SaveSignIn(t.Context(), settings.SignIn{Provision: true}); err != nil {
		t.Fatal(err)
	}
	rules.settings = newSettings(db, secret.NewKey())
	want("with the secret file lost", account.Rules{})
}
