package app

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// requestedURL returns the path and query of a request, in the form of customerHref.
// It is "" (the address in the browser) when they may contain a number that is masked.
func (a *app) requestedURL(r *http.Request) string {
	id := customerID(r)
	if a.privateID(id) || a.pageRefOf(r).private {
		return ""
	}
	if r.PathValue("id") != "" {
		return customerHref(id, r.URL.Query())
	}
	requestURI := r.URL.RequestURI()
	if id == "" && a.Masked() && containsNumber(sidInPath.ReplaceAllString(requestURI, "")) {
		return ""
	}
	return requestURI
}

// returnURL returns the address to open after signing in: next if it is a page of ours
// without a masked number, else the list.
func (a *app) returnURL(next string) string {
	next = safeNext(next)
	u, err := url.Parse(next)
	if err != nil || !a.Masked() {
		return next
	}
	if hasDigits(u.Query().Get("q")) || containsNumber(sidInPath.ReplaceAllString(next, "")) && !handlePattern.MatchString(strings.TrimPrefix(u.Path, "/customers/")) {
		return "/customers"
	}
	return next
}

// safeNext returns next if it is the address of a page of ours, else that of the list.
func safeNext(next string) string {
	for _, c := range []byte(next) {
		if c <= ' ' || c == '\\' || c == 0x7f {
			return "/customers"
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || path.Clean(u.EscapedPath()) != u.EscapedPath() {
		return "/customers"
	}
	for _, ours := range []string{"/customers", "/conversations", "/account", "/console"} {
		rest, ok := strings.CutPrefix(next, ours)
		if ok && (rest == "" || rest[0] == '/' || rest[0] == '?') {
			return next
		}
	}
	return "/customers"
}
