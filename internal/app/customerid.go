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

// A customer's id may be anything: "a//b", "..", "%2F", "/". The path carries it
// escaped, but http.ServeMux cleans paths and redirects, and cannot match some
// segments at all. So what follows /customers/ is taken whole before the mux
// sees it, and handed on in letters that nobody interprets.

// encodeID rewrites /customers/ID so that the mux meets one harmless segment.
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

// maxSealedIDBytes bounds what stands for an id: it is longer than that.
const maxSealedIDBytes = 2 * frontline.MaxCustomerIDBytes

// customerID is the id that a request names, "" when it cannot be anybody's.
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
	if sealedIDPattern.MatchString(id) {
		maxBytes = maxSealedIDBytes
	}
	if len(id) > maxBytes || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return ""
	}
	return id
}

// sealedIDPattern tells whether an id is one that stands for another: where numbers are
// hidden, ids with numbers in them come so. The digits that may be in it mean nothing.
var sealedIDPattern = regexp.MustCompile(`^~[A-Za-z0-9_-]{38,}$`)

// privateID tells whether nothing on a page may repeat an id that the browser sent: it
// may be a number, and numbers are hidden.
func (a *app) privateID(id string) bool {
	return a.Masked() && !sealedIDPattern.MatchString(id) && containsNumber(id)
}

// maxUnescapes is how often what is escaped may be escaped again.
const maxUnescapes = 5

// containsNumber tells whether there is a number in what a browser sent, also where it is
// escaped once more or is read as part of a page. What cannot be read may be one.
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

// customerHref is the way to a customer's details; keep are the query parameters
// that say where in the list the worker was.
func customerHref(id string, params url.Values) string {
	query := url.Values{}
	for k, v := range params {
		query[k] = v
	}
	path := "/customers/" + url.PathEscape(id)
	if id == "." || id == ".." {
		// Browsers take these, escaped or not, for steps in the path.
		path = "/customers"
		query.Set("id", id)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
