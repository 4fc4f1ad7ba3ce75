package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestProvider_Begin(t *testing.T) {
	f := newFakeProvider(t)
	p := f.provider(t, func(o *Options) { o.Scopes = []string{"groups"} })
	s, err := p.Begin(t.Context(), redirect)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(s.Verifier))
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "clientele", "redirect_uri": redirect, "scope": "openid email profile groups",
		"state": s.State, "nonce": s.Nonce, "code_challenge": b64(sum[:]), "code_challenge_method": "S256",
	} {
		if got := u.Query()[name]; len(got) != 1 || got[0] != want {
			t.Errorf("URL parameter %s = %q, want %q", name, got, want)
		}
	}
	if strings.Contains(s.URL, s.Verifier) || strings.Contains(s.URL, "cl1ent") {
		t.Error("the URL contains the verifier or the client secret")
	}
	if again, err := p.Begin(t.Context(), redirect); err != nil || again.State == s.State || again.Nonce == s.Nonce || again.Verifier == s.Verifier {
		t.Errorf("second Begin() = %v, or repeats a value", err)
	}
}

func TestProvider_BeginReauthentication(t *testing.T) {
	s, err := newFakeProvider(t).provider(t).BeginReauthentication(t.Context(), redirect)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if q := u.Query(); q.Get("prompt") != "login" || q.Get("max_age") != "0" || q.Get("nonce") != s.Nonce || q.Get("code_challenge") == "" {
		t.Errorf("BeginReauthentication() = %s, want prompt=login, max_age=0 and what Begin sends", s.URL)
	}
}

func TestProvider_Finish(t *testing.T) {
	f := newFakeProvider(t)
	p := f.provider(t)
	s, query := f.begin(t, p)
	who, err := p.Finish(t.Context(), redirect, s, query, "email")
	if err != nil {
		t.Fatal(err)
	}
	if who.Issuer != f.URL || who.Subject != "subject-1" || Text(who.Claims["email"]) != "ada@example.com" {
		t.Errorf("Finish() = %+v", who)
	}
	if f.form.Get("code_verifier") != s.Verifier || f.form.Get("code") != "c0de" || f.form.Get("redirect_uri") != redirect {
		t.Errorf("token request = %v", f.form)
	}
	if f.user != "clientele" || f.pass != url.QueryEscape("cl1ent&secret") {
		t.Errorf("client authentication = %q, %q", f.user, f.pass)
	}
	if f.requests["/info"] != 0 {
		t.Error("the userinfo endpoint was called although the token has all claims")
	}
}

func TestProvider_Finish_ClientAuthentication(t *testing.T) {
	for name, c := range map[string]struct {
		secret  string
		methods []string
		want    string
	}{
		"without a secret":        {"", nil, ""},
		"client_secret_post only": {"s3cret", []string{"client_secret_post"}, "s3cret"},
	} {
		f := newFakeProvider(t)
		f.description["token_endpoint_auth_methods_supported"] = c.methods
		if _, err := f.signIn(t, f.provider(t, func(o *Options) { o.ClientSecret = c.secret })); err != nil {
			t.Fatalf("Finish(%s) = %v", name, err)
		}
		if f.user != "" || f.form.Get("client_id") != "clientele" || f.form.Get("client_secret") != c.want {
			t.Errorf("Finish(%s) sent basic auth %q, form %v, want client_secret %q", name, f.user, f.form, c.want)
		}
	}
}

