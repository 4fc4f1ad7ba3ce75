package auth_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestWhoMayTakeWhichRoute is the whole matrix: everybody, every permission, reading
// and writing.
func TestWhoMayTakeWhichRoute(t *testing.T) {
	const in, no, fails, does = http.StatusSeeOther, http.StatusForbidden, http.StatusServiceUnavailable, http.StatusOK
	for _, who := range []struct {
		name, secret, identity string
		open, in, admin        int
		export, odd            int
	}{
		{"a stranger", "", "", does, in, in, in, in},
		{"somebody whose session has ended", "ended", "", does, in, in, in, in},
		{"a worker", "w", "worker", does, does, no, no, no},
		{"a worker who may export, which counts for nothing", "m", "mover", does, does, no, no, no},
		{"an administrator", "a", "admin", does, does, does, no, no},
		{"an administrator who may export", "x", "exporter", does, does, does, does, no},
		{"somebody with a role that nobody knows", "o", "odd", does, does, no, no, no},
		{"somebody of whom nobody can tell", "broken", "", does, fails, fails, fails, fails},
	} {
		for path, want := range map[string]int{"/open": who.open, "/in": who.in, "/admin": who.admin, "/export": who.export, "/odd": who.odd} {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				b := newBench(t, "")
				w := b.ask(method, path, who.secret)
				if w.Code != want {
					t.Errorf("%s, %s %s: status %d, want %d", who.name, method, path, w.Code, want)
				}
				acted := strings.Join(b.acted, ", ")
				if (acted != "") != (want == does) {
					t.Errorf("%s, %s %s: done was %q", who.name, method, path, acted)
				}
				if want == does && !strings.HasSuffix(acted, " for "+who.identity) {
					t.Errorf("%s, %s %s: done was %q", who.name, method, path, acted)
				}
				if want == in && !strings.HasPrefix(w.Header().Get("Location"), "/signin") {
					t.Errorf("%s, %s %s leads to %s", who.name, method, path, w.Header().Get("Location"))
				}
			}
		}
	}
}

func TestWhoIsAskedToSignInComesBack(t *testing.T) {
	b := newBench(t, "")
	for _, test := range []struct{ name, method, secret, location string }{
		{"to what was asked for", "GET", "", "/signin?next=%2Fin%3Fa%3Db"},
		{"and is told when the session had ended", "GET", "ended", "/signin?ended=1&next=%2Fin%3Fa%3Db"},
		{"but not to a form that was sent", "POST", "", "/signin"},
	} {
		w := b.ask(test.method, "/in?a=b", test.secret)
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != test.location {
			t.Errorf("%s: status %d to %s, want %s", test.name, w.Code, got, test.location)
		}
		dropped := strings.HasPrefix(w.Header().Get("Set-Cookie"), "clientele=;")
		if dropped != (test.secret == "ended") {
			t.Errorf("%s: the cookie is %q", test.name, w.Header().Get("Set-Cookie"))
		}
		if !strings.HasPrefix(w.Header().Get("Cache-Control"), "private") {
			t.Errorf("%s: Cache-Control is %q", test.name, w.Header().Get("Cache-Control"))
		}
	}
	// A script has nobody to show a form to.
	if w := b.ask("GET", "/in", "", "Clientele-Part", "list"); w.Code != http.StatusUnauthorized || w.Body.Len() != 0 || w.Header().Get("Location") != "" {
		t.Errorf("a script gets %d, %q", w.Code, w.Body)
	}
	if w := b.ask("GET", "/admin", "w", "Clientele-Part", "list"); w.Code != http.StatusForbidden {
		t.Errorf("a worker's script gets %d of an administrator's", w.Code)
	}
}

func TestWhatAnotherSiteSendsIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, public string
		header       []string
		refused      bool
	}{
		{"our own page", "", []string{"Sec-Fetch-Site", "same-origin"}, false},
		{"no browser at all", "", nil, false},
		{"typed in", "", []string{"Sec-Fetch-Site", "none"}, false},
		{"another site", "", []string{"Sec-Fetch-Site", "cross-site"}, true},
		{"a sister site", "", []string{"Sec-Fetch-Site", "same-site"}, true},
		{"an old browser at another site", "", []string{"Origin", "https://evil.example"}, true},
		{"an old browser at ours", "", []string{"Origin", "http://example.com"}, false},
		{"nowhere", "", []string{"Origin", "null"}, true},
		{"our public address", "https://crm.example.com", []string{"Origin", "https://crm.example.com"}, false},
		{"one like it", "https://crm.example.com", []string{"Origin", "https://crm.example.com.evil.example"}, true},
	} {
		for _, path := range []string{"/open", "/in", "/admin", "/write", "/nowhere"} {
			b := newBench(t, test.public)
			header := append([]string{"Cookie", "clientele=a; __Host-clientele=a"}, test.header...)
			w := b.ask("POST", path, "", header...)
			if refused := w.Code == http.StatusForbidden; refused != test.refused {
				t.Errorf("%s: POST %s has status %d", test.name, path, w.Code)
			}
			if test.refused && (len(b.acted) != 0 || !strings.Contains(w.Body.String(), `data-error-code="foreign"`)) {
				t.Errorf("%s: POST %s did %q, and answers\n%s", test.name, path, b.acted, w.Body)
			}
			if path == "/nowhere" || path == "/write" {
				continue
			}
			if w := b.ask("GET", path, "", header...); w.Code != http.StatusOK {
				t.Errorf("%s: a link to %s has status %d", test.name, path, w.Code)
			}
		}
	}
}
