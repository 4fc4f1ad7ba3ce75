package source

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// detect detects the encoding of the text in some cards that does not name its character
// set and is not UTF-8.
func (c *Cards) detect(sample []byte) error {
	c.decoder.raw = append(c.decoder.raw, sample[:min(len(sample), decodeChunk)]...)
	if err := c.decoder.begin(); err != nil || c.decoder.forced {
		return err
	}
	var unknown bytes.Buffer
	for line := range unfold(string(sample[:min(len(sample), cardSample)])) {
		p, ok := parseProperty(line)
		if _, named := charsetNamed(p.charset); !ok || named {
			continue
		}
		if value := undoTransfer(p); !isUTF8([]byte(value)) {
			unknown.WriteString(value + "\n")
		}
	}
	if unknown.Len() > 0 {
		c.decoder.guess(unknown.Bytes())
	} else if slices.ContainsFunc(sample, func(b byte) bool { return b >= utf8.RuneSelf }) {
		c.decoder.use(mustEncoding("UTF-8"))
	}
	return nil
}

// decode returns the value of a property as text, with line feeds as line ends.
func (c *Cards) decode(p Property) string {
	value := undoTransfer(p)
	if !c.decoded || p.encoding != "" {
		value = c.toUTF8(value, p.charset)
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
		plain := strings.TrimRight(strings.Join(strings.Fields(p.value), ""), "=")
		value, err := base64.RawStdEncoding.DecodeString(plain)
		switch {
		case isBinary(value):
			return ""
		case err == nil:
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

// toUTF8 decodes a value. The character set that its property names is not believed when
// the value is UTF-8 and no text in that set would look like it, which is so where each
// character is one byte.
func (c *Cards) toUTF8(value, charset string) string {
	named, ok := charsetNamed(charset)
	_, oneByte := named.Encoding.(*charmap.Charmap)
	switch {
	case ok && !(oneByte && utf8.ValidString(value)):
	case !ok && c.decoder.forced:
		named = c.decoder.encoding
	case utf8.ValidString(value):
		return value
	case isUTF8([]byte(value)):
		named = mustEncoding("UTF-8")
	case c.decoder.transformer != nil && c.decoder.encoding.name != "UTF-8":
		named = c.decoder.encoding
	default:
		named = detect([]byte(value)).encoding
	}
	return decodeText(named, []byte(value))
}

// charsetNamed returns the encoding that CHARSET names; false for UTF-8, which need not
// be named, and for what is unknown.
func charsetNamed(name string) (namedEncoding, bool) {
	if name == "" || strings.HasPrefix(name, "UTF") {
		return namedEncoding{}, false
	}
	return findEncoding(name)
}
