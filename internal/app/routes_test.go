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

// appRoute is what a route is meant to be.
type appRoute struct {
	path       string
	methods    string
	permission auth.Permission
}

// appRoutes is every route of the app, which methods it answers and who may take
// it. A route that is not here fails the test: whoever adds one says here, too, who
// may.
var appRoutes = []appRoute{
	{"/{$}", "GET", auth.Anyone},
	{"/signin", "GET POST", auth.Anyone},
	{"/signin/provider", "GET", auth.Anyone},
	{"/signin/provider/callback", "GET", auth.Anyone},
	{"/signout", "POST", auth.Anyone},
	{"/customers", "GET", auth.SignedIn},
	{"/customers/{$}", "GET", auth.SignedIn},
	{"/customers/{id}", "GET", auth.SignedIn},
	{"/avatars/{handle}", "GET", auth.SignedIn},
	{"/pulse", "GET", auth.SignedIn},
	{"/account", "GET", auth.SignedIn},
	{"/account/preferences", "GET POST", auth.SignedIn},
	{"/account/password", "GET POST", auth.SignedIn},
	{"/account/sessions/revoke", "GET POST", auth.SignedIn},
	{"/account/sessions/revoke-others", "GET POST", auth.SignedIn},
	{"/assets/{name}", "GET", auth.Anyone},
	{"/manifest.webmanifest", "GET", auth.Anyone},
	{"/favicon.ico", "GET", auth.Anyone},
	{"/apple-touch-icon.png", "GET", auth.Anyone},
}

func TestEveryRouteIsInTheTable(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	var registered []string
	for _, rt := range h.(*auth.Handler).Routes() {
		registered = append(registered, rt.Path)
		i := slices.IndexFunc(appRoutes, func(want appRoute) bool { return want.path == rt.Path })
		if i < 0 {
			t.Errorf("%s is not in the table", rt.Path)
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
			t.Errorf("%s answers %s for permission %d, want %s for %d", rt.Path, got, rt.Permission, want.methods, want.permission)
		}
	}
	for _, want := range appRoutes {
		if !slices.Contains(registered, want.path) {
			t.Errorf("%s is in the table alone", want.path)
		}
	}
}

// TestEveryRouteKeepsItsDoor asks every route as everybody, whatever the table says of
// it: what must hold holds where the request ends.
func TestEveryRouteKeepsItsDoor(t *testing.T) {
	_, p, h, _ := newTestApp(t, func(o *app.Options) { o.Avatars = fakeAvatars{} })
	p.persons["bob"].Role = account.RoleAdmin
	for _, rt := range appRoutes {
		path := strings.NewReplacer("{$}", "", "{id}", "1", "{handle}", "x", "{name}", "x.css").Replace(rt.path)
		for _, method := range strings.Fields(rt.methods) {
			a := newClient(t, h).do(httptest.NewRequest(method, path, nil))
			turned := a.StatusCode == http.StatusSeeOther && strings.HasPrefix(a.Header.Get("Location"), "/signin")
			if own := rt.path == "/signout"; turned != (rt.permission != auth.Anyone) && !own {
				t.Errorf("a stranger's %s %s has status %d to %q", method, path, a.StatusCode, a.Header.Get("Location"))
			}
			for _, who := range []string{"alice", "bob"} {
				if a := signedIn(t, h, who).do(httptest.NewRequest(method, path, nil)); a.StatusCode == http.StatusForbidden || strings.HasPrefix(a.Header.Get("Location"), "/signin") && path != "/signout" {
					t.Errorf("%s's %s %s has status %d to %q", who, method, path, a.StatusCode, a.Header.Get("Location"))
				}
			}
			if method != http.MethodPost {
				continue
			}
			r := httptest.NewRequest(method, path, nil)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			if a := signedIn(t, h, "alice").do(r); a.StatusCode != http.StatusForbidden {
				t.Errorf("another site's %s %s has status %d", method, path, a.StatusCode)
			}
		}
	}
}
