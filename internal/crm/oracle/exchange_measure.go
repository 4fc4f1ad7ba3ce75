package external

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
)

// measured is what was seen of the HTTP exchange that a question became. Its fields
// are atomic, since a transport may read a body in a goroutine of its own.
type measured struct {
	sent     atomic.Bool  // a request was handed to the transport
	status   atomic.Int64 // 0 when no answer came
	declared atomic.Int64 // how long the body is said to be, 0 when that is not told
	read     atomic.Int64 // bytes of the body that were read, decompressed
}

type measuredKey struct{}

// withMeasured returns a context in which MeasureTransport writes what it measures into m.
func withMeasured(ctx context.Context) (_ context.Context, m *measured) {
	m = new(measured)
	return context.WithValue(ctx, measuredKey{}, m), m
}

// bytes is how large the body is, as far as was seen: what was read of it; or, when
// it was left unread (an error status, or one too large), what was declared.
func (m *measured) bytes() int64 {
	if n := m.read.Load(); n > 0 {
		return n
	}
	return m.declared.Load()
}

// MeasureTransport returns a RoundTripper that reports to Instrumented the status of
// each response and how many bytes of its body were read, decompressed. Requests and
// responses pass unchanged.
func MeasureTransport(rt http.RoundTripper) http.RoundTripper { return measuring{rt} }

type measuring struct{ http.RoundTripper }

func (t measuring) RoundTrip(r *http.Request) (*http.Response, error) {
	m, ok := r.Context().Value(measuredKey{}).(*measured)
	if !ok {
		return t.RoundTripper.RoundTrip(r)
	}
	m.sent.Store(true)
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return resp, err
	}
	m.status.Store(int64(resp.StatusCode))
	noteRest(r.Context(), resp)
	m.declared.Store(max(resp.ContentLength, 0))
	if resp.Body != nil {
		resp.Body = measuredBody{resp.Body, m}
	}
	return resp, nil
}

// CloseIdleConnections hands on what http.Client.CloseIdleConnections asks for.
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
