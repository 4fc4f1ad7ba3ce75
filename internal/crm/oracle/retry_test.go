package external

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/outbound"
)

// onePage is a whole answer with one customer.
const onePage = `{"objects":{"customers":[{"customer_id":"1","display_name":"Ada"}]}}`

// calling makes a retry around a recorded client of a URL; the recorder counts the
// tries.
func calling(t *testing.T, url string, transport http.RoundTripper, opts retryOptions) (*retry, *noted) {
	t.Helper()
	if transport == nil {
		own := &http.Transport{}
		t.Cleanup(own.CloseIdleConnections)
		transport = own
	}
	client, err := frontline.NewClient(url, frontline.ClientOptions{Transport: MeasureTransport(transport)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	n := new(noted)
	return newRetry(NewInstrumented(client, n, false, nil), opts), n
}

// listening answers a listener on loopback, and the URL that leads to it.
func listening(t *testing.T) (net.Listener, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, "http://" + l.Addr().String() + "/"
}

func TestAServiceThatIsJustStartingIsReachedByTheSecondTry(t *testing.T) {
	l, url := listening(t)
	address := l.Addr().String()
	l.Close() // from now on connections are refused
	crm, n := calling(t, url, nil, retryOptions{Pause: 300 * time.Millisecond})
	time.AfterFunc(50*time.Millisecond, func() {
		again, err := net.Listen("tcp", address)
		if err != nil {
			t.Errorf("listen again: %v", err)
			return
		}
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, onePage) })}
		t.Cleanup(func() { srv.Close() })
		go srv.Serve(again)
	})
	if err := askFor(t.Context(), crm, "alice"); err != nil {
		t.Errorf("got %v", err)
	}
	if calls := n.all(); len(calls) != 2 || calls[0].Code != frontline.CodeCallbackFailed || calls[1].Code != 0 {
		t.Errorf("tries: %+v", calls)
	}
}

func TestOnlyFailuresToConnectAreTriedAgainAndThatOnce(t *testing.T) {
	closed, nobody := listening(t)
	closed.Close()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	guarded := outbound.Transport(outbound.Policy{})
	for _, c := range []struct {
		name      string
		url       string
		handler   http.HandlerFunc
		transport http.RoundTripper
		tries     int
		status    int
	}{
		{"nobody listens", nobody, nil, nil, 2, 0},
		{"it hangs up after it was asked", "", hangUp, nil, 1, 0},
		{"status 500", "", status(500), nil, 1, 500},
		{"status 503", "", status(503), nil, 1, 503},
		{"status 429", "", status(429), nil, 1, 429},
		{"an address that may not be called", nobody, nil, guarded, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := c.url
			if c.handler != nil {
				srv := httptest.NewServer(c.handler)
				defer srv.Close()
				url = srv.URL
			}
			crm, n := calling(t, url, c.transport, retryOptions{Pause: time.Millisecond})
			_, err := crm.CustomerDetails(t.Context(), frontline.DetailsRequest{Worker: "alice", CustomerID: "1"})
			var failed *frontline.CallbackError
			if !errors.As(err, &failed) || failed.Code != frontline.CodeCallbackFailed || failed.Status != c.status {
				t.Errorf("got %v", err)
			}
			if got := len(n.all()); got != c.tries {
				t.Errorf("%d tries, want %d", got, c.tries)
			}
		})
	}
}

func TestACertificateThatDoesNotFitIsNotTriedAgain(t *testing.T) {
	var connections atomic.Int32
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	srv.StartTLS()
	defer srv.Close()
	crm, n := calling(t, srv.URL, nil, retryOptions{Pause: time.Millisecond})
	err := askFor(t.Context(), crm, "alice")
	var failed *frontline.CallbackError
	if !errors.As(err, &failed) || failed.Code != frontline.CodeCallbackFailed {
		t.Errorf("got %v", err)
	}
	if len(n.all()) != 1 || connections.Load() != 1 {
		t.Errorf("%d tries, %d connections", len(n.all()), connections.Load())
	}
}

// reads takes one request from a connection, false when there is none.
func reads(conn net.Conn, from *bufio.Reader) bool {
	req, err := http.ReadRequest(from)
	if err != nil {
		return false
	}
	io.Copy(io.Discard, req.Body)
	return true
}

