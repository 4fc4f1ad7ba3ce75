package external

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
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// noted is a Recorder that keeps what it is told.
type noted struct {
	mu    sync.Mutex
	calls []Call
}

func (n *noted) Record(c Call) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls = append(n.calls, c)
}

func (n *noted) all() []Call {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.calls
}

func TestACallIsNotedAsItWas(t *testing.T) {
	large := `{"objects":{"customers":[` + strings.Repeat(" ", 100_000) + `]}}`
	for _, c := range []struct {
		name    string
		answer  http.HandlerFunc
		details bool
		status  int
		code    frontline.Code
		missing bool
		bytes   int64
	}{
		{"a page", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, onePage) }, false, 200, 0, false, 68},
		{"compressed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, onePage)
			z.Close()
		}, false, 200, 0, false, 68},
		{"an error status", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50000")
			w.WriteHeader(500)
			io.WriteString(w, strings.Repeat("x", 50_000))
		}, false, 500, frontline.CodeCallbackFailed, false, 50_000},
		{"no customer", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, true, 404, 0, true, 0},
		{"an empty customer", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{}") }, true, 200, 0, true, 2},
		{"not JSON", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") }, false, 200, frontline.CodeInvalidResponse, false, 6},
		{"too large, and says so", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(large)))
			io.WriteString(w, large)
		}, false, 200, frontline.CodeInvalidResponse, false, int64(len(large))},
		{"too large, cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			io.WriteString(w, large)
		}, false, 200, frontline.CodeInvalidResponse, false, frontline.MaxBodyBytes + 1},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			io.WriteString(w, onePage)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, false, 200, frontline.CodeCallbackFailed, false, 68},
		{"a redirect", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://example.com/")
			w.WriteHeader(302)
		}, false, 302, frontline.CodeCallbackFailed, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(c.answer)
			defer srv.Close()
			crm, n := calling(t, srv.URL, nil, retryOptions{})
			began := time.Now()
			want := Call{Location: frontline.LocationCustomersList, Search: true, Worker: "alice"}
			if c.details {
				crm.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "1"})
				want.Location, want.Search = frontline.LocationCustomerDetails, false
			} else {
				crm.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", Query: "ada"})
			}
			calls := n.all()
			if len(calls) != 1 {
				t.Fatalf("%d calls noted", len(calls))
			}
			got := calls[0]
			if got.Took <= 0 || got.Took > time.Since(began) || got.When.Before(began.Add(-time.Second)) {
				t.Errorf("at %v, took %v", got.When, got.Took)
			}
			got.When, got.Took = time.Time{}, 0
			want.Status, want.Code, want.NotFound, want.Bytes = c.status, c.code, c.missing, c.bytes
			if got != want {
				t.Errorf("noted %+v\nwant  %+v", got, want)
			}
		})
	}
}

func TestWhatWasNotAskedIsNotNoted(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	crm, n := calling(t, srv.URL, nil, retryOptions{})
	if err := askFor(t.Context(), crm, ""); err == nil {
		t.Error("asked for nobody's customers")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := askFor(ended, crm, "alice"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if len(n.all()) != 0 {
		t.Errorf("noted: %+v", n.all())
	}
}

func TestOurOwnServiceIsNotedToo(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		code frontline.Code
	}{
		{"a page", nil, 0},
		{"the store is down", &frontline.UnavailableError{}, frontline.CodeCallbackFailed},
		{"a foreign token", &frontline.InvalidRequestError{Reason: "no"}, frontline.CodeInvalidPayload},
		{"a mistake of ours", errors.New("internal"), frontline.CodeCallbackFailed},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := new(noted)
			now := time.Date(2026, 11, 22, 9, 14, 0, 0, time.UTC)
			crm := NewInstrumented(&gauge{takes: 2 * time.Millisecond, err: c.err}, n, true, func() time.Time { return now })
			askFor(t.Context(), crm, "alice")
			want := Call{When: now, Took: 2 * time.Millisecond, Location: frontline.LocationCustomersList, Worker: "alice", Code: c.code, BuiltIn: true}
			if got := n.all(); len(got) != 1 || got[0] != want {
				t.Errorf("%s: noted %+v", c.name, got)
			}
		})
	}
}

func TestACallThatQueuedAndThatNobodyWaitedForIsNotedAsSuch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(noted)
		gate := newQueue(NewInstrumented(&gauge{takes: time.Second}, n, false, nil), QueueOptions{Calls: 1, PerSecond: 1000})
		go askFor(t.Context(), gate, "alice")
		synctest.Wait()
		askFor(withPriority(t.Context(), crawling), gate, "alice")
		calls := n.all()
		if len(calls) != 2 || calls[0].Crawl || calls[0].Queued != 0 || !calls[1].Crawl || calls[1].Queued != time.Second || calls[1].Took != time.Second {
			t.Errorf("noted: %+v", calls)
		}
	})
}

func TestMeasureLeavesOtherRequestsAlone(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }))
	defer srv.Close()
	client := http.Client{Transport: MeasureTransport(http.DefaultTransport)}
	resp, err := client.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); string(body) != "hello" || err != nil {
		t.Errorf("read %q, %v", body, err)
	}
	client.CloseIdleConnections()
}
