package cli

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAudit_HoldsNoSecret makes every request that handles secrets, valid and invalid,
// and then looks for the secrets in the database and in the exported audit.
func TestAudit_HoldsNoSecret(t *testing.T) {
	file := newDatabase(t)
	if got := run(t, "adm1n adm1n adm1n", "user", "add", "root@example.com", "--role", "admin", "--password-stdin", "--database", file); got.code != exitDone {
		t.Fatal(got.err)
	}
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file)
	secrets := map[string]string{
		"the password": "s3same open s3same", "the administrator's password": "adm1n adm1n adm1n", "a wrong password": "wr0ng-guess",
		"a password instead of the identity": "0oops-this-is-my-passw0rd", "a new password": "brand-n3w passphrase",
		"a token": "t0ken-that-signs-everything", "a URL's query": "s3cret-in-a-query", "a number": "2025550114", "a session": "",
	}
	var sessions []string
	ask := func(b *http.Client, method, path string, form url.Values, want int) {
		t.Helper()
		got := do(t, b, request(t, method, p.root+path, form))
		if got.StatusCode != want {
			t.Errorf("%s %s: status %d, want %d", method, path, got.StatusCode, want)
		}
		for _, c := range got.Cookies() {
			if c.Value != "" {
				sessions = append(sessions, c.Value)
			}
		}
	}
	ada, root, anonymous := browser(t), browser(t), browser(t)
	ask(anonymous, "POST", "/signin", url.Values{"identity": {"ada@example.com"}, "password": {secrets["a wrong password"]}}, 401)
	ask(anonymous, "POST", "/signin", url.Values{"identity": {"mallory@example.com"}, "password": {secrets["a wrong password"]}}, 401)
	ask(anonymous, "POST", "/signin", url.Values{"identity": {secrets["a password instead of the identity"]}, "password": {"x"}}, 401)
	ask(anonymous, "POST", "/signin", url.Values{"identity": {"+1 " + secrets["a number"]}, "password": {"x"}}, 401)
	ask(ada, "POST", "/signin", url.Values{"identity": {"ada@example.com"}, "password": {secrets["the password"]}}, 303)
	ask(ada, "GET", "/customers/id-of-winifred", nil, 200)
	ask(ada, "GET", "/customers?q=%2B1"+secrets["a number"], nil, 200)
	ask(ada, "POST", "/account/password", url.Values{"old": {secrets["a wrong password"]}, "new": {secrets["a new password"]}, "again": {secrets["a new password"]}}, 422)
	ask(ada, "POST", "/account/password", url.Values{"old": {secrets["the password"]}, "new": {secrets["a new password"]}, "again": {secrets["a new password"]}}, 303)
	ask(root, "POST", "/signin", url.Values{"identity": {"root@example.com"}, "password": {secrets["the administrator's password"]}}, 303)
	ask(root, "POST", "/console/callbacks", url.Values{
		"crm_url":    {"https://crm.example.com/x?key=" + secrets["a URL's query"]},
		"auth_token": {secrets["a token"]}, "mask_numbers": {"on"},
	}, 303)
	ask(root, "GET", "/console/audit", nil, 200)
	ask(ada, "POST", "/signout", url.Values{}, 303)
	eventually(t, "the sign-out is in the audit", func() bool {
		return strings.Contains(run(t, "", "audit", "--database", file).out, "sign-out")
	})
	if len(sessions) < 2 {
		t.Fatalf("POST /signin set %d session cookies, want one of ada and one of root", len(sessions))
	}
	p.end(t)
	written := run(t, "", "audit", "--database", file).out + run(t, "", "audit", "--format", "json", "--database", file).out
	for _, want := range []string{"mallory@example.com", "sign-in-failed", "ada@example.com", "view", "id-of-winifred", "setting", "root@example.com", "sign-out"} {
		if !strings.Contains(written, want) {
			t.Errorf("audit has no %q: the test checks nothing", want)
		}
	}
	kept := written
	files, err := filepath.Glob(file + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		kept += string(content)
	}
	for what, secret := range secrets {
		text := kept
		switch what {
		case "a session":
			for _, s := range sessions {
				if strings.Contains(kept, s) {
					t.Errorf("the database or the audit contains a session")
				}
			}
			continue
		case "a number": // customers have theirs in the database
			text = written
		}
		if strings.Contains(text, secret) {
			t.Errorf("the database or the audit contains %s", what)
		}
	}
}
