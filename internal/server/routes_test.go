package server

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// everyRoute is each route of the program with a path that matches it, and the status of
// a GET by a worker.
var everyRoute = []struct {
	route, path string
	worker      int
}{
	{"/{$}", "/", http.StatusSeeOther},
	{"/signin", "/signin", http.StatusSeeOther},
	{"/signin/provider", "/signin/provider", http.StatusNotFound}, // there is none
	{"/signin/provider/callback", "/signin/provider/callback", http.StatusNotFound},
	{"/signin/provider/confirm", "/signin/provider/confirm", http.StatusNotFound},
	{"/signin/provider/logout", "/signin/provider/logout", http.StatusMethodNotAllowed},
	{"/signout", "/signout", http.StatusMethodNotAllowed},
	{"/customers", "/customers", http.StatusOK},
	{"/customers/{$}", "/customers/", http.StatusSeeOther},
	{"/customers/{id}", "/customers/nobody", http.StatusNotFound},
	{"/conversations", "/conversations", http.StatusNotFound}, // there are none
	{"/conversations/{sid}", "/conversations/CH00000000000000000000000000000000", http.StatusNotFound},
	{"/conversations/{sid}/messages", "/conversations/CH00000000000000000000000000000000/messages", http.StatusNotFound},
	{"/conversations/{sid}/customer", "/conversations/CH00000000000000000000000000000000/customer", http.StatusNotFound},
	{"/conversations/{sid}/transfer", "/conversations/CH00000000000000000000000000000000/transfer", http.StatusNotFound},
	{"/conversations/{sid}/close", "/conversations/CH00000000000000000000000000000000/close", http.StatusNotFound},
	{"/conversations/{sid}/mute", "/conversations/CH00000000000000000000000000000000/mute", http.StatusNotFound},
	{"/conversations/{sid}/templates", "/conversations/CH00000000000000000000000000000000/templates", http.StatusNotFound},
	{"/conversations/{sid}/media/{message}/{media}", "/conversations/CH00000000000000000000000000000000/media/x/y", http.StatusNotFound},
	{"/avatars/{handle}", "/avatars/none", http.StatusNotFound},
	{"/pulse", "/pulse", http.StatusNoContent},
	{"/account", "/account", http.StatusOK},
	{"/account/preferences", "/account/preferences", http.StatusSeeOther},
	{"/account/available", "/account/available", http.StatusSeeOther},
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
	{"/console/people/owners", "/console/people/owners", http.StatusForbidden},
	{"/console/signin", "/console/signin", http.StatusForbidden},
	{"/console/audit", "/console/audit", http.StatusForbidden},
	{"/console/audit/rules", "/console/audit/rules", http.StatusForbidden},
	{"/console/audit/export", "/console/audit/export", http.StatusForbidden},
	{"/console/activity", "/console/activity", http.StatusForbidden},
	{"/console/conversations", "/console/conversations", http.StatusForbidden},
	{"/console/conversations/test", "/console/conversations/test", http.StatusForbidden},
	{"/console/conversations/setup", "/console/conversations/setup", http.StatusForbidden},
	{"/console/templates", "/console/templates", http.StatusForbidden},
	{"/console/customers", "/console/customers", http.StatusForbidden},
	{"/console/customers/chosen", "/console/customers/chosen", http.StatusForbidden},
	{"/console/customers/add", "/console/customers/add", http.StatusForbidden},
	{"/console/customers/one", "/console/customers/one", http.StatusForbidden},
	{"/console/customers/import", "/console/customers/import", http.StatusForbidden},
	{"/console/customers/import/one", "/console/customers/import/one", http.StatusForbidden},
	{"/console/customers/import/rejects", "/console/customers/import/rejects", http.StatusForbidden},
	{"/console/customers/import/report", "/console/customers/import/report", http.StatusForbidden},
	{"/console/customers/reassign", "/console/customers/reassign", http.StatusForbidden},
	{"/console/customers/reassign/job", "/console/customers/reassign/job", http.StatusForbidden},
	{"/console/customers/duplicates", "/console/customers/duplicates", http.StatusForbidden},
	{"/console/customers/deleted", "/console/customers/deleted", http.StatusForbidden},
	{"/console/customers/export", "/console/customers/export", http.StatusForbidden},
	{"/console/customers/export/file", "/console/customers/export/file", http.StatusForbidden},
	{"/console/assets/{name}", "/console/assets/none", http.StatusNotFound},

	// Paths for machines, and unknown paths.
	{CallbackPath, CallbackPath, http.StatusMethodNotAllowed},
	{CallbackPath + "/", CallbackPath + "/", http.StatusMethodNotAllowed},
	{ConversationsPath, ConversationsPath, http.StatusMethodNotAllowed},
	{ConversationsPath + "/", ConversationsPath + "/", http.StatusMethodNotAllowed},
	{RoutingPath, RoutingPath, http.StatusMethodNotAllowed},
	{RoutingPath + "/", RoutingPath + "/", http.StatusMethodNotAllowed},
	{OutgoingPath, OutgoingPath, http.StatusMethodNotAllowed},
	{OutgoingPath + "/", OutgoingPath + "/", http.StatusMethodNotAllowed},
	{TemplatesPath, TemplatesPath, http.StatusMethodNotAllowed},
	{TemplatesPath + "/", TemplatesPath + "/", http.StatusMethodNotAllowed},
	{MetricsPath, MetricsPath, http.StatusNotFound},
	{"/healthz", "/healthz", http.StatusOK},
	{"/readyz", "/readyz", http.StatusOK},
	{"", "/nowhere", http.StatusNotFound},
	{"", "/console/nowhere", http.StatusNotFound},
	{"", "/consolation", http.StatusNotFound},
	{"", "/%63onsole/callbacks", http.StatusNotFound},
	{"", "//console/callbacks", http.StatusTemporaryRedirect}, // to the cleaned path
}

