package console_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/settings"
)

// serveJSON starts a service with a fixed response, and returns its URL.
func serveJSON(t *testing.T, status int, body string, headers ...string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/crm"
}

// serveRaw starts a service that writes raw to the connection and closes it.
func serveRaw(t *testing.T, raw string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		io.WriteString(conn, raw)
		conn.Close()
	}))
	t.Cleanup(s.Close)
	return s.URL + "/crm"
}

func (f *fixture) testService(url string, more ...string) response {
	f.t.Helper()
	return f.post("root", "/console/callbacks/test", append([]string{"which", "crm", "worker", "alice", "crm_callback_url", url}, more...)...)
}

const goodPage = `{"objects":{"customers":[{"customer_id":"1","display_name":"Anna"},{"customer_id":"2","display_name":"<script>alert(1)</script>"}],"searchable":true,"next_page_token":"PAGE_TWO"}}`

func TestServiceTest_SendsWhatTheAppSends(t *testing.T) {
	var got *http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if strings.Contains(string(body), "NextPageToken=PAGE_TWO") {
			io.WriteString(w, `{"objects":{"customers":[]}}`)
			return
		}
		got = r
		if string(body) != "Location=GetCustomersList&Worker=alice&PageSize=30&Query=b%20%26%20c" {
			t.Errorf("request body = %s", body)
		}
		params, err := url.ParseQuery(string(body))
		if err != nil || !frontline.Verify(firstToken, "http://"+r.Host+r.URL.String(), params, r.Header.Get(frontline.SignatureHeader)) {
			t.Errorf("the signature is wrong: %v", err)
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, goodPage)
	}))
	defer s.Close()
	f := newFixture(t, nil)
	a := f.testService(s.URL+"/crm?tenant=7", "question", "search", "query", "b & c")
	a.check(t, http.StatusOK, []string{
		"Last test · as alice", "200 OK", "2 customers", "PAGE_TWO", "POST " + s.URL + "/crm?tenant=7", "Location=GetCustomersList", "Query=b &amp; c",
		got.Header.Get(frontline.SignatureHeader)[:6] + "…", "&lt;script&gt;alert(1)&lt;/script&gt;", "Connected to", "First byte", `value="b &amp; c"`, `value="` + s.URL,
	}, "<script>alert", got.Header.Get(frontline.SignatureHeader), "data-error-code", "Works, with warnings")
	if got.Method != "POST" || got.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		t.Errorf("request: %s with header %v", got.Method, got.Header)
	}
	if f.callbacks() != (settings.Callbacks{}) || a.Header.Get("Cache-Control") != "no-store" {
		t.Error("a test saved settings, or its page may be stored")
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestServiceTest_BuiltIn(t *testing.T) {
	f := newFixture(t, nil)
	f.testService("").check(t, http.StatusOK, []string{"200 OK", "2 customers", "Built-in integration service", "Anna Berg", "X-Twilio-Signature: ", "POST http://localhost/callbacks/crm"}, "Works, with warnings")
	f.testService("", "question", "details", "customer", "1").check(t, http.StatusOK, []string{"200 OK", "Anna Berg", "CustomerId=1"})
	f.post("root", "/console/callbacks/test", "which", "crm", "worker", "bob").check(t, http.StatusOK, []string{"0 customers"})
	f.testService("", "question", "details", "customer", "9").check(t, http.StatusOK, []string{`data-error-code="not-found"`})
	public := newFixture(t, func(o *console.Options) { o.PublicURL = "https://crm.example.com" })
	r := formRequest("/console/callbacks/test", "which", "crm", "worker", "alice")
	r.AddCookie(&http.Cookie{Name: "__Host-clientele", Value: "root"})
	public.do("", r).check(t, http.StatusOK, []string{"POST https://crm.example.com/callbacks/crm", "2 customers"})
}

func TestServiceTest_ShowsMissingFields(t *testing.T) {
	f := newFixture(t, nil)
	for says, fields := range map[string][]string{
		"Enter a worker.":                {"which", "crm", "worker", ""},
		"Enter a search term.":           {"which", "crm", "worker", "alice", "question", "search"},
		"Enter the customer ID that":     {"which", "templates", "worker", "alice"},
		"Enter the customer’s address, ": {"which", "outgoing", "worker", "alice", "customer", "1"},
	} {
		a := f.post("root", "/console/callbacks/test", fields...)
		a.check(t, http.StatusUnprocessableEntity, []string{says, "Not tested", `aria-invalid="true"`, `data-field="`})
		if strings.Count(a.body, says) != 2 {
			t.Errorf("POST /console/callbacks/test: %q is not shown twice (field and result)", says)
		}
	}
	f.post("root", "/console/callbacks/test", "which", "nonsense", "worker", "alice").check(t, http.StatusBadRequest, nil)
	f.post("root", "/console/callbacks/test", "which", "outgoing", "worker", "alice", "customer", "1", "address", "+1").
		check(t, http.StatusOK, []string{`data-error-code="48001"`, "No URL is set"})
}

func TestServiceTest_OtherCallbacks(t *testing.T) {
	f := newFixture(t, nil)
	try := func(which, url string, more ...string) response {
		return f.post("root", "/console/callbacks/test", append([]string{"which", which, "worker", "alice", "customer", "7", which + "_callback_url", url}, more...)...)
	}
	to := []string{"channel", "whatsapp", "address", "whatsapp:+15551234567"}
	try(outgoing, serveJSON(t, 200, `{"proxy_address":"whatsapp:+1555"}`), to...).check(t, http.StatusOK, []string{"200 OK", "whatsapp:+1555", "ChannelType=whatsapp", "ChannelValue=whatsapp:+15551234567", "Location=GetProxyAddress"}, "Works, with warnings")
	try(outgoing, serveJSON(t, 200, `{"proxy_address":"+1555"}`), to...).check(t, http.StatusOK, []string{"must start with whatsapp:"})
	try(outgoing, serveJSON(t, 403, ``), to...).check(t, http.StatusOK, []string{`data-error-code="48004"`, "can’t message this customer"})
	try(outgoing, serveJSON(t, 200, `{}`), to...).check(t, http.StatusOK, []string{`data-error-code="48003"`, "has no proxy_address"})
	try(templates, serveJSON(t, 200, `[{"display_name":"Openers","templates":[{"content":"Hello"},{"content":"Hi","whatsAppApproved":true}]}]`), "conversation", "CH1").
		check(t, http.StatusOK, []string{"2 templates", "ConversationSid=CH1", "Location=GetTemplatesByCustomerId"})
	try(templates, serveJSON(t, 200, `[]`)).check(t, http.StatusOK, []string{"contains no templates"}, "ConversationSid=")
	try(templates, serveJSON(t, 200, `{"templates":[]}`)).check(t, http.StatusOK, []string{`data-error-code="48003"`, "isn’t an array"})
}

const outgoing, templates = "outgoing", "templates"

func TestServiceTest_UsesPostedToken(t *testing.T) {
	var signed string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if signed == "" { // the first page only
			signed = r.Header.Get(frontline.SignatureHeader)
		}
		io.WriteString(w, goodPage)
	}))
	defer s.Close()
	f := newFixture(t, nil)
	f.testService(s.URL, "auth_token", "typed-token-0123456789").check(t, http.StatusOK, []string{"Signed with the token you entered", "isn’t saved yet"}, "typed-token")
	want := frontline.Sign("typed-token-0123456789", s.URL, url.Values{"Location": {"GetCustomersList"}, "Worker": {"alice"}, "PageSize": {"30"}})
	if signed != want || f.token != firstToken {
		t.Errorf("signature %s, want %s; active token %s", signed, want, f.token)
	}
}

