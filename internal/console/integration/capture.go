package integration

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// capture is one HTTP request and its response, with timings.
type capture struct {
	method, url   string
	requestHeader http.Header
	requestBody   string // as it was sent

	// responded reports whether a status arrived. The next fields are zero without it.
	responded      bool
	status         int
	proto          string
	responseHeader http.Header
	responseBody   []byte // at most one byte more than frontline.MaxBodyBytes
	readErr        error  // why reading the body failed, or nil
	tooLarge       bool   // responseBody is longer than frontline.MaxBodyBytes

	remoteAddr string // the peer's address, "" without a connection
	reused     bool
	tlsVersion string
	// The times from the start until the connection was ready, the first response byte
	// arrived and the response was read; zero for what did not happen.
	connected, firstByte, took time.Duration
}

// captureTransport is a RoundTripper that captures one call and does not change it.
type captureTransport struct {
	next http.RoundTripper
	now  func() time.Time
	mu   sync.Mutex // the transport calls the trace from its own goroutines
	capture
}

// RoundTrip implements http.RoundTripper. It reads the body before it returns, also of an
// error status, whose body a client does not read.
func (t *captureTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	start := t.now()
	t.method, t.url, t.requestHeader = req.Method, req.URL.String(), req.Header.Clone()
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			sent, _ := io.ReadAll(body) // a strings.Reader has no errors
			t.requestBody = string(sent)
		}
	}
	resp, err := t.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), t.trace(start))))
	if err != nil {
		t.finish(start)
		return nil, err
	}
	t.responded, t.status, t.proto, t.responseHeader = true, resp.StatusCode, resp.Proto, resp.Header.Clone()
	t.responseBody, t.readErr = io.ReadAll(io.LimitReader(resp.Body, frontline.MaxBodyBytes+1))
	t.finish(start)
	t.tooLarge = len(t.responseBody) > frontline.MaxBodyBytes

	rest := io.Reader(resp.Body)
	if t.readErr != nil {
		rest = errReader{t.readErr}
	}
	resp.Body = capturedBody{io.MultiReader(bytes.NewReader(t.responseBody), rest), resp.Body}
	return resp, nil
}

func (t *captureTransport) trace(start time.Time) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.connected, t.reused = t.now().Sub(start), info.Reused
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
			t.firstByte = t.now().Sub(start)
		},
	}
}

func (t *captureTransport) finish(start time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took = t.now().Sub(start)
}

// captured returns a copy of the capture. The transport may still be connecting in the
// background when the call is over.
func (t *captureTransport) captured() capture {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.capture
}

// errReader is a reader that fails.
type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

// capturedBody reads from one source and closes another.
type capturedBody struct {
	io.Reader
	io.Closer
}
