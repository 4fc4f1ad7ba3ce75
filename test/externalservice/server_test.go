package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

const worker = "alice@example.com"

// A fake is the service in the test's process.
type fake struct {
	t    *testing.T
	s    *service
	url  string
	died bool
}

func newFake(t *testing.T, token string) *fake {
	f := &fake{t: t}
	f.s = newService("", token, func() { f.died = true })
	server := httptest.NewServer(f.s.handler())
	t.Cleanup(server.Close)
	f.s.origin, f.url = server.URL, server.URL
	return f
}

func (f *fake) send(r *http.Request) (status int, body string) {
	f.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (f *fake) post(path string, form url.Values) (status int, body string) {
	f.t.Helper()
	r, err := http.NewRequestWithContext(f.t.Context(), "POST", f.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if path == "/crm" && f.s.token != "" {
		r.Header.Set("X-Twilio-Signature", frontline.Sign("right", f.url+path, form))
	}
	return f.send(r)
}

// behave sets modes and parameters: "slow&delay=1s" is mode=slow and delay=1s.
func (f *fake) behave(query string) {
	f.t.Helper()
	form, err := url.ParseQuery("mode=" + query)
	if err != nil {
		f.t.Fatal(err)
	}
	if status, body := f.post("/control", form); status != http.StatusOK {
		f.t.Fatalf("%s: status %d %s", query, status, body)
	}
}

func (f *fake) get(path string, to any) {
	f.t.Helper()
	resp, err := http.Get(f.url + path)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(to); err != nil {
		f.t.Fatal(err)
	}
}

// A page as it crosses the wire; tokens and ids may be anything.
type page struct {
	Objects struct {
		Customers []json.RawMessage
		Token     json.RawMessage `json:"next_page_token"`
		Search    *bool           `json:"searchable"`
	}
}

func (f *fake) list(params ...string) page {
	f.t.Helper()
	form := url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}, "PageSize": {"30"}}
	for i := 0; i < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	status, body := f.post("/crm", form)
	var p page
	body = strings.NewReplacer("\ufeff", "", ",\n]", "]").Replace(body)
	if err := json.Unmarshal([]byte(body), &p); err != nil || status != http.StatusOK {
		f.t.Fatalf("status %d, %v in %.200s", status, err, body)
	}
	return p
}

// ids returns the usable ids of a page.
func (p page) ids() []string {
	var ids []string
	for _, raw := range p.Objects.Customers {
		var row struct {
			ID json.RawMessage `json:"customer_id"`
		}
		if id := ""; json.Unmarshal(raw, &row) == nil && string(row.ID) != "null" {
			if id = strings.Trim(string(row.ID), `"`); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// trueList returns the ids of the worker's true list.
func (f *fake) trueList() []string {
	f.t.Helper()
	var rows []listedRow
	f.get("/control/list?worker="+worker, &rows)
	var ids []string
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return ids
}
