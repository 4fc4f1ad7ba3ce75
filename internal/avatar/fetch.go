package avatar

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/outbound"
)

const (
	maxURL       = 2000
	maxBytes     = 2 << 20
	maxRedirects = 3
)

// Reasons for a missing picture. None contains the URL.
var (
	errRefused     = errors.New("the address may not be connected to")
	errUnreachable = errors.New("no complete response in time")
	errInterrupted = errors.New("the response was interrupted") // says nothing about the host
	errStatus      = errors.New("the status is not 200")
	errTooLarge    = errors.New("the response is too large")
	errNotPicture  = errors.New("the response is no picture that can be shown")
)

// address is the URL of a picture that may be fetched.
type address struct {
	url  string
	host string // in lower case, with the port if one is written
}

// parse reads the URL of a picture. It returns errRefused for one that is never fetched.
func parse(raw string) (address, error) {
	raw = strings.TrimSpace(raw)
	if len(raw) > maxURL || len(raw) < len("http://x") || raw[0]|0x20 != 'h' {
		return address{}, errRefused
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" || u.User != nil {
		return address{}, errRefused
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return address{}, errRefused
		}
	}
	if outbound.CheckHost(u.Hostname(), outbound.Policy{}) != nil {
		return address{}, errRefused
	}
	u.Fragment, u.RawFragment = "", ""
	if strings.IndexByte(u.RawQuery, ' ') >= 0 { // seen in practice, and invalid in a request
		u.RawQuery = strings.ReplaceAll(u.RawQuery, " ", "%20")
	}
	a := address{url: u.String(), host: strings.ToLower(u.Host)}
	if len(a.url) > maxURL {
		return address{}, errRefused
	}
	return a, nil
}

// newClient returns a client without cookies that follows few redirects, none of them from
// https to http.
func newClient(transport http.RoundTripper) http.Client {
	return http.Client{
		Transport: transport,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects || req.URL.Scheme == "http" && via[len(via)-1].URL.Scheme == "https" {
				return errStatus
			}
			if _, err := parse(req.URL.String()); err != nil {
				return err
			}
			req.Header.Del("Referer") // which the client has just set
			return nil
		},
	}
}

// fetch returns the response to a URL that parse has accepted.
func (p *Proxy) fetch(url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(p.ctx, p.opts.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errRefused
	}
	req.Header.Set("User-Agent", "Clientele")
	req.Header.Set("Accept", "image/jpeg, image/png, image/webp, image/gif")
	req.Header.Set("Accept-Encoding", "identity") // pictures are compressed
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, classifyError(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, errStatus
	case resp.ContentLength > maxBytes:
		return nil, errTooLarge
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBytes+1))
	switch {
	case err != nil && ctx.Err() == nil:
		return nil, errInterrupted
	case err != nil:
		return nil, errUnreachable
	case len(data) > maxBytes:
		return nil, errTooLarge
	}
	return data, nil
}

// classifyError maps a client's error, which contains the URL, to one of ours.
func classifyError(err error) error {
	var refused interface{ Refused() bool }
	switch {
	case errors.As(err, &refused) && refused.Refused(), errors.Is(err, errRefused):
		return errRefused
	case errors.Is(err, errStatus):
		return errStatus
	}
	return errUnreachable
}
