package importer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is how a file's characters are written.
type encoding uint8

const (
	// undecided: nothing but ASCII so far.
	undecided encoding = iota
	encUTF8
	encUTF16LE
	encUTF16BE
	encWindows1252
)

func (e encoding) String() string {
	return [...]string{"ASCII", "UTF-8", "UTF-16", "UTF-16", "Windows-1252"}[e]
}

const (
	// decodeChunk is how much is decoded at a time.
	decodeChunk = 64 << 10
	// evidence is how many bytes from the first that is not ASCII are looked at
	// to tell UTF-8 from Windows-1252.
	evidence = 4 << 10
)

// errBinary is answered for a file that is no text at all.
var errBinary = errors.New("this file is not text: save the customers as CSV, JSON or vCard and import that")

// decoder turns a file in any of the encodings into valid UTF-8. A byte that is
// not part of a character becomes U+FFFD.
type decoder struct {
	src   io.Reader
	enc   encoding
	begun bool
	raw   []byte // read, not yet decoded; its capacity is decodeChunk
	out   []byte // decoded, not yet handed out
	err   error  // what the source ended with
}

func newDecoder(src io.Reader) *decoder {
	return &decoder{src: src, raw: make([]byte, 0, decodeChunk)}
}

// Read answers decoded text.
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

// advance reads on and decodes what can be decoded.
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
	used := d.decode()
	d.raw = d.raw[:copy(d.raw, d.raw[used:])]
	return nil
}

// begin looks for a byte order mark, or for the zeros of UTF-16 without one.
func (d *decoder) begin() error {
	mark := 0
	switch head := d.raw; {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		d.enc, mark = encUTF8, 3
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE, 0, 0}):
		return errBinary // UTF-32, or not text
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		d.enc, mark = encUTF16LE, 2
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		d.enc, mark = encUTF16BE, 2
	case bytes.IndexByte(head, 0) >= 0:
		var zeros [2]int
		for i, b := range head {
			if b == 0 {
				zeros[i&1]++
			}
		}
		switch few := len(head) / 20; {
		case zeros[1] > len(head)/5 && zeros[0] <= few:
			d.enc = encUTF16LE
		case zeros[0] > len(head)/5 && zeros[1] <= few:
			d.enc = encUTF16BE
		default:
			return errBinary
		}
	}
	d.raw = d.raw[:copy(d.raw, d.raw[mark:])]
	return nil
}

// decode sets out and answers how many raw bytes went into it.
func (d *decoder) decode() (used int) {
	switch d.enc {
	case encUTF16LE:
		return d.decodeUTF16(binary.LittleEndian)
	case encUTF16BE:
		return d.decodeUTF16(binary.BigEndian)
	case undecided:
		first := bytes.IndexFunc(d.raw, func(r rune) bool { return r >= utf8.RuneSelf })
		if first < 0 {
			d.out = append(d.out[:0], d.raw...)
			return len(d.raw)
		}
		if len(d.raw)-first < evidence && d.err == nil {
			d.out = append(d.out[:0], d.raw[:first]...)
			return first
		}
		d.enc = tell(d.raw[first:])
	}
	if d.enc == encWindows1252 {
		d.out = d.out[:0]
		for _, b := range d.raw {
			d.out = utf8.AppendRune(d.out, windows1252(b))
		}
		return len(d.raw)
	}
	used = len(d.raw)
	for back := 1; back < utf8.UTFMax && back <= len(d.raw) && d.err == nil; back++ {
		if tail := d.raw[len(d.raw)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				used -= back // the rest of this character comes with the next chunk
			}
			break
		}
	}
	d.out = append(d.out[:0], d.raw[:used]...)
	if !utf8.Valid(d.out) {
		d.out = bytes.ToValidUTF8(d.out, []byte(string(utf8.RuneError)))
	}
	return used
}

func (d *decoder) decodeUTF16(order binary.ByteOrder) (used int) {
	units := make([]uint16, 0, len(d.raw)/2)
	for used+1 < len(d.raw) {
		units = append(units, order.Uint16(d.raw[used:]))
		used += 2
	}
	if n := len(units); n > 0 && d.err == nil && units[n-1] >= 0xD800 && units[n-1] < 0xDC00 {
		units, used = units[:n-1], used-2 // the second half comes with the next chunk
	}
	d.out = d.out[:0]
	for _, r := range utf16.Decode(units) {
		d.out = utf8.AppendRune(d.out, r)
	}
	if d.err != nil && used < len(d.raw) {
		d.out = utf8.AppendRune(d.out, utf8.RuneError)
		used = len(d.raw)
	}
	return used
}

// tell tells UTF-8, even when some of it is broken, from Windows-1252.
func tell(b []byte) encoding {
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
		return encUTF8
	}
	return encWindows1252
}

// windows1252 answers the character of a byte. The five bytes that stand for
// nothing stand for the control characters of the same number, as in browsers.
func windows1252(b byte) rune {
	const from80 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"
	if b < 0x80 || b >= 0xA0 {
		return rune(b)
	}
	i := int(b - 0x80)
	for _, r := range from80 {
		if i == 0 {
			return r
		}
		i--
	}
	return utf8.RuneError
}
