package app

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// pageRef is a page of the list: the search query and the page token.
type pageRef struct {
	query, page string
	// newer requests data newer than that time. Links do not contain it.
	newer time.Time
	// private is set when the query has digits while numbers are masked. Only the
	// search field and the address of the next page, which needs it, contain the query
	// then.
	private bool
}

// maxQuery is in runes.
const maxQuery = 200

func (a *app) pageRefOf(r *http.Request) pageRef {
	values := r.URL.Query()
	q := strings.ToValidUTF8(values.Get("q"), "")
	q = clip(strings.TrimSpace(strings.ReplaceAll(q, "\x00", "")), maxQuery)
	return pageRef{query: q, page: values.Get("page"), newer: newerThan(values.Get("newer")), private: hasDigits(q) && a.Masked()}
}

// firstPage returns the first page of the same list.
func (ref pageRef) firstPage() pageRef { return pageRef{query: ref.query, private: ref.private} }

// params returns the query parameters of the page, none for a private query.
func (ref pageRef) params() url.Values {
	if ref.private {
		return url.Values{}
	}
	return ref.allParams()
}

// allParams returns the query parameters of the page, also for a private query.
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

// href returns the address of the page, that of the whole list for a private query.
func (ref pageRef) href() string { return listHref(ref.params()) }

// selfHref returns the address of the page, "" (the address in the browser) for a
// private query.
func (ref pageRef) selfHref() string {
	if ref.private {
		return ""
	}
	return ref.href()
}

// nextHref returns the address of the page of a token.
func (ref pageRef) nextHref(token string) string {
	return listHref(pageRef{query: ref.query, page: token}.allParams())
}

func listHref(v url.Values) string {
	if len(v) > 0 {
		return "/customers?" + v.Encode()
	}
	return "/customers"
}

// newerHref returns the address that requests the page with data newer than asOf. It
// is "" when asOf is zero (current data) or the query is private.
func (ref pageRef) newerHref(asOf time.Time) string {
	if asOf.IsZero() || ref.private {
		return ""
	}
	v := ref.params()
	v.Set("newer", newerValue(asOf))
	return listHref(v)
}

// newerValue formats a time in Unix milliseconds, rounded up: rounded down, data of
// that very time would count as newer.
func newerValue(t time.Time) string {
	return strconv.FormatInt(t.Add(time.Millisecond-time.Nanosecond).UnixMilli(), 10)
}

// newerThan parses the output of newerValue. It returns the zero time for other input.
func newerThan(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil || ms <= 0 || ms > time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
