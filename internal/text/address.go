package text

import (
	"net/url"
	"strings"
)

// CutPrefixFold is strings.CutPrefix in any case of letters: of the scheme before a phone
// number or an email address.
func CutPrefixFold(s, prefix string) (after string, found bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// IsEmail reports whether s has the form of one plain email address.
func IsEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(s, " \t,;<>\"()[]\\") && !strings.Contains(domain, "@")
}

// IsWebURL reports whether s is a complete http or https URL.
func IsWebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// CompleteURL adds a scheme to an address such as "www.example.com/x". Anything that has
// one, or does not begin like a host, stays as it is.
func CompleteURL(s string) string {
	if strings.ContainsAny(s, " \t") || strings.Contains(s, "://") {
		return s
	}
	host, _, _ := strings.Cut(s, "/")
	if strings.ContainsAny(host, ":@") || !strings.Contains(strings.Trim(host, "."), ".") {
		return s
	}
	return "https://" + s
}
