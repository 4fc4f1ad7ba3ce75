package oidc

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"maps"
	"testing"
	"time"
)

func TestProvider_VerifyLogout(t *testing.T) {
	f := newFakeProvider(t)
	p := f.provider(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	at := func(d time.Duration) int64 { return epoch.Add(d).Unix() }
	events := map[string]any{logoutEvent: map[string]any{}}
	for name, c := range map[string]struct {
		claims map[string]any // changes; nil removes one
		key    *rsa.PrivateKey
		want   Logout // without its issuer; zero is refused
	}{
		"a session of a subject": {want: Logout{Subject: "s", Session: "sid"}},
		"all of a subject":       {claims: map[string]any{"sid": nil}, want: Logout{Subject: "s"}},
		"a session":              {claims: map[string]any{"sub": nil}, want: Logout{Session: "sid"}},
		"without an expiry":      {claims: map[string]any{"exp": nil}, want: Logout{Subject: "s", Session: "sid"}},
		"neither":                {claims: map[string]any{"sub": nil, "sid": nil}},
		"an ID token":            {claims: map[string]any{"events": nil, "nonce": "n"}},
		"with a nonce":           {claims: map[string]any{"nonce": "n"}},
		"another event":          {claims: map[string]any{"events": map[string]any{"x": map[string]any{}}}},
		"another audience":       {claims: map[string]any{"aud": "another"}},
		"another issuer":         {claims: map[string]any{"iss": "https://evil.example"}},
		"expired":                {claims: map[string]any{"exp": at(-3 * time.Minute)}},
		"old":                    {claims: map[string]any{"iat": at(-11 * time.Minute)}},
		"from the future":        {claims: map[string]any{"iat": at(3 * time.Minute)}},
		"without a time":         {claims: map[string]any{"iat": nil}},
		"signed by another":      {key: other},
	} {
		claims := map[string]any{"iss": f.URL, "aud": "clientele", "sub": "s", "sid": "sid", "jti": "1", "iat": at(-time.Minute), "exp": at(time.Minute), "events": events}
		maps.Copy(claims, c.claims)
		maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
		payload, err := json.Marshal(claims)
		if err != nil {
			t.Fatal(err)
		}
		if c.key == nil {
			c.key = f.key
		}
		got, err := p.VerifyLogout(t.Context(), signToken(c.key, "RS256", f.kid, payload))
		if c.want == (Logout{}) {
			if !errors.Is(err, ErrRefused) {
				t.Errorf("VerifyLogout(%s) = %+v, %v, want ErrRefused", name, got, err)
			}
			continue
		}
		c.want.Issuer = f.URL
		if err != nil || got != c.want {
			t.Errorf("VerifyLogout(%s) = %+v, %v, want %+v", name, got, err, c.want)
		}
	}
}
