package cell

import (
	"strings"
	"testing"
)

func TestEscape_GuardsWhatASpreadsheetRewrites(t *testing.T) {
	for _, s := range []string{"00123", "12E3", "1-2", "123456789012", "TRUE", "true", "1/2", "1.2", "12:30", "MARCH1", "2-Jan", "Dez 24", "1.50", "$5", "(5)", "5%", "1,000"} {
		if got := Escape(s); got != "'"+s {
			t.Errorf("Escape(%q) = %q, want an apostrophe before it", s, got)
		}
	}
	for _, s := range []string{"7", "0", "51", "12345678901", "K-7", "CUST-001", "May Day", "7 Dwarfs", "3M", "Ann Lee", "sms:+15557040102", "__export__.res_partner_1", ""} {
		if got := Escape(s); got != s {
			t.Errorf("Escape(%q) = %q, want it unchanged", s, got)
		}
	}
}

func TestGuard_StopsFormulas(t *testing.T) {
	for _, s := range []string{"=1+1", "@SUM(1)", "+cmd|' /C calc'!A0", "-x", "＝1"} {
		if got := Guard(s); got != "'"+s || Text(got) != s {
			t.Errorf("Guard(%q) = %q, want an apostrophe before it that Text removes", s, got)
		}
	}
	for _, s := range []string{"+1 555 704 0101", "-5", `="0123"`, "'=1", "Ann", " Ann ", ""} {
		if got := Guard(s); got != s {
			t.Errorf("Guard(%q) = %q, want it unchanged", s, got)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"=1", "'=1", "a;''=1", "\t\r=1", " '=1", "a\n@", "'\t", "  \t", "007", "''1-2", " 'true"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		safe := Escape(s)
		if back := Unescape(safe); back != s {
			t.Errorf("Unescape(%q) = %q, want %q", safe, back, s)
		}
		for _, cell := range strings.FieldsFunc(safe, func(r rune) bool { return strings.ContainsRune(";\t\r\n", r) }) {
			if isFormula(strings.TrimLeft(cell, " "), false) {
				t.Errorf("Escape(%q) = %q, of which a part is a formula", s, safe)
			}
		}
		if isFormula(safe, true) {
			t.Errorf("Escape(%q) = %q, which is a formula", s, safe)
		}
	})
}
