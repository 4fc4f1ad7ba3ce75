package source

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// charset is how the characters of a file are written.
type charset uint8

const (
	ascii charset = iota // until a byte is found that is not ASCII
	utf8Charset
	utf16LE
	utf16BE
	windows1252
)

func (c charset) String() string {
	return [...]string{"ASCII", "UTF-8", "UTF-16", "UTF-16", "Windows-1252"}[c]
}

const (
	// decodeChunk is how much is decoded at a time.
	decodeChunk = 64 << 10
	// evidence is how many bytes from the first that is not ASCII are looked at to
	// distinguish UTF-8 from Windows-1252.
	evidence = 4 << 10
)

// decoder reads a file in any of the character sets as valid UTF-8. A byte that is
// not part of a character becomes U+FFFD.
type decoder struct {
	src     io.Reader
	charset charset
	begun   bool
	utf16   transform.Transformer // nil unless the charset is UTF-16
	raw     []byte                // read, not yet decoded; its capacity is decodeChunk
	buf     []byte                // what was decoded last
	out     []byte                // the rest of buf that is not yet returned
	err     error                 // what src ended with
}

func newDecoder(src io.Reader) *decoder {
	return &decoder{src: src, raw: make([]byte, 0, decodeChunk)}
}

// Read returns decoded text.
func (d *decoder) Read(p []byte) (int, error) {
	for len(d.out) == 0 {
		if d.err != nil && len(d.raw) == 0 {
			return 0, d.err
		}
		if err := d.advance(); err != nil {
			return 0, err
		}
	}
	n := copy(p, d.out)
	d.out = d.out[n:]
	return n, nil
}

// advance reads the next bytes and decodes what can be decoded.
func (d *decoder) advance() error {
	want := len(d.raw) + 1
	if !d.begun {
		want = evidence
	}
	for idle := 0; d.err == nil && len(d.raw) < want; {
		n, err := d.src.Read(d.raw[len(d.raw):cap(d.raw)])
		d.raw, d.err = d.raw[:len(d.raw)+n], err
		if idle++; n > 0 {
			idle = 0
		} else if idle > 100 {
			d.err = io.ErrNoProgress
		}
	}
	if d.err != nil && !errors.Is(d.err, io.EOF) {
		return d.err
	}
	if !d.begun {
		d.begun = true
		if err := d.begin(); err != nil {
			return err
		}
	}
	used, err := d.decode()
	d.out = d.buf
	d.raw = d.raw[:copy(d.raw, d.raw[used:])]
	return err
}

// begin looks for a byte order mark, or for the zeros of UTF-16 without one.
func (d *decoder) begin() error {
	mark := 0
	switch head := d.raw; {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		d.charset, mark = utf8Charset, 3
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE, 0, 0}):
		return errBinary // UTF-32, or not text
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		d.charset, mark = utf16LE, 2
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		d.charset, mark = utf16BE, 2
	case bytes.IndexByte(head, 0) >= 0:
		var zeros [2]int
		for i, b := range head {
			if b == 0 {
				zeros[i&1]++
			}
		}
		switch few := len(head) / 20; {
		case zeros[1] > len(head)/5 && zeros[0] <= few:
			d.charset = utf16LE
		case zeros[0] > len(head)/5 && zeros[1] <= few:
			d.charset = utf16BE
		default:
			return errBinary
		}
	}
	switch d.charset {
	case utf16LE:
		d.utf16 = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
	case utf16BE:
		d.utf16 = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
	}
	d.raw = d.raw[:copy(d.raw, d.raw[mark:])]
	return nil
}

// decode sets buf and returns how many raw bytes went into it.
func (d *decoder) decode() (used int, err error) {
	if d.charset == ascii {
		first := bytes.IndexFunc(d.raw, func(r rune) bool { return r >= utf8.RuneSelf })
		if first < 0 {
			d.buf = append(d.buf[:0], d.raw...)
			return len(d.raw), nil
		}
		if len(d.raw)-first < evidence && d.err == nil {
			d.buf = append(d.buf[:0], d.raw[:first]...)
			return first, nil
		}
		d.charset = detectCharset(d.raw[first:])
	}
	switch d.charset {
	case utf8Charset:
		return d.validate(), nil
	case windows1252:
		d.buf = appendWindows1252(d.buf[:0], d.raw)
		return len(d.raw), nil
	}
	d.buf = slices.Grow(d.buf[:0], 3*len(d.raw)) // more than enough
	n, used, err := d.utf16.Transform(d.buf[:cap(d.buf)], d.raw, d.err != nil)
	d.buf = d.buf[:n]
	if errors.Is(err, transform.ErrShortSrc) {
		err = nil // the rest of a character comes with the next chunk
	}
	return used, err
}

// appendWindows1252 appends the characters of raw. Bytes that are not defined become
// the control characters of the same number, as in browsers.
func appendWindows1252(text, raw []byte) []byte {
	for _, b := range raw {
		r := charmap.Windows1252.DecodeByte(b)
		if r == utf8.RuneError {
			r = rune(b)
		}
		text = utf8.AppendRune(text, r)
	}
	return text
}

// validate sets buf to the raw bytes as valid UTF-8 and returns how many they are.
func (d *decoder) validate() (used int) {
	used = len(d.raw)
	for back := 1; back < utf8.UTFMax && back <= len(d.raw) && d.err == nil; back++ {
		if tail := d.raw[len(d.raw)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				used -= back // the rest of this character comes with the next chunk
			}
			break
		}
	}
	d.buf = append(d.buf[:0], d.raw[:used]...)
	if !utf8.Valid(d.buf) {
		d.buf = bytes.ToValidUTF8(d.buf, []byte(string(utf8.RuneError)))
	}
	return used
}

// detectCharset distinguishes UTF-8, even when some of it is broken, from
// Windows-1252.
func detectCharset(b []byte) charset {
	valid, broken := 0, 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1 && (utf8.FullRune(b) || len(b) == 1):
			broken++
		case size > 1:
			valid++
		}
		b = b[size:]
	}
	if valid > 0 && valid >= broken {
		return utf8Charset
	}
	return windows1252
}
