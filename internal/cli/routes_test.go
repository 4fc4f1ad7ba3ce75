package cli

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/door"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// everyRoute is each route of the program with an address that takes it, and what a
// worker gets there who asks with GET.
var everyRoute = []struct {
	route, path string
	worker      int
}{
	{"/{$}", "/", http.StatusSeeOther},
	{"/signin", "/signin", http.StatusSeeOther},
	{"/signin/provider", "/signin/provider", http.StatusNotFound}, // there is none
	{"/signin/provider/callback", "/signin/provider/callback", http.StatusNotFound},
	{"/signout", "/signout", http.StatusMethodNotAllowed},
	{"/customers", "/customers", http.StatusOK},
	{"/customers/{$}", "/customers/", http.StatusSeeOther},
	{"/customers/{id}", "/customers/nobody", http.StatusNotFound},
	{"/avatars/{handle}", "/avatars/none", http.StatusNotFound},
	{"/pulse", "/pulse", http.StatusNoContent},
	{"/account", "/account", http.StatusOK},
	{"/account/preferences", "/account/preferences", http.StatusSeeOther},
	{"/account/password", "/account/password", http.StatusSeeOther},
	{"/account/sessions/revoke", "/account/sessions/revoke", http.StatusSeeOther},
	{"/account/sessions/revoke-others", "/account/sessions/revoke-others", http.StatusSeeOther},
	{"/assets/{name}", "/assets/none", http.StatusNotFound},
	{"/manifest.webmanifest", "/manifest.webmanifest", http.StatusOK},
	{"/favicon.ico", "/favicon.ico", http.StatusOK},
	{"/apple-touch-icon.png", "/apple-touch-icon.png", http.StatusOK},

	{"/console", "/console", http.StatusForbidden},
	{"/console/{$}", "/console/", http.StatusForbidden},
	{"/console/callbacks", "/console/callbacks", http.StatusForbidden},
	{"/console/callbacks/token", "/console/callbacks/token", http.StatusForbidden},
	{"/console/callbacks/test", "/console/callbacks/test", http.StatusForbidden},
	{"/console/people", "/console/people", http.StatusForbidden},
	{"/console/people/add", "/console/people/add", http.StatusForbidden},
	{"/console/people/person", "/console/people/person?id=ada", http.StatusForbidden},
	{"/console/people/confirm", "/console/people/confirm?id=ada&do=remove", http.StatusForbidden},
	{"/console/signin", "/console/signin", http.StatusForbidden},
	{"/console/audit", "/console/audit", http.StatusForbidden},
	{"/console/audit/rules", "/console/audit/rules", http.StatusForbidden},
	{"/console/audit/export", "/console/audit/export", http.StatusForbidden},
	{"/console/activity", "/console/activity", http.StatusForbidden},
	{"/console/customers", "/console/customers", http.StatusForbidden},
	{"/console/customers/chosen", "/console/customers/chosen", http.StatusForbidden},
	{"/console/customers/add", "/console/customers/add", http.StatusForbidden},
	{"/console/customers/one", "/console/customers/one", http.StatusForbidden},
	{"/console/customers/import", "/console/customers/import", http.StatusForbidden},
	{"/console/customers/import/one", "/console/customers/import/one", http.StatusForbidden},
	{"/console/customers/import/rejects", "/console/customers/import/rejects", http.StatusForbidden},
	{"/console/customers/reassign", "/console/customers/reassign", http.StatusForbidden},
	{"/console/customers/reassign/job", "/console/customers/reassign/job", http.StatusForbidden},
	{"/console/customers/duplicates", "/console/customers/duplicates", http.StatusForbidden},
	{"/console/customers/deleted", "/console/customers/deleted", http.StatusForbidden},
	{"/console/customers/export", "/console/customers/export", http.StatusForbidden},
	{"/console/customers/export/file", "/console/customers/export/file", http.StatusForbidden},
	{"/console/assets/{name}", "/console/assets/none", http.StatusNotFound},

	// What machines ask, and what is nowhere.
	{callbackPath, callbackPath, http.StatusMethodNotAllowed},
	{metricsPath, metricsPath, http.StatusNotFound},
	{"/healthz", "/healthz", http.StatusOK},
	{"/readyz", "/readyz", http.StatusOK},
	{"", "/nowhere", http.StatusNotFound},
	{"", "/console/nowhere", http.StatusNotFound},
	{"", "/consolation", http.StatusNotFound},
	{"", "/%63onsole/callbacks", http.StatusNotFound},
	{"", "//console/callbacks", http.StatusTemporaryRedirect}, // to the path made clean
}

