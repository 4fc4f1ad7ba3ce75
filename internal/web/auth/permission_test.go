package auth_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestSite_Permissions is the whole matrix: every kind of viewer, every permission,
// reading and writing.
func TestSite_Permissions(t *testing.T) {
	const in, no, fails, does, replace = http.StatusSeeOther, http.StatusForbidden, http.StatusServiceUnavailable, http.StatusOK, http.StatusSeeOther
	for _, who := range []struct {
		name, secret, identity string
		open, any, in, admin   int
		export, odd            int
	}{
		{"anonymous", "", "", does, in, in, in, in, in},
		{"ended session", "ended", "", does, in, in, in, in, in},
		{"a worker", "w", "worker", does, does, does, no, no, no},
		{"a worker with the export permission, which has no effect", "m", "mover", does, does, does, no, no, no},
		{"an administrator", "a", "admin", does, does, does, does, no, no},
		{"an administrator who may export", "x", "exporter", does, does, does, does, does, no},
		{"an unknown role", "o", "odd", does, does, does, no, no, no},
		{"an administrator with a temporary password", "t", "newcomer", does, does, replace, replace, replace, replace},
		{"a session that cannot be looked up", "broken", "", does, fails, fails, fails, fails, fails},
	} {
		for path, want := range map[string]int{"/open": who.open, "/any": who.any, "/in": who.in, "/admin": who.admin, "/export": who.export, "/odd": who.odd} {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				b := newTestSite(t, "")
				w := b.do(method, path, who.secret)
				if w.Code != want {
					t.Errorf("%s %s by %s: status %d, want %d", method, path, who.name, w.Code, want)
				}
				acted := strings.Join(b.actions, ", ")
				if (acted != "") != (want == does) || want == does && !strings.HasSuffix(acted, " for "+who.identity) {
					t.Errorf("%s %s by %s: actions %q with status %d", method, path, who.name, acted, want)
				}
				target := "/signin"
				if who.secret == "t" {
					target = "/account"
				}
				if want == in && !strings.HasPrefix(w.Header().Get("Location"), target) {
					t.Errorf("%s %s by %s: Location %q, want %s", method, path, who.name, w.Header().Get("Location"), target)
				}
			}
		}
	}
}

func TestSite_SignInReturnsToTheRequestedPage(t *testing.T) {
	b := newTestSite(t, "")
	for _, test := range []struct{ name, method, secret, location string }{
		{"page", "GET", "", "/signin?next=%2Fin%3Fa%3Db"},
		{"page, session ended", "GET", "ended", "/signin?ended=1&next=%2Fin%3Fa%3Db"},
		{"form", "POST", "", "/signin"},
	} {
		w := b.do(test.method, "/in?a=b", test.secret)
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != test.location {
			t.Errorf("%s /in, %s: status %d, Location %q, want 303, %q", test.method, test.name, w.Code, got, test.location)
		}
		dropped := strings.HasPrefix(w.Header().Get("Set-Cookie"), "clientele=;")
		if dropped != (test.secret == "ended") {
			t.Errorf("%s /in, %s: Set-Cookie %q, want dropped: %v", test.method, test.name, w.Header().Get("Set-Cookie"), test.secret == "ended")
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s /in, %s: Cache-Control %q, want no-store", test.method, test.name, w.Header().Get("Cache-Control"))
		}
	}
	// A script cannot show the form.
	if w := b.do("GET", "/in", "", "Clientele-Part", "list"); w.Code != http.StatusUnauthorized || w.Body.Len() != 0 || w.Header().Get("Location") != "" {
		t.Errorf("anonymous script: status %d, body %q, want 401, empty", w.Code, w.Body)
	}
	if w := b.do("GET", "/admin", "w", "Clientele-Part", "list"); w.Code != http.StatusForbidden {
		t.Errorf("worker's script, GET /admin: status %d, want 403", w.Code)
	}
}

func TestSite_RefusesCrossSiteForms(t *testing.T) {
	for _, test := range []struct {
		name, public string
		header       []string
		refused      bool
	}{
		{"our own page", "", []string{"Sec-Fetch-Site", "same-origin"}, false},
		{"no browser", "", nil, false},
		{"typed in", "", []string{"Sec-Fetch-Site", "none"}, false},
		{"another site", "", []string{"Sec-Fetch-Site", "cross-site"}, true},
		{"another site of the same domain", "", []string{"Sec-Fetch-Site", "same-site"}, true},
		{"an old browser at another site", "", []string{"Origin", "https://evil.example"}, true},
		{"an old browser at ours", "", []string{"Origin", "http://example.com"}, false},
		{"null origin", "", []string{"Origin", "null"}, true},
		{"our public address", "https://crm.example.com", []string{"Origin", "https://crm.example.com"}, false},
		{"an address with our public address as prefix", "https://crm.example.com", []string{"Origin", "https://crm.example.com.evil.example"}, true},
	} {
		for _, path := range []string{"/open", "/in", "/admin", "/write", "/nowhere"} {
			b := newTestSite(t, test.public)
			header := append([]string{"Cookie", "clientele=a; __Host-clientele=a"}, test.header...)
			w := b.do("POST", path, "", header...)
			if refused := w.Code == http.StatusForbidden; refused != test.refused {
				t.Errorf("POST %s, %s: status %d, want refused: %v", path, test.name, w.Code, test.refused)
			}
			if test.refused && (len(b.actions) != 0 || !strings.Contains(w.Body.String(), `data-error-code="foreign"`)) {
				t.Errorf("POST %s, %s: actions %q, body\n%s", path, test.name, b.actions, w.Body)
			}
			if path == "/nowhere" || path == "/write" {
				continue
			}
			if w := b.do("GET", path, "", header...); w.Code != http.StatusOK {
				t.Errorf("GET %s, %s: status %d, want 200", path, test.name, w.Code)
			}
		}
	}
}
