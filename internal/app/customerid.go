package app

import (
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// encodeID rewrites /customers/ID with the id in base64. An id may be any string:
// "a//b", "..", "%2F", "/". The path contains it escaped, but http.ServeMux cleans
// paths, redirects, and cannot match some segments.
func encodeID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), "/customers/")
		if ok && escaped != "" {
			if id, err := url.PathUnescape(escaped); err == nil {
				u, rewritten := *r.URL, *r
				u.Path, u.RawPath = "/customers/"+base64.RawURLEncoding.EncodeToString([]byte(id)), ""
				rewritten.URL = &u
				r = &rewritten
			}
		}
		next.ServeHTTP(w, r)
	})
}

// maxHandleBytes is more than for plain ids, which a handle contains.
const maxHandleBytes = 2 * frontline.MaxCustomerIDBytes

// customerID returns the customer id in a request, "" for one that is invalid.
func customerID(r *http.Request) string {
	id := r.URL.Query().Get("id")
	if encoded := r.PathValue("id"); encoded != "" {
		raw, err := base64.RawURLEncoding.DecodeString(encoded)
		if err != nil {
			return ""
		}
		id = string(raw)
	}
	maxBytes := frontline.MaxCustomerIDBytes
	if handlePattern.MatchString(id) {
		maxBytes = maxHandleBytes
	}
	if len(id) > maxBytes || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return ""
	}
	return id
}

// handlePattern matches handles. Where numbers are masked, they replace ids that contain
// numbers; their own digits mean nothing.
var handlePattern = regexp.MustCompile(`^~[A-Za-z0-9_-]{38,}$`)

// privateID reports whether an id in a request may contain a number that is masked, so
// that no page may repeat it.
func (a *app) privateID(id string) bool {
	return a.Masked() && !handlePattern.MatchString(id) && containsNumber(id)
}

// maxUnescapes is how many levels of escapes are searched for numbers.
const maxUnescapes = 5

// containsNumber reports whether s contains a number, also in escaped form. It is true
// for digits in what cannot be unescaped.
func containsNumber(s string) bool {
	for range maxUnescapes {
		if text.MaskName(s) != s {
			return true
		}
		plain, err := url.QueryUnescape(html.UnescapeString(s))
		switch {
		case err != nil:
			return hasDigits(s)
		case plain == s:
			return false
		}
		s = plain
	}
	return hasDigits(s)
}

// customerHref returns the address of a customer's details; params are the query
// parameters of the page of the list to return to.
func customerHref(id string, params url.Values) string {
	query := url.Values{}
	for k, v := range params {
		query[k] = v
	}
	path := "/customers/" + url.PathEscape(id)
	if id == "." || id == ".." {
		// Browsers resolve these as path steps, escaped or not.
		path = "/customers"
		query.Set("id", id)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
