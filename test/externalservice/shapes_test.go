package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestList_RestartsOnce(t *testing.T) {
	f := newFake(t, "")
	f.behave("restarts")
	first, all := f.list().ids(), f.trueList()
	f.list("NextPageToken", "page-30")
	if got := f.list("NextPageToken", "page-60").ids(); !slices.Equal(got, first) {
		t.Errorf("the third page = %q, want the first page", got)
	}
	if got := f.list("NextPageToken", "page-60").ids(); !slices.Equal(got, all[60:]) {
		t.Errorf("the third page again = %q, want %q", got, all[60:])
	}
}

func TestList_Emptied(t *testing.T) {
	for mode, want := range map[string]string{"emptied": `"customers":[]`, "emptied,null": `"customers":null`} {
		f := newFake(t, "")
		f.behave(mode)
		if _, body := f.post("/crm", url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}}); !strings.Contains(body, want) {
			t.Errorf("%s: list is %s, want %s in it", mode, body, want)
		}
	}
}

func TestService_Flaps(t *testing.T) {
	f := newFake(t, "")
	f.behave("flaps")
	form := url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}}
	for i, want := range []int{200, 500, 200} {
		f.s.mu.Lock()
		f.s.since = time.Now().Add(-time.Duration(i) * 2 * time.Second)
		f.s.mu.Unlock()
		if status, _ := f.post("/crm", form); status != want {
			t.Errorf("status after %d s = %d, want %d", 2*i, status, want)
		}
	}
}

func TestList_RefusesQueries(t *testing.T) {
	for mode, want := range map[string][2]int{"wants-percent": {401, 200}, "refuses-queries": {401, 401}} {
		f := newFake(t, "")
		f.behave(mode)
		form := url.Values{"Location": {"GetCustomersList"}, "Worker": {worker}, "Query": {"Ada A"}}.Encode()
		for i, body := range []string{form, strings.ReplaceAll(form, "+", "%20")} {
			r, err := http.NewRequestWithContext(t.Context(), "POST", f.url+"/crm", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if status, _ := f.send(r); status != want[i] {
				t.Errorf("%s: status of %s = %d, want %d", mode, body, status, want[i])
			}
		}
		if len(f.list().ids()) != 30 {
			t.Errorf("%s: the list is refused too", mode)
		}
	}
}

func TestDetails_Shapes(t *testing.T) {
	for mode, want := range map[string]string{
		"salesforce": `AA0"`, "undefined": `"value":"undefined"`, "others": `"display_name":"Ada Adeyemi ` + mark("somebody@example.com"),
		"null": `"links":null`, "comma": "},\n]",
	} {
		f := newFake(t, "")
		f.behave(mode)
		f.list()
		_, body := f.post("/crm", url.Values{"Location": {"GetCustomerDetailsByCustomerId"}, "Worker": {worker}, "CustomerId": {f.trueList()[1]}})
		if !strings.Contains(body, want) {
			t.Errorf("%s: details are %s, want %s in them", mode, body, want)
		}
	}
}
