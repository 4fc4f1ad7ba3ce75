package source

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Text returns s in UTF-16.
func utf16Text(s string, order binary.AppendByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestDecoder_DetectsTheCharset(t *testing.T) {
	const text = "Name;Ort\r\nJürgen 😀;Köln\r\n太郎;東京\r\n"
	long := strings.Repeat("Bobby Santos,5557040102\n", 4000)
	for _, c := range []struct{ name, raw, want, charset string }{
		{"plain ASCII", "Name\nBobby\n", "Name\nBobby\n", "ASCII"},
		{"UTF-8", text, text, "UTF-8"},
		{"UTF-8 with a byte order mark", "\uFEFF" + text, text, "UTF-8"},
		{"UTF-16 little-endian with a mark", "\xFF\xFE" + utf16Text(text, binary.LittleEndian), text, "UTF-16"},
		{"UTF-16 big-endian with a mark", "\xFE\xFF" + utf16Text(text, binary.BigEndian), text, "UTF-16"},
		{"UTF-16 little-endian without a mark", utf16Text(text, binary.LittleEndian), text, "UTF-16"},
		{"UTF-16 big-endian without a mark", utf16Text(text, binary.BigEndian), text, "UTF-16"},
		{"UTF-16 that ends inside a character", "\xFF\xFEA\x00B", "A\uFFFD", "UTF-16"},
		{"UTF-16 with half a pair", "\xFF\xFEA\x00\x3D\xD8B\x00", "A\uFFFDB", "UTF-16"},
		{"Windows-1252", "J\xFCrgen M\xFCller \x80 \x93quoted\x94", "Jürgen Müller € “quoted”", "Windows-1252"},
		{"Windows-1252 that begins late", long + "J\xFCrgen\n", long + "Jürgen\n", "Windows-1252"},
		{"UTF-8 that begins late", long + "Jürgen\n", long + "Jürgen\n", "UTF-8"},
		{"UTF-8 with a broken byte", "José Łukasz \xFF Şahin", "José Łukasz \uFFFD Şahin", "UTF-8"},
		{"UTF-8 cut off inside a character", "José 太\xE9\x83", "José 太\uFFFD", "UTF-8"},
		{"a single byte that is not ASCII", "\xE9", "é", "Windows-1252"},
		{"bytes that Windows-1252 does not define", "\x81\x9D", "\u0081\u009d", "Windows-1252"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at once":        strings.NewReader(c.raw),
				"byte by byte":   iotest.OneByteReader(strings.NewReader(c.raw)),
				"error with end": iotest.DataErrReader(strings.NewReader(c.raw)),
			} {
				d := newDecoder(r)
				got, err := io.ReadAll(d)
				if err != nil {
					t.Fatalf("read %s: %v", how, err)
				}
				if string(got) != c.want {
					t.Errorf("read %s: got %.80q, want %.80q", how, got, c.want)
				}
				if d.charset.String() != c.charset {
					t.Errorf("read %s: the charset is %s, want %s", how, d.charset, c.charset)
				}
			}
		})
	}
}

func TestOpen_RefusesWhatIsNotText(t *testing.T) {
	for name, raw := range map[string]string{
		"a workbook":   "PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00",
		"an old one":   "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\x00\x00",
		"UTF-32":       "\xFF\xFE\x00\x00N\x00\x00\x00",
		"a PDF":        "%PDF-1.7\nxxx",
		"a long zip":   "PK\x03\x04" + strings.Repeat("x", 9000),
		"zeros inside": "Name,Phone\nBob\x00by,1\n",
	} {
		if _, err := Open(strings.NewReader(raw), Options{IsColumn: isColumn}); !errors.Is(err, errBinary) {
			t.Errorf("Open(%s) = %v, want %v", name, err, errBinary)
		}
	}
}

func TestOpen_ReturnsTheErrorOfReading(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("name,owner\nBobby,bob\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := Open(broken, Options{IsColumn: isColumn}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Open: %v, want %v", err, io.ErrUnexpectedEOF)
	}
	if _, err := io.ReadAll(newDecoder(stuck{})); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("ReadAll(stuck reader) = %v, want %v", err, io.ErrNoProgress)
	}
}

// stuck never returns data.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"J\xFCrgen", "\xFF\xFEA\x00", "\xEF\xBB\xBFx", "太郎", "\x00a\x00b", "a\xE9\x83"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := newDecoder(strings.NewReader(string(raw)))
		whole, err := io.ReadAll(d)
		if err != nil {
			if !errors.Is(err, errBinary) {
				t.Fatal(err)
			}
			return
		}
		if !utf8.Valid(whole) {
			t.Errorf("ReadAll(decoder) = %q, want valid UTF-8", whole)
		}
		bytewise, err := io.ReadAll(newDecoder(iotest.OneByteReader(strings.NewReader(string(raw)))))
		if err != nil || string(bytewise) != string(whole) {
			t.Errorf("byte by byte it is %q, %v; at once %q", bytewise, err, whole)
		}
	})
}
