package frontline_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

func TestHandler_SignedURL(t *testing.T) {
	const body = "Location=GetCustomersList&Worker=alice"
	params, _ := url.ParseQuery(body)
	for _, tt := range []struct {
		name, publicURL, host, path, signed string
		status                              int
	}{
		{"the request's own", "", "example.com", "/crm", "http://example.com/crm", 200},
		{"with a port", "", "example.com:8080", "/crm", "http://example.com:8080/crm", 200},
		{"with a port that the caller omitted", "", "example.com:8080", "/crm", "http://example.com/crm", 200},
		{"upper-case host", "", "EXAMPLE.com", "/crm", "http://example.com/crm", 200},
		{"an escaped apostrophe", "", "example.com", "/crm?q=%27", "http://example.com/crm?q='", 200},
		{"query verbatim", "", "example.com", "/crm?a=%2f&b", "http://example.com/crm?a=%2f&b", 200},
		{"a query's parameters are not the body's", "", "example.com", "/crm?Worker=bob&Query=x", "http://example.com/crm?Worker=bob&Query=x", 200},
		{"escaped path", "", "example.com", "/a%2Fb%20c", "http://example.com/a%2Fb%20c", 200},
		{"https without a public URL", "", "example.com", "/crm", "https://example.com/crm", 403},
		{"behind a proxy", "https://crm.example", "10.0.0.7:8080", "/crm?x=1", "https://crm.example/crm?x=1", 200},
		{"behind a proxy, slash", "https://crm.example/", "10.0.0.7:8080", "/crm", "https://crm.example/crm", 200},
		{"behind a proxy that takes a prefix off", "https://example.com/a/", "10.0.0.7:8080", "/crm", "https://example.com/a/crm", 200},
		{"behind a proxy, the inner URL is no good", "https://crm.example", "10.0.0.7:8080", "/crm", "http://10.0.0.7:8080/crm", 403},
		{"behind a proxy, default port", "https://crm.example:443", "10.0.0.7:8080", "/crm", "https://crm.example/crm", 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", tt.path, strings.NewReader(body))
			r.Host = tt.host
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(frontline.SignatureHeader, frontline.Sign(token, tt.signed, params))
			w := httptest.NewRecorder()
			h := frontline.NewHandler(&sliceCRM{}, frontline.HandlerOptions{AuthTokens: tokens("", "new", token), PublicURL: tt.publicURL})
			h.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("POST %s signed as %s: status %d, want %d: %s", tt.path, tt.signed, w.Code, tt.status, w.Body)
			}
		})
	}
}

func TestHandler_SignedURLUnderPrefix(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/callbacks/", http.StripPrefix("/callbacks", frontline.NewHandler(&sliceCRM{}, frontline.HandlerOptions{AuthTokens: tokens(token)})))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, post("Location=GetCustomersList&Worker=alice"))
	if w.Code != 200 {
		t.Errorf("POST below a stripped prefix: status %d, want 200: %s", w.Code, w.Body)
	}
}

func TestHandler_WrongSignature(t *testing.T) {
	const body = "Location=GetCustomersList&Worker=alice"
	params, _ := url.ParseQuery(body)
	for _, tt := range []struct {
		name, signature string
		refused, fits   bool
	}{
		{"correct", frontline.Sign(token, "http://example.com/crm", params), false, false},
		{"another URL", frontline.Sign(token, "https://crm.example/crm", params), true, true},
		{"another token", frontline.Sign("another", "https://crm.example/crm", params), true, false},
		{"other parameters", frontline.Sign(token, "https://crm.example/crm", nil), true, false},
		{"none", "", true, false},
		{"no signature at all", "x", true, false},
	} {
		called, fits := false, false
		h := frontline.NewHandler(&sliceCRM{}, frontline.HandlerOptions{
			AuthTokens: tokens(token),
			WrongSignature: func(r *http.Request, verify func(authToken, callbackURL string) bool) {
				called, fits = r.URL.Path == "/crm", verify(token, "https://CRM.example:443/crm")
				if verify("", "https://crm.example/crm") || verify(token, "not a URL") {
					t.Errorf("%s: verify without a token or URL = true", tt.name)
				}
			},
		})
		r := httptest.NewRequest("POST", "/crm", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(frontline.SignatureHeader, tt.signature)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if called != tt.refused || fits != tt.fits || (w.Code == 403) != tt.refused {
			t.Errorf("POST with signature %s: status %d, WrongSignature called %v, verify = %v, want %v, %v", tt.name, w.Code, called, fits, tt.refused, tt.fits)
		}
	}
}

func TestHandler_AllowUnsigned(t *testing.T) {
	h := frontline.NewHandler(&sliceCRM{}, frontline.HandlerOptions{
		AllowUnsigned: func(r *http.Request) bool { return r.Host == "localhost" },
	})
	for _, tt := range []struct {
		name, host, signature string
		status                int
	}{
		{"allowed", "localhost", "", 200},
		{"not allowed", "example.com", "", 403},
		{"a wrong signature is refused even where none is needed", "localhost", "fCxdMBO8P83YKOwYbmfK4IlRb1Q=", 403},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader("Location=GetCustomersList&Worker=alice"))
		r.Host = tt.host
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if tt.signature != "" {
			r.Header.Set(frontline.SignatureHeader, tt.signature)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("POST, %s: status %d, want %d: %s", tt.name, w.Code, tt.status, w.Body)
		}
	}
}

func TestNewHandler_InvalidPublicURL(t *testing.T) {
	for _, bad := range []string{"example.com", "https://example.com/?q", "https://u@example.com", "https://example.com/#x"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("NewHandler with PublicURL %s did not panic", bad)
				}
			}()
			frontline.NewHandler(&sliceCRM{}, frontline.HandlerOptions{PublicURL: bad})
		}()
	}
}
