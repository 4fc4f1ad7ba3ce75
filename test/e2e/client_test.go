package e2e

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
)

// staff makes a database with these people, each with a session but without a password,
// which takes half a second. Identities that begin with "admin" are administrators.
func staff(t *testing.T, identities ...string) (installation, map[string]string) {
	t.Helper()
	in := installation{filepath.Join(t.TempDir(), "clientele.db")}
	return in, in.addPeople(t, identities...)
}

// addPeople adds people to a database, and returns their session cookies.
func (in installation) addPeople(t *testing.T, identities ...string) map[string]string {
	t.Helper()
	db, err := store.Open(t.Context(), in.database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	people := account.NewService(db.Accounts(), secret.NewPasswords(2), nil)
	secrets := make(map[string]string)
	for _, identity := range identities {
		role := account.RoleWorker
		if strings.HasPrefix(identity, "admin") {
			role = account.RoleAdmin
		}
		if err := people.AddPerson(t.Context(), identity, role, ""); err != nil {
			t.Fatal(err)
		}
		if secrets[identity], _, err = people.SignInAs(t.Context(), identity, "e2e"); err != nil {
			t.Fatal(err)
		}
	}
	people.Wait()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return secrets
}

// A client is a signed-in session that reads pages without a browser.
type client struct {
	t      *testing.T
	srv    *server
	secret string
	client *http.Client
}

func (s *server) client(t *testing.T, secret string) *client {
	return &client{t, s, secret, plainClient()}
}

// A screen is a parsed page of the app.
type screen struct {
	path                   string
	status                 int
	body                   string
	ids                    []string
	next, code, asOf       string
	pending, partial, none bool
	took                   time.Duration
}

var (
	rowPattern  = regexp.MustCompile(`data-customer-id="([^"]*)"`)
	nextPattern = regexp.MustCompile(`rel="next"[^>]*href="([^"]*)"`)
	codePattern = regexp.MustCompile(`data-error-code="([^"]*)"`)
	asOfPattern = regexp.MustCompile(`data-as-of="([^"]*)"`)
)

func group(pattern *regexp.Regexp, in string) string {
	if m := pattern.FindStringSubmatch(in); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}

// get requests a page once.
func (v *client) get(path string) screen {
	v.t.Helper()
	begun := time.Now()
	r := request(v.t, "GET", v.srv.url+path, "")
	r.AddCookie(&http.Cookie{Name: "clientele", Value: v.secret})
	got := send(v.t, v.client, r)
	of := got.body // what the page is about: of a customer's, not the list beside it
	if at := strings.Index(of, `id="detail"`); at >= 0 && strings.HasPrefix(path, "/customers/") {
		of = of[at:]
	}
	s := screen{path: path, status: got.status, body: got.body, took: time.Since(begun),
		next: group(nextPattern, of), code: group(codePattern, of), asOf: group(asOfPattern, of),
		pending: strings.Contains(of, "data-pending"), partial: strings.Contains(of, "data-partial")}
	for _, m := range rowPattern.FindAllStringSubmatch(got.body, -1) {
		s.ids = append(s.ids, html.UnescapeString(m[1]))
	}
	if got.status == http.StatusSeeOther {
		v.t.Fatalf("%s redirects to %s: not signed in?", path, got.header.Get("Location"))
	}
	// A list without rows is an error, pending, or empty; an error must never look empty.
	s.none = len(s.ids) == 0 && s.code == "" && !s.pending && (path == "/customers" || strings.HasPrefix(path, "/customers?"))
	return s
}

// read repeats a request until nothing is pending; took is the whole time, and first the
// time to the first response.
func (v *client) read(path string) (s screen, first time.Duration) {
	v.t.Helper()
	begun := time.Now()
	for {
		s = v.get(path)
		if first == 0 {
			first = s.took
		}
		if !s.pending || time.Since(begun) > limit {
			s.took = time.Since(begun)
			return s, first
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// walk follows the list's pages to the end or to an error, as with scripts off.
func (v *client) walk(path string) (ids []string, last screen) {
	v.t.Helper()
	for range 200 {
		s, _ := v.read(path)
		ids = append(ids, s.ids...)
		if s.next == "" || s.code != "" || s.pending {
			return ids, s
		}
		path = s.next
	}
	v.t.Fatalf("the list does not end after %d rows", len(ids))
	return nil, screen{}
}

// complete checks that the whole list has exactly these customers, each once.
func (v *client) complete(path string, want []string) {
	v.t.Helper()
	got, last := v.walk(path)
	if last.code != "" || last.pending {
		v.t.Errorf("the walk ended at %s with code %q, pending %v, after %d rows", last.path, last.code, last.pending, len(got))
	} else if !slices.Equal(got, want) {
		v.t.Errorf("the list has %d rows, want %d: %s", len(got), len(want), difference(got, want))
	}
}

// difference describes how two lists differ.
func difference(got, want []string) string {
	seen := make(map[string]int)
	for _, id := range got {
		seen[id]++
	}
	var missing, twice, strange []string
	for _, id := range want {
		if seen[id] == 0 {
			missing = append(missing, id)
		}
	}
	for id, n := range seen {
		if n > 1 {
			twice = append(twice, id)
		}
		if !slices.Contains(want, id) {
			strange = append(strange, id)
		}
	}
	few := func(ids []string) string { return fmt.Sprintf("%d %q", len(ids), ids[:min(len(ids), 5)]) }
	return "missing " + few(missing) + ", more than once " + few(twice) + ", not of the list " + few(strange) +
		map[bool]string{true: ", in another order"}[len(missing)+len(twice)+len(strange) == 0]
}

// setSession signs the tab in, without the sign-in form.
func (tb *tab) setSession(srv *server, secret string) {
	tb.t.Helper()
	tb.do(network.SetCookie("clientele", secret).WithURL(srv.url).WithHTTPOnly(true).WithSameSite(network.CookieSameSiteLax))
}

// customerPath returns the path of a customer's details.
func customerPath(id string) string { return "/customers/" + url.PathEscape(id) }
