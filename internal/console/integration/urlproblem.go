package integration

import (
	"errors"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/settings"
)

// settable reports whether the settings can store a URL.
func settable(raw string) bool {
	return len(raw) <= settings.MaxURLBytes && utf8.ValidString(raw) && !strings.ContainsFunc(raw, unicode.IsControl)
}

// urlProblem returns in the reader's language why a URL cannot be used. err is the error
// of Options.CheckURL. It checks the URL itself, because the error is in English.
func urlProblem(raw string, err error, loc *locale.Locale) string {
	var refused *outbound.RefusedError
	switch key := malformed(raw); {
	case key != "":
		return loc.Text(key, "max", settings.MaxURLBytes)
	case errors.As(err, &refused) && refused.Private:
		return loc.Text("console.url.private", "flag", "--allow-private-callbacks")
	case errors.As(err, &refused):
		return loc.Text("console.url.refused")
	case err != nil && frontline.CheckCallbackURL(raw) == nil:
		return loc.Text("console.url.host")
	case err != nil:
		return loc.Text("console.url.else", "reason", err.Error())
	}
	return loc.Text("console.url.not")
}

// malformed returns the message key for a URL that is not well formed, "" for one that
// is. It reports what a person would notice first.
func malformed(raw string) string {
	if len(raw) > settings.MaxURLBytes {
		return "console.url.long"
	}
	u, err := url.Parse(raw)
	if err != nil || !settable(raw) {
		return "console.url.not"
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Opaque != "" {
		return "console.url.scheme"
	}
	_, query, _ := strings.Cut(raw, "?")
	switch {
	case u.Hostname() == "":
		return "console.url.host"
	case u.User != nil:
		return "console.url.user"
	case strings.Contains(raw, "#"):
		return "console.url.fragment"
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r >= 0x80 || r == '%' }):
		return "console.url.ascii"
	case strings.Contains(query, " "), strings.ContainsFunc(query, func(r rune) bool { return r >= 0x80 }):
		return "console.url.query"
	case strings.Contains(strings.ToLower(query), "bodysha256"), strings.Contains(strings.ToLower(u.Query().Encode()), "bodysha256"):
		if frontline.CheckCallbackURL(raw) != nil {
			return "console.url.digest"
		}
	}
	if port := u.Port(); port != "" && frontline.CheckCallbackURL(raw) != nil {
		return "console.url.port"
	}
	return ""
}
