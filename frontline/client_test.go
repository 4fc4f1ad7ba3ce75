package frontline_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
)

func TestClient_AllPagesOfHandler(t *testing.T) {
	for _, byAnchor := range []bool{false, true} {
		crm := &sliceCRM{customers: people(100), byAnchor: byAnchor}
		for i := range crm.customers {
			crm.customers[i].ID = fmt.Sprintf("id/%d?&=%% é漢\n\"\\", i)
			crm.customers[i].DisplayName += " \u2028<b>\x01\t&🙂"
		}
		c := dial(t, crm)
		var got []frontline.Customer
		req := frontline.ListRequest{Worker: "alice", PageSize: 30}
		for range 5 {
			page, err := c.CustomersList(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, page.Customers...); len(page.Customers) == 0 {
				break
			}
			req.NextPageToken, req.Anchor = page.NextPageToken, page.Customers[len(page.Customers)-1].ID
			if !byAnchor && page.NextPageToken == "" {
				break
			}
		}
		if diff := cmp.Diff(crm.customers, got); diff != "" {
			t.Errorf("CustomersList by anchor %v, all pages, -want +got:\n%s", byAnchor, diff)
		}
	}
}

func TestClient_AgreesWithHandler(t *testing.T) {
	whole := frontline.Customer{
		ID: "a/b c+d", DisplayName: "Zoë \"Z\" O’Neil", Avatar: "https://example.com/z.png",
		Channels: []frontline.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "email", Value: "z@example.com"}},
		Links:    []frontline.Link{{Type: "Site", Value: "https://example.com/?a=1&b=2", DisplayName: "Site"}},
		Details:  &frontline.Detail{Title: "Notes", Content: "line\n\tline\r\n\x7f\\"},
	}
	crm := &sliceCRM{customers: []frontline.Customer{whole}}
	c := dial(t, crm)
	got, err := c.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: whole.ID})
	if diff := cmp.Diff(whole, got.Customer); diff != "" || err != nil {
		t.Errorf("CustomerDetails(%q): error %v, -want +got:\n%s", whole.ID, err, diff)
	}
	if _, err := c.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "Alice", CustomerID: whole.ID}); err != frontline.ErrNotFound {
		t.Errorf("CustomerDetails of another worker's customer: error %v, want %v", err, frontline.ErrNotFound)
	}
	if _, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Anchor: "unknown"}); codeOf(err) != frontline.CodeCallbackFailed {
		t.Errorf("CustomersList with an unknown anchor: error %v, want code %d", err, frontline.CodeCallbackFailed)
	}
	if page, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "zoë"}); err != nil || len(page.Customers) != 1 {
		t.Errorf("CustomersList with the query zoë = %+v, %v, want one customer", page, err)
	}
	page, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", PageSize: 1 << 40, Anchor: "x", NextPageToken: "after-1"})
	if err != nil || len(page.Customers) != 0 {
		t.Errorf("CustomersList after the last customer = %+v, %v, want an empty page", page, err)
	}
	want := frontline.ListRequest{Worker: "alice", PageSize: 1000, NextPageToken: "after-1"}
	if last := crm.lists[len(crm.lists)-1]; last != want {
		t.Errorf("the CRM received %+v, want %+v", last, want)
	}
}

func TestClient_InvalidRequests(t *testing.T) {
	c := newClient(t, "http://127.0.0.1:1/") // nothing listens there: a call would be a CallbackError
	for name, ask := range map[string]func() error{
		"no worker": func() error { _, err := c.CustomersList(t.Context(), frontline.ListRequest{}); return err },
		"negative PageSize": func() error {
			_, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "a", PageSize: -1})
			return err
		},
		"NUL in the query": func() error {
			_, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "a", Query: "\x00"})
			return err
		},
		"a worker that is not UTF-8": func() error {
			_, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "\xff"})
			return err
		},
		"no customer": func() error {
			_, err := c.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "a"})
			return err
		},
	} {
		var bad *frontline.InvalidRequestError
		if err := ask(); !errors.As(err, &bad) {
			t.Errorf("call with %s: error %v, want an InvalidRequestError", name, err)
		}
	}
}

