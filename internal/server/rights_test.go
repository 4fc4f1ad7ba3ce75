package server

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/web/auth"
)

// names are the names of all fields that a route reads, in query or form.
var names = []string{
	"id", "q", "page", "newer", "next", "as", "was", "identity", "worker", "workers", "from", "to", "actor", "subject", "handle", "after", "person", "owner", "import", "keep",
	"key", "customer", "do", "act", "confirm", "channel", "role", "mask_numbers", "crm_callback_url", "auth_token", "days", "passwords", "claim", "format", "session_idle", "session_max",
	"value", "closed", "earlier", "t", "news", "client_id", "body", "content_sid", "variables", "muted", "available",
	"edit", "category", "text", "approved", "account_sid", "api_key", "api_secret", "service_sid", "sms", "whatsapp", "relay", "routing", "fallback",
	"remove_auth_token", "remove_api_secret",
}

// TestRoutes_OtherPeoplesThings requests every route, with every id of ben's in every
// field, as everyone but ben.
func TestRoutes_OtherPeoplesThings(t *testing.T) {
	r := newRightsServer(t)
	before := r.state()
	asked := 0
	for _, who := range []string{"", "gone", "ada"} {
		for _, rt := range r.all {
			for _, name := range r.bensNames {
				path := rt.Path
				path = strings.NewReplacer("{$}", "", "{id}", url.PathEscape(name), "{handle}", url.PathEscape(name), "{name}", url.PathEscape(name),
					"{sid}", url.PathEscape(name), "{message}", url.PathEscape(name), "{media}", url.PathEscape(name)).Replace(path)
				values := url.Values{}
				for _, n := range names {
					values.Set(n, name)
				}
				for _, target := range []string{path, path + "?" + values.Encode()} {
					if strings.HasPrefix(path, "/pulse") && who == "ada" {
						target = path + "?was=other" // otherwise it waits
					}
					for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
						if path == "/signout" && who == "ada" || path == "/signin" && method == http.MethodPost {
							continue // her own to do; and ben's password is not known
						}
						var form url.Values
						if method == http.MethodPost {
							form = values
						}
						w := r.do(who, method, target, form)
						asked++
						r.checkResponse(who, method+" "+rt.Path, rt, w)
					}
				}
			}
		}
	}
	if asked < 1000 {
		t.Errorf("only %d requests were made, want 1000 or more", asked)
	}
	if diff := cmp.Diff(before, r.state()); diff != "" {
		t.Errorf("requests by others changed the state (-before +after):\n%s", diff)
	}
}

// checkResponse checks a response against the permissions of the viewer.
func (r *rightsServer) checkResponse(who, what string, rt auth.Route, w *httptest.ResponseRecorder) {
	r.Helper()
	response := w.Body.String()
	for name, values := range w.Header() {
		response += "\n" + name + ": " + strings.Join(values, " ")
	}
	for _, secret := range bens {
		if strings.Contains(response, secret) || strings.Contains(response, url.QueryEscape(secret)) {
			r.Errorf("%s by %q: the response contains %q of ben", what, who, secret)
		}
	}
	if c := r.cookies["ben"].Value; strings.Contains(w.Header().Get("Set-Cookie"), c) {
		r.Errorf("%s by %q: the response sets ben's session", what, who)
	}
	switch {
	case rt.Permission == auth.Anyone || w.Code == http.StatusMethodNotAllowed:
	case who == "ada" && rt.Permission >= auth.Admin && w.Code != http.StatusForbidden:
		r.Errorf("%s by a worker: status %d, want 403", what, w.Code)
	case who != "ada" && (w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/signin")):
		r.Errorf("%s by %q, signed out: status %d to %q, want 303 to /signin", what, who, w.Code, w.Header().Get("Location"))
	}
}

// TestRoutes_AdministratorsOwnList checks that the app shows administrators only their
// own customers, and that an export needs the permission.
func TestRoutes_AdministratorsOwnList(t *testing.T) {
	r := newRightsServer(t)
	for _, id := range []string{"ben-aa", "ada-1"} {
		if w := r.do("root", http.MethodGet, "/customers/"+id, nil); w.Code != http.StatusNotFound {
			t.Errorf("GET /customers/%s by an administrator who is not the owner: status %d, want 404", id, w.Code)
		}
	}
	exporters := 0
	for _, rt := range r.all {
		if rt.Permission != auth.Exporter {
			continue
		}
		exporters++
		if w := r.do("root", http.MethodPost, rt.Path, url.Values{"format": {"csv"}}); w.Code != http.StatusForbidden {
			t.Errorf("POST %s without the permission to export: status %d, want 403", rt.Path, w.Code)
		}
		if w := r.do("exporter", http.MethodPost, rt.Path, url.Values{"format": {"csv"}, "do": {"end"}}); w.Code != http.StatusOK {
			t.Errorf("POST %s with the permission to export: status %d, want 200", rt.Path, w.Code)
		}
	}
	if exporters != 2 {
		t.Errorf("%d routes need the permission to export, want the export and the signing token", exporters)
	}
}
