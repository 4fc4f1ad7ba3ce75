package source

import (
	"bytes"
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

// detecting returns a decoder that detects the encoding.
func detecting(r io.Reader) *decoder {
	d, err := newDecoder(r, "")
	if err != nil {
		panic(err)
	}
	return d
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
		{"UTF-16 little-endian without a mark", utf16Text(text, binary.LittleEndian), text, "UTF-16LE"},
		{"UTF-16 big-endian without a mark", utf16Text(text, binary.BigEndian), text, "UTF-16BE"},
		{"UTF-16 that ends inside a character", "\xFF\xFEA\x00B", "A\uFFFD", "UTF-16"},
		{"UTF-16 with half a pair", "\xFF\xFEA\x00\x3D\xD8B\x00", "A\uFFFDB", "UTF-16"},
		{"Windows-1252", "J\xFCrgen M\xFCller \x80 \x93quoted\x94", "Jürgen Müller € “quoted”", "Windows-1252"},
		{"Windows-1252 that begins late", long + "J\xFCrgen\n", long + "Jürgen\n", "Windows-1252"},
		{"UTF-8 that begins late", long + "Jürgen\n", long + "Jürgen\n", "UTF-8"},
		{"UTF-8 with a broken byte", "José Łukasz \xFF Şahin", "José Łukasz \uFFFD Şahin", "UTF-8"},
		{"UTF-8 cut off inside a character", "José 太\xE9\x83", "José 太\uFFFD", "UTF-8"},
		{"UTF-8 with marks in the middle", "\uFEFF\uFEFFName\n\uFEFFÅsa,\uFEFFx\n", "Name\nÅsa,\uFEFFx\n", "UTF-8"},
		{"UTF-16 with several marks", "\xFF\xFE\xFF\xFEA\x00\n\x00\xFF\xFEB\x00", "A\nB", "UTF-16"},
		{"UTF-32 with a mark", "\xFF\xFE\x00\x00J\x00\x00\x00\xFC\x00\x00\x00", "Jü", "UTF-32"},
		{"zeros inside", "Name\nBob\x00by\x00\n", "Name\nBobby\n", "ASCII"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{
				"at once":        strings.NewReader(c.raw),
				"byte by byte":   iotest.OneByteReader(strings.NewReader(c.raw)),
				"error with end": iotest.DataErrReader(strings.NewReader(c.raw)),
			} {
				d := detecting(r)
				got, err := io.ReadAll(d)
				if err != nil {
					t.Fatalf("read %s: %v", how, err)
				}
				if string(got) != c.want {
					t.Errorf("read %s: got %.80q, want %.80q", how, got, c.want)
				}
				if d.name() != c.charset {
					t.Errorf("read %s: the encoding is %s, want %s", how, d.name(), c.charset)
				}
			}
		})
	}
}

func TestOpen_TellsWhatWasMisreadBefore(t *testing.T) {
	for text, want := range map[string]string{
		"JÃ¼rgen MÃ¼ller":              "“JÃ¼rgen MÃ¼ller” for “Jürgen Müller”",
		"Pat Doe\nÀííà Èâàíîâà":        "“Àííà Èâàíîâà” for “Анна Иванова”",
		"Ã…sa Ã˜vergÃ¥rd":              "“Ã…sa Ã˜vergÃ¥rd” for “Åsa Øvergård”",
		"Łukasz\nÅsa Øvergård\nJosé":   "",
		"don’t\n10–12\n“24°” …\nAcme™": "",
		"Анна Иванова\n太郎\n김철수":        "",
	} {
		f, err := Open(t.Context(), strings.NewReader("Name,Phone\n"+strings.Repeat(text+"\n", 30)), Options{IsColumn: isColumn})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(f.Notes(), "\n")
		if want == "" && notes != "" || !strings.Contains(notes, want) {
			t.Errorf("Notes() of %q = %q, want %q", text, notes, want)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpen_RefusesWhatIsNotText(t *testing.T) {
	for name, c := range map[string]struct{ raw, want string }{
		"a PDF":         {"%PDF-1.7\nxxx", "PDF"},
		"a picture":     {"\x89PNG\r\n\x1a\n\x00\x00", "picture"},
		"random bytes":  {strings.Repeat("a\x01\x02b\x80\xFF", 100), "isn't a text file"},
		"mostly zeros":  {"Bobby" + strings.Repeat("\x00", 50), "isn't a text file"},
		"no characters": {"\uFEFF \n", "empty"},
	} {
		if _, err := Open(t.Context(), strings.NewReader(c.raw), Options{IsColumn: isColumn}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Open(%s) = %v, want %q", name, err, c.want)
		}
	}
}

func TestOpen_ReturnsTheErrorOfReading(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("name,owner\nBobby,bob\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := Open(t.Context(), broken, Options{IsColumn: isColumn}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Open: %v, want %v", err, io.ErrUnexpectedEOF)
	}
	if _, err := io.ReadAll(detecting(stuck{})); !errors.Is(err, io.ErrNoProgress) {
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
		for _, name := range Encodings() {
			d, err := newDecoder(bytes.NewReader(raw), name)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(d)
			if unfit := new(OptionError); err != nil && !errors.As(err, &unfit) || !utf8.Valid(text) {
				t.Fatalf("ReadAll(decoder of %s) = %q, %v", name, text, err)
			}
		}
		d := detecting(strings.NewReader(string(raw)))
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
		bytewise, err := io.ReadAll(detecting(iotest.OneByteReader(strings.NewReader(string(raw)))))
		if err != nil || string(bytewise) != string(whole) {
			t.Errorf("byte by byte it is %q, %v; at once %q", bytewise, err, whole)
		}
	})
}
