package app

import (
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
	"unicode/utf8"
)

// What is written into an address is read back as no earlier than it was: an answer
// as old as the one shown must never count as newer.
func FuzzNewer(f *testing.F) {
	for _, s := range []string{"", "0", "1795345200002", "-1", "99999999999999999999", "253402300799999", "1e3", " 5", "+5"} {
		f.Add(s, int64(1795345200001500000))
	}
	f.Fuzz(func(t *testing.T, s string, nanos int64) {
		if got := newerThan(s); !got.IsZero() && (got.UnixMilli() <= 0 || got.Year() > 10_000) {
			t.Errorf("%q is read as %v", s, got)
		}
		if nanos <= 0 || nanos > 1<<62 {
			return
		}
		at := time.Unix(0, nanos)
		back := newerThan(newerValue(at))
		if back.Before(at) || back.Sub(at) >= time.Millisecond {
			t.Errorf("%v comes back as %v", at, back)
		}
	})
}

// A place survives its own address, whatever was asked for.
func FuzzPlace(f *testing.F) {
	for _, s := range []string{"", "q=anna&page=x&newer=5", "q=%FF%00&page=%zz", "newer=x", "q=+++", "q=a;b"} {
		f.Add(s)
	}
	a := &app{Options: Options{Masked: func() bool { return false }}}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/customers", nil)
		r.URL.RawQuery = query
		at := a.pageRefOf(r)
		if !utf8.ValidString(at.query) {
			t.Errorf("%q: the query is %q", query, at.query)
		}
		u, err := url.Parse(at.href())
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		r.URL = u
		again := a.pageRefOf(r)
		at.newer = time.Time{} // is not carried on
		if again != at {
			t.Errorf("%q: %+v comes back as %+v", query, at, again)
		}
	})
}
