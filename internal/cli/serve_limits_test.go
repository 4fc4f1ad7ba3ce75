package cli

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// wrongGuesses tries to sign in as many different people from one address, and
// returns how many attempts were refused by the limit.
func wrongGuesses(t *testing.T, p *program, tries int, forwardedFor func(i int) string) (limited int) {
	t.Helper()
	for i := range tries {
		r := request(t, http.MethodPost, p.root+"/signin", url.Values{"identity": {fmt.Sprint("nobody", i)}, "password": {"wr0ng-guess"}})
		r.Header.Set("X-Forwarded-For", forwardedFor(i))
		switch got := do(t, browser(t), r); got.StatusCode {
		case http.StatusTooManyRequests:
			limited++
		case http.StatusUnauthorized:
		default:
			t.Fatalf("POST /signin with a wrong password: status %d, want 401 or 429", got.StatusCode)
		}
	}
	return limited
}

func TestServe_SignInLimitByClient(t *testing.T) {
	const tries = 45 // more than the limit of one address
	another := func(i int) string { return fmt.Sprintf("203.0.113.%d", i) }
	same := func(i int) string { return another(i) + ", 198.51.100.7" } // the client wrote the first
	for name, c := range map[string]struct {
		proxy        string
		forwardedFor func(int) string
		limited      bool
	}{
		"clients behind the trusted proxy":       {"127.0.0.0/8", another, false},
		"one client behind it that invents some": {"127.0.0.0/8", same, true},
		"one client behind an untrusted proxy":   {"10.0.0.0/8", another, true},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", sqlitetest.File(t), "--trusted-proxy", c.proxy)
			if wide := strings.Contains(p.err.String(), "wider than a proxy needs"); wide != (c.proxy == "10.0.0.0/8") {
				t.Errorf("serve --trusted-proxy %s: warned: %v\n%s", c.proxy, wide, p.err)
			}
			if got := wrongGuesses(t, p, tries, c.forwardedFor); got > 0 != c.limited {
				t.Errorf("POST /signin: %d of %d attempts were limited, want some: %v", got, tries, c.limited)
			}
		})
	}
}

func TestServe_DuringImport(t *testing.T) {
	file := newDatabase(t)
	p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file, "--auth-token", "t0p-token")
	var rows strings.Builder
	rows.WriteString("customer_id,display_name,phone\n")
	for i := range 3000 {
		fmt.Fprintf(&rows, "n%d,Newcomer %d,+1202555%04d\n", i, i, i)
	}
	csv := filepath.Join(t.TempDir(), "customers.csv")
	if err := os.WriteFile(csv, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	imported := make(chan result, 1)
	go func() { imported <- run(t, "", "import", csv, "--worker", "ada@example.com", "--database", file) }()
	for asked := 0; ; asked++ {
		if got := do(t, browser(t), signed(t, p.root, p.root, "t0p-token", listForm)); got.StatusCode != http.StatusOK {
			t.Errorf("callback during an import: status %d, want 200", got.StatusCode)
		}
		in := do(t, browser(t), request(t, http.MethodPost, p.root+"/signin", url.Values{"identity": {"ada@example.com"}, "password": {"s3same open s3same"}}))
		if in.StatusCode != http.StatusSeeOther {
			t.Errorf("POST /signin during an import: status %d, want 303", in.StatusCode)
		}
		select {
		case got := <-imported:
			if got.code != exitDone {
				t.Fatalf("import: exit code %d: %s", got.code, got.err)
			}
			found := do(t, browser(t), signed(t, p.root, p.root, "t0p-token",
				url.Values{"Location": {"GetCustomersList"}, "Worker": {"ada@example.com"}, "Query": {"Newcomer 2999"}}))
			if !strings.Contains(found.body, `"n2999"`) {
				t.Errorf("search after the import = %s, want n2999", found.body)
			}
			return
		default:
		}
	}
}

func TestServe_WarnsAboutAWeakToken(t *testing.T) {
	for token, want := range map[string]bool{"a": true, "with blanks in it": true, "t0p-token": false} {
		p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", sqlitetest.File(t), "--auth-token", token)
		if got := strings.Contains(p.err.String(), "--auth-token is"); got != want || strings.Contains(p.err.String(), "with blanks") {
			t.Errorf("serve --auth-token %q: warned: %v, want %v, without the token:\n%s", token, got, want, p.err)
		}
		if got := do(t, browser(t), request(t, http.MethodPost, p.root+"/callbacks/crm", nil)).Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("POST /callbacks/crm: X-Content-Type-Options %q, want nosniff", got)
		}
	}
}
