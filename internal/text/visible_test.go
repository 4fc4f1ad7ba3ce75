package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain text", "Bobby S.", "Bobby S."},
		{"nothing", "", ""},
		{"accents as they are", "José Jose\u0301 Łukasz", "José Jose\u0301 Łukasz"},
		{"line ends and tabs", " a\r\nb\tc\u2028d\u0085e ", "a b c d e"},
		{"runs of blanks", "a   b\u00a0\u3000c", "a b c"},
		{"control characters", "a\x00b\x1b[31mc\u009bd", "a b [31mc d"},
		{"bidi overrides, isolates and marks", "Tab\u202eevil\u202c \u2066x\u2069\u200f\u061c", "Tabevil x"},
		{"zero-width and byte order mark", "a\u200bb\ufeffc\u2060d\u00ade", "abcde"},
		{"joiners of Persian and emoji stay", "می\u200cخواهم 👨\u200d👩", "می\u200cخواهم 👨\u200d👩"},
		{"a flag's tags stay", "🏴\U000E0067\U000E0062\U000E007F", "🏴\U000E0067\U000E0062\U000E007F"},
		{"variation selectors stay", "❤\ufe0f 葛\U000E0100", "❤\ufe0f 葛\U000E0100"},
		{"invalid UTF-8", "a\xffb", "a\ufffdb"},
		{"controls alone", "\x00\u202e\u200b", "\ufffd"},
		{"blanks alone", " \u3000", "\ufffd"},
		{"fillers alone", "\u3164\u2800\u115f", "\ufffd"},
		{"markup stays text", "<script>alert(1)</script>", "<script>alert(1)</script>"},
		{"a heap of marks", "Z" + strings.Repeat("\u0310", 100) + "x", "Z" + strings.Repeat("\u0310", 8) + "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Visible(tt.in); got != tt.want {
				t.Errorf("Visible(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzVisible(f *testing.F) {
	f.Add("Tab\u202eevil\n")
	f.Fuzz(func(t *testing.T, s string) {
		v := Visible(s)
		if !utf8.ValidString(v) || (v == "") != (s == "") {
			t.Fatalf("Visible(%q) = %q", s, v)
		}
		if strings.ContainsFunc(v, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
			t.Fatalf("Visible(%q) = %q", s, v)
		}
		if again := Visible(v); again != v {
			t.Fatalf("Visible(%q) = %q, then %q", s, v, again)
		}
	})
}

func TestIdentityKey(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"an email address", "Alice@Example.COM", "alice@example.com"},
		{"one in small letters", "alice@example.com", "alice@example.com"},
		{"letters beyond ASCII keep their case", "Élodie@Example.com", "Élodie@example.com"},
		{"another identity is its own", "Alice", "Alice"},
		{"nothing", "", ""},
		{"blanks count", " a@B ", " a@b "},
		{"the Kelvin sign is not K", "\u212a@x", "\u212a@x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := IdentityKey(tt.in); got != tt.want {
				t.Errorf("IdentityKey(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}
