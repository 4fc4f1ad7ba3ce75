package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const admin = "admin@example.com"

// post sends a form as a browser on the site does; header is name, value, ...
func (v *client) post(path string, form url.Values, header ...string) response {
	v.t.Helper()
	r := request(v.t, "POST", v.srv.url+path, form.Encode(), append([]string{"Content-Type", formType}, header...)...)
	if v.secret != "" {
		r.AddCookie(&http.Cookie{Name: "clientele", Value: v.secret})
	}
	return send(v.t, v.client, r)
}

// serveConsole starts the program without flags for settings of the console.
func (in installation) serveConsole(t *testing.T, args ...string) *server {
	t.Helper()
	return start(t, "serve", append([]string{"--database", in.database, "--allow-private-callbacks"}, args...)...)
}

// TestConsole_SetsCallbackURL points the app at a service through the console, and
// back, without a restart.
func TestConsole_SetsCallbackURL(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob)
	must(t, "", "user", "set", admin, "--may-export", "--database", in.database) // for the token
	f := startExternal(t, "normal", "-auth-token", "the-token-of-the-company")
	srv := in.serveConsole(t)
	a, b := srv.client(t, secrets[admin]), srv.client(t, secrets[bob])
	if s, _ := b.read("/customers"); !s.none {
		t.Errorf("with no URL set, the built-in service shows %d rows, code %q", len(s.ids), s.code)
	}
	got := a.post("/console/callbacks", url.Values{"crm_callback_url": {f.callbackURL()}})
	if got.status != http.StatusSeeOther {
		t.Fatalf("saving a URL: status %d\n%s", got.status, got.body)
	}
	if s, _ := b.read("/customers"); s.code != "48004" {
		t.Errorf("signed with another token than the service's: %d rows, code %q, want 48004", len(s.ids), s.code)
	}
	got = a.post("/console/callbacks", url.Values{"auth_token": {"the-token-of-the-company"}})
	if got.status != http.StatusSeeOther {
		t.Fatalf("saving a token: status %d\n%s", got.status, got.body)
	}
	b.complete("/customers", f.list(t, bob)) // the URL was not sent, so it stays
	page := a.get("/console/callbacks").body
	if !strings.Contains(page, f.callbackURL()) || strings.Contains(page, "the-token-of-the-company") {
		t.Error("the console does not show the URL, or shows the token")
	}
	in.checkEncrypted(t, "the-token-of-the-company", f.callbackURL(), "Adeyemi")

	// Empty fields: the token stays, the URL goes. The built-in service is back.
	got = a.post("/console/callbacks", url.Values{"crm_callback_url": {""}, "auth_token": {""}})
	if s, _ := b.read("/customers"); got.status != http.StatusSeeOther || !s.none {
		t.Errorf("after emptying the URL (status %d) there are %d rows, code %q", got.status, len(s.ids), s.code)
	}
	a.post("/console/callbacks", url.Values{"crm_callback_url": {f.callbackURL()}})
	b.complete("/customers", f.list(t, bob))
}

// TestConsole_TestsCallback tests services of several kinds in the console and checks the
// results.
func TestConsole_TestsCallback(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob)
	f := startExternal(t, "normal", "-auth-token", authToken)
	srv := in.serveConsole(t, "--auth-token", authToken)
	a := srv.client(t, secrets[admin])
	for _, c := range []struct {
		how  string
		want []string // in the response
	}{
		{"normal", []string{"GetCustomersList", bob, "X-Twilio-Signature", "200", "Adeyemi"}},
		{"html500", []string{"48004", "500"}},
		{"truncated", []string{"48003"}},
		{"oversize", []string{"48003"}},
		{"redirect", []string{"48004", "307"}},
		{"down", []string{"48004"}},
	} {
		f.behave(t, c.how)
		f.clearLog(t)
		got := a.post("/console/callbacks/test", url.Values{"which": {"crm"}, "question": {"list"}, "worker": {bob}, "crm_callback_url": {f.callbackURL()}})
		for _, want := range c.want {
			if !strings.Contains(got.body, want) {
				t.Errorf("%s: the test's page (status %d) lacks %q", c.how, got.status, want)
			}
		}
		if strings.Contains(got.body, authToken) {
			t.Errorf("%s: the test's page holds the token", c.how)
		}
		log := f.log(t)
		if len(log.Requests) == 0 || slices.ContainsFunc(log.Requests, func(r callbackEntry) bool { return r.Signature != "ok" || r.Worker != bob }) {
			t.Errorf("%s: the service got %+v", c.how, log.Requests)
		}
	}
}

