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
	// byChance is what holds digits that mean nothing; see leakNumber.
	byChance = regexp.MustCompile(`(?s)<svg.*?</svg>|[A-Za-z0-9_-]{24,}|/assets/[\w.-]+|newer=\d+|(?:time|took|bytes|port|duration)=\S+|127\.0\.0\.1:\d+`)
	between  = regexp.MustCompile(`(\d)[\s.\-()\[\]/‐-―−]+`)
	nothing  = regexp.MustCompile(`[^\pL\pN]+`)
	token    = regexp.MustCompile(`[A-Za-z0-9_+/=-]{8,}`)
	percent  = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
	jsonRune = regexp.MustCompile(`\\u([0-9a-fA-F]{4})`)
)

// readings are all the ways in which an answer can be read: as it is, and decoded
// again and again.
func readings(answer string) []string {
	all := []string{answer}
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
	for _, t := range token.FindAllString(answer, -1) {
		for _, decode := range []func(string) ([]byte, error){base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString, base64.RawURLEncoding.DecodeString, base64.URLEncoding.DecodeString, hex.DecodeString} {
			// What is sealed is bytes of any kind: a number among them stands as it is.
			if b, err := decode(t); err == nil && len(b) > 0 && (utf8.Valid(b) || strings.Contains(string(b), leakTail)) {
				all = append(all, string(b))
			}
		}
	}
	return all
}

// folded writes all digits in ASCII, and leaves out what nobody sees.
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

// leaks answers what an answer tells of the numbers: "number" when seven digits of
// one's end follow one another, whatever is between them, "tail" when its last four
// can be read.
func leaks(answer string) (found []string) {
	seen := make(map[string]bool)
	tell := func(what, where string, at int) {
		if !seen[what] {
			seen[what] = true
			found = append(found, what+": …"+where[max(0, at-60):min(len(where), at+40)]+"…")
		}
	}
	for _, reading := range readings(answer) {
		plain := folded(reading)
		bare := nothing.ReplaceAllString(plain, "")
		for _, number := range []string{leakNumber, leakGerman} {
			if at := strings.Index(bare, number[len(number)-7:]); at >= 0 {
				tell("number", bare, at)
			}
		}
		short := byChance.ReplaceAllString(plain, " ")
		if at := strings.Index(short, leakTail); at >= 0 {
			tell("tail", short, at)
		}
		short = between.ReplaceAllString(short, "$1")
		if at := strings.Index(short, leakTail); at >= 0 {
			tell("tail", short, at)
		}
	}
	return found
}

// A finder that finds nothing would let everything pass.
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
			t.Errorf("%s: %q is not found", name, form)
		}
	}
	for _, tail := range []string{"9786", "97 86", "97-86", "٩٧٨٦", "97\u200b86", "&#57;786", "%39786", "x9786y"} {
		if got := leaks("<p>ends in " + tail + "</p>"); len(got) == 0 {
			t.Errorf("the tail %q is not found", tail)
		}
	}
	for _, harmless := range []string{"+1555014XXXX", "0171/34XXXX", "2026-11-22T09:57:06Z", `<svg><path d="M9 7 8 6"/></svg>`, "555014"} {
		if got := leaks(harmless); len(got) > 0 {
			t.Errorf("%q: %v", harmless, got)
		}
	}
}
