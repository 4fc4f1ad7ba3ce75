package limit_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/limit"
	"github.com/clientele-project/clientele/internal/outbound"
)

// refusal is an address that may or may not be called.
type refusal bool

func (r refusal) Error() string { return "an address" }
func (r refusal) Refused() bool { return bool(r) }

func TestRetry_RepeatsOnceIfNoConnectionWasMade(t *testing.T) {
	failed := func(status int, err error) error {
		return fmt.Errorf("wrapped: %w", &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: status, Err: err})
	}
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, c := range []struct {
		name string
		err  error
		want int // calls
	}{
		{"connection refused", failed(0, dial(syscall.ECONNREFUSED)), 2},
		{"host unreachable", failed(0, dial(syscall.EHOSTUNREACH)), 2},
		{"the name server does not answer", failed(0, dial(&net.DNSError{IsTimeout: true})), 2},
		{"there is no such name", failed(0, dial(&net.DNSError{IsNotFound: true})), 1},
		{"an address that may not be called", failed(0, dial(refusal(true))), 1},
		{"an address that may", failed(0, dial(refusal(false))), 2},
		{"reset while reading", failed(0, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), 1},
		{"reset while writing", failed(0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}), 1},
		{"an unknown certificate", failed(0, &tls.CertificateVerificationError{Err: errors.New("unknown authority")}), 1},
		{"an error status", failed(502, nil), 1},
		{"too slow", &frontline.CallbackError{Code: frontline.CodeCallbackTimeout, Err: dial(context.DeadlineExceeded)}, 1},
		{"not from a client", dial(syscall.ECONNREFUSED), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{err: c.err}
				if err := list(t.Context(), limit.New(s.crm(), limit.Options{}), "alice"); err != c.err || s.calls() != c.want {
					t.Errorf("CustomersList: %v after %d calls, want %v after %d", err, s.calls(), c.err, c.want)
				}
			})
		})
	}
}

func TestRetry_ReachesAServiceThatIsStarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls int
		l := limit.New(clientOf(t, "https://crm.example", roundTrip(func(r *http.Request) (*http.Response, error) {
			if calls++; calls == 1 {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
			return respond(r, 200, onePage), nil
		})), limit.Options{})
		if err := list(t.Context(), l, "alice"); err != nil || calls != 2 {
			t.Errorf("CustomersList: %v after %d calls, want none after 2", err, calls)
		}
	})
}

func TestRetry_DoesNotRepeatARefusedAddress(t *testing.T) {
	r := new(recorder)
	l := limit.New(clientOf(t, "http://127.0.0.1:1/", outbound.Transport(outbound.Policy{})), limit.Options{Recorder: r})
	if err := list(t.Context(), l, "alice"); !crm.IsFailure(err) || len(r.calls()) != 1 {
		t.Errorf("CustomersList: %v after %d calls, want a failure after 1", err, len(r.calls()))
	}
}

// trickle is a body of a byte every 20 ms.
type trickle struct{ ctx context.Context }

func (b trickle) Read(p []byte) (int, error) {
	select {
	case <-time.After(20 * time.Millisecond):
		p[0] = ' '
		return 1, nil
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	}
}

func TestRetry_BoundsTheWholeCall(t *testing.T) {
	for name, c := range map[string]struct {
		transport roundTrip
		status    int
	}{
		"no response": {func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}, 0},
		"no connection until late": {func(r *http.Request) (*http.Response, error) {
			time.Sleep(frontline.CallTimeout - 50*time.Millisecond)
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}, 0},
		"a slow body": {func(r *http.Request) (*http.Response, error) {
			resp := respond(r, 200, "")
			resp.ContentLength, resp.Body = -1, io.NopCloser(trickle{r.Context()})
			return resp, nil
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := new(recorder)
				l := limit.New(clientOf(t, "https://crm.example", c.transport), limit.Options{Recorder: r})
				began := time.Now()
				err := list(t.Context(), l, "alice")
				var failed *frontline.CallbackError
				want := frontline.CodeCallbackTimeout
				if name == "no connection until late" {
					want = frontline.CodeCallbackFailed
				}
				if !errors.As(err, &failed) || failed.Code != want || time.Since(began) != frontline.CallTimeout {
					t.Errorf("CustomersList: %v after %v, want code %d after %v", err, time.Since(began), want, frontline.CallTimeout)
				}
				if calls := r.calls(); len(calls) != 1 || calls[0].Code != want || calls[0].Status != c.status {
					t.Errorf("recorded %+v, want one call with code %d and status %d", calls, want, c.status)
				}
			})
		})
	}
}

func TestRetry_CancelledCallEndsWithTheContextsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := new(recorder)
		l := limit.New((&service{takes: time.Minute}).crm(), limit.Options{Recorder: r})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := list(ctx, l, "alice"); err != context.DeadlineExceeded || len(r.calls()) != 0 {
			t.Errorf("CustomersList: %v, recorded %+v, want the context's error and no call", err, r.calls())
		}
	})
}

// The transport repeats a request on a reused connection that turns out closed, because
// the client marks requests as idempotent.
func TestRetry_ReusedConnectionThatIsClosedIsReplaced(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var connections atomic.Int32
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go answerOnce(conn)
		}
	}()
	r := new(recorder)
	limited := limit.New(clientOf(t, "http://"+l.Addr().String(), &http.Transport{}), limit.Options{Recorder: r})
	for range 3 {
		if err := list(t.Context(), limited, "alice"); err != nil {
			t.Errorf("CustomersList: %v", err)
		}
	}
	if len(r.calls()) != 3 || connections.Load() != 3 {
		t.Errorf("%d calls over %d connections, want 3 over 3", len(r.calls()), connections.Load())
	}
}

// answerOnce answers the first request of a connection, and closes it at the second.
func answerOnce(conn net.Conn) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for i := range 2 {
		req, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		io.Copy(io.Discard, req.Body)
		if i == 0 {
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(onePage), onePage)
		}
	}
}
