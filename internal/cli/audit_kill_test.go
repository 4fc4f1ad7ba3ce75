//go:build unix

package cli

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestServe_AuditSurvivesKill kills the program as soon as it has responded, and
// checks the audit entries that were stored.
func TestServe_AuditSurvivesKill(t *testing.T) {
	file := newDatabase(t)
	if got := run(t, "adm1n adm1n adm1n", "user", "add", "root", "--role", "admin", "--password-stdin", "--database", file); got.code != exitDone {
		t.Fatal(got.err)
	}
	cmd, addr, exited := startProcess(t, "serve", "--addr", "127.0.0.1:0", "--database", file)
	root, ada := browser(t), browser(t)
	ask := func(b *http.Client, method, path string, form url.Values, want int) {
		t.Helper()
		if got := do(t, b, request(t, method, "http://"+addr+path, form)); got.StatusCode != want {
			t.Fatalf("%s %s: status %d, want %d", method, path, got.StatusCode, want)
		}
	}
	ask(root, "POST", "/signin", url.Values{"identity": {"root"}, "password": {"adm1n adm1n adm1n"}}, 303)
	ask(ada, "POST", "/signin", url.Values{"identity": {"ada@example.com"}, "password": {"s3same open s3same"}}, 303)
	ask(root, "POST", "/console/callbacks", url.Values{"crm_url": {"https://crm.example.com/x"}, "mask_numbers": {"on"}}, 303)
	ask(ada, "GET", "/customers/id-of-winifred", nil, 200)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	within(t, waitLimit, "the end", exited)

	var kept []string
	for _, e := range auditOf(t, file) {
		kept = append(kept, e.Action+" by "+e.Actor)
	}
	all := strings.Join(kept, "\n")
	for _, want := range []string{"sign-in by ada@example.com", "view by ada@example.com", "sign-in by root", "setting by root"} {
		if !strings.Contains(all, want) {
			t.Errorf("audit after a kill has no %s:\n%s", want, all)
		}
	}
}
