package frontline_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
)

// seed adds the golden files that match a pattern.
func seed(f *testing.F, pattern string, add func(content string)) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds match %s: %v", pattern, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		add(string(b))
	}
}

// FuzzHandler sends any body with any content type. The response is JSON under 64 KiB,
// never a 5xx. The signature of a body that net/url parses is checked as net/url
// reads it.
func FuzzHandler(f *testing.F) {
	const form = "application/x-www-form-urlencoded"
	seed(f, "*.request", func(body string) { f.Add(body, form) })
	const list = "Location=GetCustomersList&Worker=alice"
	for _, body := range []string{
		"", "&", "=", list + "&PageSize=0", list + "&PageSize=99999999999999999999", list + "&Query=%ff", list + "&Query=%00", list + "&Anchor=2&Anchor=2",
		list + "&NextPageToken=after-2", list + "&Query=a;b", list + "&Query=100%", list + "&Query=%e2%80%a8+%22", "%4Cocation=GetCustomersList&Worker=alice&X=%5B%5D",
		"Location=GetCustomerDetailsByCustomerId&Worker=alice&CustomerId=%2F%00", strings.Repeat("a&", 200),
	} {
		f.Add(body, form)
	}
	f.Add(list, "application/x-www-urlencoded; charset=utf-8")
	f.Add(list, "text/plain")
	h := frontline.NewHandler(&sliceCRM{customers: people(5)}, frontline.HandlerOptions{AuthTokens: tokens(token)})
	f.Fuzz(func(t *testing.T, body, contentType string) {
		r := httptest.NewRequest("POST", "/crm", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		params, err := url.ParseQuery(body)
		r.Header.Set(frontline.SignatureHeader, frontline.Sign(token, "http://example.com/crm", params))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code < 200 || w.Body.Len() >= frontline.MaxBodyBytes || !json.Valid(w.Body.Bytes()) {
			t.Fatalf("POST %q: status %d, %s, want JSON under 64 KiB and no 5xx", body, w.Code, w.Body)
		}
		if err == nil && w.Code == 403 {
			t.Fatalf("POST %q with a valid signature: status 403", params)
		}
		if w.Code == 200 && (len(params["Worker"]) != 1 || len(params["Location"]) != 1) {
			t.Fatalf("POST %q: status 200, want one Worker and one Location", params)
		}
	})
}

// FuzzDecodeList reads any response: an error is a CallbackError with code 48003,
// and a page that was read stays the same when a handler sends it on.
func FuzzDecodeList(f *testing.F) {
	seed(f, "*.answer", func(response string) { f.Add(response, true); f.Add(response, false) })
	for _, response := range []string{
		"", "null", "\xef\xbb\xbf{}", `{"objects":{"customers":null}}`, `{"objects":{"customers":{}}}`, strings.Repeat("[", 500),
		`{"objects":{"customers":[null,7,{"customer_id":1e400,"display_name":-0.0},{"customer_id":"\ud800\u0000","display_name":"\u2028<"}],"searchable":"x","next_page_token":12}}`,
		`{"objects":{"customers":[{"customer_id":"1","display_name":"A","avatar":{}}],"next_page_token":null,"searchable":false}}`,
		`{"objects":{"customers":[]},"objects":{"customers":[{"CUSTOMER_ID":1,"display_name":"A"}]}}`,
	} {
		f.Add(response, true)
	}
	f.Fuzz(func(t *testing.T, response string, first bool) {
		req := frontline.ListRequest{Worker: "alice"}
		if !first {
			req.NextPageToken = "t"
		}
		page, err := clientFor(t, response).CustomersList(context.Background(), req)
		if err != nil {
			if codeOf(err) != frontline.CodeInvalidResponse {
				t.Fatalf("CustomersList: error %v, want code 48003", err)
			}
			return
		}
		for _, c := range page.Customers {
			if c.ID == "" || !utf8.ValidString(c.ID+c.DisplayName+c.Avatar) {
				t.Fatalf("CustomersList returned the customer %+v", c)
			}
		}
		if len(response) > 16<<10 || len(page.NextPageToken) > frontline.MaxTokenBytes {
			return // a handler may be unable to send it
		}
		w := serve(&fixed{list: page}, post("Location=GetCustomersList&Worker=alice"))
		again, err := clientFor(t, w.Body.String()).CustomersList(context.Background(), req)
		if diff := cmp.Diff(page, again); diff != "" || err != nil {
			t.Fatalf("CustomersList through a handler: error %v, -read +sent on:\n%s", err, diff)
		}
	})
}

// FuzzDecodeDetails is FuzzDecodeList for details.
func FuzzDecodeDetails(f *testing.F) {
	seed(f, "*.answer", func(response string) { f.Add(response) })
	for _, customer := range []string{
		"null", "{}", "[]", `{"customer_id":7}`, `{"customer_id":8}`, `{"display_name":"undefined","channels":[{"value":"null"},{"value":"@"}],"links":[{"value":" "}]}`, `{"display_name":"A\u0000\u001f"}`, `{"channels":[{"type":"sms","value":15551234567},null]}`,
		`{"links":[{"value":"https://a.example","display_name":3}],"details":{"title":"T","content":"a\nb"},"avatar":"x"}`,
		`{"channels":{},"links":"x","details":[],"avatar":{}}`,
	} {
		f.Add(`{"objects":{"customer":` + customer + `}}`)
	}
	f.Fuzz(func(t *testing.T, response string) {
		req := frontline.DetailsRequest{Worker: "alice", CustomerID: "7"}
		got, err := clientFor(t, response).CustomerDetails(context.Background(), req)
		if errors.Is(err, frontline.ErrNotFound) || codeOf(err) == frontline.CodeInvalidResponse {
			return
		}
		if err != nil || got.Customer.ID != "7" {
			t.Fatalf("CustomerDetails = %+v, %v", got, err)
		}
		if len(response) > 16<<10 {
			return // a handler may be unable to send it
		}
		w := serve(&fixed{details: got}, post("Location=GetCustomerDetailsByCustomerId&Worker=alice&CustomerId=7"))
		again, err := clientFor(t, w.Body.String()).CustomerDetails(context.Background(), req)
		if diff := cmp.Diff(got, again); diff != "" || err != nil {
			t.Fatalf("CustomerDetails through a handler: error %v, -read +sent on:\n%s", err, diff)
		}
	})
}