// whole is all of the program's routes over a database with a worker and an
// administrator.
func whole(t *testing.T) (handler http.Handler, routes []door.Route, cookies map[string]*http.Cookie) {
	t.Helper()
	db, err := openDatabase(t.Context(), sqlitetest.File(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	h := newHouse(t.Context(), db, secret.NewKey(), &journal{slog.New(slog.DiscardHandler), t.Output(), true}, demoLimits())
	t.Cleanup(h.close)
	cookies = make(map[string]*http.Cookie)
	for identity, role := range map[string]account.Role{"ada": account.RoleWorker, "root": account.RoleAdmin} {
		if err := h.people.AddPerson(t.Context(), identity, role, ""); err != nil {
			t.Fatal(err)
		}
		session, _, err := h.people.SignInAs(t.Context(), identity, "")
		if err != nil {
			t.Fatal(err)
		}
		cookies[identity] = &http.Cookie{Name: "clientele", Value: session}
	}
	if err := h.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := site{house: h, proxies: []netip.Prefix{}, metricsToken: "m3trics"}
	if handler, err = s.handler(); err != nil {
		t.Fatal(err)
	}
	pages, err := s.app()
	if err != nil {
		t.Fatal(err)
	}
	administration, err := s.console()
	if err != nil {
		t.Fatal(err)
	}
	routes = append(pages.Routes(), administration.Routes()...)
	for path := range s.machines(pages) {
		routes = append(routes, door.Route{Path: path})
	}
	return handler, routes, cookies
}

func TestEveryRouteIsInTheTableAndNoWorkerReachesTheConsole(t *testing.T) {
	handler, routes, cookies := whole(t)
	inTable := make(map[string]bool)
	for _, c := range everyRoute {
		inTable[c.route] = true
	}
	for _, r := range routes {
		if !inTable[r.Path] {
			t.Errorf("%s is in no test: add it to everyRoute", r.Path)
		}
	}
	for _, c := range everyRoute {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.AddCookie(cookies["ada"])
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.worker {
			t.Errorf("GET %s: a worker gets status %d, want %d", c.path, w.Code, c.worker)
		}
		if !strings.HasPrefix(c.route, "/console") || c.route == "/console/assets/{name}" {
			continue
		}
		r.Method = http.MethodPost
		w = httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: a worker gets status %d", c.path, w.Code)
		}
	}
}

func TestEveryUnsafeRouteRefusesOtherSites(t *testing.T) {
	handler, routes, cookies := whole(t)
	posts := make(map[string]bool)
	for _, r := range routes {
		if r.Post != nil {
			posts[r.Path] = true
		}
	}
	if len(posts) < 9 {
		t.Errorf("only %d routes take a POST: the test is blind", len(posts))
	}
	for _, c := range everyRoute {
		if !posts[c.route] {
			continue
		}
		for who, cookie := range cookies {
			for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
				r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader(url.Values{"as": {"ada"}, "auth_token": {"evil-token"}}.Encode()))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set(header, value)
				r.AddCookie(cookie)
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusForbidden || w.Header().Get("Set-Cookie") != "" {
					t.Errorf("POST %s by %s with %s: status %d, want 403", c.path, who, header, w.Code)
				}
			}
		}
	}
}