func TestServiceTest_NotesProtocolViolations(t *testing.T) {
	row := func(i int) string { return fmt.Sprintf(`{"customer_id":"%d","display_name":"x"}`, i) }
	rows := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, row(i))
		}
		return strings.Join(all, ",")
	}
	page := func(rows, rest string) string { return `{"objects":{"customers":[` + rows + `]` + rest + `}}` }
	for says, body := range map[string]string{
		"instead of a string: 1":                    page(`{"customer_id":7,"display_name":"x"}`, `,"searchable":true`),
		"(left out): 2":                             page(row(1)+`,{"display_name":"x"},null`, ``),
		"display_name (shown as “No name”): 1":      page(row(1)+`,{"customer_id":"2"}`, ``),
		"display_name (shown as “No name”): 1</li>": page(row(1)+`,{"customer_id":"2"},null,{"avatar":"x"}`, ``),
		"customer_id on the same page: 1":           page(row(1)+","+row(1), ``),
		"objects.searchable is missing":             page(row(1), ``),
		"is neither true nor false":                 page(row(1), `,"searchable":"yes"`),
		"objects.customers is null":                 `{"objects":{"customers":null,"searchable":true}}`,
		"next_page_token isn’t a non-empty string":  page(row(1), `,"next_page_token":7`),
		"objects.next_page_token isn’t":             page(row(1), `,"next_page_token":null`),
		"sent 31 rows, but 30 were":                 page(rows(31), ``),
		"(not shown): 1":                            page(`{"customer_id":"1","display_name":"x","avatar":"/me.png"}`, ``),
		"byte order mark":                           "\uFEFF" + page(row(1), ``),
		"a comma before":                            page(row(1)+",", ``),
		"close to the limit":                        page(`{"customer_id":"1","display_name":"`+strings.Repeat("x", 50<<10)+`"}`, ``),
		"The Content-Type isn’t":                    "",
	} {
		f := newFixture(t, nil)
		url := serveJSON(t, 200, body)
		if body == "" {
			url = serveJSON(t, 200, goodPage, "Content-Type", "text/html")
		}
		f.testService(url).check(t, http.StatusOK, []string{says, "Works, with warnings", "200 OK"}, "data-error-code")
	}
	for says, customer := range map[string]string{
		"has no customer_id":                                      `{"display_name":"x"}`,
		"The customer has no display_name.":                       `{"customer_id":"7","avatar":"https://example.com/a.png"}`,
		"unknown type, or without a digit or @ in their value: 3": `{"customer_id":"7","channels":[{"type":"fax","value":"1"},{"type":"sms"},{"type":"sms","value":"undefined"},{"type":"sms","value":"+1"}]}`,
		"aren’t https: or mailto:":                                `{"customer_id":"7","links":[{"value":"javascript:alert(1)"},{"value":"https://example.com"}]}`,
	} {
		f := newFixture(t, nil)
		f.testService(serveJSON(t, 200, `{"objects":{"customer":`+customer+`}}`), "question", "details", "customer", "7").check(t, http.StatusOK, []string{says, "Works, with warnings"})
	}
	salesforce := serveJSON(t, 200, `{"objects":{"customer":{"customer_id":"0015g00000XyZaBAA0","display_name":"x"}}}`)
	newFixture(t, nil).testService(salesforce, "question", "details", "customer", "0015g00000XyZaB").check(t, http.StatusOK, []string{"isn’t the one requested", "Works, with warnings"})
}

