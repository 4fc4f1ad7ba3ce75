package app

import (
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/clientele-project/clientele/internal/door"
)

// visit is who makes a request, and how they read.
type visit = door.Visit

// requested is the path and query that the browser asked for, as customerHref
// would write it.
func (a *app) requested(r *http.Request) string {
	if r.PathValue("id") != "" {
		return customerHref(customerID(r), r.URL.Query())
	}
	return r.URL.RequestURI()
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
