package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// TestCallback_BadInput checks the callback against section 6 of the protocol.
func TestCallback_BadInput(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importSample(t, 70)
	in.importText(t, "ids.csv", "customer_id,display_name\n\"a/b?c#d%2F ü\",Slash\n")
	srv := in.serve(t)
	at := srv.url + "/callbacks/crm"
	list := "Location=GetCustomersList&Worker=alice%40example.com"
	details := "Location=GetCustomerDetailsByCustomerId&Worker=alice%40example.com"

	first := srv.callback(t, url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}}).list(t)
	search := srv.callback(t, url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}, "Query": {"example"}, "PageSize": {"1"}}).list(t)
	if first.Objects.NextPageToken == nil || search.Objects.NextPageToken == nil {
		t.Fatal("the lists have no second pages")
	}
	token := url.QueryEscape(*first.Objects.NextPageToken)
	searchToken := url.QueryEscape(*search.Objects.NextPageToken)

	for _, c := range []struct {
		name, method, contentType, body string
		status                          int
		not                             string // must not be in the response
	}{
		{"a well-formed list", "POST", formType, list, 200, ""},
		{"the other spelling of the content type", "POST", "application/x-www-urlencoded", list, 200, ""},
		{"a charset", "POST", formType + "; charset=UTF-8", list, 200, ""},
		{"a content type in capitals", "POST", strings.ToUpper(formType), list, 200, ""},
		{"empty optional parameters", "POST", formType, list + "&Anchor=&NextPageToken=&Query=&PageSize=", 200, ""},
		{"unknown parameters", "POST", formType, list + "&Future=1&Future=2", 200, ""},
		{"a token wins over an anchor", "POST", formType, list + "&Anchor=nobody&NextPageToken=" + token, 200, ""},
		{"a token wins even over a bad page number", "POST", formType, list + "&NextPageToken=" + token + "&PageSize=1001", 200, ""},
		{"an identity in another case", "POST", formType, "Location=GetCustomersList&Worker=ALICE%40example.com", 200, ""},
		{"an unknown worker", "POST", formType, "Location=GetCustomersList&Worker=nobody", 200, ""},
		{"a query of signs only", "POST", formType, list + "&Query=%22%27%25_%2A%28%29%5B%5D", 200, ""},
		{"a query of operators", "POST", formType, list + "&Query=" + url.QueryEscape(`"a" OR b* NEAR(c) ; DROP TABLE customer --`), 200, ""},
		{"a very long query", "POST", formType, list + "&Query=" + strings.Repeat("an+", 10_000), 200, ""},
		{"a query of combining marks", "POST", formType, list + "&Query=" + url.QueryEscape(strings.Repeat("\u0301", 500)), 200, ""},
		{"a customer with an odd id", "POST", formType, details + "&CustomerId=" + url.QueryEscape("a/b?c#d%2F ü"), 200, ""},

		{"GET", "GET", "", "", 405, ""},
		{"HEAD", "HEAD", "", "", 405, ""},
		{"PUT", "PUT", formType, list, 405, ""},
		{"OPTIONS", "OPTIONS", "", "", 405, ""},
		{"an unknown method", "BREW", formType, list, 405, ""},
		{"JSON", "POST", "application/json", `{"Location":"GetCustomersList"}`, 415, ""},
		{"no content type", "POST", "", list, 415, ""},
		{"a content type that is none", "POST", ";;;", list, 415, ""},
		{"a form with files", "POST", "multipart/form-data; boundary=x", "--x--", 415, ""},
		{"a body over 64 KiB", "POST", formType, list + "&Query=" + strings.Repeat("a", 64<<10), 413, ""},
		{"no location", "POST", formType, "Worker=alice", 422, ""},
		{"an unknown location", "POST", formType, "Worker=alice&Location=Nowhere", 422, "Nowhere"},
		{"an empty body", "POST", formType, "", 422, ""},
		{"no worker", "POST", formType, "Location=GetCustomersList", 400, ""},
		{"an empty worker", "POST", formType, "Location=GetCustomersList&Worker=", 400, ""},
		{"a page size of nothing", "POST", formType, list + "&PageSize=0", 400, ""},
		{"a negative page size", "POST", formType, list + "&PageSize=-1", 400, ""},
		{"a page size in words", "POST", formType, list + "&PageSize=thirty", 400, "thirty"},
		{"a broken page size", "POST", formType, list + "&PageSize=1.5", 400, ""},
		{"a page size in other digits", "POST", formType, list + "&PageSize=%D9%A3%D9%A0", 400, ""},
		{"a huge page size", "POST", formType, list + "&PageSize=1000000", 200, ""},
		{"a page size beyond all numbers", "POST", formType, list + "&PageSize=" + strings.Repeat("9", 40), 200, ""},
		{"a token that is not ours", "POST", formType, list + "&NextPageToken=PAGE_TWO_TOKEN", 400, "PAGE_TWO"},
		{"a token with a letter changed", "POST", formType, list + "&NextPageToken=" + swapLast(token), 400, ""},
		{"a token of another worker", "POST", formType, "Location=GetCustomersList&Worker=bob&NextPageToken=" + token, 400, ""},
		{"a token of another query", "POST", formType, list + "&Query=ann&NextPageToken=" + searchToken, 400, ""},
		{"a token of a list for a search", "POST", formType, list + "&Query=example&NextPageToken=" + token, 400, ""},
		{"a token over 1 KiB", "POST", formType, list + "&NextPageToken=" + strings.Repeat("A", 1025), 400, ""},
		{"an unknown anchor", "POST", formType, list + "&Anchor=nobody", 400, "nobody"},
		{"an anchor of another worker", "POST", formType, "Location=GetCustomersList&Worker=bob&Anchor=1", 400, ""},
		{"a location twice", "POST", formType, list + "&Location=GetCustomersList", 400, ""},
		{"a worker twice", "POST", formType, list + "&Worker=bob", 400, ""},
		{"invalid UTF-8", "POST", formType, list + "&Query=%ff%fe", 400, ""},
		{"a NUL", "POST", formType, list + "&Query=a%00b", 400, ""},
		{"percent signs that are no escapes", "POST", formType, list + "&Query=100%", 400, ""},
		{"no customer id", "POST", formType, details, 400, ""},
		{"an unknown customer", "POST", formType, details + "&CustomerId=nobody", 404, "nobody"},
		{"a customer of another worker", "POST", formType, "Location=GetCustomerDetailsByCustomerId&Worker=bob&CustomerId=1", 404, ""},
		{"a customer id over all limits", "POST", formType, details + "&CustomerId=" + strings.Repeat("9", 5000), 404, "99999"},
		{"a customer id that reads like SQL", "POST", formType, details + "&CustomerId=" + url.QueryEscape("1' OR '1'='1"), 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(t, c.method, at, c.body)
			if c.contentType != "" {
				r.Header.Set("Content-Type", c.contentType)
			}
			params, err := url.ParseQuery(c.body)
			if err != nil { // as far as it can be read, as any signer would
				t.Logf("signed as %q: %v", params, err)
			}
			r.Header.Set("X-Twilio-Signature", frontline.Sign(authToken, at, params))
			got := send(t, plainClient(), r)
			if got.status != c.status && !(c.status == 400 && got.status == 403 && err != nil) {
				t.Errorf("status %d, want %d: %s", got.status, c.status, got.body)
			}
			if c.not != "" && strings.Contains(got.body, c.not) {
				t.Errorf("the response repeats %q: %s", c.not, got.body)
			}
			if c.method != "HEAD" && (got.body == "" || !strings.HasPrefix(got.header.Get("Content-Type"), "application/json")) {
				t.Errorf("the response is not JSON: %q %s", got.body, got.header.Get("Content-Type"))
			}
			if len(got.body) >= 64<<10 {
				t.Errorf("the response has %d bytes", len(got.body))
			}
			if allow := got.header.Get("Allow"); got.status == 405 && allow != "POST" {
				t.Errorf("Allow is %q", allow)
			}
		})
	}

	for name, signature := range map[string]string{
		"no signature": "", "an empty signature's hash": frontline.Sign("", at, nil), "a signature that is no base64": "%%%",
		"the token itself": authToken, "another token's": frontline.Sign("another", at, url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}}),
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, "POST", at, list, "Content-Type", formType)
			if signature != "" {
				r.Header.Set("X-Twilio-Signature", signature)
			}
			if got := send(t, plainClient(), r); got.status != 403 || strings.Contains(got.body, "customers") {
				t.Errorf("status %d, want 403 and no customers: %s", got.status, got.body)
			}
		})
	}
}

