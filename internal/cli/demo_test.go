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

// page is an answer to GetCustomersList.
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
		t.Fatalf("status %d, %v: %s", got.StatusCode, err, got.body)
	}
	return p
}

func TestDemo_AnswersReferenceRequests(t *testing.T) {
	p := start(t, "demo", "--addr", "127.0.0.1:0")
	first := listPage(t, p.root, nil)
	if len(first.Objects.Customers) != 30 || first.Objects.Next == "" || !first.Objects.Searchable {
		t.Fatalf("the first page has %d customers, token %q", len(first.Objects.Customers), first.Objects.Next)
	}
	second := listPage(t, p.root, url.Values{"NextPageToken": {first.Objects.Next}})
	if len(second.Objects.Customers) != 30 || second.Objects.Customers[0] == first.Objects.Customers[0] {
		t.Errorf("the second page has %d customers and begins with %v", len(second.Objects.Customers), second.Objects.Customers[0])
	}
	found := listPage(t, p.root, url.Values{"Query": {"bobby s"}})
	if len(found.Objects.Customers) == 0 || found.Objects.Customers[0].Name != "Bobby S." {
		t.Errorf("a search for bobby s finds %v", found.Objects.Customers)
	}
	for _, worker := range demoWorkers {
		if got := listPage(t, p.root, url.Values{"Worker": {worker}}); len(got.Objects.Customers) != 30 {
			t.Errorf("%s has %d customers on the first page", worker, len(got.Objects.Customers))
		}
	}
	for _, want := range []string{"alice, bob or carol", "curl ", p.root + server.CallbackPath} {
		if !strings.Contains(p.err.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, p.err)
		}
	}
}

func TestDemo_RefusesOtherMachines(t *testing.T) {
	p := start(t, "demo", "--addr", "localhost:0")
	oneTap := url.Values{"as": {"alice"}}
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
			ask := func(method, path string, form url.Values) answer {
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
				t.Errorf("the sign-in page offers alice: %v, want %v", !c.open, c.open)
			}
			in := ask(http.MethodPost, "/signin", oneTap)
			if got := in.Header.Get("Set-Cookie") != ""; got != c.open {
				t.Errorf("one tap signs in: %v (status %d), want %v", got, in.StatusCode, c.open)
			}
			if c.open && in.StatusCode != http.StatusSeeOther {
				t.Errorf("one tap: status %d, want 303", in.StatusCode)
			}
		})
	}
	r := request(t, http.MethodPost, p.root+server.CallbackPath, listForm)
	r.Header.Set("X-Twilio-Signature", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	if got := do(t, browser(t), r); got.StatusCode != http.StatusForbidden {
		t.Errorf("a wrong signature: status %d, want 403", got.StatusCode)
	}
}

func TestDemo_SignInAndCustomers(t *testing.T) {
	p := start(t, "demo", "--addr", "127.0.0.1:0")
	b := browser(t)
	if in := do(t, b, request(t, http.MethodPost, p.root+"/signin", url.Values{"as": {"alice"}})); in.StatusCode != http.StatusSeeOther {
		t.Fatalf("one tap: status %d", in.StatusCode)
	}
	list := do(t, b, request(t, http.MethodGet, p.root+"/customers", nil))
	if rows := regexp.MustCompile(`data-customer-id=`).FindAllString(list.body, -1); len(rows) != 30 {
		t.Errorf("the list shows %d customers (status %d)", len(rows), list.StatusCode)
	}
	if got := do(t, b, request(t, http.MethodPost, p.root+"/signin", url.Values{"identity": {"alice"}, "password": {""}})); got.StatusCode == http.StatusSeeOther {
		t.Error("an empty password signs in")
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
		t.Fatal("the database is not where temporary files belong")
	}
	if code := p.end(t); code != exitDone {
		t.Errorf("exit code %d, want 0:\n%s", code, p.err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDemo_ConsoleTestsService(t *testing.T) {
	theirs := startExternalService(t, "chosen-token", "Foreign")
	p := start(t, "demo", "--addr", "127.0.0.1:0")
	oneTap := func(identity string) reader {
		b := browser(t)
		if in := do(t, b, request(t, http.MethodPost, p.root+"/signin", url.Values{"as": {identity}})); in.StatusCode != http.StatusSeeOther {
			t.Fatalf("one tap as %s: status %d", identity, in.StatusCode)
		}
		return reader{t, p.root, b}
	}
	admin, alice := oneTap(demoAdmin), oneTap("alice")
	save := func(who reader, form url.Values) int {
		return do(t, who.Client, request(t, http.MethodPost, p.root+"/console/callbacks", form)).StatusCode
	}
	if got := admin.open("/console/callbacks"); got.StatusCode != http.StatusOK {
		t.Errorf("the administrator gets status %d in the console", got.StatusCode)
	}
	if got := save(alice, url.Values{"crm_callback_url": {theirs.url()}}); got != http.StatusForbidden {
		t.Errorf("a worker saves a callback URL: status %d, want 403", got)
	}
	if got := save(admin, url.Values{"crm_callback_url": {"http://169.254.169.254/"}}); got != http.StatusUnprocessableEntity {
		t.Errorf("an address of cloud metadata: status %d, want 422", got)
	}
	if got := alice.open("/customers").first(); strings.HasPrefix(got, "Foreign") || got == "nobody" {
		t.Errorf("before anything is set, the list begins with %s", got)
	}
	if got := save(admin, url.Values{"crm_callback_url": {theirs.url()}, "auth_token": {"chosen-token"}}); got != http.StatusSeeOther {
		t.Fatalf("the administrator saves a callback URL: status %d, want 303", got)
	}
	if got := alice.open("/customers").first(); got != "Foreign 000" {
		t.Errorf("at once after it was saved, the list begins with %s", got)
	}
	if got := save(admin, url.Values{"crm_callback_url": {""}}); got != http.StatusSeeOther {
		t.Fatalf("the administrator resets the callback URL: status %d, want 303", got)
	}
	if got := alice.open("/customers").first(); strings.HasPrefix(got, "Foreign") || got == "nobody" {
		t.Errorf("at once after it was reset, the list begins with %s", got)
	}
	if activity := admin.open("/console/activity"); activity.StatusCode != http.StatusOK || !strings.Contains(activity.body, "alice") {
		t.Errorf("the activity does not tell of what alice asked: status %d", activity.StatusCode)
	}
	if figures := do(t, browser(t), request(t, http.MethodGet, p.root+server.MetricsPath, nil)); !strings.Contains(figures.body, `clientele_callbacks_total{outcome="ok",question="list",service="foreign"}`) {
		t.Errorf("the figures do not count what was asked: status %d", figures.StatusCode)
	}
	for _, secret := range []string{"chosen-token", "qu3ry-secret"} {
		if strings.Contains(p.err.String()+p.out.String(), secret) {
			t.Errorf("%s is in what the demo writes", secret)
		}
	}
}
