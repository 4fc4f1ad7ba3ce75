package cli

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/server"
)

// page is a response to GetCustomersList.
type page struct {
	Objects struct {
		Customers []struct {
			Name string `json:"display_name"`
			ID   string `json:"customer_id"`
		} `json:"customers"`
		Searchable bool   `json:"searchable"`
		Next       string `json:"next_page_token"`
	} `json:"objects"`
}

func listPage(t *testing.T, root string, more url.Values) page {
	t.Helper()
	form := url.Values{"Location": {"GetCustomersList"}, "Worker": {"alice"}, "PageSize": {"30"}}
	for name, values := range more {
		form[name] = values
	}
	got := do(t, browser(t), request(t, http.MethodPost, root+server.CallbackPath, form))
	var p page
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.StatusCode != http.StatusOK {
		t.Fatalf("GetCustomersList: status %d, %v: %s", got.StatusCode, err, got.body)
	}
	return p
}

func TestDemo_ServesReferenceRequests(t *testing.T) {
	p := start(t, "demo", "--addr", "127.0.0.1:0")
	first := listPage(t, p.root, nil)
	if len(first.Objects.Customers) != 30 || first.Objects.Next == "" || !first.Objects.Searchable {
		t.Fatalf("first page of GetCustomersList: %d customers, token %q, want 30 and a token", len(first.Objects.Customers), first.Objects.Next)
	}
	second := listPage(t, p.root, url.Values{"NextPageToken": {first.Objects.Next}})
	if len(second.Objects.Customers) != 30 || second.Objects.Customers[0] == first.Objects.Customers[0] {
		t.Errorf("second page of GetCustomersList: %d customers, the first is %v", len(second.Objects.Customers), second.Objects.Customers[0])
	}
	found := listPage(t, p.root, url.Values{"Query": {"bobby s"}})
	if len(found.Objects.Customers) == 0 || found.Objects.Customers[0].Name != "Bobby S." {
		t.Errorf("GetCustomersList with query bobby s = %v", found.Objects.Customers)
	}
	for _, worker := range demoWorkers {
		if got := listPage(t, p.root, url.Values{"Worker": {worker}}); len(got.Objects.Customers) != 30 {
			t.Errorf("GetCustomersList of %s: %d customers, want 30", worker, len(got.Objects.Customers))
		}
	}
	for _, want := range []string{"alice, bob or carol", "curl ", p.root + server.CallbackPath} {
		if !strings.Contains(p.err.String(), want) {
			t.Errorf("demo did not print %q:\n%s", want, p.err)
		}
	}
}

func TestDemo_RefusesOtherMachines(t *testing.T) {
	p := start(t, "demo", "--addr", "localhost:0")
	asAlice := url.Values{"as": {"alice"}}
	for name, c := range map[string]struct {
		host, header string
		open         bool
	}{
		"this machine":          {open: true},
		"through a proxy":       {header: "X-Forwarded-For"},
		"through a tunnel":      {header: "Cf-Connecting-Ip"},
		"under another name":    {host: "demo.example.com"},
		"under a rebound name":  {host: "127.0.0.1.example.com"},
		"under the LAN address": {host: "192.168.1.10"},
	} {
		t.Run(name, func(t *testing.T) {
			ask := func(method, path string, form url.Values) response {
				r := request(t, method, p.root+path, form)
				if c.host != "" {
					r.Host = c.host
				}
				if c.header != "" {
					r.Header.Set(c.header, "127.0.0.1")
				}
				return do(t, browser(t), r)
			}
			callback := ask(http.MethodPost, server.CallbackPath, listForm)
			if want := map[bool]int{true: 200, false: 403}[c.open]; callback.StatusCode != want {
				t.Errorf("unsigned callback: status %d, want %d", callback.StatusCode, want)
			}
			if page := ask(http.MethodGet, "/signin", nil); strings.Contains(page.body, `value="alice"`) != c.open {
				t.Errorf("GET /signin: offers alice %v, want %v", !c.open, c.open)
			}
			in := ask(http.MethodPost, "/signin", asAlice)
			if got := in.Header.Get("Set-Cookie") != ""; got != c.open {
				t.Errorf("POST /signin as alice: signed in %v (status %d), want %v", got, in.StatusCode, c.open)
			}
			if c.open && in.StatusCode != http.StatusSeeOther {
				t.Errorf("POST /signin as alice: status %d, want 303", in.StatusCode)
			}
		})
	}
	r := request(t, http.MethodPost, p.root+server.CallbackPath, listForm)
	r.Header.Set("X-Twilio-Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	if got := do(t, browser(t), r); got.StatusCode != http.StatusForbidden {
		t.Errorf("callback with a wrong signature: status %d, want 403", got.StatusCode)
	}
}

