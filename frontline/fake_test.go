package frontline_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

const token = "an-auth-token"

// sliceCRM is a CRM over a slice: every customer is Alice's. Its tokens are indexes
// in the slice. It records its requests.
type sliceCRM struct {
	customers []frontline.Customer
	byAnchor  bool // no tokens, as simple services do
	lists     []frontline.ListRequest
	details   []frontline.DetailsRequest
}

func (b *sliceCRM) CustomersList(_ context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	b.lists = append(b.lists, req)
	if req.Worker != "alice" {
		return frontline.ListResponse{Searchable: frontline.SearchableYes}, nil
	}
	found := b.customers
	if req.Query != "" {
		found = slices.DeleteFunc(slices.Clone(found), func(c frontline.Customer) bool {
			return !strings.Contains(strings.ToLower(c.DisplayName), strings.ToLower(req.Query))
		})
	}
	from := 0
	if req.NextPageToken != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(req.NextPageToken, "after-"))
		if err != nil || n < 0 || n > len(found) {
			return frontline.ListResponse{}, &frontline.InvalidRequestError{Reason: "NextPageToken is not one of ours"}
		}
		from = n
	} else if req.Anchor != "" {
		i := slices.IndexFunc(found, func(c frontline.Customer) bool { return c.ID == req.Anchor })
		if i < 0 {
			return frontline.ListResponse{}, &frontline.InvalidRequestError{Reason: "Anchor is unknown"}
		}
		from = i + 1
	}
	to := min(from+req.PageSize, len(found))
	resp := frontline.ListResponse{Customers: found[from:to], Searchable: frontline.SearchableYes}
	if to < len(found) && !b.byAnchor {
		resp.NextPageToken = fmt.Sprintf("after-%d", to)
	}
	return resp, nil
}

func (b *sliceCRM) CustomerDetails(_ context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	b.details = append(b.details, req)
	for _, c := range b.customers {
		if c.ID == req.CustomerID && req.Worker == "alice" {
			return frontline.DetailsResponse{Customer: c}, nil
		}
	}
	return frontline.DetailsResponse{}, frontline.ErrNotFound
}

// fixed is a CRM that always returns the same.
type fixed struct {
	list    frontline.ListResponse
	details frontline.DetailsResponse
	err     error
}

func (f *fixed) CustomersList(context.Context, frontline.ListRequest) (frontline.ListResponse, error) {
	return f.list, f.err
}

func (f *fixed) CustomerDetails(context.Context, frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return f.details, f.err
}

// people returns n customers.
func people(n int) []frontline.Customer {
	all := make([]frontline.Customer, n)
	for i := range all {
		all[i] = frontline.Customer{ID: strconv.Itoa(i + 1), DisplayName: fmt.Sprintf("Person %05d", i+1)}
	}
	return all
}

func tokens(t ...string) func() []string { return func() []string { return t } }

// post returns a signed request with a form body.
func post(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/callbacks/crm", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	params, _ := url.ParseQuery(body)
	r.Header.Set(frontline.SignatureHeader, frontline.Sign(token, "http://example.com/callbacks/crm", params))
	return r
}

// serve handles one request.
func serve(crm frontline.CRM, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	frontline.NewHandler(crm, frontline.HandlerOptions{AuthTokens: tokens(token)}).ServeHTTP(w, r)
	return w
}

// dial returns a client of a handler over crm, across a real connection.
func dial(t *testing.T, crm frontline.CRM) *frontline.Client {
	t.Helper()
	srv := httptest.NewServer(frontline.NewHandler(crm, frontline.HandlerOptions{AuthTokens: tokens("old", token)}))
	t.Cleanup(srv.Close)
	return newClient(t, srv.URL+"/callbacks/crm")
}

// newClient returns a client that signs its requests.
func newClient(t *testing.T, callbackURL string) *frontline.Client {
	t.Helper()
	c, err := frontline.NewClient(callbackURL, frontline.ClientOptions{AuthToken: func() string { return token }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}
