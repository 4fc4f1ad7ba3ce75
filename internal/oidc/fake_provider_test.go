package oidc

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// epoch is the time of the tests.
var epoch = time.Unix(1_800_000_000, 0)

// redirect is the redirect URL of the tests.
const redirect = "https://crm.example.com/signin/provider/callback"

// fakeProvider is a provider whose faults tests control. Its fields are guarded by mu once
// it is called.
type fakeProvider struct {
	*httptest.Server
	mu          sync.Mutex
	key         *rsa.PrivateKey
	kid         string
	description map[string]any
	token       map[string]any // changes to the ID token's claims; nil removes one
	sign        func(payload []byte) string
	info        map[string]any // user information; nil: the endpoint fails
	override    func(w http.ResponseWriter, r *http.Request) bool
	requests    map[string]int // by path
	form        url.Values     // of the last token request
	user, pass  string         // of the last token request
	nonce       string
	now         time.Time
}

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func newFakeProvider(t *testing.T) *fakeProvider {
	f := &fakeProvider{key: testKey(), kid: "one", requests: map[string]int{}, now: epoch}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	f.description = map[string]any{
		"issuer": f.URL, "authorization_endpoint": f.URL + "/authorize", "token_endpoint": f.URL + "/token",
		"jwks_uri": f.URL + "/keys", "userinfo_endpoint": f.URL + "/info", "end_session_endpoint": f.URL + "/end?x=1",
		"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
	}
	f.sign = f.rs256
	return f
}

func (f *fakeProvider) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests[r.URL.Path]++
	if f.override != nil && f.override(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		json.NewEncoder(w).Encode(f.description)
	case "/keys":
		json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": f.kid,
			"n": b64(f.key.N.Bytes()), "e": b64(big.NewInt(int64(f.key.E)).Bytes()),
		}}})
	case "/token":
		f.user, f.pass, _ = r.BasicAuth()
		r.ParseForm()
		f.form = r.PostForm
		json.NewEncoder(w).Encode(map[string]any{"access_token": "acc3ss", "token_type": "Bearer", "id_token": f.idToken()})
	case "/info":
		if f.info == nil || r.Header.Get("Authorization") != "Bearer acc3ss" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		json.NewEncoder(w).Encode(f.info)
	default:
		http.NotFound(w, r)
	}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (f *fakeProvider) idToken() string {
	claims := map[string]any{
		"iss": f.URL, "aud": "clientele", "sub": "subject-1", "nonce": f.nonce,
		"iat": f.now.Unix(), "exp": f.now.Add(5 * time.Minute).Unix(),
		"email": "ada@example.com", "email_verified": true,
	}
	maps.Copy(claims, f.token)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return f.sign(payload)
}

func (f *fakeProvider) rs256(payload []byte) string { return signToken(f.key, "RS256", f.kid, payload) }

// signToken returns a token signed with RS256, whatever alg it claims.
func signToken(key *rsa.PrivateKey, alg, kid string, payload []byte) string {
	head, _ := json.Marshal(map[string]string{"alg": alg, "kid": kid, "typ": "JWT"})
	text := b64(head) + "." + b64(payload)
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + b64(sig)
}

// hs256 signs with a known value as the secret, as an attacker would.
func hs256(secret []byte, payload []byte) string {
	text := b64([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + b64(payload)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + b64(mac.Sum(nil))
}

func (f *fakeProvider) provider(t *testing.T, change ...func(*Options)) *Provider {
	t.Helper()
	o := Options{Issuer: f.URL, ClientID: "clientele", ClientSecret: "cl1ent&secret", Now: func() time.Time { return epoch }}
	for _, c := range change {
		c(&o)
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// begin starts a sign-in and tells the fake its nonce.
func (f *fakeProvider) begin(t *testing.T, p *Provider) (Started, url.Values) {
	t.Helper()
	s, err := p.Begin(t.Context(), redirect)
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nonce = s.Nonce
	return s, url.Values{"state": {s.State}, "code": {"c0de"}}
}

func (f *fakeProvider) signIn(t *testing.T, p *Provider, wanted ...string) (Identity, error) {
	t.Helper()
	s, query := f.begin(t, p)
	who, err := p.Finish(context.Background(), redirect, s, query, wanted...)
	if err != nil {
		for _, secret := range []string{"cl1ent", "c0de", "acc3ss", "ada@", "subject-1", s.Verifier, s.State, s.Nonce, "eyJ"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error contains %q: %v", secret, err)
			}
		}
	}
	return who, err
}

func (f *fakeProvider) count(path string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests[path]
}
