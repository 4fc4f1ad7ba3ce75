package frontline

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// CheckCallbackURL returns an error in plain words if a URL cannot be a callback URL. It
// must be an absolute http or https URL without anything that the two ends could sign
// differently: user information, a fragment, raw blanks or non-ASCII characters in the
// query, or a bodySHA256 parameter.
func CheckCallbackURL(raw string) error {
	if raw == "" {
		return errors.New("the callback URL is not set")
	}
	if err := checkURL(raw); err != nil {
		return err
	}
	_, query, _ := strings.Cut(raw, "?")
	for i := range len(query) {
		switch c := query[i]; {
		case c == ' ':
			return errors.New("the URL has a space in its query; write it as %20")
		case c >= 0x80:
			return errors.New("the URL's query has non-ASCII characters; percent-encode them")
		}
	}
	params, _ := parseForm(nil, query)
	for _, p := range params {
		if p.name == "bodySHA256" {
			return errors.New("the URL's query must not have a bodySHA256 parameter: it changes how a request is signed")
		}
	}
	return nil
}

// CheckPublicURL returns an error in plain words if a URL cannot be
// HandlerOptions.PublicURL. "" is valid and means none.
func CheckPublicURL(raw string) error {
	if raw == "" {
		return nil
	}
	if err := checkURL(raw); err != nil {
		return err
	}
	if strings.Contains(raw, "?") {
		return errors.New("the public URL must not have a query")
	}
	return nil
}

// checkURL refuses everything but an absolute http or https URL of a plain host.
func checkURL(raw string) error {
	if strings.TrimSpace(raw) != raw {
		return errors.New("the URL has spaces around it; remove them")
	}
	if _, err := parseTarget(raw); err != nil {
		return err
	}
	u, err := url.Parse(raw)
	if err != nil {
		return errors.New("this is not a URL")
	}
	if u.User != nil {
		return errors.New("the URL must not contain a username or password")
	}
	if strings.Contains(raw, "#") {
		return errors.New("the URL must not have a fragment (#...)")
	}
	for i := range len(u.Host) {
		if c := u.Host[i]; c >= 0x80 || c == '%' {
			return errors.New("the URL's host has non-ASCII characters; write it in its xn-- form")
		}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return errors.New("the URL's port must be a number from 1 to 65535")
		}
	}
	return nil
}
