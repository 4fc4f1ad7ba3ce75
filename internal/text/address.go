package text

import (
	"net/url"
	"strings"
)

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
