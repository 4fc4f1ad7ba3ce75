package limit_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/limit"
)

func TestInstrumented_RecordsACallAsItWas(t *testing.T) {
	large := `{"objects":{"customers":[` + strings.Repeat(" ", 100_000) + `]}}`
	for _, c := range []struct {
		name     string
		response http.HandlerFunc
		details  bool
		want     crm.Call
	}{
		{"a page", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, onePage) }, false,
			crm.Call{Status: 200, Bytes: int64(len(onePage))}},
		{"compressed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, onePage)
			z.Close()
		}, false, crm.Call{Status: 200, Bytes: int64(len(onePage))}},
		{"an error status", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50000")
			w.WriteHeader(500)
			io.WriteString(w, strings.Repeat("x", 50_000))
		}, false, crm.Call{Status: 500, Code: frontline.CodeCallbackFailed, Bytes: 50_000}},
		{"no customer", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, true,
			crm.Call{Status: 404, NotFound: true}},
		{"an empty customer", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }, true,
			crm.Call{Status: 200, NotFound: true, Bytes: 2}},
		{"not JSON", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, false,
			crm.Call{Status: 200, Code: frontline.CodeInvalidResponse, Bytes: 6}},
		{"too large, and says so", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(large)))
			io.WriteString(w, large)
		}, false, crm.Call{Status: 200, Code: frontline.CodeInvalidResponse, Bytes: int64(len(large))}},
		{"too large, cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, large)
		}, false, crm.Call{Status: 200, Code: frontline.CodeInvalidResponse, Bytes: frontline.MaxBodyBytes + 1}},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, onePage)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, false, crm.Call{Status: 200, Code: frontline.CodeCallbackFailed, Bytes: int64(len(onePage))}},
		{"a redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://example.com/")
			w.WriteHeader(302)
		}, false, crm.Call{Status: 302, Code: frontline.CodeCallbackFailed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(c.response)
			defer srv.Close()
			r := new(recorder)
			l := limit.New(clientOf(t, srv.URL, &http.Transport{}), limit.Options{Recorder: r})
			began := time.Now()
			c.want.Worker = "alice"
			if c.details {
				c.want.Location = frontline.LocationCustomerDetails
				l.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "1"})
			} else {
				c.want.Location, c.want.Search = frontline.LocationCustomersList, true
				l.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "ada"})
			}
			calls := r.calls()
			if len(calls) != 1 {
				t.Fatalf("%d calls recorded, want 1", len(calls))
			}
			got := calls[0]
			if got.Took <= 0 || got.Took > time.Since(began) || got.When.Before(began) || got.Queued > time.Since(began) {
				t.Errorf("recorded at %v, took %v, queued %v", got.When, got.Took, got.Queued)
			}
			got.When, got.Took, got.Queued = time.Time{}, 0, 0
			if got != c.want {
				t.Errorf("recorded %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestInstrumented_RecordsOnlyCalls(t *testing.T) {
	r := new(recorder)
	l := limit.New(clientOf(t, "http://127.0.0.1:1/", &http.Transport{}), limit.Options{Recorder: r})
	var invalid *frontline.InvalidRequestError
	if err := list(t.Context(), l, ""); !errors.As(err, &invalid) {
		t.Errorf("CustomersList without a worker: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := list(ended, l, "alice"); !errors.Is(err, context.Canceled) {
		t.Errorf("CustomersList with an ended context: %v", err)
	}
	if got := r.calls(); len(got) != 0 {
		t.Errorf("recorded %+v, want nothing", got)
	}
}

func TestInstrumented_BuiltInService(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		code frontline.Code
	}{
		{"a page", nil, 0},
		{"the store is down", &frontline.UnavailableError{}, frontline.CodeCallbackFailed},
		{"an invalid token", &frontline.InvalidRequestError{Reason: "no"}, frontline.CodeInvalidPayload},
		{"an internal error", errors.New("internal"), frontline.CodeCallbackFailed},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, r := &service{takes: 2 * time.Millisecond, err: c.err}, new(recorder)
			began := time.Now()
			list(t.Context(), limit.Instrumented(s.crm(), r, true), "alice")
			want := crm.Call{When: began, Took: s.takes, Location: frontline.LocationCustomersList, Worker: "alice", Code: c.code, BuiltIn: true}
			if got := r.calls(); len(got) != 1 || got[0] != want {
				t.Errorf("%s: recorded %+v, want %+v", c.name, got, want)
			}
		})
	}
}

func TestInstrumented_MarksBackgroundCalls(t *testing.T) {
	r := new(recorder)
	l := limit.New((&service{}).crm(), limit.Options{Recorder: r})
	for _, p := range []crm.Priority{crm.Waiting, crm.Refreshing, crm.Background} {
		list(crm.WithPriority(t.Context(), p), l, "alice")
	}
	for i, c := range r.calls() {
		if c.Crawl != (i == 2) {
			t.Errorf("call of priority %d: Crawl = %v", i, c.Crawl)
		}
	}
}

func TestMeasureTransport_LeavesOtherRequestsAlone(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	defer srv.Close()
	client := http.Client{Transport: limit.MeasureTransport(&http.Transport{})}
	defer client.CloseIdleConnections()
	resp, err := client.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); string(body) != "hello" || err != nil {
		t.Errorf("read %q, %v", body, err)
	}
}
