package app_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// appRoute is the expected definition of a route.
type appRoute struct {
	path       string
	methods    string
	permission auth.Permission
}

// appRoutes lists every route of the app with its methods and permission. A new route
// must be added here too.
var appRoutes = []appRoute{
	{"/{$}", "GET", auth.Anyone},
	{"/signin", "GET POST", auth.Anyone},
	{"/signin/provider", "GET", auth.Anyone},
	{"/signin/provider/callback", "GET", auth.Anyone},
	{"/signin/provider/confirm", "GET", auth.SignedIn},
	{"/signin/provider/logout", "POST", auth.Anyone},
	{"/signout", "POST", auth.Anyone},
	{"/customers", "GET", auth.SignedIn},
	{"/customers/{$}", "GET", auth.SignedIn},
	{"/customers/{id}", "GET", auth.SignedIn},
	{"/conversations", "GET POST", auth.SignedIn},
	{"/conversations/{sid}", "GET", auth.SignedIn},
	{"/conversations/{sid}/messages", "GET POST", auth.SignedIn},
	{"/conversations/{sid}/customer", "GET POST", auth.SignedIn},
	{"/conversations/{sid}/transfer", "GET POST", auth.SignedIn},
	{"/conversations/{sid}/close", "GET POST", auth.SignedIn},
	{"/conversations/{sid}/mute", "GET POST", auth.SignedIn},
	{"/conversations/{sid}/templates", "GET", auth.SignedIn},
	{"/conversations/{sid}/media/{message}/{media}", "GET", auth.SignedIn},
	{"/avatars/{handle}", "GET", auth.SignedIn},
	{"/pulse", "GET", auth.AnyPassword},
	{"/account", "GET", auth.AnyPassword},
	{"/account/preferences", "GET POST", auth.SignedIn},
	{"/account/available", "GET POST", auth.SignedIn},
	{"/account/password", "GET POST", auth.AnyPassword},
	{"/account/sessions/revoke", "GET POST", auth.SignedIn},
	{"/account/sessions/revoke-others", "GET POST", auth.SignedIn},
	{"/assets/{name}", "GET", auth.Anyone},
	{"/manifest.webmanifest", "GET", auth.Anyone},
	{"/favicon.ico", "GET", auth.Anyone},
	{"/apple-touch-icon.png", "GET", auth.Anyone},
}

func TestRoutes_AreInTheTable(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	var registered []string
	for _, rt := range h.(*auth.Handler).Routes() {
		registered = append(registered, rt.Path)
		i := slices.IndexFunc(appRoutes, func(want appRoute) bool { return want.path == rt.Path })
		if i < 0 {
			t.Errorf("route %s is not in appRoutes", rt.Path)
			continue
		}
		want := appRoutes[i]
		var methods []string
		if rt.Get != nil {
			methods = append(methods, "GET")
		}
		if rt.Post != nil {
			methods = append(methods, "POST")
		}
		if got := strings.Join(methods, " "); got != want.methods || rt.Permission != want.permission {
			t.Errorf("route %s: methods %s, permission %d, want %s, %d", rt.Path, got, rt.Permission, want.methods, want.permission)
		}
	}
	for _, want := range appRoutes {
		if !slices.Contains(registered, want.path) {
			t.Errorf("routes lack %s of appRoutes", want.path)
		}
	}
}

// TestRoutes_EnforcePermissions sends requests to every route, independent of the route
// table of the app.
func TestRoutes_EnforcePermissions(t *testing.T) {
	_, p, h, _ := newTestApp(t, func(o *app.Options) { o.Avatars = fakeAvatars{} })
	p.persons["bob"].Role = account.RoleAdmin
	for _, rt := range appRoutes {
		path := strings.NewReplacer("{$}", "", "{id}", "1", "{handle}", "x", "{name}", "x.css").Replace(rt.path)
		for _, method := range strings.Fields(rt.methods) {
			a := newClient(t, h).do(httptest.NewRequest(method, path, nil))
			toSignIn := a.StatusCode == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), "/signin")
			if toSignIn != (rt.permission != auth.Anyone) && rt.path != "/signout" {
				t.Errorf("anonymous %s %s: status %d, Location %q", method, path, a.StatusCode, a.Header.Get("Location"))
			}
			for _, who := range []string{"alice", "bob"} {
				if a := signedIn(t, h, who).do(httptest.NewRequest(method, path, nil)); a.StatusCode == http.StatusForbidden || strings.HasPrefix(a.Header.Get("Location"), "/signin") && path != "/signout" {
					t.Errorf("%s %s as %s: status %d, Location %q", method, path, who, a.StatusCode, a.Header.Get("Location"))
				}
			}
			if method != http.MethodPost {
				continue
			}
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			if a := signedIn(t, h, "alice").do(r); a.StatusCode != http.StatusForbidden {
				t.Errorf("cross-site %s %s: status %d, want 403", method, path, a.StatusCode)
			}
		}
	}
}
