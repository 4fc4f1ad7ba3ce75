package frontline_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// errorOf returns the code and message of an error response.
func errorOf(t *testing.T, w *httptest.ResponseRecorder) (code int, message string) {
	t.Helper()
	var response struct {
		Error struct {
			Code    int
			Message string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &response); err != nil || response.Error.Message == "" {
		t.Fatalf("response %q (%v), want an error with a message", w.Body, err)
	}
	return response.Error.Code, response.Error.Message
}

func TestHandler_Refusals(t *testing.T) {
	const list = "Location=GetCustomersList&Worker=alice"
	const details = "Location=GetCustomerDetailsByCustomerId&Worker=alice"
	for _, tt := range []struct {
		name, body string
		status     int
		message    string
	}{
		{"no parameters", "", 422, "Location is missing"},
		{"no Location", "Worker=alice", 422, "Location is missing"},
		{"an empty Location", "Location=&Worker=alice", 422, "Location is missing"},
		{"an unknown Location", "Location=DeleteCustomer&Worker=alice", 422, "unknown"},
		{"a Location in another case", "Location=getcustomerslist&Worker=alice", 422, "unknown"},
		{"a Location that is not text", "Location=%ff&Worker=alice", 422, "unknown"},
		{"an unknown Location without a Worker", "Location=x", 422, "unknown"},
		{"no Worker", "Location=GetCustomersList", 400, "Worker is missing"},
		{"an empty Worker", "Location=GetCustomersList&Worker=", 400, "Worker is missing"},
		{"details without a Worker", "Location=GetCustomerDetailsByCustomerId&CustomerId=1", 400, "Worker is missing"},
		{"PageSize 0", list + "&PageSize=0", 400, "PageSize"},
		{"PageSize of zeros", list + "&PageSize=000", 400, "PageSize"},
		{"a negative PageSize", list + "&PageSize=-1", 400, "PageSize"},
		{"a signed PageSize", list + "&PageSize=%2B5", 400, "PageSize"},
		{"a broken PageSize", list + "&PageSize=1.5", 400, "PageSize"},
		{"a PageSize with an exponent", list + "&PageSize=1e2", 400, "PageSize"},
		{"a PageSize with a blank", list + "&PageSize=+30", 400, "PageSize"},
		{"a PageSize in other digits", list + "&PageSize=%D9%A3", 400, "PageSize"},
		{"a token over 1 KiB", list + "&NextPageToken=" + strings.Repeat("x", 1025), 400, "NextPageToken"},
		{"a foreign token", list + "&NextPageToken=x", 400, "NextPageToken"},
		{"a foreign token with a good anchor", list + "&NextPageToken=x&Anchor=1", 400, "NextPageToken"},
		{"an unknown anchor", list + "&Anchor=unknown", 400, "Anchor"},
		{"invalid UTF-8", list + "&Query=%ff", 400, "UTF-8"},
		{"raw invalid UTF-8", list + "&Query=\xff", 400, "UTF-8"},
		{"a surrogate in UTF-8", list + "&Query=%ed%a0%80", 400, "UTF-8"},
		{"NUL", list + "&Anchor=%00", 400, "NUL"},
		{"invalid UTF-8 where it is ignored", list + "&New=%ff", 400, "UTF-8"},
		{"NUL in a name", list + "&%00=1", 400, "NUL"},
		{"Worker twice", list + "&Worker=bob", 400, "Worker must not be given twice"},
		{"the same Worker twice", list + "&Worker=alice", 400, "Worker must not be given twice"},
		{"Location twice", list + "&Location=GetCustomersList", 400, "Location must not be given twice"},
		{"Location twice, one of them unknown", list + "&Location=x", 400, "Location must not be given twice"},
		{"an unknown Location twice", "Worker=alice&Location=x&Location=y", 422, "unknown"},
		{"an empty Query twice", list + "&Query=&Query=", 400, "Query must not be given twice"},
		{"CustomerId twice in a list", list + "&CustomerId=1&CustomerId=1", 400, "CustomerId must not be given twice"},
		{"no CustomerId", details, 400, "CustomerId is missing"},
		{"an unknown customer", details + "&CustomerId=unknown", 404, "not found"},
		{"a customer of another worker", "Location=GetCustomerDetailsByCustomerId&Worker=bob&CustomerId=1", 404, "not found"},
		{"an enormous id", details + "&CustomerId=" + strings.Repeat("9", 60000), 404, "not found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := serve(&sliceCRM{customers: people(3)}, post(tt.body))
			code, message := errorOf(t, w)
			wantCode := 48000
			if tt.status == 404 {
				wantCode = 0
			}
			if w.Code != tt.status || code != wantCode || !strings.Contains(message, tt.message) {
				t.Errorf("POST %.200s: status %d, %s; want %d, code %d, %q", tt.body, w.Code, w.Body, tt.status, wantCode, tt.message)
			}
		})
	}
}

