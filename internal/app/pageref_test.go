package app

import (
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
	"unicode/utf8"
)

// A time in an address is never read back as earlier than it was: data as old as the
// shown data must not count as newer.
func FuzzNewerValue(f *testing.F) {
	for _, s := range []string{"", "0", "1795345200002", "-1", "99999999999999999999", "253402300799999", "1e3", " 5", "+5"} {
		f.Add(s, int64(1795345200001500000))
	}
	f.Fuzz(func(t *testing.T, s string, nanos int64) {
		if got := newerThan(s); !got.IsZero() && (got.UnixMilli() <= 0 || got.Year() > 10_000) {
			t.Errorf("newerThan(%q) = %v", s, got)
		}
		if nanos <= 0 || nanos > 1<<62 {
			return
		}
		at := time.Unix(0, nanos)
		back := newerThan(newerValue(at))
		if back.Before(at) || back.Sub(at) >= time.Millisecond {
			t.Errorf("newerThan(newerValue(%v)) = %v", at, back)
		}
	})
}

// A page reference is the same after parsing its own address.
func FuzzPageRef(f *testing.F) {
	for _, s := range []string{"", "q=anna&page=x&newer=5", "q=%FF%00&page=%zz", "newer=x", "q=+++", "q=a;b"} {
		f.Add(s)
	}
	a := &app{Options: Options{Masked: func() bool { return false }}}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/customers", nil)
		r.URL.RawQuery = query
		ref := a.pageRefOf(r)
		if !utf8.ValidString(ref.query) {
			t.Errorf("pageRefOf(%q): query %q is not UTF-8", query, ref.query)
		}
		u, err := url.Parse(ref.href())
		if err != nil {
			t.Fatalf("href of pageRefOf(%q): %v", query, err)
		}
		r.URL = u
		again := a.pageRefOf(r)
		ref.newer = time.Time{} // not part of the address
		if again != ref {
			t.Errorf("pageRefOf(%q) = %+v, after its own href %+v", query, ref, again)
		}
	})
}
