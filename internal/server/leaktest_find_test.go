package server

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var (
	percent  = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	jsonRune = regexp.MustCompile(`\\u([0-9a-fA-F]{4})`)
)

// readings returns a response as it is, and decoded repeatedly in every way.
func readings(response string) []string {
	all := []string{response}
	for i := 0; i < len(all) && i < 12; i++ {
		s := all[i]
		next := html.UnescapeString(s)
		if plain, err := url.PathUnescape(next); err == nil {
			next = plain
		} else {
			next = percent.ReplaceAllStringFunc(next, func(e string) string {
				b, _ := hex.DecodeString(e[1:])
				return string(b)
			})
		}
		next = jsonRune.ReplaceAllStringFunc(next, func(e string) string {
			b, _ := hex.DecodeString(e[2:])
			return string(rune(b[0])<<8 | rune(b[1]))
		})
		if next != s {
			all = append(all, next)
		}
	}
	for _, t := range strings.FieldsFunc(response, func(r rune) bool { return !isWord(r) && !strings.ContainsRune("+/=", r) }) {
		if len(t) < 8 {
			continue
		}
		for _, decode := range []func(string) ([]byte, error){base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString, base64.URLEncoding.DecodeString, hex.DecodeString} {
			// Sealed values are arbitrary bytes, which contain a number only as it is.
			if b, err := decode(t); err == nil && len(b) > 0 && (utf8.Valid(b) || strings.Contains(string(b), leakTail)) {
				all = append(all, string(b))
			}
		}
	}
	return all
}

// folded writes all digits in ASCII, and drops invisible characters.
func folded(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.In(r, unicode.M, unicode.Cf) || r == unicode.ReplacementChar:
			return -1
		case r > 0x7F && unicode.Is(unicode.Nd, r):
			for zero := r; ; zero-- { // every run of ten begins with a zero
				if !unicode.Is(unicode.Nd, zero-1) || r-zero == 9 {
					return '0' + (r-zero)%10
				}
			}
		}
		return r
	}, norm.NFKC.String(s))
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// isWord reports whether r may stand in a handle, a token or a fingerprint.
func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || isDigit(r) || r == '_' || r == '-'
}

// byChance maps prefixes to the characters after them, whose digits are arbitrary; see
// leakNumber.
var byChance = map[string]func(rune) bool{
	"/assets/": func(r rune) bool { return isWord(r) || r == '.' }, "newer=": isDigit, "127.0.0.1:": isDigit,
	"time=": isNotSpace, "took=": isNotSpace, "bytes=": isNotSpace, "port=": isNotSpace, "duration=": isNotSpace,
}

// arbitraryPrefix returns the length of the prefix of s whose digits are arbitrary.
func arbitraryPrefix(s string) int {
	if strings.HasPrefix(s, "<svg") {
		if end := strings.Index(s, "</svg>"); end >= 0 {
			return end + len("</svg>")
		}
	}
	for prefix, in := range byChance {
		if rest, ok := strings.CutPrefix(s, prefix); ok && span(rest, in) > 0 {
			return len(prefix) + span(rest, in)
		}
	}
	return 0
}

func isNotSpace(r rune) bool { return !strings.ContainsRune(" \t\n\f\r", r) }

// span returns the length of the prefix of s whose characters are in a set.
func span(s string, in func(rune) bool) int {
	if n := strings.IndexFunc(s, func(r rune) bool { return !in(r) }); n >= 0 {
		return n
	}
	return len(s)
}

// dropArbitrary replaces with a space what holds arbitrary digits, also long words:
// handles, tokens and fingerprints.
func dropArbitrary(s string) string {
	var b strings.Builder
	for i, word := 0, 0; i < len(s); {
		n := 0
		if i >= word {
			word = i + span(s[i:], isWord)
			if n = word - i; n < 24 {
				n = 0
			}
		}
		if n == 0 && strings.IndexByte("</n1tbpd", s[i]) >= 0 {
			n = arbitraryPrefix(s[i:])
		}
		if n == 0 {
			b.WriteByte(s[i])
			i++
			continue
		}
		b.WriteByte(' ')
		i += n
		word = i
	}
	return b.String()
}

// joinDigits removes the separators after digits.
func joinDigits(s string) string {
	digit := false
	return strings.Map(func(r rune) rune {
		if digit && strings.ContainsRune(" \t\n\f\r.-()[]/‐‑‒–—―−", r) {
			return -1
		}
		digit = isDigit(r)
		return r
	}, s)
}

// leaks returns the parts of the numbers in a response: "number" for the last seven digits
// in a row, with anything between them, "tail" for the last four.
func leaks(response string) (found []string) {
	seen := make(map[string]bool)
	add := func(what, where string, at int) {
		if !seen[what] {
			seen[what] = true
			found = append(found, what+": …"+where[max(0, at-60):min(len(where), at+40)]+"…")
		}
	}
	for _, reading := range readings(response) {
		plain := folded(reading)
		bare := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsNumber(r) {
				return r
			}
			return -1
		}, plain)
		for _, number := range []string{leakNumber, leakGerman} {
			if at := strings.Index(bare, number[len(number)-7:]); at >= 0 {
				add("number", bare, at)
			}
		}
		short := dropArbitrary(plain)
		if at := strings.Index(short, leakTail); at >= 0 {
			add("tail", short, at)
		}
		short = joinDigits(short)
		if at := strings.Index(short, leakTail); at >= 0 {
			add("tail", short, at)
		}
	}
	return found
}

// Without leaks that finds every form, the other tests would always pass.
func TestLeaks_FindsEveryForm(t *testing.T) {
	forms := leakForms()
	forms["base64"] = base64.RawURLEncoding.EncodeToString([]byte("x " + leakNumber))
	forms["hex"] = hex.EncodeToString([]byte(leakNumber))
	forms["json"] = `"\u0031555014\u0039786"`
	forms["deep"] = url.QueryEscape(url.QueryEscape(html.EscapeString(forms["entities"])))
	forms["german"] = "0171/34 97-86"
	forms["german digits only"] = "171 34_97:86"
	forms["in an attribute"] = `<a href="tel:+1-555-014-97-86">`
	for name, form := range forms {
		if got := leaks("<p>Call " + form + " now</p>"); len(got) == 0 {
			t.Errorf("leaks with the number as %s, %q, found nothing", name, form)
		}
	}
	for _, tail := range []string{"9786", "97 86", "97-86", "٩٧٨٦", "97\u200b86", "&#57;786", "%39786", "x9786y"} {
		if got := leaks("<p>ends in " + tail + "</p>"); len(got) == 0 {
			t.Errorf("leaks with the tail %q found nothing", tail)
		}
	}
	for _, harmless := range []string{"+1555014XXXX", "0171/34XXXX", "2026-11-22T09:57:06Z", `<svg><path d="M9 7 8 6"/></svg>`, "555014"} {
		if got := leaks(harmless); len(got) > 0 {
			t.Errorf("leaks(%q) = %v, want none", harmless, got)
		}
	}
}
