package app

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/clientele-project/clientele/internal/web/auth"
)

// viewer is who makes a request, and how they read.
type viewer = auth.Viewer

// requestedURL is the path and query that the browser asked for, as customerHref
// would write it. It is "", the address that the page has, while numbers are hidden and
// one may be in it.
func (a *app) requestedURL(r *http.Request) string {
	id := customerID(r)
	if a.privateID(id) || a.pageRefOf(r).private {
		return ""
	}
	if r.PathValue("id") != "" {
		return customerHref(id, r.URL.Query())
	}
	requestURI := r.URL.RequestURI()
	if id == "" && a.Masked() && containsNumber(requestURI) {
		return ""
	}
	return requestURI
}

// returnURL answers where to go on after signing in: next when it is a page of ours that
// may be told, else the list.
func (a *app) returnURL(next string) string {
	next = safeNext(next)
	u, err := url.Parse(next)
	if err != nil || !a.Masked() {
		return next
	}
	if hasDigits(u.Query().Get("q")) || containsNumber(next) && !sealedIDPattern.MatchString(strings.TrimPrefix(u.Path, "/customers/")) {
		return "/customers"
	}
	return next
}

// safeNext answers next when it is a page of ours to come back to, else the list.
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
	for _, ours := range []string{"/customers", "/account", "/console"} {
		rest, ok := strings.CutPrefix(next, ours)
		if ok && (rest == "" || rest[0] == '/' || rest[0] == '?') {
			return next
		}
	}
	return "/customers"
}