// newPeopledServer starts a server with a worker, ada, and an administrator, root.
func newPeopledServer(t *testing.T) *testServer {
	t.Helper()
	s := newTestServer(t, nil)
	s.add(t, "ada", account.RoleWorker)
	s.add(t, "root", account.RoleAdmin)
	s.start(t)
	return s
}

func TestRoutes_Permissions(t *testing.T) {
	s := newPeopledServer(t)
	handler, routes, cookies := s.handler, s.routes(t), s.cookies
	inTable := make(map[string]bool)
	for _, c := range everyRoute {
		inTable[c.route] = true
	}
	for _, r := range routes {
		if !inTable[r.Path] {
			t.Errorf("route %s is not in everyRoute", r.Path)
		}
	}
	for _, c := range everyRoute {
		r := httptest.NewRequest(http.MethodGet, c.path, nil)
		r.AddCookie(cookies["ada"])
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.worker {
			t.Errorf("GET %s by a worker: status %d, want %d", c.path, w.Code, c.worker)
		}
		if !strings.HasPrefix(c.route, "/console") || c.route == "/console/assets/{name}" {
			continue
		}
		r.Method = http.MethodPost
		w = httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s by a worker: status %d, want 403 or 405", c.path, w.Code)
		}
	}
}

func TestRoutes_RefuseCrossSite(t *testing.T) {
	s := newPeopledServer(t)
	handler, routes, cookies := s.handler, s.routes(t), s.cookies
	posts := make(map[string]bool)
	for _, r := range routes {
		if r.Post != nil {
			posts[r.Path] = true
		}
	}
	if len(posts) < 9 {
		t.Errorf("only %d routes accept POST, want 9 or more", len(posts))
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
					t.Errorf("POST %s by %s with %s: status %d, want 403 without a cookie", c.path, who, header, w.Code)
				}
			}
		}
	}
}

// TestRoutes_TemporaryPassword requests every route with a temporary password.
func TestRoutes_TemporaryPassword(t *testing.T) {
	s := newTestServer(t, nil)
	if _, err := s.accounts.AddWithTemporaryPassword(t.Context(), "ada", account.RoleAdmin, true); err != nil {
		t.Fatal(err)
	}
	s.signIn(t, "ada", "")
	s.start(t)
	opens := map[string]bool{"/account": true, "/account/password": true, "/pulse": true}
	for _, c := range everyRoute {
		if c.route == "" || c.route == "/signout" {
			continue
		}
		for _, rt := range s.routes(t) {
			if rt.Path != c.route || rt.Permission == auth.Anyone || opens[c.route] {
				continue
			}
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				w := s.do("ada", method, c.path, url.Values{"format": {"csv"}})
				if (w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/account") && w.Code != http.StatusMethodNotAllowed {
					t.Errorf("%s %s with a temporary password: status %d, Location %q, want 303 to /account", method, c.path, w.Code, w.Header().Get("Location"))
				}
			}
		}
	}
	if w := s.do("ada", http.MethodGet, "/account", nil); w.Code != http.StatusOK {
		t.Errorf("GET /account with a temporary password: status %d, want 200", w.Code)
	}
}
