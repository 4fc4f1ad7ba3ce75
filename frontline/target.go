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
	scheme  string // http or https
	host    string // in lower case; brackets around IPv6
	written string // host, in the case that the URL has
	port    string // "" without one
	rest    string // path and query; begins with a slash
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
	t.setHost(u.Host)
	if t.host == "" {
		return target{}, errors.New("the URL has no host; use a full one, such as https://example.com/callbacks/crm")
	}
	return t, nil
}

// setHost sets the host and port to those of a URL or a Host header. Brackets stay.
func (t *target) setHost(hostport string) {
	t.written, t.port = hostport, ""
	if i := strings.LastIndexByte(hostport, ':'); i >= 0 && strings.IndexByte(hostport[i:], ']') < 0 {
		t.written, t.port = hostport[:i], hostport[i+1:]
	}
	t.host = strings.ToLower(t.written)
}

// readings returns the forms of a URL that callers sign, the canonical one first: with its
// port or without, or, where it has none, with the default port; with the host in lower
// case or not; with apostrophes escaped or not.
func (t target) readings() []target {
	all := []target{t}
	for _, change := range []func(*target){(*target).changePort, (*target).changeCase, (*target).changeApostrophes} {
		for _, other := range all {
			if change(&other); other != t {
				all = append(all, other)
			}
		}
	}
	return all
}

func (t *target) changePort() {
	switch {
	case t.port != "":
		t.port = ""
	case t.scheme == "https":
		t.port = "443"
	default:
		t.port = "80"
	}
}

func (t *target) changeCase() { t.host = t.written }

func (t *target) changeApostrophes() {
	if strings.Contains(t.rest, "'") {
		t.rest = strings.ReplaceAll(t.rest, "'", "%27")
	} else {
		t.rest = strings.ReplaceAll(t.rest, "%27", "'")
	}
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
