package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// curlLine matches the reference text's calls; a call goes on after a backslash.
var curlLine = regexp.MustCompile("(?m)^curl (?:.*\\\\\n)*.*$")

// curlForm matches a parameter of a call.
var curlForm = regexp.MustCompile(`--data-urlencode '([^=]+)=([^']*)'`)

// TestReference_ExamplesMatchDemo makes the calls in the reference text to the demo, with the
// host and the token replaced, and unsigned as they are.
func TestReference_ExamplesMatchDemo(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(shared(t, "reference/my-customers.md"))
	if err != nil {
		t.Fatal(err)
	}
	calls := curlLine.FindAllString(string(text), -1)
	if len(calls) < 2 {
		t.Fatalf("the reference text has %d calls", len(calls))
	}
	srv := start(t, "demo")
	token := ""
	seen := map[string]bool{}
	for _, call := range calls {
		call = strings.ReplaceAll(call, "https://example.com", srv.url)
		if strings.Contains(call, "PAGE_TWO_TOKEN") && token == "" {
			t.Fatal("the first response has no token")
		}
		call = strings.ReplaceAll(call, "PAGE_TWO_TOKEN", token)
		got := response{status: http.StatusOK, body: curl(t, call)}.list(t)
		if len(got.Objects.Customers) != 30 {
			t.Errorf("%d customers, want 30", len(got.Objects.Customers))
		}
		for _, c := range got.Objects.Customers {
			if c.ID == "" || c.Name == "" || seen[c.ID] {
				t.Errorf("customer %+v: no id, no name, or seen on the page before", c)
			}
			seen[c.ID] = true
		}
		if got.Objects.NextPageToken == nil || *got.Objects.NextPageToken == "" {
			t.Fatal("the second page has no token")
		}
		token = *got.Objects.NextPageToken
	}

	// The other two responses in the text: a search, and details.
	call := func(form url.Values) string {
		return send(t, plainClient(), request(t, "POST", srv.url+"/callbacks/crm", form.Encode(), "Content-Type", formType)).body
	}
	var found struct {
		Objects struct {
			Customers  []map[string]any
			Searchable bool
		}
	}
	body := call(url.Values{"Location": {"GetCustomersList"}, "Worker": {"alice"}, "PageSize": {"30"}, "Query": {"bobby s"}})
	if err := json.Unmarshal([]byte(body), &found); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if c := found.Objects.Customers; len(c) == 0 || c[0]["display_name"] != "Bobby S." || c[0]["customer_id"] != "1" || !found.Objects.Searchable {
		t.Errorf("a search for Bobby S. returns %s", body)
	}
	var details struct {
		Objects struct {
			Customer struct {
				Name     string `json:"display_name"`
				ID       string `json:"customer_id"`
				Channels []struct{ Type, Value string }
			}
		}
	}
	body = call(url.Values{"Location": {"GetCustomerDetailsByCustomerId"}, "Worker": {"alice"}, "CustomerId": {"1"}})
	if err := json.Unmarshal([]byte(body), &details); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if c := details.Objects.Customer; c.Name != "Bobby S." || c.ID != "1" || len(c.Channels) == 0 ||
		c.Channels[0].Type != "sms" || c.Channels[0].Value != "+123456789" {
		t.Errorf("the details of Bobby S. are %s", body)
	}
}

// curl makes a call of the reference text, with curl if it is installed.
func curl(t *testing.T, call string) string {
	t.Helper()
	if path, err := exec.LookPath("curl"); err == nil {
		out, err := exec.Command("sh", "-c", strings.Replace(call, "curl ", path+" --silent --fail-with-body ", 1)).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", call, err, out)
		}
		return string(out)
	}
	form := url.Values{}
	for _, m := range curlForm.FindAllStringSubmatch(call, -1) {
		form.Add(m[1], m[2])
	}
	at := regexp.MustCompile(`'(http[^']+)'`).FindStringSubmatch(call)[1]
	response, err := http.PostForm(at, form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
