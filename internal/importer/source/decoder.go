package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// decodeChunk is how much is decoded at a time, and how much is looked at to detect the
// encoding.
const decodeChunk = 64 << 10

// decoder reads a text in any encoding as valid UTF-8 without byte order marks and NUL
// characters. A byte that is not part of a character becomes U+FFFD.
type decoder struct {
	src io.Reader
	// encoding is the zero value until a byte is found that is not ASCII.
	encoding namedEncoding
	// assumed reports whether another encoding may be right. Then, and with likely, example is
	// a text that this one decodes differently.
	assumed bool
	example string
	forced  bool
	// likely names another encoding than the one forced that fits the text, if only one does.
	likely string
	// misread is a part of a Unicode text that was read in a wrong encoding before, and
	// original what it was.
	misread, original string
	zeros             int // NUL characters that were dropped
	// insideLine reports whether the last character read does not end a line.
	insideLine bool

	begun       bool
	searched    bool                  // for what was misread
	transformer transform.Transformer // of encoding
	raw         []byte                // read, not yet decoded; its capacity is decodeChunk
	buf         []byte                // what was decoded last
	out         []byte                // the rest of buf that is not yet returned
	err         error                 // what src ended with
}

// newDecoder returns a decoder that detects the encoding if name is "".
func newDecoder(src io.Reader, name string) (*decoder, error) {
	d := &decoder{src: src, raw: make([]byte, 0, decodeChunk)}
	if name == "" {
		return d, nil
	}
	e, ok := findEncoding(name)
	if !ok {
		return nil, &OptionError{"encoding", fmt.Sprintf("%q isn't a known encoding: use one of %s", name, strings.Join(Encodings(), ", "))}
	}
	d.use(e)
	d.forced = true
	return d, nil
}

func (d *decoder) use(e namedEncoding) {
	d.encoding, d.transformer = e, e.NewDecoder()
	if e.name == "Windows-1258" { // it writes letters and their tone marks apart
		d.transformer = transform.Chain(d.transformer, norm.NFC)
	}
}

// guess detects the encoding by a text that is not ASCII.
func (d *decoder) guess(text []byte) {
	guess := detect(text)
	d.use(guess.encoding)
	d.assumed, d.example = guess.assumed, guess.example
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

// advance reads a whole chunk, so that the result does not depend on how src returns
// its bytes, and decodes what can be decoded.
func (d *decoder) advance() error {
	for idle := 0; d.err == nil && len(d.raw) < cap(d.raw); {
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
		if err := d.begin(); err != nil {
			return err
		}
		d.begun = true
	}
	used, err := d.decode()
	d.raw = d.raw[:copy(d.raw, d.raw[used:])]
	d.out = d.clean(d.buf)
	if !d.searched && strings.HasPrefix(d.encoding.name, "UTF-") && !isASCII(d.out) {
		d.searched = true
		d.misread, d.original = misread(d.out)
	}
	return err
}

// begin looks for what shows at the beginning of a text.
func (d *decoder) begin() error {
	if d.forced {
		return d.checkForced()
	}
	if e, ok := unicodeEncoding(d.raw); ok {
		d.use(e)
	} else if isBinary(d.raw) {
		return errBinary
	}
	return nil
}

// checkForced returns an error if the beginning of the text cannot be in the encoding
// that was asked for: it has characters that cannot be read, or none at all that would
// separate names.
func (d *decoder) checkForced() error {
	runes := []rune(decodeText(d.encoding, d.raw))
	unreadable, plain := 0, 0
	for _, r := range runes {
		switch {
		case r == '\uFFFD' || r >= 0x80 && r < 0xA0:
			unreadable++
		case r > 0 && r < 0x80:
			plain++
		}
	}
	if unreadable > len(runes)/10+1 || plain == 0 && len(runes) > 0 {
		return &OptionError{"encoding", "the file can't be read as " + d.encoding.name}
	}
	if evidence := cellsNotASCII(d.raw); len(evidence) > 0 && !strings.HasPrefix(d.encoding.name, "UTF-") {
		guess, text := detect(d.raw), decodeText(d.encoding, evidence)
		if !guess.assumed && decodeText(guess.encoding, evidence) != text {
			d.likely, d.example = guess.encoding.name, longestName(text)
		}
	}
	return nil
}

// decode sets buf and returns how many raw bytes went into it.
func (d *decoder) decode() (used int, err error) {
	if d.transformer == nil {
		first := firstNotASCII(d.raw)
		if first < 0 {
			d.buf = append(d.buf[:0], d.raw...)
			return len(d.raw), nil
		}
		if line := bytes.LastIndexAny(d.raw[:first], "\r\n") + 1; line > 0 && d.err == nil {
			d.buf = append(d.buf[:0], d.raw[:line]...)
			return line, nil // what follows is looked at as a whole
		}
		d.guess(d.raw)
	}
	d.buf = slices.Grow(d.buf[:0], 4*len(d.raw)+64) // more than enough
	n, used, err := d.transformer.Transform(d.buf[:cap(d.buf)], d.raw, d.err != nil)
	d.buf = d.buf[:n]
	if !errors.Is(err, transform.ErrShortSrc) {
		return used, err
	}
	if d.err != nil { // the text ends inside a character
		d.buf, used = append(d.buf, string(unicode.ReplacementChar)...), len(d.raw)
	}
	return used, nil
}

const byteOrderMark = "\uFEFF"

// clean returns text without NUL characters, and without the byte order marks at the
// beginning of lines: they are inside of files that were put together.
func (d *decoder) clean(text []byte) []byte {
	if bytes.IndexByte(text, 0) >= 0 {
		before := len(text)
		text = slices.DeleteFunc(text, func(b byte) bool { return b == 0 })
		d.zeros += before - len(text)
	}
	if !bytes.Contains(text, []byte(byteOrderMark)) {
		if len(text) > 0 {
			d.insideLine = text[len(text)-1] != '\n' && text[len(text)-1] != '\r'
		}
		return text
	}
	kept := text[:0]
	for len(text) > 0 {
		if !d.insideLine && bytes.HasPrefix(text, []byte(byteOrderMark)) {
			text = text[len(byteOrderMark):]
			continue
		}
		d.insideLine = text[0] != '\n' && text[0] != '\r'
		kept, text = append(kept, text[0]), text[1:]
	}
	return kept
}

// name names the encoding as far as it is known.
func (d *decoder) name() string {
	if d.transformer == nil {
		return "ASCII"
	}
	return d.encoding.name
}

// notes are things to know about the characters of the text.
func (d *decoder) notes() []string {
	var notes []string
	if d.assumed {
		notes = append(notes, fmt.Sprintf("The encoding isn't certain: the file was read as %s, which gives “%s”. If that is wrong, choose another encoding.", d.name(), d.example))
	}
	if d.likely != "" {
		notes = append(notes, fmt.Sprintf("The file looks like %s. It was read as %s, as chosen, which gives “%s”.", d.likely, d.name(), d.example))
	}
	if d.misread != "" {
		notes = append(notes, fmt.Sprintf("The file itself is damaged: it has “%s” for “%s”. Export it again, with UTF-8 as its encoding.", d.misread, d.original))
	}
	if d.zeros == 1 {
		notes = append(notes, "1 NUL character was left out.")
	} else if d.zeros > 1 {
		notes = append(notes, fmt.Sprintf("%d NUL characters were left out.", d.zeros))
	}
	return notes
}
