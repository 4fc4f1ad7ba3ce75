package app

import (
	"fmt"
	"testing"
)

func TestTint(t *testing.T) {
	var count [tintCount]int
	for i := range 8000 {
		count[tint(fmt.Sprint("customer-", i))]++
	}
	for i, n := range count {
		if n < 800 || n > 1200 {
			t.Errorf("tint %d: %d of 8000 ids, want about 1000", i, n)
		}
	}
	if tint("1") != 0 {
		t.Errorf("tint(1) = %d, want 0: the colours of customers must not change", tint("1"))
	}
}

func TestClip(t *testing.T) {
	for _, test := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 10, "short"},
		{"exactly ten", 11, "exactly ten"},
		{"a longer name", 5, "a lo…"},
		{"ab👩‍👩‍👧cd", 5, "ab…"},
		{"e\u0301e\u0301e\u0301e\u0301", 4, "e\u0301…"},
	} {
		if got := clip(test.in, test.n); got != test.want {
			t.Errorf("clip(%q, %d) = %q, want %q", test.in, test.n, got, test.want)
		}
	}
}

func TestInitials(t *testing.T) {
	for _, test := range []struct {
		name   string
		masked bool
		want   string
	}{
		{"Anna Lovelace XXXX", true, "AL"}, {"Anna Lovelace X-XXX", true, "AL"}, {"Malcolm X", true, "MX"},
		{"Anna XXXX", false, "AX"}, {"XXXX", true, ""},
	} {
		if got := initials(test.name, test.masked); got != test.want {
			t.Errorf("initials(%q, %v) = %q, want %q", test.name, test.masked, got, test.want)
		}
	}
}
