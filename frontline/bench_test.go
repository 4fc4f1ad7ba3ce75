package frontline_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
)

// discard is a ResponseWriter that costs next to nothing.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

const (
	listBody    = "Location=GetCustomersList&Worker=alice%40example.com&PageSize=30"
	detailsBody = "Location=GetCustomerDetailsByCustomerId&Worker=alice%40example.com&CustomerId=cus_000123"
)

// benchmark serves the same signed request over and over.
func benchmark(b *testing.B, h http.Handler, body string) {
	b.Helper()
	r := post(body)
	reader := strings.NewReader(body)
	r.Body = io.NopCloser(reader)
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		reader.Reset(body)
		r.Form, r.PostForm = nil, nil
		h.ServeHTTP(w, r)
		if w.status != 200 {
			b.Fatal("status ", w.status)
		}
	}
}

// thirty is a CRM whose list has 30 customers.
func thirty() *fixed {
	f := &fixed{list: frontline.ListResponse{Searchable: frontline.SearchableYes, NextPageToken: strings.Repeat("tOkEn-", 20)}}
	for i := range 30 {
		f.list.Customers = append(f.list.Customers, frontline.Customer{ID: fmt.Sprintf("cus_%06d", i), DisplayName: fmt.Sprintf("Françoise Person %d", i)})
	}
	return f
}

func one() *fixed {
	return &fixed{details: frontline.DetailsResponse{Customer: frontline.Customer{
		ID: "cus_000123", DisplayName: "Françoise Person",
		Channels: []frontline.Channel{{Type: "sms", Value: "+15557040102"}, {Type: "whatsapp", Value: "whatsapp:+15557040102"}, {Type: "email", Value: "f@example.com"}},
		Links:    []frontline.Link{{Type: "CRM", Value: "https://crm.example.com/contacts/123", DisplayName: "In the CRM"}},
		Details:  &frontline.Detail{Title: "Notes", Content: "Prefers calls in the afternoon.\nMet at the fair; sends \"regards\"."},
	}}}
}

func BenchmarkHandlerList30(b *testing.B) {
	benchmark(b, frontline.NewHandler(thirty(), frontline.HandlerOptions{AuthTokens: tokens(token)}), listBody)
}

func BenchmarkHandlerDetails(b *testing.B) {
	benchmark(b, frontline.NewHandler(one(), frontline.HandlerOptions{AuthTokens: tokens(token)}), detailsBody)
}

// BenchmarkFloor measures a bare handler that parses the form, checks the signature
// and writes the same bytes.
func BenchmarkFloor(b *testing.B) {
	for name, x := range map[string]struct {
		crm  frontline.CRM
		body string
	}{"List30": {thirty(), listBody}, "Details": {one(), detailsBody}} {
		b.Run(name, func(b *testing.B) {
			response := bytes.Clone(serve(x.crm, post(x.body)).Body.Bytes())
			benchmark(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil || !frontline.Verify(token, "http://"+r.Host+r.RequestURI, r.PostForm, r.Header.Get(frontline.SignatureHeader)) {
					http.Error(w, "forbidden", http.StatusForbidden)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Content-Length", strconv.Itoa(len(response)))
				w.WriteHeader(200)
				w.Write(response)
			}), x.body)
		})
	}
}

func BenchmarkClientList30(b *testing.B) {
	response := serve(thirty(), post(listBody)).Body.Bytes()
	c, err := frontline.NewClient("https://example.com/crm", frontline.ClientOptions{AuthToken: func() string { return token }, Transport: &fakeTransport{response: response}})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.CustomersList(b.Context(), frontline.ListRequest{Worker: "alice"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	params, _ := url.ParseQuery(listBody)
	b.ReportAllocs()
	for b.Loop() {
		frontline.Sign(token, "https://example.com/callbacks/crm", params)
	}
}

// BenchmarkUnsignedFlood measures the most expensive body that a caller without a
// token can make the handler parse.
func BenchmarkUnsignedFlood(b *testing.B) {
	var body strings.Builder
	for i := 0; body.Len() < frontline.MaxBodyBytes-8; i++ {
		fmt.Fprintf(&body, "%x&", i*7919%4096)
	}
	h := frontline.NewHandler(&sliceCRM{}, frontline.HandlerOptions{AuthTokens: tokens(token)})
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body.String()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(frontline.SignatureHeader, "fCxdMBO8P83YKOwYbmfK4IlRb1Q=")
		h.ServeHTTP(&discard{header: http.Header{}}, r)
	}
}