func TestServiceTest_LimitsRate(t *testing.T) {
	f := newFixture(t, nil)
	for range 30 {
		if a := f.testService(""); a.StatusCode != http.StatusOK {
			t.Fatalf("test: status %d", a.StatusCode)
		}
	}
	a := f.testService("")
	a.check(t, http.StatusTooManyRequests, []string{"Too many tests"}, "2 customers")
	if a.Header.Get("Retry-After") == "" {
		t.Error("the response has no Retry-After")
	}
	f.now = f.now.Add(3 * time.Second)
	f.testService("").check(t, http.StatusOK, []string{"2 customers"})
}

func TestServiceTest_FragmentHasResultOnly(t *testing.T) {
	f := newFixture(t, nil)
	r := formRequest("/console/callbacks/test", "which", "crm", "worker", "alice")
	r.Header.Set("Clientele-Part", "result")
	a := f.do("root", r).check(t, http.StatusOK, []string{`<section class="card result"`, "2 customers"}, "<html", "<form", "auth_token")
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control = %q", a.Header.Get("Cache-Control"))
	}
	r = formRequest("/console/callbacks/test", "which", "crm", "worker", "alice")
	r.Header.Set("Clientele-Part", "result")
	if a := f.do("", r); a.StatusCode != http.StatusUnauthorized {
		t.Errorf("fragment without a session: status %d", a.StatusCode)
	}
}

func TestServiceTest_RequestsSecondPage(t *testing.T) {
	page := func(from, n int, rest string) string {
		var rows []string
		for i := range n {
			rows = append(rows, fmt.Sprintf(`{"customer_id":"%d","display_name":"x"}`, from+i))
		}
		return `{"objects":{"customers":[` + strings.Join(rows, ",") + `],"searchable":true` + rest + `}}`
	}
	for name, test := range map[string]struct {
		first, second, asked string
		says, saysNot        string
	}{
		"by token":                   {page(0, 5, `,"next_page_token":"T2"`), page(5, 3, ""), "NextPageToken=T2", "3 customers more, after", "Works, with warnings"},
		"by anchor":                  {page(0, 30, ""), page(30, 30, ""), "Anchor=29", "30 customers more, after", "Works, with warnings"},
		"the same again":             {page(0, 30, ""), page(0, 30, ""), "Anchor=29", "repeats the same customers", "more, after"},
		"an empty second page":       {page(0, 30, ""), page(0, 0, ""), "Anchor=29", "No more customers", "Works, with warnings"},
		"an empty page with a token": {page(0, 5, `,"next_page_token":"T2"`), page(0, 0, `,"next_page_token":"T3"`), "NextPageToken=T2", "5 customers", "No more customers"},
		"a failing one":              {page(0, 5, `,"next_page_token":"T2"`), "x", "NextPageToken=T2", "The second page failed (48003)", "more, after"},
		"a page that is all":         {page(0, 29, ""), "", "", "29 customers", "Second page"},
	} {
		var asked []string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			asked = append(asked, string(body))
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, []string{test.first, test.second}[len(asked)-1])
		}))
		f := newFixture(t, nil)
		a := f.testService(s.URL)
		s.Close()
		a.check(t, http.StatusOK, []string{test.says, "200 OK"}, test.saysNot, "data-error-code")
		switch {
		case test.asked == "" && len(asked) != 1, test.asked != "" && (len(asked) != 2 || !strings.HasSuffix(asked[1], "PageSize=30&"+test.asked)):
			t.Errorf("test of the service, %s: requested pages = %q, want %q as the second", name, asked, test.asked)
		}
	}
}
