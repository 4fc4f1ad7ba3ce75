package cli

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/server"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

var listForm = url.Values{"Location": {"GetCustomersList"}, "Worker": {"ada@example.com"}, "PageSize": {"30"}}

func put(t *testing.T, db *store.DB, id string) {
	t.Helper()
	err := db.Customers().Update(t.Context(), func(tx customer.Tx) error {
		return tx.Put(t.Context(), customer.Customer{
			ID: id, Name: "Winifred Oakapple", Workers: []string{"ada@example.com"},
			Channels: []customer.Channel{{Type: "sms", Value: "+12025550114"}},
			Details:  customer.Detail{Title: "Notes", Content: "Prefers mornings"},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// signed returns a callback request to root with the signature for target.
func signed(t *testing.T, root, target, token string, form url.Values) *http.Request {
	t.Helper()
	r := request(t, http.MethodPost, root+server.CallbackPath, form)
	r.Header.Set("X-Twilio-Signature", frontline.Sign(token, target+server.CallbackPath, form))
	return r
}

func TestServe_SignedCallbacksOnly(t *testing.T) {
	file := newDatabase(t)
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file, "--auth-token", "t0p-token")
	for name, c := range map[string]struct {
		r    *http.Request
		want int
	}{
		"unsigned":              {request(t, http.MethodPost, p.root+server.CallbackPath, listForm), http.StatusForbidden},
		"signed":                {signed(t, p.root, p.root, "t0p-token", listForm), http.StatusOK},
		"with another token":    {signed(t, p.root, p.root, "guess", listForm), http.StatusForbidden},
		"with no token":         {signed(t, p.root, p.root, "", listForm), http.StatusForbidden},
		"for another address":   {signed(t, p.root, "https://crm.example.com", "t0p-token", listForm), http.StatusForbidden},
		"GET":                   {request(t, http.MethodGet, p.root+server.CallbackPath, nil), http.StatusMethodNotAllowed},
		"a path below":          {request(t, http.MethodPost, p.root+server.CallbackPath+"/x", listForm), http.StatusNotFound},
		"alive":                 {request(t, http.MethodGet, p.root+"/healthz", nil), http.StatusOK},
		"ready":                 {request(t, http.MethodGet, p.root+"/readyz", nil), http.StatusOK},
		"ready by HEAD":         {request(t, http.MethodHead, p.root+"/readyz", nil), http.StatusOK},
		"ready by POST":         {request(t, http.MethodPost, p.root+"/readyz", nil), http.StatusMethodNotAllowed},
		"sign-in page":          {request(t, http.MethodGet, p.root+"/signin", nil), http.StatusOK},
		"customers, signed out": {request(t, http.MethodGet, p.root+"/customers", nil), http.StatusSeeOther},
	} {
		t.Run(name, func(t *testing.T) {
			if got := do(t, browser(t), c.r); got.StatusCode != c.want {
				t.Errorf("%s %s: status %d, want %d: %s", c.r.Method, c.r.URL.Path, got.StatusCode, c.want, got.body)
			}
		})
	}
	got := do(t, browser(t), signed(t, p.root, p.root, "t0p-token", listForm))
	if !strings.Contains(got.body, `"display_name":"Winifred Oakapple"`) {
		t.Errorf("GetCustomersList = %s, want Winifred Oakapple", got.body)
	}
	if code := p.end(t); code != exitDone {
		t.Errorf("serve: exit code %d after a stop, want 0:\n%s", code, p.err)
	}
}

func TestServe_PublicURL(t *testing.T) {
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", newDatabase(t), "--auth-token", "t0p-token",
		"--public-url", "https://CRM.example.com/", "--trusted-proxy", "127.0.0.1")
	if !strings.Contains(p.out.String(), "Open https://crm.example.com/\n") {
		t.Errorf("serve --public-url printed %q, want the public URL", p.out)
	}
	if got := do(t, browser(t), signed(t, p.root, "https://crm.example.com", "t0p-token", listForm)); got.StatusCode != http.StatusOK {
		t.Errorf("callback signed for the public URL: status %d, want 200", got.StatusCode)
	}
	if got := do(t, browser(t), signed(t, p.root, p.root, "t0p-token", listForm)); got.StatusCode != http.StatusForbidden {
		t.Errorf("callback signed for the address behind the proxy: status %d, want 403", got.StatusCode)
	}
	got := do(t, browser(t), request(t, http.MethodPost, p.root+"/signin", url.Values{"identity": {"ada@example.com"}, "password": {"s3same open s3same"}}))
	cookie := got.Header.Get("Set-Cookie")
	for _, want := range []string{"Secure", "HttpOnly", "SameSite="} {
		if !strings.Contains(cookie, want) {
			t.Errorf("POST /signin: status %d, cookie without %s: %s", got.StatusCode, want, strings.SplitN(cookie, ";", 2)[1:])
		}
	}
}

func TestServe_FirstRun(t *testing.T) {
	t.Chdir(t.TempDir())
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", "our office.db")
	for _, want := range []string{"clientele user add", "--database 'our office.db'", "Created the secret file our office.db.secret", "clientele token show"} {
		if !strings.Contains(p.err.String(), want) {
			t.Errorf("first run of serve did not print %q:\n%s", want, p.err)
		}
	}
	p.end(t)
	token := strings.TrimSpace(run(t, "", "token", "show", "--database", "our office.db").out)
	if strings.Contains(p.err.String(), token) {
		t.Error("the log contains the token")
	}
	if got := run(t, "correct horse", "user", "add", "ada@example.com", "--password-stdin", "--database", "our office.db"); got.code != exitDone {
		t.Fatal(got.err)
	}
	for name, mode := range map[string]os.FileMode{"our office.db": 0o600, "our office.db.secret": 0o600} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != mode {
			t.Errorf("mode of %s = %04o, want %04o", name, info.Mode().Perm(), mode)
		}
	}

	p = start(t, "serve", "--addr", "127.0.0.1:0", "--database", "our office.db")
	if strings.Contains(p.err.String(), "user add") || strings.Contains(p.err.String(), "Created") {
		t.Errorf("second run of serve printed the hints of the first:\n%s", p.err)
	}
	if got := do(t, browser(t), signed(t, p.root, p.root, token, listForm)); got.StatusCode != http.StatusOK {
		t.Errorf("callback signed with the token of token show: status %d, want 200", got.StatusCode)
	}
	p.end(t)

	if err := os.Remove("our office.db.secret"); err != nil {
		t.Fatal(err)
	}
	p = start(t, "serve", "--addr", "127.0.0.1:0", "--database", "our office.db", "--log-format", "json")
	if !strings.Contains(p.err.String(), "Customers and people are not affected") {
		t.Errorf("serve did not report the lost secret file:\n%s", p.err)
	}
	fresh := strings.TrimSpace(run(t, "", "token", "show", "--database", "our office.db").out)
	if got := do(t, browser(t), signed(t, p.root, p.root, fresh, listForm)); got.StatusCode != http.StatusOK || fresh == token {
		t.Errorf("callback signed with the new token: status %d, want 200", got.StatusCode)
	}
	for line := range strings.Lines(p.err.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("serve --log-format json wrote the line %q", line)
		}
	}
}

func TestServe_RefusesUnusableFiles(t *testing.T) {
	dir := t.TempDir()
	taken, err := listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	open := filepath.Join(dir, "open.secret")
	if err := os.WriteFile(open, []byte(strings.Repeat("ab", 32)), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ args, want string }{
		"address in use":       {"--addr " + taken.Addr().String() + " --database " + dir + "/a.db", "in use by another program"},
		"missing directory":    {"--addr 127.0.0.1:0 --database " + dir + "/no/a.db", "directory"},
		"open secret file":     {"--addr 127.0.0.1:0 --database " + dir + "/a.db --secret-file " + open, "chmod 600"},
		"secret file in a dir": {"--addr 127.0.0.1:0 --database " + dir + "/a.db --secret-file " + dir + "/no/key", "secret file"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, "", append([]string{"serve"}, strings.Fields(c.args)...)...)
			if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, c.want) || strings.Count(got.err, "\n") != 1 {
				t.Errorf("serve %s: exit code %d, %q, %q; want 1 and one line with %q", c.args, got.code, got.out, got.err, c.want)
			}
		})
	}
}

