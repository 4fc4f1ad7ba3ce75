package oidc

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/clientele-project/clientele/internal/outbound"
)

// transportFor returns a transport that reaches the issuer's own host anywhere, since the
// operator chose it, and any other host on the public internet only.
func transportFor(issuer string) http.RoundTripper {
	u, err := url.Parse(issuer)
	if err != nil { // impossible after CheckIssuer
		return outbound.Transport(outbound.Policy{})
	}
	return &hostTransport{
		host:   strings.ToLower(u.Hostname()),
		own:    outbound.Transport(outbound.Policy{AllowPrivate: true}),
		others: outbound.Transport(outbound.Policy{}),
	}
}

// hostTransport uses one transport for a host and another for all others.
type hostTransport struct {
	host        string
	own, others http.RoundTripper
}

func (h *hostTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.ToLower(r.URL.Hostname()) == h.host {
		return h.own.RoundTrip(r)
	}
	return h.others.RoundTrip(r)
}

// newClient returns a client that uses https only, or http on this machine if plain, with
// limits of time and size, and follows no redirects: the metadata has the final endpoints.
func newClient(next http.RoundTripper, plain bool) *http.Client {
	return &http.Client{
		Transport:     &limitedTransport{next, plain},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       callTimeout,
	}
}

type limitedTransport struct {
	next  http.RoundTripper
	plain bool
}

func (l *limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !(l.plain && r.URL.Scheme == "http" && outbound.IsLoopbackHost(r.URL.Hostname())) {
		return nil, &transportError{"its URL is not https"}
	}
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	// A GET succeeds with 200 only. Errors of a POST are read by the caller.
	if r.Method == http.MethodGet && resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, &statusError{resp.StatusCode}
	}
	resp.Body = &limitedBody{ReadCloser: resp.Body, left: maxResponse}
	return resp, nil
}

// limitedBody is a body that fails, rather than ends, at its limit.
type limitedBody struct {
	io.ReadCloser
	left int
}

func (l *limitedBody) Read(p []byte) (int, error) {
	if len(p) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if n > l.left {
		return 0, &transportError{"the response is too long"}
	}
	l.left -= n
	return n, err
}