func TestHandler_OrderOfChecks(t *testing.T) {
	const good = "Location=GetCustomersList&Worker=alice"
	request := func(method, contentType, body string, header ...string) *http.Request {
		r := httptest.NewRequest(method, "/callbacks/crm", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return r
	}
	const form = "application/x-www-form-urlencoded"
	long := strings.Repeat("x", frontline.MaxBodyBytes+1)
	for _, tt := range []struct {
		name   string
		r      *http.Request
		status int
		code   int
	}{
		{"GET", request("GET", form, good), 405, 0},
		{"HEAD, and nothing else right", request("HEAD", "text/plain", long), 405, 0},
		{"PUT", request("PUT", form, good), 405, 0},
		{"OPTIONS", request("OPTIONS", "", ""), 405, 0},
		{"a non-standard method", request("LIST", form, good), 405, 0},
		{"no Content-Type", request("POST", "", good), 415, 48000},
		{"JSON", request("POST", "application/json", `{"Location":"GetCustomersList"}`), 415, 48000},
		{"multipart", request("POST", "multipart/form-data; boundary=x", "--x--"), 415, 48000},
		{"text, too long and unsigned", request("POST", "text/plain", long), 415, 48000},
		{"a compressed body", request("POST", form, good, "Content-Encoding", "gzip"), 415, 48000},
		{"too long and unsigned", request("POST", form, long), 413, 48000},
		{"unsigned", request("POST", form, good), 403, 0},
		{"unsigned and broken", request("POST", form, "Location=%zz"), 403, 0},
		{"unsigned with an unknown Location", request("POST", form, "Location=x"), 403, 0},
		{"wrongly signed", request("POST", form, good, frontline.SignatureHeader, "fCxdMBO8P83YKOwYbmfK4IlRb1Q="), 403, 0},
		{"an enormous signature", request("POST", form, good, frontline.SignatureHeader, strings.Repeat("A", 8000)), 403, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			crm := &sliceCRM{customers: people(1)}
			w := serve(crm, tt.r)
			if code, _ := errorOf(t, w); w.Code != tt.status || code != tt.code {
				t.Errorf("%s /callbacks/crm: status %d, %s, want %d, code %d", tt.r.Method, w.Code, w.Body, tt.status, tt.code)
			}
			if got := w.Header().Get("Allow"); (got == "POST") != (tt.status == 405) {
				t.Errorf("%s /callbacks/crm: Allow = %q with status %d", tt.r.Method, got, tt.status)
			}
			if len(crm.lists) > 0 {
				t.Errorf("%s /callbacks/crm: the CRM was called", tt.r.Method)
			}
		})
	}
}

func TestHandler_Bodies(t *testing.T) {
	const good = "Location=GetCustomersList&Worker=alice"
	for _, tt := range []struct {
		name, contentType, body string
		status                  int
	}{
		{"the usual type", "application/x-www-form-urlencoded", good, 200},
		{"the reference text's type", "application/x-www-urlencoded", good, 200},
		{"with a charset", "application/x-www-form-urlencoded; charset=UTF-8", good, 200},
		{"the other with a charset, oddly written", "Application/X-WWW-UrlEncoded ;charset=utf-8", good, 200},
		{"a type that only begins like it", "application/x-www-form-urlencodedx", good, 415},
		{"exactly 64 KiB", "application/x-www-form-urlencoded", good + "&X=" + strings.Repeat("x", frontline.MaxBodyBytes-len(good)-3), 200},
		{"a byte more", "application/x-www-form-urlencoded", good + "&X=" + strings.Repeat("x", frontline.MaxBodyBytes-len(good)-2), 413},
		{"very many parameters", "application/x-www-form-urlencoded", good + strings.Repeat("&a", 32000), 200},
		{"empty pairs and names", "application/x-www-form-urlencoded", "&&" + good + "&=&=x&", 200},
		{"empty parameters", "application/x-www-form-urlencoded", good + "&Anchor=&NextPageToken=&Query=&PageSize=", 200},
		{"a semicolon in a value", "application/x-www-form-urlencoded", good + "&Query=a;b", 200},
		{"unknown parameters, one repeated", "application/x-www-form-urlencoded", good + "&New=1&New=2&%5Bx%5D=y", 200},
		{"an encoded name", "application/x-www-form-urlencoded", "%4Cocation=GetCustomersList&Work%65r=alice", 200},
	} {
		for _, chunked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, chunked %v", tt.name, chunked), func(t *testing.T) {
				r := httptest.NewRequest("POST", "/callbacks/crm", strings.NewReader(tt.body))
				if chunked {
					r.ContentLength = -1
				}
				r.Header.Set("Content-Type", tt.contentType)
				params := url.Values{} // net/url refuses semicolons and more than 10,000 parameters
				for pair := range strings.SplitSeq(tt.body, "&") {
					name, value, _ := strings.Cut(pair, "=")
					name, _ = url.QueryUnescape(name)
					params.Add(name, value)
				}
				r.Header.Set(frontline.SignatureHeader, frontline.Sign(token, "http://example.com/callbacks/crm", params))
				if w := serve(&sliceCRM{customers: people(3)}, r); w.Code != tt.status {
					t.Errorf("POST %.200s: status %d, want %d: %s", tt.body, w.Code, tt.status, w.Body)
				}
			})
		}
	}
}

