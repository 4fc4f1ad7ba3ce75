package frontline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
)

// exchanges are the golden files as a CRM sees them: each requests either a list or
// details.
var exchanges = []struct {
	name    string
	list    frontline.ListRequest
	details frontline.DetailsRequest
	page    frontline.ListResponse
	one     frontline.DetailsResponse
}{
	{
		name: "list",
		list: frontline.ListRequest{Worker: "alice", PageSize: 30},
		page: frontline.ListResponse{Customers: []frontline.Customer{{ID: "1", DisplayName: "Bobby S."}}},
	}, {
		name: "anchor",
		list: frontline.ListRequest{Worker: "alice", PageSize: 30, Anchor: "1"},
	}, {
		name: "search",
		list: frontline.ListRequest{Worker: "alice", PageSize: 30, Query: "Bobby"},
		page: frontline.ListResponse{Customers: []frontline.Customer{{ID: "1", DisplayName: "Bobby S."}}, Searchable: frontline.SearchableYes},
	}, {
		name: "page-one",
		list: frontline.ListRequest{Worker: "alice", PageSize: 30},
		page: frontline.ListResponse{Customers: []frontline.Customer{{ID: "1", DisplayName: "Bobby S."}}, NextPageToken: "PAGE_TWO_TOKEN"},
	}, {
		name: "page-two",
		list: frontline.ListRequest{Worker: "alice", PageSize: 30, NextPageToken: "PAGE_TWO_TOKEN"},
		page: frontline.ListResponse{Customers: []frontline.Customer{{ID: "31", DisplayName: "John S."}}, NextPageToken: "PAGE_THREE_TOKEN"},
	}, {
		name:    "details",
		details: frontline.DetailsRequest{Worker: "alice", CustomerID: "1"},
		one: frontline.DetailsResponse{Customer: frontline.Customer{
			ID: "1", DisplayName: "Bobby S.", Channels: []frontline.Channel{{Type: "sms", Value: "+123456789"}},
		}},
	},
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fakeTransport records the request and returns a prepared response.
type fakeTransport struct {
	response []byte
	header   http.Header
	body     string
}

func (w *fakeTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	w.header, w.body = r.Header, string(b)
	return &http.Response{StatusCode: 200, Body: io.NopCloser(bytes.NewReader(w.response)), ContentLength: -1, Request: r}, err
}

func TestClient_GoldenFiles(t *testing.T) {
	for _, x := range exchanges {
		t.Run(x.name, func(t *testing.T) {
			w := &fakeTransport{response: golden(t, x.name+".answer")}
			c, err := frontline.NewClient("https://example.com/callbacks/crm", frontline.ClientOptions{
				AuthToken: func() string { return token }, Transport: w,
			})
			if err != nil {
				t.Fatal(err)
			}
			if x.list.Worker != "" {
				page, err := c.CustomersList(context.Background(), x.list)
				if diff := cmp.Diff(x.page, page); diff != "" || err != nil {
					t.Errorf("CustomersList: error %v, -want +got:\n%s", err, diff)
				}
			} else {
				one, err := c.CustomerDetails(context.Background(), x.details)
				if diff := cmp.Diff(x.one, one); diff != "" || err != nil {
					t.Errorf("CustomerDetails: error %v, -want +got:\n%s", err, diff)
				}
			}
			if want := string(golden(t, x.name+".request")); w.body != want {
				t.Errorf("request body %s, want %s", w.body, want)
			}
			params, _ := url.ParseQuery(w.body)
			want := http.Header{
				"Content-Type":       {"application/x-www-form-urlencoded"},
				"Accept":             {"application/json"},
				"User-Agent":         {"Clientele"},
				"Idempotency-Key":    nil, // never sent
				"X-Twilio-Signature": {frontline.Sign(token, "https://example.com/callbacks/crm", params)},
			}
			if diff := cmp.Diff(want, w.header); diff != "" {
				t.Errorf("request header, -want +got:\n%s", diff)
			}
		})
	}
}

func TestHandler_GoldenFiles(t *testing.T) {
	for _, x := range exchanges {
		t.Run(x.name, func(t *testing.T) {
			crm := &recorder{fixed: fixed{list: x.page, details: x.one}}
			w := serve(crm, post(string(golden(t, x.name+".request"))))
			if want := golden(t, x.name+".answer"); w.Code != 200 || !bytes.Equal(w.Body.Bytes(), want) {
				t.Errorf("POST testdata/%s.request: status %d, %s, want 200, %s", x.name, w.Code, w.Body, want)
			}
			if crm.list != x.list || crm.details != x.details {
				t.Errorf("POST testdata/%s.request: the CRM received %+v and %+v, want %+v and %+v", x.name, crm.list, crm.details, x.list, x.details)
			}
		})
	}
}

// recorder is a fixed CRM that records its requests.
type recorder struct {
	fixed
	list    frontline.ListRequest
	details frontline.DetailsRequest
}

func (r *recorder) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	r.list = req
	return r.fixed.CustomersList(ctx, req)
}

func (r *recorder) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	r.details = req
	return r.fixed.CustomerDetails(ctx, req)
}

func TestGoldenFiles_AreTheReferenceText(t *testing.T) {
	text, err := os.ReadFile("../../shared/reference/my-customers.md")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED: no reference text: %v", err)
	}
	// The examples are not quite JSON: they have an unquoted key, and dots for
	// further customers.
	text = bytes.ReplaceAll(text, []byte("{ type:"), []byte(`{ "type":`))
	text = regexp.MustCompile(`\n\s*\.\.\.`).ReplaceAll(text, nil)

	responses := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllSubmatch(text, -1)
	names := []string{"details", "list", "search", "page-one", "page-two"}
	if len(responses) != len(names) {
		t.Fatalf("the reference text has %d responses, want %d", len(responses), len(names))
	}
	for i, name := range names {
		var want bytes.Buffer
		if err := json.Compact(&want, bytes.TrimSpace(responses[i][1])); err != nil {
			t.Fatalf("response %s of the reference text: %v", name, err)
		}
		if got := strings.TrimSuffix(string(golden(t, name+".answer")), "\n"); got != want.String() {
			t.Errorf("testdata/%s.answer = %s, want %s", name, got, &want)
		}
	}

	requests := regexp.MustCompile("(?s)```bash\n(.*?)```").FindAllSubmatch(text, -1)
	names = []string{"page-one", "page-two"}
	if len(requests) != len(names) {
		t.Fatalf("the reference text has %d requests, want %d", len(requests), len(names))
	}
	for i, name := range names {
		var params []string
		for _, m := range regexp.MustCompile(`--data-urlencode '(\w+)=(\w+)'`).FindAllSubmatch(requests[i][1], -1) {
			params = append(params, string(m[1])+"="+string(m[2]))
		}
		if got, want := string(golden(t, name+".request")), strings.Join(params, "&"); got != want {
			t.Errorf("testdata/%s.request = %s, want %s", name, got, want)
		}
	}
}