func TestAKeptConnectionThatTurnsOutClosedIsReplaced(t *testing.T) {
	l, url := listening(t)
	var connections atomic.Int32
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			go func() {
				defer conn.Close()
				// Each connection is good for one answer; it takes a second request, and
				// closes on it without a word.
				from := bufio.NewReader(conn)
				if reads(conn, from) {
					io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 68\r\n\r\n"+onePage)
					reads(conn, from)
				}
			}()
		}
	}()
	if len(onePage) != 68 {
		t.Fatalf("the page has %d bytes", len(onePage))
	}
	crm, n := calling(t, url, nil, retryOptions{})
	for i := range 3 {
		if err := askFor(t.Context(), crm, "alice"); err != nil {
			t.Errorf("question %d: %v", i+1, err)
		}
	}
	if got := len(n.all()); got != 3 {
		t.Errorf("%d calls noted, want 3: the transport does this by itself", got)
	}
	if got := connections.Load(); got != 3 {
		t.Errorf("%d connections, want 3", got)
	}
}

func TestTheTimeForACallIsForAllOfIt(t *testing.T) {
	const budget = time.Second
	release := make(chan struct{})
	defer close(release)
	silent := func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // so that the server sees the connection close
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}
	trickling := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		for range 5000 {
			io.WriteString(w, " ")
			w.(http.Flusher).Flush()
			select {
			case <-time.After(20 * time.Millisecond):
			case <-r.Context().Done():
				return
			case <-release:
				return
			}
		}
	}
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		status  int
	}{
		{"it says nothing", silent, 0},
		{"it answers byte by byte", trickling, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(c.handler)
			defer srv.Close()
			crm, n := calling(t, srv.URL, nil, retryOptions{Budget: budget})
			began := time.Now()
			err := askFor(t.Context(), crm, "alice")
			var failed *frontline.CallbackError
			if !errors.As(err, &failed) || failed.Code != frontline.CodeCallbackTimeout {
				t.Errorf("got %v", err)
			}
			if took := time.Since(began); took < budget || took > budget+20*time.Second {
				t.Errorf("took %v", took)
			}
			calls := n.all()
			if len(calls) != 1 || calls[0].Code != frontline.CodeCallbackTimeout || calls[0].Status != c.status {
				t.Errorf("noted: %+v", calls)
			}
		})
	}
}

func TestThereIsNoSecondTryWithoutTime(t *testing.T) {
	closed, nobody := listening(t)
	closed.Close()
	crm, n := calling(t, nobody, nil, retryOptions{Budget: 200 * time.Millisecond, Pause: time.Second})
	err := askFor(t.Context(), crm, "alice")
	var failed *frontline.CallbackError
	if !errors.As(err, &failed) || failed.Code != frontline.CodeCallbackFailed || len(n.all()) != 1 {
		t.Errorf("got %v after %d tries", err, len(n.all()))
	}
}

func TestACallThatNobodyWaitsForEndsWithTheContextsError(t *testing.T) {
	arrived := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		io.Copy(io.Discard, r.Body) // so that the server sees the connection close
		<-r.Context().Done()
	}))
	defer srv.Close()
	crm, n := calling(t, srv.URL, nil, retryOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	if err := askFor(ctx, crm, "alice"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if calls := n.all(); len(calls) != 0 {
		t.Errorf("noted although we gave it up ourselves: %+v", calls)
	}
}

// refusing is an address that may or may not be called.
type refusing bool

func (r refusing) Error() string { return "an address" }
func (r refusing) Refused() bool { return bool(r) }

func TestWhichFailuresMeanThatNoConnectionWasHad(t *testing.T) {
	failed := func(status int, err error) error {
		return fmt.Errorf("wrapped: %w", &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: status, Err: err})
	}
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"refused by the machine", failed(0, dial(syscall.ECONNREFUSED)), true},
		{"no way there", failed(0, dial(syscall.EHOSTUNREACH)), true},
		{"the name server does not answer", failed(0, dial(&net.DNSError{IsTimeout: true})), true},
		{"there is no such name", failed(0, dial(&net.DNSError{IsNotFound: true})), false},
		{"an address that may not be called", failed(0, dial(refusing(true))), false},
		{"an address that may", failed(0, dial(refusing(false))), true},
		{"reset while reading", failed(0, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), false},
		{"reset while writing", failed(0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}), false},
		{"the certificate", failed(0, &tls.CertificateVerificationError{Err: errors.New("unknown authority")}), false},
		{"a status", failed(502, nil), false},
		{"too slow", &frontline.CallbackError{Code: frontline.CodeCallbackTimeout, Err: dial(context.DeadlineExceeded)}, false},
		{"not said by a client", dial(syscall.ECONNREFUSED), false},
		{"nothing", nil, false},
	} {
		if got := couldNotConnect(c.err); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