func TestHandler_BrokenPercentEncoding(t *testing.T) {
	for _, body := range []string{"Query=100%", "Query=%zz", "Query=%4", "%=1"} {
		// Some decoders leave such a percent sign alone, others skip the pair.
		name, value, _ := strings.Cut(body, "=")
		alone := url.Values{"Location": {"GetCustomersList"}, "Worker": {"alice"}, name: {value}}
		skipped := url.Values{"Location": {"GetCustomersList"}, "Worker": {"alice"}}
		for _, params := range []url.Values{alone, skipped} {
			r := post("Location=GetCustomersList&Worker=alice&" + body)
			r.Header.Set(frontline.SignatureHeader, frontline.Sign(token, "http://example.com/callbacks/crm", params))
			w := serve(&sliceCRM{}, r)
			if code, message := errorOf(t, w); w.Code != 400 || code != 48000 || !strings.Contains(message, "percent") {
				t.Errorf("POST %s signed as %v: status %d, %s, want 400, code 48000", body, params, w.Code, w.Body)
			}
		}
		r := post("Location=GetCustomersList&Worker=alice&" + body)
		r.Header.Set(frontline.SignatureHeader, frontline.Sign(token, "http://example.com/callbacks/crm", nil))
		if w := serve(&sliceCRM{}, r); w.Code != 403 {
			t.Errorf("POST %s, wrongly signed: status %d, want 403: %s", body, w.Code, w.Body)
		}
	}
}

// cutShort is a body whose connection breaks.
type cutShort struct{}

func (cutShort) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

func TestHandler_IncompleteBody(t *testing.T) {
	r := httptest.NewRequest("POST", "/callbacks/crm", cutShort{})
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := serve(&sliceCRM{}, r); w.Code != 400 {
		t.Errorf("POST with a body that breaks off: status %d, want 400: %s", w.Code, w.Body)
	}
	r.Body = http.MaxBytesReader(nil, io.NopCloser(strings.NewReader("Location=x")), 5)
	if w := serve(&sliceCRM{}, r); w.Code != 413 {
		t.Errorf("POST over the server's limit: status %d, want 413: %s", w.Code, w.Body)
	}
	r.Body, r.ContentLength = nil, 0
	if w := serve(&sliceCRM{}, r); w.Code != 403 {
		t.Errorf("POST without a body: status %d, want 403: %s", w.Code, w.Body)
	}
}

func TestHandler_CallsCRM(t *testing.T) {
	const list = "Location=GetCustomersList&Worker=alice"
	for _, tt := range []struct {
		name, body string
		want       frontline.ListRequest
	}{
		{"the least", list, frontline.ListRequest{PageSize: 30}},
		{"a PageSize", list + "&PageSize=7", frontline.ListRequest{PageSize: 7}},
		{"leading zeros", list + "&PageSize=007", frontline.ListRequest{PageSize: 7}},
		{"an enormous PageSize", list + "&PageSize=" + strings.Repeat("9", 400), frontline.ListRequest{PageSize: 1000}},
		{"1001", list + "&PageSize=1001", frontline.ListRequest{PageSize: 1000}},
		{"an anchor", list + "&Anchor=2", frontline.ListRequest{PageSize: 30, Anchor: "2"}},
		{"a token", list + "&NextPageToken=after-1", frontline.ListRequest{PageSize: 30, NextPageToken: "after-1"}},
		{"both: the token wins", list + "&Anchor=2&NextPageToken=after-1", frontline.ListRequest{PageSize: 30, NextPageToken: "after-1"}},
		{"an empty token does not", list + "&Anchor=2&NextPageToken=", frontline.ListRequest{PageSize: 30, Anchor: "2"}},
		{"a query", list + "&Query=Jos%C3%A9+%2B1%0A", frontline.ListRequest{PageSize: 30, Query: "José +1\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			crm := &sliceCRM{customers: people(3)}
			w := serve(crm, post(tt.body))
			tt.want.Worker = "alice"
			if w.Code != 200 || len(crm.lists) != 1 || crm.lists[0] != tt.want {
				t.Errorf("POST %.200s: status %d, the CRM received %+v, want %+v", tt.body, w.Code, crm.lists, tt.want)
			}
		})
	}
}
