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

// exchanged is one request that really went out, and what came back.
type exchanged struct {
	method, url string
	header      http.Header
	body        string // as it was sent

	// answered tells that a status came: the rest is zero without it.
	answered bool
	status   int
	proto    string
	answer   http.Header
	content  []byte // what was read of the answer's body
	cut      error  // why it could not be read to its end, or nil
	// whole tells that content is the whole body; over that it is longer than a
	// caller reads.
	whole, over bool

	remote string // the address connected to, "" for none
	reused bool
	tls    string
	// How long after the beginning the connection stood, the first byte of the answer
	// came, and the last one: zero for what did not happen.
	connected, first, took time.Duration
}

// tap is a RoundTripper that notes what goes through it, and changes nothing of it.
// It carries one call.
type tap struct {
	next http.RoundTripper
	now  func() time.Time
	mu   sync.Mutex // the trace is told from goroutines of the transport
	exchanged
}

// RoundTrip implements http.RoundTripper. It reads the answer, as far as a caller
// would, before it hands it on: also the body of an error, which a caller leaves.
func (t *tap) RoundTrip(req *http.Request) (*http.Response, error) {
	began := t.now()
	t.method, t.url, t.header = req.Method, req.URL.String(), req.Header.Clone()
	if req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			sent, _ := io.ReadAll(body) // a strings.Reader has no errors
			t.body = string(sent)
		}
	}
	resp, err := t.next.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), t.trace(began))))
	if err != nil {
		t.ended(began)
		return nil, err
	}
	t.answered, t.status, t.proto, t.answer = true, resp.StatusCode, resp.Proto, resp.Header.Clone()
	t.content, t.cut = io.ReadAll(io.LimitReader(resp.Body, frontline.MaxBodyBytes+1))
	t.ended(began)
	t.over = len(t.content) > frontline.MaxBodyBytes
	t.whole = t.cut == nil && !t.over
	rest := io.Reader(resp.Body)
	if t.cut != nil {
		rest = failing{t.cut}
	}
	resp.Body = body{io.MultiReader(bytes.NewReader(t.content), rest), resp.Body}
	return resp, nil
}

func (t *tap) trace(began time.Time) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.connected, t.reused = t.now().Sub(began), info.Reused
			t.remote = info.Conn.RemoteAddr().String()
		},
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			t.mu.Lock()
			defer t.mu.Unlock()
			if err == nil {
				t.tls = tls.VersionName(state.Version)
			}
		},
		GotFirstResponseByte: func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.first = t.now().Sub(began)
		},
	}
}

func (t *tap) ended(began time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took = t.now().Sub(began)
}

// seen answers what was noted. A transport may still be connecting in the
// background when the call is over.
func (t *tap) seen() exchanged {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.exchanged
}

// failing is a reader that only ever fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// body reads from one and closes another.
type body struct {
	io.Reader
	io.Closer
}

// errNoService is for calls that need a URL and have none.
var errNoService = errors.New("the callback URL is not set")
