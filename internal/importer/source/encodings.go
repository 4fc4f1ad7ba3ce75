package source

import (
	"strings"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// namedEncoding is how the characters of a text can be written.
type namedEncoding struct {
	name string
	// aliases are further names, as encodingKey, that ianaindex does not know.
	aliases string
	encoding.Encoding
}

// encodings are in the order of a selector.
var encodings = [...]namedEncoding{
	{"UTF-8", "utf8bom utf8sig 65001", xunicode.UTF8},
	{"UTF-16", "unicode ucs2", xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM)},
	{"UTF-16LE", "", xunicode.UTF16(xunicode.LittleEndian, xunicode.IgnoreBOM)},
	{"UTF-16BE", "unicodebig", xunicode.UTF16(xunicode.BigEndian, xunicode.IgnoreBOM)},
	{"UTF-32", "ucs4", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)},
	{"Windows-1252", "cp1252 ansi western", charmap.Windows1252},
	{"Windows-1250", "cp1250", charmap.Windows1250},
	{"Windows-1251", "cp1251", charmap.Windows1251},
	{"Windows-1253", "cp1253", charmap.Windows1253},
	{"Windows-1254", "cp1254", charmap.Windows1254},
	{"Windows-1255", "cp1255", charmap.Windows1255},
	{"Windows-1256", "cp1256", charmap.Windows1256},
	{"Windows-1257", "cp1257", charmap.Windows1257},
	{"Windows-1258", "cp1258", charmap.Windows1258},
	{"Windows-874", "cp874 tis620 iso885911", charmap.Windows874},
	{"ISO-8859-1", "latin1", charmap.Windows1252}, // of which it is a part, as in browsers
	{"ISO-8859-2", "latin2", charmap.ISO8859_2},
	{"ISO-8859-3", "latin3", charmap.ISO8859_3},
	{"ISO-8859-4", "latin4", charmap.ISO8859_4},
	{"ISO-8859-5", "", charmap.ISO8859_5},
	{"ISO-8859-6", "", charmap.ISO8859_6},
	{"ISO-8859-7", "", charmap.ISO8859_7},
	{"ISO-8859-8", "", charmap.ISO8859_8},
	{"ISO-8859-9", "latin5", charmap.Windows1254},
	{"ISO-8859-10", "latin6", charmap.ISO8859_10},
	{"ISO-8859-13", "latin7", charmap.ISO8859_13},
	{"ISO-8859-14", "latin8", charmap.ISO8859_14},
	{"ISO-8859-15", "latin9", charmap.ISO8859_15},
	{"ISO-8859-16", "latin10", charmap.ISO8859_16},
	{"KOI8-R", "", charmap.KOI8R},
	{"KOI8-U", "", charmap.KOI8U},
	{"MacRoman", "macintosh mac applemac", charmap.Macintosh},
	{"MacCyrillic", "xmaccyrillic", charmap.MacintoshCyrillic},
	{"CP437", "dos", charmap.CodePage437},
	{"CP850", "", charmap.CodePage850},
	{"CP852", "", charmap.CodePage852},
	{"CP855", "", charmap.CodePage855},
	{"CP858", "", charmap.CodePage858},
	{"CP860", "", charmap.CodePage860},
	{"CP862", "", charmap.CodePage862},
	{"CP863", "", charmap.CodePage863},
	{"CP865", "", charmap.CodePage865},
	{"CP866", "", charmap.CodePage866},
	{"Shift_JIS", "sjis cp932 windows31j windows932 mskanji", japanese.ShiftJIS},
	{"EUC-JP", "ujis", japanese.EUCJP},
	{"ISO-2022-JP", "jis", japanese.ISO2022JP},
	{"GB18030", "", simplifiedchinese.GB18030},
	{"GBK", "gb2312 cp936 windows936 euccn", simplifiedchinese.GBK},
	{"Big5", "cp950 windows950 big5hkscs", traditionalchinese.Big5},
	{"EUC-KR", "cp949 windows949 uhc ksc5601", korean.EUCKR},
}

// Encodings returns the names of the encodings that a text can have, the usual ones
// first.
func Encodings() []string {
	names := make([]string, len(encodings))
	for i, e := range encodings {
		names[i] = e.name
	}
	return names
}

// findEncoding returns the encoding with a name or an alias, written in any way.
func findEncoding(name string) (namedEncoding, bool) {
	key := encodingKey(name)
	iana, _ := ianaindex.IANA.Encoding(strings.TrimSpace(name))
	for _, e := range encodings {
		if key == encodingKey(e.name) || strings.Contains(" "+e.aliases+" ", " "+key+" ") {
			return e, key != ""
		}
	}
	for _, e := range encodings {
		if iana != nil && iana == e.Encoding {
			return e, true
		}
	}
	return namedEncoding{}, false
}

// encodingKey returns the letters and digits of a name in lower case.
func encodingKey(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// mustEncoding returns one of encodings.
func mustEncoding(name string) namedEncoding {
	e, ok := findEncoding(name)
	if !ok {
		panic("source: no encoding " + name)
	}
	return e
}

// decodeText returns the text of bytes in an encoding.
func decodeText(e namedEncoding, b []byte) string {
	text, _, _ := transform.Bytes(e.NewDecoder(), b) // what cannot be read is U+FFFD
	return string(text)
}
