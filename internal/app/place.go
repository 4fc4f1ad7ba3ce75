package app

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// place is where in the list a worker is.
type place struct {
	query, page string
	// newer asks for something newer than an old answer that the worker has. It is
	// no part of the place: links do not carry it on.
	newer time.Time
	// untold tells that the query has digits in it while numbers are hidden. Nothing
	// on a page repeats it then but the search field, and the address of the next page,
	// which would not be found without.
	untold bool
}

// maxQuery bounds what is searched for: nobody types more.
const maxQuery = 200

func (a *app) placeOf(r *http.Request) place {
	values := r.URL.Query()
	q := strings.ToValidUTF8(values.Get("q"), "")
	q = clip(strings.TrimSpace(strings.ReplaceAll(q, "\x00", "")), maxQuery)
	return place{query: q, page: values.Get("page"), newer: newerThan(values.Get("newer")), untold: hasDigits(q) && a.Masked()}
}

// begin is the place where the list that it is in begins.
func (p place) begin() place { return place{query: p.query, untold: p.untold} }

// values writes the place as query parameters, with which one comes back to it; what
// is not to be told leads to the whole list.
func (p place) values() url.Values {
	if p.untold {
		return url.Values{}
	}
	return p.whole()
}

// whole writes the place as query parameters, whatever it tells.
func (p place) whole() url.Values {
	v := url.Values{}
	if p.query != "" {
		v.Set("q", p.query)
	}
	if p.page != "" {
		v.Set("page", p.page)
	}
	return v
}

// href is the way back to the place.
func (p place) href() string { return listHref(p.values()) }

// self is the address of a page that shows the place: "" is the one that it has.
func (p place) self() string {
	if p.untold {
		return ""
	}
	return p.href()
}

// next is the address of the page after it.
func (p place) next(token string) string {
	return listHref(place{query: p.query, page: token}.whole())
}

func listHref(v url.Values) string {
	if len(v) > 0 {
		return "/customers?" + v.Encode()
	}
	return "/customers"
}

// newerHref asks the place for something newer than what was true at asOf; "" when
// that was now, or it cannot be told where.
func (p place) newerHref(asOf time.Time) string {
	if asOf.IsZero() || p.untold {
		return ""
	}
	v := p.values()
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