func TestServe_WarnsWithoutHTTPS(t *testing.T) {
	for args, want := range map[string]bool{
		"--addr 127.0.0.1:0": false,
		"--addr 0.0.0.0:0":   true,
		"--addr 0.0.0.0:0 --public-url http://crm.example.com":  true,
		"--addr 0.0.0.0:0 --public-url https://crm.example.com": false,
	} {
		p := start(t, append([]string{"serve", "--database", sqlitetest.File(t)}, strings.Fields(args)...)...)
		if got := strings.Contains(p.err.String(), "unencrypted"); got != want {
			t.Errorf("serve %s: warned %v, want %v:\n%s", args, got, want, p.err)
		}
	}
}

func TestServe_TokenRotated(t *testing.T) {
	t.Parallel() // it waits
	file := newDatabase(t)
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file)
	accepted := func(token string) bool {
		return do(t, browser(t), signed(t, p.root, p.root, token, listForm)).StatusCode == http.StatusOK
	}
	old := strings.TrimSpace(run(t, "", "token", "show", "--database", file).out)
	rotated := run(t, "", "token", "rotate", "--database", file)
	fresh := strings.TrimSpace(rotated.out)
	eventually(t, "the new token is accepted", func() bool { return accepted(fresh) })
	if !accepted(old) {
		t.Error("callback with the old token was refused in the grace period")
	}
	tomorrow := time.Now().Add(24 * time.Hour)
	if !strings.Contains(rotated.err, "still verifies until "+tomorrow.Format("2006-01-02 ")) {
		t.Errorf("token rotate did not print how long the old token verifies: %s", rotated.err)
	}

	last := run(t, "", "token", "rotate", "--now", "--database", file)
	if !strings.Contains(last.err, "the old one is refused") {
		t.Errorf("token rotate --now did not print that the old token is refused: %s", last.err)
	}
	eventually(t, "the last token is accepted", func() bool { return accepted(strings.TrimSpace(last.out)) })
	for name, token := range map[string]string{"the first": old, "the one just replaced": fresh} {
		if accepted(token) {
			t.Errorf("callback with %s token was accepted after rotate --now", name)
		}
	}
}

