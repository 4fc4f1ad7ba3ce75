package console

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

// settable tells whether the settings can keep a URL at all.
func settable(raw string) bool {
	return len(raw) <= settings.MaxURLBytes && utf8.ValidString(raw) && !strings.ContainsFunc(raw, unicode.IsControl)
}

// urlProblem says in the reader's language why a URL cannot be used; err is what
// Options.CheckURL says of it. It looks for itself what the matter is, since the
// error is in English.
func urlProblem(raw string, err error, words *locale.Locale) string {
	var refused *outbound.RefusedError
	switch key := malformed(raw); {
	case key != "":
		return words.Text(key, "max", settings.MaxURLBytes)
	case errors.As(err, &refused) && refused.Private:
		return words.Text("console.url.private", "flag", "--allow-private-callbacks")
	case errors.As(err, &refused):
		return words.Text("console.url.refused")
	case err != nil && frontline.CheckCallbackURL(raw) == nil:
		return words.Text("console.url.host")
	case err != nil:
		return words.Text("console.url.else", "reason", err.Error())
	}
	return words.Text("console.url.not")
}

// malformed is the message for a URL that has not the form of one that can be
// called, in the order in which a person would notice; "" when nothing is found.
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
