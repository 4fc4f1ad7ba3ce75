package frontline

import (
	"errors"
	"net/url"
	"strings"
)

// CanonicalURL returns a callback URL as it is signed: scheme, lower-case host, the port as
// written, the escaped path ("/" without one) and the query verbatim, without user
// information and fragment. The error says in plain words why raw is not an absolute http
// or https URL.
func CanonicalURL(raw string) (string, error) {
	t, err := parseTarget(raw)
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

// target is a canonical URL, in the parts in which signatures vary.
type target struct {
	scheme string // http or https
	host   string // in lower case; brackets around IPv6
	port   string // "" without one
	rest   string // path and query; begins with a slash
}

func parseTarget(raw string) (target, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return target{}, errors.New("this is not a URL; use a full one, such as https://example.com/callbacks/crm")
	}
	// The parser has put the scheme in lower case.
	if u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" {
		return target{}, errors.New("the URL must begin with https:// (or http://)")
	}
	t := target{scheme: u.Scheme, rest: u.RequestURI()}
	t.host, t.port = splitHost(u.Host)
	if t.host == "" {
		return target{}, errors.New("the URL has no host; use a full one, such as https://example.com/callbacks/crm")
	}
	return t, nil
}

// splitHost splits the host of a URL or a Host header from its port, and lowers its case.
// Brackets stay.
func splitHost(hostport string) (host, port string) {
	host = hostport
	if i := strings.LastIndexByte(hostport, ':'); i >= 0 && strings.IndexByte(hostport[i:], ']') < 0 {
		host, port = hostport[:i], hostport[i+1:]
	}
	return strings.ToLower(host), port
}

func (t target) defaultPort() string {
	if t.scheme == "https" {
		return "443"
	}
	return "80"
}

func (t target) append(b []byte) []byte {
	b = append(b, t.scheme...)
	b = append(b, "://"...)
	b = append(b, t.host...)
	if t.port != "" {
		b = append(b, ':')
		b = append(b, t.port...)
	}
	return append(b, t.rest...)
}

func (t target) String() string { return string(t.append(nil)) }