func TestDemo_SignInAndCustomers(t *testing.T) {
	p := start(t, "demo", "--addr", "127.0.0.1:0")
	b := browser(t)
	if in := do(t, b, request(t, http.MethodPost, p.root+"/signin", url.Values{"as": {"alice"}})); in.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST /signin as alice: status %d, want 303", in.StatusCode)
	}
	list := do(t, b, request(t, http.MethodGet, p.root+"/customers", nil))
	if rows := regexp.MustCompile(`data-customer-id=`).FindAllString(list.body, -1); len(rows) != 30 {
		t.Errorf("GET /customers: %d customers (status %d), want 30", len(rows), list.StatusCode)
	}
	if got := do(t, b, request(t, http.MethodPost, p.root+"/signin", url.Values{"identity": {"alice"}, "password": {""}})); got.StatusCode == http.StatusSeeOther {
		t.Error("POST /signin with an empty password: status 303")
	}
}

func TestDemo_LeavesNoFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	p := start(t, "demo", "--addr", "127.0.0.1:0")
	made, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(made) == 0 {
		t.Fatalf("demo created no database in %s", dir)
	}
	if code := p.end(t); code != exitDone {
		t.Errorf("demo: exit code %d, want 0:\n%s", code, p.err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 0 {
		t.Errorf("demo left the files %v", left)
	}
}

func TestDemo_ConsoleTestsService(t *testing.T) {
	theirs := startExternalService(t, "chosen-token", "Foreign")
	p := start(t, "demo", "--addr", "127.0.0.1:0")
	signIn := func(identity string) reader {
		b := browser(t)
		if in := do(t, b, request(t, http.MethodPost, p.root+"/signin", url.Values{"as": {identity}})); in.StatusCode != http.StatusSeeOther {
			t.Fatalf("POST /signin as %s: status %d, want 303", identity, in.StatusCode)
		}
		return reader{t, p.root, b}
	}
	admin, alice := signIn(demoAdmin), signIn("alice")
	save := func(who reader, form url.Values) int {
		return do(t, who.Client, request(t, http.MethodPost, p.root+"/console/callbacks", form)).StatusCode
	}
	if got := admin.open("/console/callbacks"); got.StatusCode != http.StatusOK {
		t.Errorf("GET /console/callbacks by the administrator: status %d, want 200", got.StatusCode)
	}
	if got := save(alice, url.Values{"crm_callback_url": {theirs.url()}}); got != http.StatusForbidden {
		t.Errorf("callback URL saved by a worker: status %d, want 403", got)
	}
	if got := save(admin, url.Values{"crm_callback_url": {"http://169.254.169.254/"}}); got != http.StatusUnprocessableEntity {
		t.Errorf("callback URL of cloud metadata: status %d, want 422", got)
	}
	if got := alice.open("/customers").first(); strings.HasPrefix(got, "Foreign") || got == "nobody" {
		t.Errorf("GET /customers without a callback URL: first customer %s", got)
	}
	if got := save(admin, url.Values{"crm_callback_url": {theirs.url()}, "auth_token": {"chosen-token"}}); got != http.StatusSeeOther {
		t.Fatalf("callback URL saved by the administrator: status %d, want 303", got)
	}
	if got := alice.open("/customers").first(); got != "Foreign 000" {
		t.Errorf("GET /customers with a new callback URL: first customer %s, want Foreign 000", got)
	}
	if got := save(admin, url.Values{"crm_callback_url": {""}}); got != http.StatusSeeOther {
		t.Fatalf("callback URL reset by the administrator: status %d, want 303", got)
	}
	if got := alice.open("/customers").first(); strings.HasPrefix(got, "Foreign") || got == "nobody" {
		t.Errorf("GET /customers after the reset: first customer %s", got)
	}
	if activity := admin.open("/console/activity"); activity.StatusCode != http.StatusOK || !strings.Contains(activity.body, "alice") {
		t.Errorf("GET /console/activity: status %d, want 200 with the calls of alice", activity.StatusCode)
	}
	if figures := do(t, browser(t), request(t, http.MethodGet, p.root+server.MetricsPath, nil)); !strings.Contains(figures.body, `clientele_callbacks_total{outcome="ok",question="list",service="foreign"}`) {
		t.Errorf("GET %s: status %d, want a count of the calls", server.MetricsPath, figures.StatusCode)
	}
	for _, secret := range []string{"chosen-token", "qu3ry-secret"} {
		if strings.Contains(p.err.String()+p.out.String(), secret) {
			t.Errorf("the output of demo contains %s", secret)
		}
	}
}
