package audit

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxField limits each text of an entry, in bytes. A customer_id fits.
const MaxField = 512

// cleanEntry cuts the texts of an entry to MaxField and makes invisible characters in them
// visible: they come from outside, and are shown on screens and in spreadsheets.
func cleanEntry(e Entry) Entry {
	e.Actor, e.Via, e.Action = cleanText(e.Actor), cleanText(e.Via), Action(cleanText(string(e.Action)))
	e.Subject, e.Name, e.Detail, e.Address = cleanText(e.Subject), cleanText(e.Name), cleanText(e.Detail), cleanText(e.Address)
	e.Params = cleanParams(e.Params)
	e.Count = max(e.Count, 0)
	return e
}

// cleanParams cleans each name and value.
func cleanParams(p Params) (clean Params) {
	for name, value := range p.All() {
		clean = clean.With(cleanText(name), cleanText(value))
	}
	return clean
}

// cleanText cleans one text. A clean text is not changed, so that ids can be found.
func cleanText(s string) string {
	if len(s) <= MaxField && isClean(s) {
		return s
	}
	const cut = "…"
	var b strings.Builder
	for _, r := range s { // an invalid byte is U+FFFD
		shown := string(r)
		switch {
		case r < ' ':
			shown = string(0x2400 + r) // the symbol of a control character
		case r == 0x7F:
			shown = "\u2421"
		case isInvisible(r):
			shown = "<U+" + strings.ToUpper(strconv.FormatInt(int64(r), 16)) + ">"
		}
		if b.Len()+len(shown) > MaxField-len(cut) {
			return b.String() + cut
		}
		b.WriteString(shown)
	}
	return b.String()
}

// isClean reports whether s is valid UTF-8 without invisible characters.
func isClean(s string) bool {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] >= ' ' && s[i] < 0x7F
	}
	return plain || utf8.ValidString(s) && !strings.ContainsFunc(s, isInvisible)
}

// isInvisible reports whether r is not displayed, or reverses what follows.
func isInvisible(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 ||
		r == 0x2028 || r == 0x2029
}
