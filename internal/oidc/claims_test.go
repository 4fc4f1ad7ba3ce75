package oidc

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookup(t *testing.T) {
	claims, err := parseClaims([]byte(`{"email":"a@b","realm_access":{"roles":["staff","admin"],"n":{"x":1}},
		"https://example.com/roles":"boss","list":[1],"nothing":null,"number":12345678901234567890}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"email":                     {"a@b"},
		"realm_access.roles":        {"staff", "admin"},
		"realm_access.n.x":          {"1"},
		"https://example.com/roles": {"boss"},
		"number":                    {"12345678901234567890"},
		"list":                      {"1"},
		"email.x":                   nil,
		"list.0":                    nil,
		"realm_access":              nil,
		"nothing":                   nil,
		"gone":                      nil,
		"":                          nil,
		"realm_access.":             nil,
		".":                         nil,
	} {
		if diff := cmp.Diff(want, Texts(Lookup(claims, name))); diff != "" {
			t.Errorf("Texts(Lookup(%q)) (-want +got):\n%s", name, diff)
		}
	}
	for v, want := range map[any]bool{true: true, "true": true, false: false, "TRUE": false, "1": false, nil: false, json.Number("1"): false} {
		if IsTrue(v) != want {
			t.Errorf("True(%#v) = %v, want %v", v, !want, want)
		}
	}
}

func TestProvider_Finish_UserInfo(t *testing.T) {
	for name, c := range map[string]struct {
		token, info  map[string]any
		want         string
		wantVerified any
		wantErr      error
	}{
		"the address is in the user information": {
			map[string]any{"email": nil, "email_verified": nil}, map[string]any{"sub": "subject-1", "email": "ada@home", "email_verified": "true"}, "ada@home", "true", nil},
		"the user information verifies another address": {
			map[string]any{"email": "boss@example.com", "email_verified": nil},
			map[string]any{"sub": "subject-1", "email": "ada@home", "email_verified": true}, "ada@home", true, nil},
		"the user information has no address": {
			map[string]any{"email": "boss@example.com", "email_verified": nil}, map[string]any{"sub": "subject-1", "email_verified": true}, "boss@example.com", nil, nil},
		"the token has all claims": {nil, map[string]any{"sub": "subject-1", "email": "eve@example.com"}, "ada@example.com", true, nil},
		"another subject":          {map[string]any{"email": nil}, map[string]any{"sub": "subject-2", "email": "eve@example.com"}, "", nil, ErrRefused},
		"no subject":               {map[string]any{"email": nil}, map[string]any{"email": "eve@example.com"}, "", nil, ErrRefused},
		"no user information":      {map[string]any{"email": nil}, nil, "", nil, ErrUnreachable},
	} {
		f := newFakeProvider(t)
		f.token, f.info = c.token, c.info
		who, err := f.signIn(t, f.provider(t), "email")
		if !errors.Is(err, c.wantErr) || (c.wantErr == nil) != (err == nil) {
			t.Errorf("Finish(%s) = %v, want %v", name, err, c.wantErr)
			continue
		}
		if err == nil && (Text(who.Claims["email"]) != c.want || who.Claims["email_verified"] != c.wantVerified) {
			t.Errorf("Finish(%s) = email %v, verified %v, want %s, %v", name, who.Claims["email"], who.Claims["email_verified"], c.want, c.wantVerified)
		}
	}
	// A provider without a userinfo endpoint.
	f := newFakeProvider(t)
	delete(f.description, "userinfo_endpoint")
	if who, err := f.signIn(t, f.provider(t), "groups"); err != nil || Lookup(who.Claims, "groups") != nil {
		t.Errorf("Finish() without a userinfo endpoint = %v", err)
	}
}

func FuzzClaims(f *testing.F) {
	f.Add([]byte(`{"email":"a@b","realm_access":{"roles":["x",1,null,{}]}}`), "realm_access.roles")
	f.Add([]byte(`{"a.b":{"c":1},"a":{"b.c":2}}`), "a.b.c")
	f.Add([]byte(`[]`), ".")
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		claims, err := parseClaims(text)
		if err != nil {
			return
		}
		for _, s := range Texts(Lookup(claims, name)) {
			if s == "" {
				t.Error("Texts() returns an empty text")
			}
		}
		before := len(claims)
		mergeClaims(claims, map[string]any{"email": "x@y", "email_verified": true, "new": 1})
		if len(claims) < before {
			t.Error("mergeClaims() removed claims")
		}
		if claims["email"] != "x@y" && claims["email_verified"] == nil {
			t.Error("mergeClaims() separated an address from its verification")
		}
		Time(claims[name])
	})
}
