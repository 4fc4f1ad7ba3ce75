package frontline_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// cut returns all ways to cut a signed string into at most n parameters whose names come
// after another, in signing order.
func cut(s, after string, n int) (all [][]string) {
	if s == "" {
		return [][]string{nil}
	}
	if n == 0 {
		return nil
	}
	for name := 1; name <= len(s); name++ {
		if s[:name] <= after {
			continue
		}
		for value := name; value <= len(s); value++ {
			for _, rest := range cut(s[value:], s[:name], n-1) {
				all = append(all, append([]string{s[:name], s[name:value]}, rest...))
			}
		}
	}
	return all
}

// signedAs returns a request with these pairs of a name and a value, signed as params.
func signedAs(params url.Values, pairs ...string) *http.Request {
	var body []string
	for i := 0; i < len(pairs); i += 2 {
		body = append(body, url.QueryEscape(pairs[i])+"="+url.QueryEscape(pairs[i+1]))
	}
	r := post(strings.Join(body, "&"))
	r.Header.Set(frontline.SignatureHeader, frontline.Sign(token, "http://example.com/callbacks/crm", params))
	return r
}

// A signature does not say where a name or a value ends. However a signed string is cut,
// no part of another value becomes the worker.
func TestHandler_RefusesOtherReadings(t *testing.T) {
	for _, query := range []string{"aWorkerb", "aWorkerbZ", "WorkerJS", "aPageSize9", "Work"} {
		params := url.Values{"Location": {"GetCustomersList"}, "Query": {query}, "Worker": {"al"}}
		accepted := 0
		for _, pairs := range cut("Query"+query+"Workeral", "Location", 3) {
			isWorker := false
			for i := 0; i < len(pairs); i += 2 {
				isWorker = isWorker || pairs[i] == "Worker"
			}
			if !isWorker {
				continue
			}
			crm := new(sliceCRM)
			w := serve(crm, signedAs(params, append([]string{"Location", "GetCustomersList"}, pairs...)...))
			switch w.Code {
			case http.StatusOK:
				accepted++
				// What a legitimate unknown parameter cannot be told from: the worker's
				// identity may be cut short, or go on to the end.
				if got := crm.lists[0].Worker; !strings.HasPrefix("al", got) && !strings.Contains(got, "Worker") {
					t.Errorf("POST %q, signed as %q, is a request of %q", pairs, params, got)
				}
			case http.StatusBadRequest:
			default:
				t.Fatalf("POST %q, signed as %q: status %d, want 200 or 400", pairs, params, w.Code)
			}
		}
		if accepted == 0 {
			t.Errorf("no way to cut %q is accepted", params)
		}
	}
}

func TestHandler_UnknownParameters(t *testing.T) {
	for _, tt := range []struct {
		name  string
		pairs []string
		want  int
	}{
		{"a new parameter", []string{"New", "1"}, 200},
		{"a new one before, between and after", []string{"AccountSid", "AC1", "New", "2", "Query", "b", "Zone", "a"}, 200},
		{"a search for a name of the protocol", []string{"Query", "Worker Anchor", "Zone", "a"}, 200},
		{"in lower case", []string{"new", "worker query"}, 200},
		{"another request's parameter", []string{"ChannelType", "sms"}, 200},
		{"a name in a name", []string{"XWorkerbob", ""}, 400},
		{"a name in a value", []string{"Z", "Workerbob"}, 400},
		{"a name across a name and its value", []string{"ZWor", "kerbob"}, 400},
		{"a name across two parameters", []string{"ZWor", "", "ker", "bob"}, 400},
		{"a name around a known parameter", []string{"Wo", "", "rker", "bob"}, 400},
		{"a name that the value before begins", []string{"Query", "aPage", "Size", "9"}, 400},
		{"another request's name", []string{"Z", "ConversationSid"}, 400},
	} {
		params := url.Values{"Location": {"GetCustomersList"}, "Worker": {"alice"}}
		for i := 0; i < len(tt.pairs); i += 2 {
			params.Add(tt.pairs[i], tt.pairs[i+1])
		}
		crm := new(sliceCRM)
		w := serve(crm, post(params.Encode()))
		if w.Code != tt.want {
			t.Errorf("POST with %s, %q: status %d, want %d: %s", tt.name, tt.pairs, w.Code, tt.want, w.Body)
		}
		if w.Code == 400 {
			if code, _ := errorOf(t, w); code != 48000 || len(crm.lists) > 0 {
				t.Errorf("POST with %s: code %d, %d calls of the CRM, want 48000 and none", tt.name, code, len(crm.lists))
			}
		}
	}
}
