package limit

import (
	"io"
	"net/http"
	"sync/atomic"
)

// measured is what was seen of an HTTP response. Its fields are atomic, since a
// transport may read a body in a goroutine of its own.
type measured struct {
	status   atomic.Int64
	declared atomic.Int64 // the length of the body by its header, 0 if that is unknown
	read     atomic.Int64 // bytes of the body that were read, decompressed
}

type measuredKey struct{}

// bytes returns how large the body is, as far as was seen: what was read of it; or, if
// it was left unread (an error status, or one too large), what was declared.
func (m *measured) bytes() int64 {
	if n := m.read.Load(); n > 0 {
		return n
	}
	return m.declared.Load()
}

// MeasureTransport returns a RoundTripper that reports to Instrumented the status of
// each response and how many bytes of its body were read, decompressed, and to the
// backoff how long to wait. Requests and responses pass unchanged.
func MeasureTransport(rt http.RoundTripper) http.RoundTripper { return measuring{rt} }

type measuring struct{ http.RoundTripper }

func (t measuring) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	if m, ok := r.Context().Value(measuredKey{}).(*measured); ok {
		m.status.Store(int64(resp.StatusCode))
		m.declared.Store(max(resp.ContentLength, 0))
		resp.Body = measuredBody{resp.Body, m}
	}
	return resp, nil
}

// CloseIdleConnections passes on http.Client.CloseIdleConnections.
func (t measuring) CloseIdleConnections() {
	if c, ok := t.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

type measuredBody struct {
	io.ReadCloser
	m *measured
}

func (b measuredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.m.read.Add(int64(n))
	return n, err
}