func TestProvider_Finish_RefusesUntrustedTokens(t *testing.T) {
	at := func(d time.Duration) int64 { return epoch.Add(d).Unix() }
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token map[string]any
		sign  func(f *fakeProvider) func([]byte) string
		valid bool
	}{
		"a valid token":                   {valid: true},
		"another nonce":                   {token: map[string]any{"nonce": "other"}},
		"no nonce":                        {token: map[string]any{"nonce": nil}},
		"another audience":                {token: map[string]any{"aud": "another"}},
		"no audience":                     {token: map[string]any{"aud": nil}},
		"us among the audience, and azp":  {token: map[string]any{"aud": []string{"x", "clientele"}, "azp": "clientele"}, valid: true},
		"us among the audience, no azp":   {token: map[string]any{"aud": []string{"x", "clientele"}}},
		"issued to another (azp)":         {token: map[string]any{"azp": "another"}},
		"azp of another kind":             {token: map[string]any{"azp": 7}},
		"another issuer":                  {token: map[string]any{"iss": "https://evil.example"}},
		"the issuer with a slash":         {token: map[string]any{"iss": "SLASH"}},
		"no issuer":                       {token: map[string]any{"iss": nil}},
		"no subject":                      {token: map[string]any{"sub": nil}},
		"an empty subject":                {token: map[string]any{"sub": ""}},
		"a subject that is a number":      {token: map[string]any{"sub": 17}},
		"expired within the skew":         {token: map[string]any{"exp": at(-119 * time.Second)}, valid: true},
		"expired beyond the skew":         {token: map[string]any{"exp": at(-2 * time.Minute)}},
		"no expiry":                       {token: map[string]any{"exp": nil}},
		"an expiry that is no time":       {token: map[string]any{"exp": "tomorrow"}},
		"an expiry before time":           {token: map[string]any{"exp": -1}},
		"an expiry in the year 9999":      {token: map[string]any{"exp": 253402300799}, valid: true},
		"from the year 3058":              {token: map[string]any{"iat": 1 << 35}},
		"from the future within the skew": {token: map[string]any{"iat": at(2 * time.Minute)}, valid: true},
		"from the future":                 {token: map[string]any{"iat": at(121 * time.Second)}},
		"no time of issue":                {token: map[string]any{"iat": nil}},
		"good from soon, within the skew": {token: map[string]any{"nbf": at(2 * time.Minute)}, valid: true},
		"good from later":                 {token: map[string]any{"nbf": at(121 * time.Second)}},
		"a fraction of a second":          {token: map[string]any{"iat": float64(epoch.Unix()) + 0.5}, valid: true},
		"another access token":            {token: map[string]any{"at_hash": "bm90IHRoaXMgb25l"}},
		"not signed": {sign: func(*fakeProvider) func([]byte) string {
			return func(p []byte) string { return b64([]byte(`{"alg":"none"}`)) + "." + b64(p) + "." }
		}},
		"signed with the client's secret": {sign: func(*fakeProvider) func([]byte) string {
			return func(p []byte) string { return hs256([]byte("cl1ent&secret"), p) }
		}},
		"signed with the public key as a secret": {sign: func(f *fakeProvider) func([]byte) string {
			return func(p []byte) string { return hs256(f.key.N.Bytes(), p) }
		}},
		"signed with another key of that name": {sign: func(*fakeProvider) func([]byte) string {
			return func(p []byte) string { return signToken(other, "RS256", "one", p) }
		}},
		"signed in a way that was not offered": {sign: func(f *fakeProvider) func([]byte) string {
			return func(p []byte) string { return signToken(f.key, "PS256", "one", p) }
		}},
		"changed afterwards": {sign: func(f *fakeProvider) func([]byte) string {
			return func(p []byte) string {
				parts := strings.Split(f.rs256(p), ".")
				return parts[0] + "." + b64([]byte(strings.Replace(string(p), "subject-1", "subject-2", 1))) + "." + parts[2]
			}
		}},
		"a truncated token": {sign: func(*fakeProvider) func([]byte) string { return func([]byte) string { return "eyJ" } }},
		"an empty token":    {sign: func(*fakeProvider) func([]byte) string { return func([]byte) string { return "" } }},
		"a list of claims": {sign: func(f *fakeProvider) func([]byte) string {
			return func([]byte) string { return f.rs256([]byte("[1]")) }
		}},
	} {
		f := newFakeProvider(t)
		if f.token = c.token; f.token["iss"] == "SLASH" {
			f.token["iss"] = f.URL + "/"
		}
		if c.sign != nil {
			f.sign = c.sign(f)
		}
		who, err := f.signIn(t, f.provider(t))
		switch {
		case c.valid && err != nil:
			t.Errorf("Finish(%s) = %v, want success", name, err)
		case !c.valid && !errors.Is(err, ErrRefused):
			t.Errorf("Finish(%s) = %+v, %v, want ErrRefused", name, who, err)
		}
	}
}