// swapLast changes a letter in the middle of a token.
func swapLast(token string) string {
	i := len(token) / 2
	other := "A"
	if token[i] == 'A' {
		other = "B"
	}
	return token[:i] + other + token[i+1:]
}

// TestApp_BadInput sends invalid requests, signed in and signed out: every
// response is a page or a redirect to one, and none is a server error.
func TestApp_BadInput(t *testing.T) {
	t.Parallel()
	in := install(t)
	in.importSample(t, 40)
	srv := in.serve(t)
	alice, anonymous := srv.signedIn(t), plainClient()
	long := strings.Repeat("x", 20_000)
	paths := []string{
		"/", "/customers", "/customers/", "/customers//", "/customers/..", "/customers/%2e%2e", "/customers/.", "/customers/%00",
		"/customers/%ff", "/customers/%2F%2F", "/customers/" + long, "/customers/1/2/3", "/customers/1%20OR%201=1",
		"/customers/%3Cscript%3E", "/customers/1?q=%ff", "/customers/%E2%80%AEevil",
		"/customers?q=%00", "/customers?q=%ff%fe", "/customers?q=" + long, "/customers?q=a&q=b", "/customers?q=%22%3E%3Cscript%3E",
		"/customers?q=%D9%A3%D9%A0", "/customers?q=%2B1+%28202%29", "/customers?next=nonsense", "/customers?page=-1", "/customers?after=%00",
		"/customers?;;;=&&&", "/customers?id=", "/customers?id=%00", "/customers?id=..",
		"/signin", "/signin?next=//evil.example/", "/signin?next=%00", "/signin?next=https:evil.example", "/signin?next=%5C%5Cevil.example",
		"/signout", "/account", "/account/password", "/account/sessions/revoke", "/nothing/here", "/assets/", "/assets/nothing",
		"/assets/..%2f..%2fapp.go", "/assets/%00", "/manifest.webmanifest", "/favicon.ico", "/healthz", "/readyz", "/%", "/%zz",
		"/customers/1?" + strings.Repeat("a=b&", 2000),
	}
	methods := []string{"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"}
	bodies := []struct{ contentType, body string }{
		{formType, "identity=alice%40example.com&password=wrong"},
		{formType, "identity=%ff&password=%00"},
		{formType, "identity=" + long + "&password=" + long},
		{formType, "identity=a&identity=b&password=c;d%zz"},
		{formType, ""},
		{"application/json", `{"identity":1}`},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"identity\"\r\n\r\nalice\r\n"},
		{"multipart/form-data", "nothing"},
		{"text/plain; charset=\xff", "x"},
		{formType, "identity=" + strings.Repeat("a", 3<<20)},
	}
	clients := map[string]*http.Client{"signed in": alice, "signed out": anonymous}
	try := func(t *testing.T, client *http.Client, method, path, contentType, body string) {
		t.Helper()
		target, err := url.Parse(srv.url)
		if err != nil {
			t.Fatal(err)
		}
		r := request(t, method, target.String(), body)
		if before, query, ok := strings.Cut(path, "?"); ok {
			r.URL.Opaque, r.URL.RawQuery = "//"+target.Host+before, query
		} else {
			r.URL.Opaque = "//" + target.Host + path
		}
		if contentType != "" {
			r.Header["Content-Type"] = []string{contentType}
		}
		response, err := client.Do(r)
		if err != nil && strings.Contains(err.Error(), "invalid header field value") {
			return // not even a client can send that
		}
		if err != nil {
			// An unread body may close the connection; the next requests show that the
			// server still runs.
			t.Logf("%s %.60s: %v", method, path, err)
			return
		}
		defer response.Body.Close()
		var some [512]byte
		n, _ := response.Body.Read(some[:])
		where := fmt.Sprintf("%s %.60s (%s, %.40q)", method, path, contentType, body)
		if response.StatusCode >= 500 {
			t.Errorf("%s: status %d: %s", where, response.StatusCode, some[:n])
		}
		location := response.Header.Get("Location")
		if strings.Contains(location, "evil") && !strings.HasPrefix(location, "/signin?") {
			t.Errorf("%s: redirects to %s", where, location)
		}
		if n == 0 && method != "HEAD" && location == "" && response.StatusCode != http.StatusNoContent && response.StatusCode != http.StatusNotModified {
			t.Errorf("%s: status %d and a blank page", where, response.StatusCode)
		}
		if strings.Contains(string(some[:n]), "<script>") {
			t.Errorf("%s: the response repeats markup: %s", where, some[:n])
		}
	}
	for who, client := range clients {
		t.Run(who, func(t *testing.T) {
			for _, path := range paths {
				for _, method := range methods {
					if path == "/signout" && method == "POST" {
						continue // it would work
					}
					try(t, client, method, path, "", "")
				}
			}
			for _, path := range []string{"/signin", "/account/password", "/account/preferences", "/account/sessions/revoke", "/customers"} {
				for _, b := range bodies {
					try(t, client, "POST", path, b.contentType, b.body)
				}
			}
		})
	}
	still := send(t, alice, request(t, "GET", srv.url+"/customers", ""))
	if still.status != http.StatusOK || !strings.Contains(still.body, "data-customer-id") {
		t.Errorf("afterwards, GET /customers: status %d: %.200s", still.status, still.body)
	}
	for _, secret := range []string{password, authToken, worker, "drop table", long[:100]} {
		if strings.Contains(srv.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}
