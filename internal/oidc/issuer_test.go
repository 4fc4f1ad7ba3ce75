package oidc

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCheckIssuer(t *testing.T) {
	for issuer, good := range map[string]bool{
		"https://login.example.com":                  true,
		"https://login.example.com/realms/a":         true,
		"https://10.0.0.5:8443":                      true,
		"http://127.0.0.1:8081":                      true,
		"http://localhost:8081/realms/a":             true,
		"http://[::1]:8081":                          true,
		"":                                           false,
		"login.example.com":                          false,
		"http://login.example.com":                   false,
		"http://10.0.0.5":                            false,
		"http://localhost.evil.example":              false,
		"https://user:pw@login.example.com":          false,
		"https://login.example.com?x=1":              false,
		"https://login.example.com/#x":               false,
		"ftp://login.example.com":                    false,
		"https:login.example.com":                    false,
		"https://":                                   false,
		"https://" + strings.Repeat("a", 600):        false,
		"https://a/x?":                               false,
		"https://a/.well-known/openid-configuration": false,
	} {
		if err := CheckIssuer(issuer); (err == nil) != good {
			t.Errorf("CheckIssuer(%.60q) = %v, want valid %v", issuer, err, good)
		}
	}
}

func TestNew_ValidatesTheClient(t *testing.T) {
	for name, c := range map[string]struct {
		id, secret string
		good       bool
	}{
		"both":                  {"clientele", "s3cret", true},
		"public":                {"clientele", "", true},
		"no id":                 {"", "s3cret", false},
		"a line break":          {"clientele", "s3cret\n", false},
		"letters of a language": {"clientèle", "", false},
		"too long":              {strings.Repeat("x", 501), "", false},
	} {
		_, err := New(Options{Issuer: "https://login.example.com", ClientID: c.id, ClientSecret: c.secret})
		if (err == nil) != c.good || err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("New(%s) = %v, want valid %v and no secret", name, err, c.good)
		}
	}
}

func TestTransportFor_OnlyTheIssuerMayBePrivate(t *testing.T) {
	private := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}))
	defer private.Close()
	get := func(issuer string) error {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, private.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := newClient(transportFor(issuer), true).Do(r)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	if err := get(private.URL); err != nil {
		t.Errorf("GET of the issuer's private host = %v", err)
	}
	err := get("https://login.example.com")
	if err == nil || !strings.Contains(safeMessage(err), "may not be connected to") {
		t.Errorf("GET of another private host = %v, want it refused", err)
	}
	var refused *transportError
	r, _ := http.NewRequest(http.MethodGet, private.URL, nil)
	if _, err := newClient(transportFor(private.URL), false).Do(r); !errors.As(err, &refused) {
		t.Errorf("GET over http with an https issuer = %v, want it refused", err)
	}
}
