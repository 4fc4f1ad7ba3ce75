package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// formType is the content type of a callback.
const formType = "application/x-www-form-urlencoded"

// A response is an HTTP response with its body.
type response struct {
	status int
	header http.Header
	body   string
}

// plainClient follows no redirects, so that tests see them.
func plainClient() *http.Client {
	return &http.Client{
		Timeout:       limit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// send sends a request and reads the response.
func send(t *testing.T, client *http.Client, r *http.Request) response {
	t.Helper()
	resp, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	return response{resp.StatusCode, resp.Header, string(body)}
}

// request makes a request; header is name, value, name, value.
func request(t *testing.T, method, url, body string, header ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// callback calls the integration service with a signature.
func (s *server) callback(t *testing.T, params url.Values) response {
	t.Helper()
	at := s.url + "/callbacks/crm"
	return send(t, plainClient(), request(t, "POST", at, params.Encode(),
		"Content-Type", formType, "X-Twilio-Signature", frontline.Sign(authToken, at, params)))
}

// A page of customers as it crosses the wire.
type listResponse struct {
	Objects struct {
		Customers []struct {
			ID   string `json:"customer_id"`
			Name string `json:"display_name"`
		} `json:"customers"`
		Searchable    *bool   `json:"searchable"`
		NextPageToken *string `json:"next_page_token"`
	} `json:"objects"`
}

// list parses a page of customers.
func (a response) list(t *testing.T) listResponse {
	t.Helper()
	var l listResponse
	if a.status != http.StatusOK {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &l); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return l
}

// signedIn returns a client with the signed-in worker's cookies.
func (s *server) signedIn(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := plainClient()
	client.Jar = jar
	form := url.Values{"identity": {worker}, "password": {password}}
	got := send(t, client, request(t, "POST", s.url+"/signin", form.Encode(), "Content-Type", formType))
	if got.status != http.StatusSeeOther {
		t.Fatalf("signing in: status %d\n%s", got.status, got.body)
	}
	return client
}
