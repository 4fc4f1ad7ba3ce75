package cli

import (
	"database/sql"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/clientele-project/clientele/internal/server"
)

// TestServe_LogHoldsNoSecretsOrCustomers makes every request that handles secrets and
// customers, and then looks for them in the output of the program.
func TestServe_LogHoldsNoSecretsOrCustomers(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			file := newDatabase(t)
			p := start(t, "serve", "--addr", "127.0.0.1:0", "--database", file, "--log-format", format, "--log-level", "debug")
			token := strings.TrimSpace(run(t, "", "token", "show", "--database", file).out)
			key, err := os.ReadFile(file + ".secret")
			if err != nil {
				t.Fatal(err)
			}
			secrets := map[string]string{
				"the signing token": token, "the key": strings.TrimSpace(string(key)),
				"a password": "s3same open s3same", "a wrong password": "wr0ng-guess",
				"a customer's name": "Winifred", "a customer's id": "id-of-winifred", "a number": "2025550114",
				"notes": "mornings", "a query": "s3arched-for", "a header": "h3ader-value", "a worker": "ada@example.com",
				"an identity that was tried": "mallory@example.com", "a path": "p4th-of-nothing",
				"a page token": "t0ken-of-nobody", "an anchor": "4nchor-of-nobody", "a method": "M3THOD",
			}
			b := browser(t)
			ask := func(method, path string, form url.Values) response {
				r := request(t, method, p.root+path, form)
				r.Header.Set("User-Agent", "h3ader-value")
				r.Header.Set("X-Forwarded-For", "h3ader-value")
				r.Header.Set("Referer", p.root+"/customers?q=s3arched-for")
				return do(t, b, r)
			}
			ask("POST", "/signin", url.Values{"identity": {"mallory@example.com"}, "password": {"wr0ng-guess"}})
			ask("POST", "/signin", url.Values{"identity": {"ada@example.com"}, "password": {"wr0ng-guess"}})
			in := ask("POST", "/signin", url.Values{"identity": {"ada@example.com"}, "password": {"s3same open s3same"}})
			if in.StatusCode != http.StatusSeeOther {
				t.Fatalf("POST /signin: status %d, want 303", in.StatusCode)
			}
			for _, c := range in.Cookies() {
				secrets["a cookie"] = c.Value
			}
			for path, want := range map[string]int{
				"/customers?q=s3arched-for": 200, "/customers?q=Winifred": 200, "/customers/id-of-winifred": 200,
				"/customers/p4th-of-nothing": 404, "/p4th-of-nothing/x?y=s3arched-for": 404, "/account": 200, "/healthz?q=s3arched-for": 200,
			} {
				if got := ask("GET", path, nil); got.StatusCode != want {
					t.Errorf("GET %s: status %d, want %d", path, got.StatusCode, want)
				}
			}
			ask("M3THOD", "/customers/p4th-of-nothing", nil)
			ask("POST", "/account/password", url.Values{"old": {"wr0ng-guess"}, "new": {"s3same open s3same"}})
			for _, form := range []url.Values{
				{"Location": {"GetCustomersList"}, "Worker": {"ada@example.com"}, "Query": {"s3arched-for"}},
				{"Location": {"GetCustomersList"}, "Worker": {"ada@example.com"}, "NextPageToken": {"t0ken-of-nobody"}},
				{"Location": {"GetCustomersList"}, "Worker": {"ada@example.com"}, "Anchor": {"4nchor-of-nobody"}},
				{"Location": {"GetCustomerDetailsByCustomerId"}, "Worker": {"ada@example.com"}, "CustomerId": {"id-of-winifred"}},
				{"Location": {"GetCustomerDetailsByCustomerId"}, "Worker": {"mallory@example.com"}, "CustomerId": {"id-of-winifred"}},
				{"Location": {"s3arched-for"}, "Worker": {"ada@example.com"}},
			} {
				do(t, b, signed(t, p.root, p.root, token, form))
				do(t, b, signed(t, p.root, p.root, "wr0ng-guess", form))
			}
			breakStore(t, file)
			if got := ask("GET", "/customers/id-of-winifred", nil); got.StatusCode < 500 {
				t.Errorf("GET /customers/id-of-winifred with a broken database: status %d, want 5xx", got.StatusCode)
			}
			do(t, b, signed(t, p.root, p.root, token, listForm))
			p.end(t)

			log := p.err.String() + p.out.String()
			if strings.Count(log, "request") < 20 || !strings.Contains(log, server.CallbackPath) {
				t.Fatalf("the log does not contain the requests:\n%s", log)
			}
			for what, secret := range secrets {
				if at := strings.Index(log, secret); at >= 0 {
					t.Errorf("the log contains %s: …%s…", what, log[max(0, at-100):min(len(log), at+100)])
				}
			}
		})
	}
}

// breakStore removes a table of a running program.
func breakStore(t *testing.T, file string) {
	t.Helper()
	db := openRaw(t, file)
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "ALTER TABLE customer RENAME TO elsewhere"); err != nil {
		t.Fatal(err)
	}
}

// openRaw opens a database file without package sqlite.
func openRaw(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	return db
}
