package console_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// routes are all paths of the console, with the status that an administrator gets.
var routes = []struct {
	path, pattern string
	get, post     int
	form          []string
	open          bool // for anyone
}{
	{path: "/console", get: http.StatusSeeOther},
	{path: "/console/", pattern: "/console/{$}", get: http.StatusSeeOther},
	{path: "/console/callbacks", get: http.StatusOK, post: http.StatusSeeOther},
	{path: "/console/callbacks/token", get: http.StatusSeeOther, post: http.StatusOK, form: []string{"do", "end"}},
	{path: "/console/callbacks/test", get: http.StatusSeeOther, post: http.StatusOK, form: []string{"which", "crm", "worker", "alice"}},
	{path: "/console/people", get: http.StatusOK},
	{path: "/console/people/add", get: http.StatusOK, post: http.StatusOK, form: []string{"identity", "carol", "role", "worker"}},
	{path: "/console/people/person?id=bob", pattern: "/console/people/person", get: http.StatusOK, post: http.StatusSeeOther, form: []string{"id", "bob", "do", "sessions"}},
	{path: "/console/people/confirm?id=bob&do=deactivate", pattern: "/console/people/confirm", get: http.StatusOK},
	{path: "/console/people/owners", get: http.StatusOK, post: http.StatusSeeOther, form: []string{"owner", "Ann", "person", "bob"}},
	{path: "/console/signin", get: http.StatusOK, post: http.StatusSeeOther, form: []string{"claim", "email"}},
	{path: "/console/audit", get: http.StatusOK},
	{path: "/console/audit/rules", get: http.StatusSeeOther, post: http.StatusSeeOther, form: []string{"days", "90", "views", "50", "minutes", "10"}},
	{path: "/console/audit/export", get: http.StatusSeeOther, post: http.StatusOK},
	{path: "/console/activity", get: http.StatusOK},
	{path: "/console/conversations", get: http.StatusOK, post: http.StatusSeeOther},
	{path: "/console/conversations/test", get: http.StatusSeeOther, post: http.StatusOK},
	{path: "/console/conversations/setup", get: http.StatusSeeOther, post: http.StatusOK},
	{path: "/console/templates", get: http.StatusOK, post: http.StatusUnprocessableEntity, form: []string{"do", "add"}},
	{path: "/console/customers", get: http.StatusOK},
	{path: "/console/customers/chosen", get: http.StatusSeeOther, post: http.StatusSeeOther},
	{path: "/console/customers/add", get: http.StatusOK, post: http.StatusUnprocessableEntity},
	{path: "/console/customers/one", get: http.StatusNotFound, post: http.StatusNotFound},
	{path: "/console/customers/import", get: http.StatusOK, post: http.StatusBadRequest},
	{path: "/console/customers/import/one", get: http.StatusNotFound, post: http.StatusNotFound},
	{path: "/console/customers/import/rejects", get: http.StatusNotFound},
	{path: "/console/customers/import/report", get: http.StatusNotFound},
	{path: "/console/customers/reassign", get: http.StatusOK, post: http.StatusUnprocessableEntity},
	{path: "/console/customers/reassign/job", get: http.StatusNotFound, post: http.StatusNotFound},
	{path: "/console/customers/duplicates", get: http.StatusOK, post: http.StatusBadRequest},
	{path: "/console/customers/deleted", get: http.StatusOK, post: http.StatusNotFound},
	{path: "/console/customers/export", get: http.StatusOK},
	{path: "/console/customers/export/file", get: http.StatusSeeOther, post: http.StatusBadRequest},

	{path: "/console/assets/none", pattern: "/console/assets/{name}", get: http.StatusNotFound, open: true},
}

func TestRoutes_AreAllTested(t *testing.T) {
	known := make(map[string]bool)
	for _, rt := range routes {
		known[rt.path], known[rt.pattern] = true, true
	}
	n := 0
	for _, rt := range newFixture(t, nil).handler.Routes() {
		n++
		if !known[rt.Path] {
			t.Errorf("route %s is not in the test table", rt.Path)
		}
		if open := strings.HasPrefix(rt.Path, "/console/assets/"); rt.Permission != auth.Admin && rt.Permission != auth.Exporter && !open {
			t.Errorf("route %s is not for administrators only", rt.Path)
		}
	}
	if n != len(routes) {
		t.Errorf("Routes() has %d routes, the test table %d", n, len(routes))
	}
}

func TestRoutes_NeedAdministrator(t *testing.T) {
	for _, rt := range routes {
		f := newFixture(t, nil)
		ask := func(who, method string) response {
			r := formRequest(rt.path, rt.form...)
			if method == "GET" {
				r = httptest.NewRequest("GET", rt.path, nil)
			}
			return f.do(who, r)
		}
		for method, want := range map[string]int{"GET": rt.get, "POST": rt.post} {
			if want == 0 {
				if a := ask("root", method); a.StatusCode != http.StatusMethodNotAllowed {
					t.Errorf("%s %s: status %d, want 405", method, rt.path, a.StatusCode)
				}
				continue
			}
			if a := ask("root", method); a.StatusCode != want {
				t.Errorf("%s %s by an administrator: status %d, want %d\n%s", method, rt.path, a.StatusCode, want, a.body)
			}
			if rt.open {
				continue
			}
			if a := ask("alice", method); a.StatusCode != http.StatusForbidden || strings.Contains(a.body, "callbacks") {
				t.Errorf("%s %s by a worker: status %d, want 403", method, rt.path, a.StatusCode)
			}
			if a := ask("", method); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/signin") {
				t.Errorf("%s %s without a session: status %d, Location %s", method, rt.path, a.StatusCode, a.Header.Get("Location"))
			}
		}
	}
}