// TestConsole_AdministratorsOnly tries as a worker, signed out, and from another site.
func TestConsole_AdministratorsOnly(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob)
	srv := in.serveConsole(t)
	a, b, anonymous := srv.client(t, secrets[admin]), srv.client(t, secrets[bob]), srv.client(t, "")
	form := url.Values{"crm_callback_url": {"https://elsewhere.example/crm"}, "auth_token": {"a token of somebody else"}, "which": {"crm"}, "do": {"make"}}
	for _, path := range []string{"/console", "/console/", "/console/callbacks", "/console/activity", "/console/callbacks/test", "/console/callbacks/token", "/console/nothing"} {
		r := request(t, "GET", srv.url+path, "")
		r.AddCookie(&http.Cookie{Name: "clientele", Value: secrets[bob]})
		if got := send(t, plainClient(), r); got.status != http.StatusForbidden && got.status != http.StatusNotFound {
			t.Errorf("a worker's GET %s: status %d", path, got.status)
		}
		if got := send(t, plainClient(), request(t, "GET", srv.url+path, "")); got.status == http.StatusOK {
			t.Errorf("GET %s signed out: status %d", path, got.status)
		}
		if got := b.post(path, form); got.status < 400 {
			t.Errorf("a worker's POST to %s: status %d, want 403", path, got.status)
		}
		if got := anonymous.post(path, form); got.status == http.StatusOK {
			t.Errorf("POST to %s signed out: status %d", path, got.status)
		}
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
			if got := a.post(path, form, header...); got.status < 400 {
				t.Errorf("POST to %s from another site, %v: status %d", path, header, got.status)
			}
		}
	}
	if page := a.get("/console/callbacks"); page.status != http.StatusOK || strings.Contains(page.body, "elsewhere.example") {
		t.Errorf("the console has status %d, shows the refused URL: %v", page.status, strings.Contains(page.body, "elsewhere.example"))
	}
}

// TestConsole_RefusesURLs saves URLs that must not be called.
func TestConsole_RefusesURLs(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin)
	open := in.serveConsole(t)
	closed := start(t, "serve", "--database", in.database)
	for _, c := range []struct {
		srv  *server
		urls []string
	}{
		{open, []string{"ftp://example.org/", "javascript:alert(1)", "http://user:secret@example.org/", "https://example.org/#x", "http://169.254.169.254/latest", "http://[fe80::1]/",
			"http://0.0.0.0/", "http://[::ffff:169.254.169.254]/", "http://224.0.0.1/", "https://example.org/?bodySHA256=1", "nonsense", "//example.org/"}},
		{closed, []string{"http://127.0.0.1/", "http://10.0.0.1/", "http://[::1]/", "http://192.168.1.1/", "http://[64:ff9b::7f00:1]/", "http://[::ffff:127.0.0.1]/"}},
	} {
		a := c.srv.client(t, secrets[admin])
		for _, u := range c.urls {
			for _, field := range []string{"crm_callback_url", "outgoing_callback_url", "templates_callback_url"} {
				if got := a.post("/console/callbacks", url.Values{field: {u}}); got.status != http.StatusUnprocessableEntity && got.status != http.StatusBadRequest {
					t.Errorf("saving %s %s: status %d", field, u, got.status)
				}
			}
		}
	}
}

// TestConsole_ShowsFlagSettings saves settings that flags have set.
func TestConsole_ShowsFlagSettings(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob)
	f := startExternal(t, "normal")
	srv := in.serveExternal(t, f)
	a, b := srv.client(t, secrets[admin]), srv.client(t, secrets[bob])
	page := a.get("/console/callbacks").body
	for _, want := range []string{"--crm-callback-url", "--auth-token", f.callbackURL()} {
		if !strings.Contains(page, want) {
			t.Errorf("the console does not show that %s is set by a flag", want)
		}
	}
	got := a.post("/console/callbacks", url.Values{"crm_callback_url": {"https://elsewhere.example/"}})
	if got.status != http.StatusUnprocessableEntity {
		t.Errorf("saving a setting of a flag: status %d", got.status)
	}
	b.complete("/customers", f.list(t, bob))
}

// TestConsole_ShowsActivity makes calls that succeed and fail, and checks that they show.
func TestConsole_ShowsActivity(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob)
	f := startExternal(t, "normal")
	srv := in.serveExternal(t, f)
	a, b := srv.client(t, secrets[admin]), srv.client(t, secrets[bob])
	b.complete("/customers", f.list(t, bob))
	f.behave(t, "html500")
	b.read(customerPath(f.list(t, bob)[0]))
	var body string
	eventually(t, "the activity shows the failure", func() bool {
		body = a.get("/console/activity").body
		return strings.Contains(body, "48004")
	})
	for _, want := range []string{"<svg", "<table"} {
		if !strings.Contains(body, want) {
			t.Errorf("the activity has no %q", want)
		}
	}
	for _, never := range []string{"Adeyemi", f.list(t, bob)[0]} {
		if strings.Contains(body, never) {
			t.Errorf("the activity has data of a customer: %q", never)
		}
	}
	metrics := send(t, plainClient(), request(t, "GET", srv.url+"/metrics", ""))
	if metrics.status != http.StatusOK || !strings.Contains(metrics.body, "48004") || strings.Contains(metrics.body, bob) {
		t.Errorf("/metrics has status %d, has 48004: %v, has a worker: %v", metrics.status, strings.Contains(metrics.body, "48004"), strings.Contains(metrics.body, bob))
	}
}
