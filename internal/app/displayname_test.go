package app

import (
	"testing"
)

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
