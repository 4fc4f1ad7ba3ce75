package source

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// decode returns the value of a property as text, with line feeds as line ends.
func (c *Cards) decode(p Property) string {
	value := undoTransfer(p)
	if !c.decoded || p.encoding != "" {
		value = c.toUTF8(value, charsetNamed(p.charset))
	}
	if strings.IndexByte(value, '\r') >= 0 {
		value = strings.ReplaceAll(strings.ReplaceAll(value, "\r\n", "\n"), "\r", "\n")
	}
	return value
}

// undoTransfer returns the bytes of a value that may be written in ASCII. Of pictures and
// the like nothing is left.
func undoTransfer(p Property) string {
	switch p.encoding {
	case "QUOTED-PRINTABLE":
		return decodeQuotedPrintable(p.value)
	case "BASE64", "B":
		if slices.Contains([]string{"PHOTO", "LOGO", "SOUND", "KEY"}, p.Name) {
			return ""
		}
		plain := strings.TrimRight(strings.Join(strings.Fields(p.value), ""), "=")
		if value, err := base64.RawStdEncoding.DecodeString(plain); err == nil {
			return string(value)
		}
	}
	return p.value
}

// decodeQuotedPrintable decodes a value; a byte that is not valid stays. The standard
// library's reader fails on such bytes.
func decodeQuotedPrintable(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			if b, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(b))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}

// toUTF8 decodes a value. The character set that its property names, nil for none, is not
// believed when the value is UTF-8 and no text in that set would look like it, which is
// so where each character is one byte.
func (c *Cards) toUTF8(value string, named encoding.Encoding) string {
	_, oneByte := named.(*charmap.Charmap)
	switch {
	case named != nil && !(oneByte && utf8.ValidString(value)):
	case isUTF8(value):
		return strings.ToValidUTF8(value, string(utf8.RuneError))
	case c.other != nil:
		named = c.other
	default:
		named = detectLegacy(value)
	}
	decoded, err := named.NewDecoder().String(value)
	if err != nil {
		return strings.ToValidUTF8(value, string(utf8.RuneError))
	}
	return decoded
}

// charsetNamed returns the encoding that CHARSET names, nil for UTF-8 and what is unknown.
func charsetNamed(name string) encoding.Encoding {
	if name == "" || strings.HasPrefix(name, "UTF") {
		return nil
	}
	if e, err := htmlindex.Get(name); err == nil && e != encoding.Replacement {
		return e
	}
	if e, err := ianaindex.IANA.Encoding(name); err == nil {
		return e
	}
	return nil
}

// isUTF8 reports whether s is UTF-8, even when some of it is broken or the last character
// is cut off.
func isUTF8(s string) bool {
	if utf8.ValidString(s) {
		return true
	}
	for n := 1; n < utf8.UTFMax && n < len(s); n++ {
		if last := s[len(s)-n:]; utf8.RuneStart(last[0]) && !utf8.FullRuneInString(last) {
			s = s[:len(s)-n]
			break
		}
	}
	whole, broken := 0, 0
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			broken++
		case r >= utf8.RuneSelf:
			whole++
		}
	}
	return whole > 0 && whole >= broken
}

// detectOther detects how the text in some cards is written that is not UTF-8 and does
// not name its character set; nil when there is none.
func detectOther(sample string) encoding.Encoding {
	var found strings.Builder
	for line := range unfold(sample) {
		p, ok := parseProperty(line)
		if !ok || charsetNamed(p.charset) != nil {
			continue
		}
		if value := undoTransfer(p); !isUTF8(value) {
			found.WriteString(value + "\n")
		}
	}
	if found.Len() == 0 {
		return nil
	}
	return detectLegacy(found.String())
}

func detectLegacy(string) encoding.Encoding { return charmap.Windows1252 }
