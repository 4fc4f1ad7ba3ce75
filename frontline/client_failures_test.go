package frontline_test

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

func TestClient_NoConnection(t *testing.T) {
	for _, address := range []string{"http://127.0.0.1:1/?secret=1", "http://host.invalid/?secret=1"} {
		_, err := newClient(t, address).CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
		if codeOf(err) != frontline.CodeCallbackFailed || strings.Contains(err.Error(), "secret") {
			t.Errorf("CustomersList from %s: error %v, want code %d without the query", address, err, frontline.CodeCallbackFailed)
		}
	}
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	if _, err := newClient(t, srv.URL).CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"}); codeOf(err) != frontline.CodeCallbackFailed {
		t.Errorf("CustomersList from a server with an untrusted certificate: error %v, want code %d", err, frontline.CodeCallbackFailed)
	}
}

// writeSlowly writes a byte at a time, for longer than any client waits.
func writeSlowly(w http.ResponseWriter, r *http.Request) {
	for range 20_000 {
		io.WriteString(w, " ")
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestClient_Timeout(t *testing.T) {
	for name, response := range map[string]http.HandlerFunc{
		"no response":     func(_ http.ResponseWriter, r *http.Request) { io.ReadAll(r.Body); <-r.Context().Done() },
		"a slow response": writeSlowly,
		"a slow refusal": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "900")
			w.WriteHeader(404)
			writeSlowly(w, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(response)
			defer srv.Close()
			c, err := frontline.NewClient(srv.URL, frontline.ClientOptions{Timeout: 500 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			_, err = c.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice"})
			want := frontline.CodeCallbackTimeout
			if name == "a slow refusal" { // its status came in time, and decides
				want = frontline.CodeCallbackFailed
			}
			if codeOf(err) != want {
				t.Errorf("CustomersList: error %v, want code %d", err, want)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("CustomersList took %v, want under 30s", took)
			}
		})
	}
}

func TestClient_CanceledByCaller(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(writeSlowly))
	defer srv.Close()
	c := newClient(t, srv.URL)
	canceled, cancel := context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	if _, err := c.CustomersList(canceled, frontline.ListRequest{Worker: "alice"}); err != context.Canceled {
		t.Errorf("CustomersList canceled during the call: error %v, want %v", err, context.Canceled)
	}
	if _, err := c.CustomersList(canceled, frontline.ListRequest{Worker: "alice"}); err != context.Canceled {
		t.Errorf("CustomersList canceled before the call: error %v, want %v", err, context.Canceled)
	}
	short, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := c.CustomersList(short, frontline.ListRequest{Worker: "alice"}); err != context.DeadlineExceeded {
		t.Errorf("CustomersList past the caller's deadline: error %v, want %v", err, context.DeadlineExceeded)
	}
}
