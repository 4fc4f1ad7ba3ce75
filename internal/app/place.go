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
}

// maxQuery bounds what is searched for: nobody types more.
const maxQuery = 200

func placeOf(r *http.Request) place {
	values := r.URL.Query()
	q := strings.ToValidUTF8(values.Get("q"), "")
	q = strings.TrimSpace(strings.ReplaceAll(q, "\x00", ""))
	return place{query: clip(q, maxQuery), page: values.Get("page"), newer: newerThan(values.Get("newer"))}
}

// values writes the place as query parameters.
func (p place) values() url.Values {
	v := url.Values{}
	if p.query != "" {
		v.Set("q", p.query)
	}
	if p.page != "" {
		v.Set("page", p.page)
	}
	return v
}

func (p place) href() string {
	if v := p.values(); len(v) > 0 {
		return "/customers?" + v.Encode()
	}
	return "/customers"
}

// newerHref asks the place for something newer than what was true at asOf; "" when
// that was now.
func (p place) newerHref(asOf time.Time) string {
	if asOf.IsZero() {
		return ""
	}
	v := p.values()
	v.Set("newer", newerValue(asOf))
	return "/customers?" + v.Encode()
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