func TestProvider_Finish_ChecksTheResponse(t *testing.T) {
	f := newFakeProvider(t)
	p := f.provider(t)
	good, _ := f.begin(t, p)
	for name, c := range map[string]struct {
		change func(s *Started, q url.Values)
		want   error
	}{
		"another state":         {func(_ *Started, q url.Values) { q.Set("state", "other") }, ErrExpired},
		"no state":              {func(_ *Started, q url.Values) { q.Del("state") }, ErrExpired},
		"two states":            {func(_ *Started, q url.Values) { q.Add("state", q.Get("state")) }, ErrExpired},
		"nothing started":       {func(s *Started, q url.Values) { *s = Started{}; q.Set("state", "") }, ErrExpired},
		"no code":               {func(_ *Started, q url.Values) { q.Del("code") }, ErrRefused},
		"two codes":             {func(_ *Started, q url.Values) { q.Add("code", "x") }, ErrRefused},
		"from another provider": {func(_ *Started, q url.Values) { q.Set("iss", "https://evil.example") }, ErrRefused},
		"canceled":              {func(_ *Started, q url.Values) { q.Set("error", "access_denied") }, ErrCanceled},
		"canceled, wrong state": {func(_ *Started, q url.Values) { q.Set("error", "access_denied"); q.Set("state", "x") }, ErrExpired},
		"not allowed there":     {func(_ *Started, q url.Values) { q.Set("error", "unauthorized_client") }, ErrRefused},
		"down":                  {func(_ *Started, q url.Values) { q.Set("error", "temporarily_unavailable") }, ErrUnreachable},
		"an error of letters":   {func(_ *Started, q url.Values) { q.Set("error", "<script>alert(1)") }, ErrRefused},
	} {
		s, q := good, url.Values{"state": {good.State}, "code": {"c0de"}, "error_description": {"ada@example.com"}}
		c.change(&s, q)
		_, err := p.Finish(t.Context(), redirect, s, q)
		if !errors.Is(err, c.want) {
			t.Errorf("Finish(%s) = %v, want %v", name, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), "script") || strings.Contains(err.Error(), "ada@")) {
			t.Errorf("Finish(%s) = %v, want no outside text in it", name, err)
		}
	}
	if n := f.count("/token"); n != 0 {
		t.Errorf("Finish made %d token requests, want none", n)
	}
	// A provider that promises iss must send it.
	f.description["authorization_response_iss_parameter_supported"] = true
	p = f.provider(t)
	if _, err := f.signIn(t, p); !errors.Is(err, ErrRefused) {
		t.Errorf("Finish() without the promised iss = %v, want ErrRefused", err)
	}
	s, q := f.begin(t, p)
	q.Set("iss", f.URL)
	if _, err := p.Finish(t.Context(), redirect, s, q); err != nil {
		t.Errorf("Finish() with iss = %v", err)
	}
}

func TestProvider_Finish_TokenEndpointErrors(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"used code":            {400, `{"error":"invalid_grant","error_description":"c0de of ada@example.com"}`, ErrExpired},
		"invalid client":       {401, `{"error":"invalid_client","error_description":"cl1ent"}`, ErrRefused},
		"down":                 {503, `eyJ`, ErrUnreachable},
		"busy":                 {429, ``, ErrUnreachable},
		"redirect":             {302, ``, ErrRefused},
		"not JSON":             {200, `<html>`, ErrUnreachable},
		"no token":             {200, `{}`, ErrUnreachable},
		"no ID token":          {200, `{"access_token":"acc3ss","token_type":"Bearer"}`, ErrRefused},
		"a number as ID token": {200, `{"access_token":"acc3ss","token_type":"Bearer","id_token":7}`, ErrRefused},
	} {
		f := newFakeProvider(t)
		f.override = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/token" {
				return false
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			w.Write([]byte(c.body))
			return true
		}
		if _, err := f.signIn(t, f.provider(t)); !errors.Is(err, c.want) {
			t.Errorf("Finish(%s) = %v, want %v", name, err, c.want)
		}
		if f.count("/elsewhere") != 0 {
			t.Errorf("Finish(%s) followed the redirect", name)
		}
	}
}
