package console

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// capture is one request that really went out, and what came back.
type capture struct {
	method, url   string
	requestHeader http.Header
	requestBody   string // as it was sent

	// responded tells that a status came: the rest is zero without it.
	responded      bool
	status         int
	proto          string
	responseHeader http.Header
	responseBody   []byte // what was read of the answer's body
	readErr        error  // why it could not be read to its end, or nil
	// complete tells that content is the whole body; over that it is longer than a
	// caller reads.
	complete, tooLarge bool

	remoteAddr string // the address connected to, "" for none
	reused     bool
	tlsVersion string
	// How long after the beginning the connection stood, the first byte of the answer
	// came, and the last one: zero for what did not happen.
	connected, firstByte, took time.Duration
}

// captureTransport is a RoundTripper that notes what goes through it, and changes nothing of it.
// It carries one call.
type captureTransport struct {
	next http.RoundTripper
	now  func() time.Time
	mu   sync.Mutex // the trace is told from goroutines of the transport
	capture
}

// RoundTrip implements http.RoundTripper. It reads the answer, as far as a caller
// would, before it hands it on: also the body of an error, which a caller leaves.
func (t *captureTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	began := t.now()
	t.method, t.url, t.requestHeader = req.Method, req.URL.String(), req.Header.Clone()
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			sent, _ := io.ReadAll(body) // a strings.Reader has no errors
			t.requestBody = string(sent)
		}
	}
	resp, err := t.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), t.trace(began))))
	if err != nil {
		t.finish(began)
		return nil, err
	}
	t.responded, t.status, t.proto, t.responseHeader = true, resp.StatusCode, resp.Proto, resp.Header.Clone()
	t.responseBody, t.readErr = io.ReadAll(io.LimitReader(resp.Body, frontline.MaxBodyBytes+1))
	t.finish(began)
	t.tooLarge = len(t.responseBody) > frontline.MaxBodyBytes
	t.complete = t.readErr == nil && !t.tooLarge
	rest := io.Reader(resp.Body)
	if t.readErr != nil {
		rest = errReader{t.readErr}
	}
	resp.Body = capturedBody{io.MultiReader(bytes.NewReader(t.responseBody), rest), resp.Body}
	return resp, nil
}

func (t *captureTransport) trace(began time.Time) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.connected, t.reused = t.now().Sub(began), info.Reused
			t.remoteAddr = info.Conn.RemoteAddr().String()
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			t.mu.Lock()
			defer t.mu.Unlock()
			if err == nil {
				t.tlsVersion = tls.VersionName(state.Version)
			}
		},
		GotFirstResponseByte: func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.firstByte = t.now().Sub(began)
		},
	}
}

func (t *captureTransport) finish(began time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took = t.now().Sub(began)
}

// captured answers what was noted. A transport may still be connecting in the
// background when the call is over.
func (t *captureTransport) captured() capture {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.capture
}

// errReader is a reader that only ever fails.
type errReader struct{ err error }

func (f errReader) Read([]byte) (int, error) { return 0, f.err }

// capturedBody reads from one and closes another.
type capturedBody struct {
	io.Reader
	io.Closer
}

// errNoService is for calls that need a URL and have none.
var errNoService = errors.New("the callback URL is not set")
