package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// faults are the faults of further ID tokens; the zero value has none.
type faults struct {
	// Shift moves all times by seconds, as a wrong clock does.
	Shift float64 `json:"shift"`
	// Set replaces values of claims; null removes them.
	Set map[string]any `json:"set"`
	// Sign is how a token is signed: "" correctly, "shared" with the client's secret
	// (HS256), "stranger" with an unknown key under a known name, "none" not at all.
	Sign string `json:"sign"`
}

func (f faults) any() bool { return f.Shift != 0 || len(f.Set) > 0 || f.Sign != "" }

// tampered serves the provider's response with an ID token that has the faults.
func (s *storage) tampered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		f, secret := s.faults, s.client.Secret
		s.mu.Unlock()
		if !f.any() {
			next.ServeHTTP(w, r)
			return
		}
		recorder := httptest.NewRecorder()
		next.ServeHTTP(recorder, r)
		var tokens map[string]any
		raw := recorder.Body.Bytes()
		if json.Unmarshal(raw, &tokens) == nil {
			if id, ok := tokens["id_token"].(string); ok {
				tokens["id_token"] = s.rewrite(f, id, secret)
				raw, _ = json.Marshal(tokens)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(recorder.Code)
		w.Write(raw)
	})
}

func (s *storage) rewrite(f faults, token, secret string) string {
	parsed, err := jose.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		panic(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(parsed.UnsafePayloadWithoutVerification(), &claims); err != nil {
		panic(err)
	}
	for _, name := range []string{"iat", "exp", "auth_time", "nbf"} {
		if at, ok := claims[name].(float64); ok {
			claims[name] = at + f.Shift
		}
	}
	for name, v := range f.Set {
		if claims[name] = v; v == nil {
			delete(claims, name)
		}
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return sign(payload, s.signing(), f.Sign, secret)
}

func sign(payload []byte, k key, how, secret string) string {
	with := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k.private, KeyID: k.id}}
	switch how {
	case "shared":
		with = jose.SigningKey{Algorithm: jose.HS256, Key: []byte(secret + strings.Repeat(" ", 32))}
	case "stranger":
		with.Key = jose.JSONWebKey{Key: newKey().private, KeyID: k.id}
	}
	signer, err := jose.NewSigner(with, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	if how == "none" {
		parts := strings.Split(token, ".")
		return "eyJhbGciOiJub25lIn0." + parts[1] + "."
	}
	return token
}
