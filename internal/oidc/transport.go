package oidc

import (
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/clientele-project/clientele/internal/outbound"
)

// reach answers how a provider is reached: its own host wherever that is, for the
// operator chose it; any other host that it names only on the public internet.
func reach(issuer string) http.RoundTripper {
	u, err := url.Parse(issuer)
	if err != nil { // CheckIssuer came before
		return outbound.Transport(outbound.Policy{})
	}
	return &split{
		host:   strings.ToLower(u.Hostname()),
		own:    outbound.Transport(outbound.Policy{AllowPrivate: true}),
		others: outbound.Transport(outbound.Policy{}),
	}
}

// split asks one host in one way and all others in another.
type split struct {
	host        string
	own, others http.RoundTripper
}

func (s *split) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.ToLower(r.URL.Hostname()) == s.host {
		return s.own.RoundTrip(r)
	}
	return s.others.RoundTrip(r)
}

// client answers an HTTP client that asks over https alone, or on this machine too
// without it, within bounds of time and size, and follows no redirect: where the
// provider's endpoints are, it says in its own description.
func client(next http.RoundTripper, plain bool) *http.Client {
	return &http.Client{
		Transport:     &bounded{next, plain},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       callTimeout,
	}
}

type bounded struct {
	next  http.RoundTripper
	plain bool
}

func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !(b.plain && r.URL.Scheme == "http" && loopback(r.URL.Hostname())) {
		return nil, &wayError{"it is not asked over https"}
	}
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	// Nothing is answered to a GET but with 200. Who posts reads the error itself.
	if r.Method == http.MethodGet && resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, &statusError{resp.StatusCode}
	}
	resp.Body = &short{ReadCloser: resp.Body, left: maxAnswer}
	return resp, nil
}

// short is a body that fails when it is longer than it may be, rather than end.
type short struct {
	io.ReadCloser
	left int
}

func (s *short) Read(p []byte) (int, error) {
	if len(p) > s.left+1 {
		p = p[:s.left+1]
	}
	n, err := s.ReadCloser.Read(p)
	if n > s.left {
		return 0, &wayError{"the answer is too long"}
	}
	s.left -= n
	return n, err
}