func TestServe_ImportedCustomersAppear(t *testing.T) {
	file := newDatabase(t)
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file, "--auth-token", "t0p-token")
	db, err := store.Open(t.Context(), file, store.Options{}) // as an import by another process
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	put(t, db, "id-of-the-second")
	got := do(t, browser(t), signed(t, p.root, p.root, "t0p-token", listForm))
	if !strings.Contains(got.body, "id-of-the-second") {
		t.Errorf("GetCustomersList = %s, want id-of-the-second", got.body)
	}
}

func TestServe_MetricsByRoute(t *testing.T) {
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", newDatabase(t), "--auth-token", "t0p-token", "--metrics-token", "m3trics")
	b := browser(t)
	do(t, b, signed(t, p.root, p.root, "t0p-token", listForm))
	do(t, b, request(t, http.MethodGet, p.root+"/customers/p4th-of-nothing", nil))
	do(t, b, request(t, http.MethodGet, p.root+"/p4th-of-nothing", nil))

	hidden := do(t, b, request(t, http.MethodGet, p.root+server.MetricsPath, nil))
	if hidden.StatusCode != http.StatusNotFound || strings.Contains(hidden.body, "clientele_") {
		t.Errorf("GET %s without the token: status %d, want 404", server.MetricsPath, hidden.StatusCode)
	}
	r := request(t, http.MethodGet, p.root+server.MetricsPath, nil)
	r.Header.Set("Authorization", "Bearer m3trics")
	got := do(t, b, r)
	for _, want := range []string{
		`clientele_http_requests_total{route="/callbacks/crm",status="2xx"} 1`,
		`clientele_http_requests_total{route="GET /customers/{id}",status="3xx"} 1`,
		`clientele_http_requests_total{route="/",status="4xx"} 2`,
		`clientele_http_request_duration_seconds_count{route="/callbacks/crm"} 1`,
		"go_goroutines ", "process_open_fds ",
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("GET %s: status %d, no %s in\n%s", server.MetricsPath, got.StatusCode, want, got.body)
		}
	}
	if strings.Contains(got.body, "p4th-of-nothing") || strings.Contains(got.body, "ada@example.com") {
		t.Errorf("GET %s: the metrics contain a path or a worker", server.MetricsPath)
	}
}

func TestLogger_Notice(t *testing.T) {
	for format, want := range map[string]string{
		"text": "All is well.\nWarning: the disk is full\n",
		"json": `"level":"WARN","msg":"the disk is full"`,
	} {
		var out bytes.Buffer
		log, err := (&logFlags{format, "info"}).open(&out)
		if err != nil {
			t.Fatal(err)
		}
		log.notice(slog.LevelInfo, "All is well.")
		log.notice(slog.LevelWarn, "the disk is full")
		if got := out.String(); !strings.Contains(got, want) {
			t.Errorf("notice() in %s wrote %q, want %q", format, got, want)
		}
	}
}
