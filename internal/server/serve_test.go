package server

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// startServe starts serve on a free port; stop ends it, and done receives its result.
func startServe(t *testing.T, h http.Handler, grace time.Duration) (root string, stop func(), done <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- serve(ctx, l, h, slog.New(slog.DiscardHandler), writeTimeout, grace) }()
	t.Cleanup(cancel)
	return "http://" + l.Addr().String() + "/", cancel, result
}

// within returns the next value of a channel, and fails the test when none comes in time.
func within[T any](t *testing.T, limit time.Duration, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(limit):
		t.Fatalf("timed out after %v waiting for %s", limit, what)
		panic("not reached")
	}
}

func TestServe_FinishesRequests(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	root, stop, done := startServe(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		if r.Context().Err() != nil {
			t.Errorf("context of a request in flight: %v, want nil", r.Context().Err())
		}
		io.WriteString(w, "the whole body")
	}), 10*time.Second)
	bodies := make(chan string, 1)
	go func() {
		response, err := http.Get(root)
		if err != nil {
			bodies <- err.Error()
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			bodies <- err.Error()
			return
		}
		bodies <- string(body)
	}()
	within(t, waitLimit, "the request", entered)
	stop()
	addr := strings.TrimSuffix(strings.TrimPrefix(root, "http://"), "/")
	for deadline := time.Now().Add(waitLimit); ; { // until the port is closed
		c, err := net.Dial("tcp", addr)
		if err != nil {
			break
		}
		c.Close()
		if time.Now().After(deadline) {
			t.Fatalf("serve accepts connections %v after the stop", waitLimit)
		}
		time.Sleep(5 * time.Millisecond)
	}
	select {
	case err := <-done:
		t.Fatalf("serve returned before the request was finished: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	if got := within(t, waitLimit, "the response", bodies); got != "the whole body" {
		t.Errorf("GET /: %q, want the whole body", got)
	}
	if err := within(t, waitLimit, "the stop", done); err != nil {
		t.Errorf("serve = %v, want nil", err)
	}
}

func TestServe_CutsOffSlowRequests(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	root, stop, done := startServe(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-release
	}), 100*time.Millisecond)
	go func() {
		if response, err := http.Get(root); err == nil {
			response.Body.Close()
		}
	}()
	within(t, waitLimit, "the request", entered)
	stop()
	if err := within(t, waitLimit, "the stop", done); err == nil || !strings.Contains(err.Error(), "cut off") {
		t.Errorf("serve = %v, want an error about requests that were cut off", err)
	}
}

func TestServe_ClosesUnusedConnections(t *testing.T) {
	root, stop, done := startServe(t, http.NotFoundHandler(), 10*time.Second)
	c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(root, "http://"), "/"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	response, err := http.Get(root) // gets its response, and then kept open idle; c was accepted before
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	stop()
	if err := within(t, 3*time.Second, "the stop", done); err != nil {
		t.Errorf("serve = %v, want nil", err)
	}
}

// A client that sends requests and reads no responses is cut off, and has few of them
// answered until then.
func TestServe_CutsOffClientsThatReadNothing(t *testing.T) {
	const requests, most = 500, 30
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answered, failed := 0, make(chan int, 1)
	page := make([]byte, 64<<10)
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := w.Write(page); err != nil {
			failed <- answered
		}
		answered++
	})
	go serve(t.Context(), l, h, slog.New(slog.DiscardHandler), 300*time.Millisecond, time.Second)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, strings.Repeat("GET / HTTP/1.1\r\nHost: a\r\n\r\n", requests)); err != nil {
		t.Fatal(err)
	}
	if got := within(t, waitLimit, "a failed write", failed); got > most {
		t.Errorf("serve answered %d requests of a client that reads nothing, want at most %d", got, most)
	}
	if n, err := io.Copy(io.Discard, c); n > most*int64(len(page)) {
		t.Errorf("the client received %d bytes, %v, want the end of the connection before", n, err)
	}
}

func TestServe_RefusesLongHeaders(t *testing.T) {
	root, _, _ := startServe(t, http.NotFoundHandler(), time.Second)
	for size, want := range map[int]int{20 << 10: http.StatusNotFound, 60 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequest(http.MethodGet, root, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Long", strings.Repeat("x", size))
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("GET / with a header of %d bytes: status %d, want %d", size, response.StatusCode, want)
		}
	}
}
