package golden

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The people of the installation under test.
const (
	worker   = "alice@example.com"
	admin    = "bob@example.com"   // an administrator who may not export
	exporter = "carol@example.com" // an administrator who may
	password = "a long enough password"
)

// A world is an installation where everything that is stored, logged or counted has
// happened once. It is made by the first test that needs it.
type world struct {
	*server
	database string
	provider string // the issuer
	clients  map[string]*client
	// The worker's list from the built-in service and from the fake one.
	builtInList, fakeList string
}

var theWorld *world

// A client is a browser that follows no redirects; signed in or not.
type client struct {
	t    *testing.T
	http *http.Client
	base string
}

func newClient(t *testing.T, base string) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t, &http.Client{Jar: jar, Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}, base}
}

// do makes a request and returns the response with its body read. header is a list
// of names and values.
func (c *client) do(method, path string, form url.Values, header ...string) (*http.Response, string) {
	c.t.Helper()
	r, err := http.NewRequest(method, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK && resp.Header.Get("Content-Type") == "text/event-stream" {
		return resp, ""
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, string(body)
}

// post sends a form that must succeed.
func (c *client) post(path string, form ...string) (*http.Response, string) {
	c.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Add(form[i], form[i+1])
	}
	resp, body := c.do(http.MethodPost, path, values)
	if resp.StatusCode >= 400 {
		c.t.Fatalf("POST %s %q: %s\n%s", path, form, resp.Status, body)
	}
	return resp, body
}

func (c *client) signIn(identity string) {
	c.t.Helper()
	if resp, body := c.post("/signin", "identity", identity, "password", password); resp.StatusCode != http.StatusSeeOther {
		c.t.Fatalf("sign in as %s: %s\n%s", identity, resp.Status, body)
	}
}

// makeWorld returns the world, which the first call makes.
func makeWorld(t *testing.T) *world {
	t.Helper()
	if theWorld != nil {
		for _, c := range theWorld.clients {
			c.t = t
		}
		return theWorld
	}
	w := &world{database: filepath.Join(workDir, "world.db"), clients: map[string]*client{}}
	crm, issuer := fakeCRM(), fakeProvider()
	w.provider = issuer.URL
	for who, args := range map[string]string{worker: "--role worker", admin: "--role admin --may-export=false", exporter: "--role admin"} {
		must(t, password+"\n", append([]string{"user", "add", who, "--database", w.database, "--password-stdin"}, strings.Fields(args)...)...)
	}
	file := filepath.Join(workDir, "customers.csv")
	var csv strings.Builder
	csv.WriteString("id,name,company,email,phone,website,notes,owner\n" +
		"1,Ada Example,Example Ltd,ada@example.com,+15550100,https://example.com/,a note," + worker + "\n3,Eve Example,,,,,,\n")
	for i := range 100 {
		fmt.Fprintf(&csv, "m%d,Many %[1]d,,,,,,%s\n", i, worker)
	}
	if err := os.WriteFile(file, []byte(csv.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "", "import", "--database", w.database, file)
	must(t, "", "export", "--database", w.database)
	must(t, "", "masking", "on", "--database", w.database)
	w.server = serve(t, "--database", w.database, "--log-format", "json", "--log-level", "debug", "--allow-private-callbacks",
		"--callback-rate", "1000", "--oidc-issuer", issuer.URL, "--oidc-client-id", "golden")
	for _, who := range []string{"", worker, admin, exporter} {
		w.clients[who] = newClient(t, w.url)
		if who != "" {
			w.clients[who].signIn(who)
		}
	}
	theWorld = w

	boss, alice := w.clients[exporter], w.clients[worker]
	_, w.builtInList = alice.do(http.MethodGet, "/customers", nil)
	alice.do(http.MethodGet, "/customers?q=ada", nil)
	alice.do(http.MethodGet, "/customers/1", nil)
	boss.post("/console/audit/rules", "days", "100", "views", "50", "minutes", "10")
	boss.post("/console/signin", "claim", "upn", "role_claim", "groups", "admin_value", "admins", "provision", "on", "passwords", "on")
	boss.post("/console/callbacks", "crm_callback_url", crm.URL, "outgoing_callback_url", crm.URL+"/o", "templates_callback_url", crm.URL+"/t",
		"auth_token", "a-token-of-somebody")
	boss.post("/console/callbacks/token", "do", "make")
	_, w.fakeList = alice.do(http.MethodGet, "/customers", nil)
	alice.do(http.MethodGet, "/customers?q=grace", nil)
	alice.do(http.MethodGet, "/customers/g1", nil)
	alice.do(http.MethodGet, "/customers/g1", nil)
	alice.do(http.MethodGet, "/customers/nobody", nil)
	w.clients[""].do(http.MethodPost, "/signin", url.Values{"identity": {worker}, "password": {"a wrong password"}})
	w.clients[""].do(http.MethodPost, "/callbacks/crm", url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}})
	guest := newClient(t, w.url)
	guest.signIn(worker)
	guest.do(http.MethodGet, "/console/people", nil)
	guest.do(http.MethodPost, "/signout", nil)
	boss.post("/console/audit/export") // writes the entries that are waiting
	return w
}

// fakeCRM is an external integration service. It lists all of its customers at once.
func fakeCRM() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.FormValue("Location") == "GetCustomersList":
			io.WriteString(w, `{"objects":{"customers":[{"display_name":"Grace","customer_id":"g1","avatar":"https://pictures.example.com/g.png"},`+
				`{"display_name":"Henry","customer_id":"+15550199123"}`)
			for i := range 100 {
				fmt.Fprintf(w, `,{"display_name":"Many %d","customer_id":"m%[1]d"}`, i)
			}
			io.WriteString(w, `],"searchable":true}}`)
		case r.FormValue("CustomerId") == "g1":
			io.WriteString(w, `{"objects":{"customer":{"display_name":"Grace","customer_id":"g1","channels":[{"type":"sms","value":"+15550101"}],"details":{"title":"T","content":"C"}}}}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
}

// fakeProvider is an identity provider that can only start a sign-in.
func fakeProvider() *httptest.Server {
	var s *httptest.Server
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/keys",
			"end_session_endpoint": s.URL + "/end", "id_token_signing_alg_values_supported": []string{"RS256"},
			"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		})
	}))
	return s
}
