package customers

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
)

// maxQuery bounds a search query, in bytes.
const maxQuery = 400

// pageRef refers to a page of the list: the search, the owner, and the cursor after which
// it starts.
type pageRef struct {
	query string
	owner owner
	after customer.Cursor
}

// readPageRef reads the reference of a request. ok is false when its cursor is malformed.
func readPageRef(r *http.Request) (ref pageRef, ok bool) {
	query := r.URL.Query()
	ref = firstPage(query.Get("q"), query.Get("whose"))
	if worker := query.Get("worker"); worker != "" { // the form of links from other pages
		ref.owner = parseOwner(ownerPrefix + worker)
	}
	ref.after, ok = parseCursor(query.Get("after"))
	return ref, ok
}

// firstPage returns the reference to the first page.
func firstPage(query, ownerText string) pageRef {
	query = strings.TrimSpace(strings.ToValidUTF8(query, ""))
	for len(query) > maxQuery {
		_, size := utf8.DecodeLastRuneInString(query)
		query = query[:len(query)-size]
	}
	return pageRef{query: strings.ReplaceAll(query, "\x00", ""), owner: parseOwner(ownerText)}
}

func (ref pageRef) href() string {
	query := url.Values{}
	if ref.query != "" {
		query.Set("q", ref.query)
	}
	if ownerText := ref.owner.String(); ownerText != "" {
		query.Set("whose", ownerText)
	}
	if !ref.after.IsZero() {
		query.Set("after", cursorText(ref.after))
	}
	if len(query) == 0 {
		return view.CustomersPath
	}
	return view.CustomersPath + "?" + query.Encode()
}

// cursorText formats a cursor for an address.
func cursorText(c customer.Cursor) string {
	if c.IsZero() {
		return ""
	}
	return strconv.FormatInt(c.Row, 10) + "." + strconv.FormatInt(c.Rev, 10) + "." + strconv.Itoa(int(c.Class))
}

// parseCursor parses what cursorText returned; "" is the zero cursor.
func parseCursor(s string) (c customer.Cursor, ok bool) {
	if s == "" {
		return c, true
	}
	row, rest, _ := strings.Cut(s, ".")
	rev, class, _ := strings.Cut(rest, ".")
	n, err1 := strconv.ParseInt(row, 10, 64)
	m, err2 := strconv.ParseInt(rev, 10, 64)
	k, err3 := strconv.ParseUint(class, 10, 8)
	if errors.Join(err1, err2, err3) != nil {
		return c, false
	}
	return customer.Cursor{Row: n, Rev: m, Class: uint8(k)}, true
}

// isUnknownCursor reports whether the cursor's customer is gone: the list starts over.
func isUnknownCursor(err error) bool { return errors.Is(err, customer.ErrUnknownAnchor) }
