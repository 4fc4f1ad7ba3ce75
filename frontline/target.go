package frontline

import (
	"errors"
	"net/url"
	"strings"
)

// CanonicalURL answers a callback URL as it is signed: scheme, lower-case host,
// the port as written, the escaped path ("/" when there is none) and the query
// verbatim; no user information and no fragment. The error says in plain words
// why raw is not an absolute http or https URL.
func CanonicalURL(raw string) (string, error) {
	t, err := parseTarget(raw)
	if err != nil {
		return "", err
	}
	return t.String(), nil
}

// target is a canonical URL in the parts that a signature may vary.
type target struct {
	scheme string // http or https
	host   string // in lower case; brackets around IPv6
	port   string // "" when none is written
	rest   string // path and query; begins with a slash
}

func parseTarget(raw string) (target, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return target{}, errors.New("this is not a URL; write it whole, such as https://example.com/callbacks/crm")
	}
	// The parser has put the scheme in lower case.
	if u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" {
		return target{}, errors.New("the URL must begin with https:// (or http://)")
	}
	t := target{scheme: u.Scheme, rest: u.RequestURI()}
	t.host, t.port = splitHost(u.Host)
	if t.host == "" {
		return target{}, errors.New("the URL names no host; write it whole, such as https://example.com/callbacks/crm")
	}
	return t, nil
}

// splitHost parts a host as it stands in a URL or a Host header from its port,
// and puts it in lower case. Brackets stay.
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