func TestClient_Wire(t *testing.T) {
	var got *http.Request
	var body string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "\xef\xbb\xbf{\"objects\":{\"customers\":null}}")
	}))
	defer srv.Close()
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	c, err := frontline.NewClient(srv.URL+"/a%2Fb?x=%2f&y", frontline.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "a+b@example.com", Query: "Bobby S+"}); err != nil {
		t.Fatal(err)
	}
	if got.Method != "POST" || got.RequestURI != "/a%2Fb?x=%2f&y" || body != "Location=GetCustomersList&Worker=a%2Bb%40example.com&PageSize=30&Query=Bobby%20S%2B" {
		t.Errorf("CustomersList sent %s %s with body %s", got.Method, got.RequestURI, body)
	}
	for name := range got.Header {
		switch name {
		case "Accept", "Accept-Encoding", "Content-Length", "Content-Type", "User-Agent":
		default:
			t.Errorf("CustomersList sent the header %s: %q", name, got.Header[name])
		}
	}
}

func TestClient_ErrorCodes(t *testing.T) {
	for _, tt := range []struct {
		name     string
		response http.HandlerFunc
		code     frontline.Code
		status   int
		details  error // what details make of it, when it is not the same
	}{
		{"403", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403) }, 48004, 403, nil},
		{"404", http.NotFound, 48004, 404, frontline.ErrNotFound},
		{"422", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(422) }, 48004, 422, nil},
		{"500 with much HTML", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, strings.Repeat("<p>", 1e5))
		}, 48004, 500, nil},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			}
			io.WriteString(w, `{"objects":{"customers":[]}}`)
		}, 48004, 307, nil},
		{"a redirect to nowhere", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(302) }, 48004, 302, nil},
		{"over 64 KiB, told beforehand", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000000000")
			io.WriteString(w, `{"objects":{"customers":[]}}`)
		}, 48003, 200, nil},
		{"over 64 KiB, and endless", func(w http.ResponseWriter, r *http.Request) {
			for {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1000)); err != nil {
					return
				}
			}
		}, 48003, 200, nil},
		{"over 64 KiB once unpacked", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, strings.Repeat(" ", 1<<20))
			z.Close()
		}, 48003, 200, nil},
		{"HTML", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<h1>Hello") }, 48003, 0, nil},
		{"204", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }, 48003, 0, frontline.ErrNotFound},
		{"a connection that breaks", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, 48004, 0, nil},
		{"a response that breaks off", func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, `{"objects":`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, 48004, 200, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(tt.response)
			defer srv.Close()
			c := newClient(t, srv.URL+"/?secret=1")
			for _, anchor := range []string{"", "1"} {
				_, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Anchor: anchor})
				if anchor != "" && tt.name == "204" {
					continue // nothing usable ends a list
				}
				var failed *frontline.CallbackError
				if !errors.As(err, &failed) || failed.Code != tt.code || failed.Status != tt.status {
					t.Errorf("CustomersList with anchor %q: error %v, want code %d, status %d", anchor, err, tt.code, tt.status)
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("CustomersList: error %v contains the query of the URL", err)
				}
			}
			_, err := c.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "1"})
			if tt.details != nil && err != tt.details || tt.details == nil && codeOf(err) != tt.code {
				t.Errorf("CustomerDetails: error %v, want %v or code %d", err, tt.details, tt.code)
			}
		})
	}
}

// echo is a CRM that returns the request as a customer.
type echo struct{}

func (echo) CustomersList(_ context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	return frontline.ListResponse{Customers: []frontline.Customer{{ID: req.Query, DisplayName: req.Worker}}}, nil
}

func (echo) CustomerDetails(_ context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return frontline.DetailsResponse{Customer: frontline.Customer{ID: req.CustomerID, DisplayName: req.Worker}}, nil
}

func TestClient_Concurrent(t *testing.T) {
	c := dial(t, echo{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 40 {
				id, worker := fmt.Sprintf("%d-%d", i, j), strings.Repeat("w", 1+i*j)
				got, err := c.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: worker, CustomerID: id})
				if err != nil || got.Customer.ID != id || got.Customer.DisplayName != worker {
					t.Errorf("CustomerDetails(%q) = %+v, %v", id, got.Customer, err)
				}
				page, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: worker, Query: id})
				if err != nil || len(page.Customers) != 1 || page.Customers[0].ID != id || page.Customers[0].DisplayName != worker {
					t.Errorf("CustomersList with query %q = %+v, %v", id, page, err)
				}
			}
		})
	}
	all.Wait()
}

func TestClient_RetriesStaleConnection(t *testing.T) {
	srv := httptest.NewServer(frontline.NewHandler(echo{}, frontline.HandlerOptions{AuthTokens: tokens(token)}))
	defer srv.Close()
	c := newClient(t, srv.URL)
	for range 20 {
		if _, err := c.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "1"}); err != nil {
			t.Fatal(err)
		}
		srv.CloseClientConnections()
	}
}
