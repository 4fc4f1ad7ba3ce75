package web

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// lockedWriter writes to a buffer under a mutex.
type lockedWriter struct {
	mu *sync.Mutex
	b  *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

// A failed request is one line, and the same failure again within the window is counted.
func TestLog_FoldsRepeatedFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // timers log on goroutines of their own
		var logged bytes.Buffer
		mux := http.NewServeMux()
		fail := func(code, text string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				NoteError(r, code, errors.New(text))
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}
		mux.Handle("GET /list", fail("48004", "connection refused"))
		mux.Handle("GET /details", fail("48005", "too slow"))
		h := Log(slog.New(slog.NewTextHandler(lockedWriter{&mu, &logged}, nil)))(mux)
		get := func(path string, times int) {
			for range times {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil))
			}
		}
		lines := func() []string {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			all := strings.Split(strings.TrimSpace(logged.String()), "\n")
			logged.Reset()
			return all
		}
		get("/list", 100)
		get("/details", 1)
		if got := lines(); len(got) != 2 || !strings.Contains(got[0], `msg=request method=GET route="GET /list" status=503`) || !strings.Contains(got[0], `code=48004 error="connection refused"`) {
			t.Errorf("101 failures of two kinds logged %q, want a line of each", got)
		}
		time.Sleep(repeatWindow)
		if got := lines(); len(got) != 1 || !strings.Contains(got[0], `msg="request failed again" route="GET /list" code=48004 times=99`) {
			t.Errorf("after the window: logged %q, want the count of the repetitions", got)
		}
		get("/list", 1)
		if got := lines(); len(got) != 1 || !strings.Contains(got[0], "msg=request ") {
			t.Errorf("a failure after the window logged %q, want its line", got)
		}
		time.Sleep(repeatWindow)
		if got := lines(); got[0] != "" {
			t.Errorf("without repetitions: logged %q", got)
		}
	})
}
