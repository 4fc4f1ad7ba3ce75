package app

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// pageRef is where in the list a worker is.
type pageRef struct {
	query, page string
	// newer asks for something newer than an old answer that the worker has. It is
	// no part of the place: links do not carry it on.
	newer time.Time
	// private tells that the query has digits in it while numbers are hidden. Nothing
	// on a page repeats it then but the search field, and the address of the next page,
	// which would not be found without.
	private bool
}

// maxQuery bounds what is searched for: nobody types more.
const maxQuery = 200

func (a *app) pageRefOf(r *http.Request) pageRef {
	values := r.URL.Query()
	q := strings.ToValidUTF8(values.Get("q"), "")
	q = clip(strings.TrimSpace(strings.ReplaceAll(q, "\x00", "")), maxQuery)
	return pageRef{query: q, page: values.Get("page"), newer: newerThan(values.Get("newer")), private: hasDigits(q) && a.Masked()}
}

// firstPage is the place where the list that it is in begins.
func (ref pageRef) firstPage() pageRef { return pageRef{query: ref.query, private: ref.private} }

// params writes the place as query parameters, with which one comes back to it; what
// is not to be told leads to the whole list.
func (ref pageRef) params() url.Values {
	if ref.private {
		return url.Values{}
	}
	return ref.allParams()
}

// allParams writes the place as query parameters, whatever it tells.
func (ref pageRef) allParams() url.Values {
	v := url.Values{}
	if ref.query != "" {
		v.Set("q", ref.query)
	}
	if ref.page != "" {
		v.Set("page", ref.page)
	}
	return v
}

// href is the way back to the place.
func (ref pageRef) href() string { return listHref(ref.params()) }

// selfHref is the address of a page that shows the place: "" is the one that it has.
func (ref pageRef) selfHref() string {
	if ref.private {
		return ""
	}
	return ref.href()
}

// nextHref is the address of the page after it.
func (ref pageRef) nextHref(token string) string {
	return listHref(pageRef{query: ref.query, page: token}.allParams())
}

func listHref(v url.Values) string {
	if len(v) > 0 {
		return "/customers?" + v.Encode()
	}
	return "/customers"
}

// newerHref asks the place for something newer than what was true at asOf; "" when
// that was now, or it cannot be told where.
func (ref pageRef) newerHref(asOf time.Time) string {
	if asOf.IsZero() || ref.private {
		return ""
	}
	v := ref.params()
	v.Set("newer", newerValue(asOf))
	return listHref(v)
}

// newerValue writes a time in Unix milliseconds, rounded up: rounded down, the very
// answer of that time would count as newer.
func newerValue(t time.Time) string {
	return strconv.FormatInt(t.Add(time.Millisecond-time.Nanosecond).UnixMilli(), 10)
}

// newerThan reads what newerValue wrote, the zero time for anything else.
func newerThan(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil || ms <= 0 || ms > time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