// TestRoutes_Confirm checks which forms ask administrators again who they are.
func TestRoutes_Confirm(t *testing.T) {
	want := map[string]bool{
		"/console/callbacks": true, "/console/callbacks/token": true, "/console/signin": true, // token, masking, passwords
		"/console/conversations": true, "/console/conversations/setup": true, // credentials, and where messages go
		"/console/people/add": true, "/console/people/person": true, // roles and permissions
		"/console/audit/export": true, "/console/audit/rules": true, "/console/customers/export/file": true,
	}
	f := newFixture(t, nil)
	f.accounts.confirmedUntil = noon
	_ = f.accounts.change("root", func(p *account.Person) error { p.PasswordHash = "pass phrase"; return nil })
	for _, rt := range f.handler.Routes() {
		if rt.Post == nil {
			continue
		}
		a := f.post("root", strings.TrimSuffix(rt.Path, "{$}"), "do", "typed")
		asks := a.StatusCode == http.StatusForbidden && strings.Contains(a.body, `name="confirm_password"`) && strings.Contains(a.body, `name="do" value="typed"`)
		if asks != want[rt.Path] {
			t.Errorf("POST %s in a session to confirm: status %d, asks: %v, want %v", rt.Path, a.StatusCode, asks, want[rt.Path])
		}
	}
	f.audit.entries = slices.DeleteFunc(f.audit.entries, func(e audit.Entry) bool { return e.Action == audit.ServiceTested })
	if f.reloads != 0 || len(f.audit.entries) != 0 {
		t.Errorf("something was done: %d reloads, audit %v", f.reloads, f.audit.entries)
	}
	f.post("root", "/console/people/person", "id", "bob", "do", "sessions", "confirm_password", "guess").check(t, http.StatusForbidden, []string{"That isn’t your current password."})
	if n := len(f.audit.entries); n != 1 || f.audit.entries[0].Action != audit.SignInFailed {
		t.Errorf("audit after a wrong password: %v, want a failed sign-in", f.audit.entries)
	}
	f.post("root", "/console/people/person", "id", "bob", "do", "sessions", "confirm_password", "pass phrase").check(t, http.StatusSeeOther, nil)
	f.post("root", "/console/people/person", "id", "bob", "do", "sessions").check(t, http.StatusSeeOther, nil)
	f.now = noon.Add(account.ConfirmationLife)
	f.post("root", "/console/people/person", "id", "bob", "do", "sessions").check(t, http.StatusForbidden, []string{"confirm_password"})
}

func TestRoutes_RefuseCrossSitePosts(t *testing.T) {
	f := newFixture(t, nil)
	for _, rt := range routes {
		for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
			r := formRequest(rt.path, append(rt.form, "crm_callback_url", "https://evil.example/")...)
			r.Header.Set(name, value)
			if a := f.do("root", r); a.StatusCode != http.StatusForbidden {
				t.Errorf("POST %s with %s: %s: status %d, want 403", rt.path, name, value, a.StatusCode)
			}
			if stored := f.callbacks(); stored.CRM != "" || f.reloads != 0 {
				t.Errorf("POST %s: another site changed a setting", rt.path)
			}
		}
	}
}

// inline matches what the Content-Security-Policy would refuse.
var inline = regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?:>|[^>]*[^r]>[^<])`)

func TestPages_HaveHeadersAndNothingInline(t *testing.T) {
	f := newFixture(t, nil)
	addActivity(f)
	for _, a := range []response{
		f.get("root", "/console/callbacks"), f.get("root", "/console/activity"), f.get("root", "/console/activity?span=7d&show=failed"), f.get("root", "/console/nowhere"),
		f.post("root", "/console/callbacks/test", "which", "crm", "worker", "alice"), f.post("root", "/console/callbacks/token", "do", "make"),
	} {
		if m := inline.FindString(a.body); m != "" {
			t.Errorf("a page contains %q", m)
		}
		if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("Content-Security-Policy = %q", csp)
		}
		if cache := a.Header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("Cache-Control = %q", cache)
		}
	}
}

func TestAssets_AreServed(t *testing.T) {
	f := newFixture(t, nil)
	page := f.get("root", "/console/callbacks").body
	found := regexp.MustCompile(`(?:src|href)="(/console/assets/[^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(found) < 5 {
		t.Fatalf("the page links %d assets", len(found))
	}
	for _, m := range found {
		if a := f.get("", m[1]); a.StatusCode != http.StatusOK || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("GET %s: status %d", m[1], a.StatusCode)
		}
	}
}

func TestNew_RequiresOptions(t *testing.T) {
	if _, err := console.New(console.Options{}); err == nil {
		t.Error("New accepted empty options")
	}
}
