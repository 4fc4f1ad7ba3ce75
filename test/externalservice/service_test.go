package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestList_WalkReturnsTrueList(t *testing.T) {
	for _, mode := range []string{"anchor", "token", "token-number", "token-null", "token-empty", "token-end-null", "token-end-empty",
		"token-changing", "token-late", "token-cursor", "filtered", "rows-more", "rows-short", "token,rows-short", "numbers", "salesforce",
		"bom", "comma", "dirty", "nameless"} {
		t.Run(mode, func(t *testing.T) {
			f := newFake(t, "")
			f.behave(mode)
			var ids []string
			var params []string
			for range 30 {
				p := f.list(params...)
				ids = append(ids, p.ids()...)
				token := strings.Trim(string(p.Objects.Token), `"`)
				if token == "" || token == "null" {
					if len(params) > 0 && params[0] == "NextPageToken" || len(p.ids()) == 0 {
						break
					}
					params = []string{"Anchor", ids[len(ids)-1]}
				} else {
					params = []string{"NextPageToken", token}
				}
			}
			if want := f.trueList(); len(want) != 70 || !slices.Equal(ids, want) {
				t.Errorf("walk returned %d ids %q, want %d %q", len(ids), ids, len(want), want)
			}
		})
	}
}

func TestList_WithoutEnd(t *testing.T) {
	for mode, again := range map[string]string{"same-page": "", "whole": "", "token-repeated": "page-70", "token-loop": "page-0"} {
		f := newFake(t, "")
		f.behave(mode)
		p := f.list("NextPageToken", "page-60")
		if token := strings.Trim(string(p.Objects.Token), `"`); again != "" && mode != "token-repeated" && token != again {
			t.Errorf("%s: the last page's token is %q, want %q", mode, token, again)
		}
		if mode == "token-repeated" {
			if token := string(p.Objects.Token); token != `"page-60"` {
				t.Errorf("%s: the last page's token is %s, want its own", mode, token)
			}
		}
		if mode == "whole" {
			if got := f.list("Anchor", p.ids()[29]).ids(); !slices.Equal(got, f.trueList()) {
				t.Errorf("%s: page after the first = %q, want the whole list", mode, got)
			}
		}
		if mode == "same-page" {
			all := f.trueList()
			if got := f.list("Anchor", all[29]).ids(); !slices.Equal(got, all[:30]) {
				t.Errorf("%s: page after the first = %q", mode, got)
			}
		}
	}
}

func TestService_Failures(t *testing.T) {
	for _, c := range []struct {
		mode   string
		status int
		body   string
	}{
		{"down", 0, "EOF"},
		{"html404", 404, "<h1>"},
		{"html500", 500, "<h1>"},
		{"normal&status=403", 403, "no"},
		{"redirect", 307, "moved"},
		{"redirect&redirect=301&location=http://other.invalid/", 301, "moved"},
		{"normal&fail_after=1", 200, "customers"},
		{"normal&fail_from=1", 200, "customers"},
		{"truncated", 200, "customers"},
		{"oversize", 200, "xxxx"},
		{"normal&rate=1", 200, "customers"},
	} {
		f := newFake(t, "")
		f.behave(c.mode)
		form := url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}, "PageSize": {"30"}}
		status, body := f.post("/crm", form)
		if status != c.status || !strings.Contains(body, c.body) {
			t.Errorf("%s: status %d %.100s, want %d and %q", c.mode, status, body, c.status, c.body)
		}
		if json.Valid([]byte(body)) == (c.mode == "truncated") && status == 200 {
			t.Errorf("%s: JSON is %v", c.mode, json.Valid([]byte(body)))
		}
		form.Set("Anchor", f.trueList()[29])
		want := map[string]int{"normal&fail_after=1": 500, "normal&fail_from=1": 500, "normal&rate=1": 429}[c.mode]
		if status, _ := f.post("/crm", form); want != 0 && status != want {
			t.Errorf("%s: the second answer has status %d, want %d", c.mode, status, want)
		}
	}
	endless := newFake(t, "")
	endless.behave("endless")
	resp, err := http.PostForm(endless.url+"/crm", url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := io.CopyN(io.Discard, resp.Body, 1<<20); n != 1<<20 {
		t.Errorf("endless: it ended after %d bytes", n)
	}
	resp.Body.Close()
	f := newFake(t, "")
	f.behave("flapping")
	var statuses []int
	for range 4 {
		status, _ := f.post("/crm", url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}})
		statuses = append(statuses, status)
	}
	if want := []int{200, 500, 200, 500}; !slices.Equal(statuses, want) {
		t.Errorf("flapping: %v, want %v", statuses, want)
	}
	f.behave("slow&delay=60ms")
	if begun := time.Now(); len(f.list().ids()) != 30 || time.Since(begun) < 60*time.Millisecond {
		t.Errorf("slow: took %v", time.Since(begun))
	}
}

