package console_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/settings"
)

func TestServiceTest_DiagnosesFailures(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/begun" {
			io.WriteString(w, `{"objects":`)
			w.(http.Flusher).Flush()
		}
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(slow.Close)
	closed := httptest.NewServer(nil)
	closed.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = nil
	t.Cleanup(secure.Close)
	open := serveJSON(t, 200, goodPage)
	big := `{"objects":{"customers":[{"customer_id":"1","display_name":"` + strings.Repeat("x", 64<<10) + `"}]}}`
	for name, test := range map[string]struct {
		url, code, says string
		more            []string
	}{
		"a wrong signature":           {serveJSON(t, 403, "Invalid signature"), "48004", "Most likely the signing tokens differ", nil},
		"a failing service":           {serveJSON(t, 500, "<html><b>boom</b>", "Content-Type", "text/html"), "48004", "The service failed (500)", nil},
		"a redirect":                  {serveJSON(t, 302, "", "Location", "https://elsewhere.example/crm"), "48004", "Enter the final URL: https://elsewhere.example/crm", nil},
		"nothing there":               {serveJSON(t, 404, ""), "48004", "Nothing was found at this URL (404)", nil},
		"no POST":                     {serveJSON(t, 405, ""), "48004", "doesn’t accept POST", nil},
		"bad request":                 {serveJSON(t, 400, ""), "48004", "(400)", nil},
		"wants a password":            {serveJSON(t, 401, ""), "48004", "callbacks v1, which sends JSON with a Token", nil},
		"wants another type":          {serveJSON(t, 415, ""), "48004", "(415)", nil},
		"an unknown location":         {serveJSON(t, 422, ""), "48004", "(422)", nil},
		"too many":                    {serveJSON(t, 429, ""), "48004", "(429)", nil},
		"a teapot":                    {serveJSON(t, 418, ""), "48004", "status 418", nil},
		"slow":                        {slow.URL, "48005", "didn’t respond within 2 seconds", nil},
		"slow in the middle":          {slow.URL + "/begun", "48005", "wasn’t complete after 2 seconds", nil},
		"a page of HTML":              {serveJSON(t, 200, "<!doctype html><title>Sign in</title>", "Content-Type", "text/html"), "48003", "is an HTML page, not JSON", nil},
		"JSON that breaks off":        {serveJSON(t, 200, goodPage[:40]), "48003", "isn’t valid JSON, or it is incomplete", nil},
		"an empty response":           {serveJSON(t, 200, " \n"), "48003", "The response is empty", nil},
		"no list":                     {serveJSON(t, 200, `{"objects":{}}`), "48003", "has no customer list", nil},
		"no usable row":               {serveJSON(t, 200, `{"objects":{"customers":[{"name":"x"}]}}`), "48003", "No row has a customer_id", nil},
		"too large":                   {serveJSON(t, 200, big), "48003", "is larger than 64 KiB", nil},
		"cut off":                     {serveRaw(t, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"obj"), "48004", "ended early", nil},
		"closed without a response":   {serveRaw(t, ""), "48004", "closed before a response arrived", nil},
		"no listener":                 {closed.URL, "48004", "Nothing is listening", nil},
		"an unknown certificate":      {secure.URL, "48004", "from an unknown authority", nil},
		"no TLS there":                {strings.Replace(open, "http:", "https:", 1), "48004", "doesn’t use TLS", nil},
		"a URL of another kind":       {"ftp://example.com/", "48001", "must begin with https://", nil},
		"a customer unknown":          {serveJSON(t, 404, `{}`), "not-found", "doesn’t know this customer", []string{"question", "details", "customer", "7"}},
		"details of no customer":      {serveJSON(t, 200, `{"objects":{"customer":null}}`), "not-found", "doesn’t know this customer", []string{"question", "details", "customer", "7"}},
		"a tunnel that is offline":    {serveJSON(t, 404, "<html>", "Content-Type", "text/html"), "48004", "Nothing was found at this URL (404)", []string{"question", "details", "customer", "7"}},
		"details of another customer": {serveJSON(t, 200, `{"objects":{"customer":{"customer_id":"8"}}}`), "48003", "isn’t the one requested", []string{"question", "details", "customer", "7"}},
		"text that is not text":       {open, "failed", "isn’t plain text", []string{"question", "search", "query", "a\x00b"}},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := time.Minute // for a busy machine
			if test.code == "48005" {
				timeout = 2 * time.Second
			}
			f := newFixture(t, func(o *console.Options) { o.TestTimeout = timeout })
			a := f.testService(test.url, test.more...)
			status := http.StatusOK
			if test.code == "48001" {
				status = http.StatusUnprocessableEntity
			}
			a.check(t, status, []string{test.says, `data-error-code="` + test.code + `"`}, "<html><b>", "<title>Sign in", "customers</bdi>")
			if len(test.code) == 5 && test.code != "48001" {
				a.check(t, status, []string{test.code + ": the "})
			}
			if len(a.body) > 64<<10 {
				t.Errorf("the page has %d bytes", len(a.body))
			}
		})
	}
}

func TestServiceTest_NeverCallsRefusedAddresses(t *testing.T) {
	called := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	defer s.Close()
	f := newFixture(t, func(o *console.Options) {
		o.CheckURL, o.Transport = checkURLStrictly, outbound.Transport(outbound.Policy{})
	})
	f.testService(s.URL).check(t, http.StatusUnprocessableEntity, []string{`data-error-code="48001"`, "--allow-private-callbacks"})
	// A name that resolves to such an address is refused when connecting.
	f = newFixture(t, func(o *console.Options) { o.Transport = outbound.Transport(outbound.Policy{}) })
	f.testService(s.URL).check(t, http.StatusOK, []string{`data-error-code="48004"`, "private address (127.0.0.1)", "--allow-private-callbacks"})
	f.save(func(k *settings.Callbacks) { k.CRM = s.URL })
	f.post("root", "/console/callbacks/test", "which", "crm", "worker", "alice").check(t, http.StatusOK, []string{"private address (127.0.0.1)"})
	if called {
		t.Error("the service was called")
	}
}

func TestServiceTest_TimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(o *console.Options) {
			o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
		})
		start := time.Now()
		f.testService("https://example.com/").check(t, http.StatusOK, []string{`data-error-code="48005"`, "No connection within 6 seconds", "6.00 s"})
		if took := time.Since(start); took != frontline.CallTimeout {
			t.Errorf("the test took %v", took)
		}
	})
}

func TestServiceTest_UnknownHost(t *testing.T) {
	f := newFixture(t, func(o *console.Options) {
		o.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "secret-host", IsNotFound: true}}
		})
	})
	f.testService("https://nowhere.example/").check(t, http.StatusOK, []string{`data-error-code="48004"`, "host wasn’t found"})
}