func TestDetails_ForAnyWorker(t *testing.T) {
	f := newFake(t, "")
	f.list()
	id := f.trueList()[3]
	details := func(worker, id string) (int, string) {
		return f.post("/crm", url.Values{"Location": {"GetCustomerDetailsByCustomerId"}, "Worker": {worker}, "CustomerId": {id}})
	}
	if status, body := details("mallory", id); status != 200 || !strings.Contains(body, `"customer_id":"`+id+`"`) {
		t.Errorf("details of a known id: %d %s", status, body)
	}
	for missing, want := range map[string]string{"404": "Not Found", "{}": `{"objects":{"customer":{}}}`, "null": `{"objects":{"customer":null}}`, "empty": ""} {
		f.behave("normal&missing=" + url.QueryEscape(missing) + "&deleted=" + id)
		if _, body := details(worker, id); body != want {
			t.Errorf("missing=%s: a deleted one: %q, want %q", missing, body, want)
		}
		if _, body := details(worker, "never-was"); body != want {
			t.Errorf("missing=%s: an unknown one: %q, want %q", missing, body, want)
		}
	}
	if slices.Contains(f.trueList(), id) {
		t.Error("list contains the deleted customer")
	}
	f.behave("dies")
	if details(worker, id); f.died {
		t.Error("service exits at a known id")
	}
	if details(worker, "never-was"); !f.died {
		t.Error("service does not exit at an unknown id")
	}
	f.behave("numbers")
	if status, body := details(worker, f.trueList()[0]); status != 200 || !strings.Contains(body, `"customer_id":`+f.trueList()[0]+`,`) {
		t.Errorf("a number: %d %s", status, body)
	}
}

func TestList_Searchable(t *testing.T) {
	yes, no := "true", "false"
	for _, c := range []struct{ mode, plain, query string }{
		{"searchable", yes, yes}, {"unsearchable", no, no}, {"searchable-late", "", yes}, {"unsearchable-late", "", no},
		{"searchable-unset", "", ""}, {"unsearchable-unset", "", ""},
	} {
		f := newFake(t, "")
		f.behave(c.mode)
		searchable := func(p page) string {
			if p.Objects.Search == nil {
				return ""
			}
			return strconv.FormatBool(*p.Objects.Search)
		}
		plain, query := f.list(), f.list("Query", "adeyemi")
		if searchable(plain) != c.plain || searchable(query) != c.query {
			t.Errorf("%s: searchable = %q, with a query %q, want %q and %q", c.mode, searchable(plain), searchable(query), c.plain, c.query)
		}
		if found := len(query.ids()); (found < 30) != strings.HasPrefix(c.mode, "searchable") {
			t.Errorf("%s: query found %d", c.mode, found)
		}
	}
}

func TestService_SignaturesAndLog(t *testing.T) {
	f := newFake(t, "right")
	if got := len(f.list("Query", "zoë").ids()); got == 0 {
		t.Error("signed search found no customer")
	}
	form := url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}}
	for header, want := range map[string]int{"": 400, "wrong": 403} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", f.url+"/crm", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if header != "" {
			r.Header.Set("X-Twilio-Signature", header)
		}
		if status, body := f.send(r); status != want {
			t.Errorf("signature %q: status %d %s, want %d", header, status, body, want)
		}
	}
	var log callbackLog
	f.get("/control/log", &log)
	var got []string
	for _, e := range log.Requests {
		got = append(got, e.Signature+" "+strconv.Itoa(e.Status)+" "+e.Query)
	}
	slices.Sort(got)
	if want := []string{"missing 400 ", "ok 200 zoë", "wrong 403 "}; !slices.Equal(got, want) || log.MaxInFlight != 1 || log.MaxPerSecond != 3 {
		t.Errorf("log = %q, %d in flight, %d a second, want %q, 1 and 3", got, log.MaxInFlight, log.MaxPerSecond, want)
	}
	r, err := http.NewRequestWithContext(t.Context(), "DELETE", f.url+"/control/log", nil)
	if err != nil {
		t.Fatal(err)
	}
	f.send(r)
	f.get("/control/log", &log)
	if len(log.Requests) != 0 {
		t.Errorf("log has %d requests after clearing, want 0", len(log.Requests))
	}
}

func TestControl_RejectsUnknownValues(t *testing.T) {
	f := newFake(t, "")
	for _, form := range []url.Values{{"mode": {"nonsense"}}, {"delay": {"5"}}, {"missing": {"maybe"}}, {"unheard": {"of"}}} {
		if status, _ := f.post("/control", form); status != http.StatusBadRequest {
			t.Errorf("%v: status %d, want 400", form, status)
		}
	}
}

func TestAvatar_Kinds(t *testing.T) {
	f := newFake(t, "")
	for kind, want := range map[string]string{"png": "\x89PNG", "svg": "<svg", "html": "<!DOCTYPE", "none": "404", "huge": "\x00"} {
		f.behave("normal&avatars=" + kind)
		var row struct{ Avatar string }
		if err := json.Unmarshal(f.list().Objects.Customers[0], &row); err != nil || !strings.HasPrefix(row.Avatar, f.url+"/avatar/"+kind) {
			t.Fatalf("%s: %v, the avatar is %q", kind, err, row.Avatar)
		}
		r, err := http.NewRequestWithContext(t.Context(), "GET", row.Avatar, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, body := f.send(r); !strings.HasPrefix(body, want) {
			t.Errorf("%s: got %.20q, want %q", kind, body, want)
		}
	}
}

func TestList_WorkersShareNoCustomer(t *testing.T) {
	f := newFake(t, "")
	for _, mode := range []string{"normal", "numbers"} {
		f.behave(mode)
		seen := map[string]bool{}
		for _, w := range []string{"alice@example.com", "bob@example.com", "carol@example.com"} {
			var rows []listedRow
			f.get("/control/list?worker="+w, &rows)
			for _, r := range rows {
				if seen[r.ID] || seen[r.Name] {
					t.Errorf("%s: two workers have %v", mode, r)
				}
				seen[r.ID], seen[r.Name] = true, true
			}
		}
	}
}
