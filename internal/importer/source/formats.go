package source

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

// format is a format that a file can have.
type format struct {
	name string
	// detect reports whether a text that begins with head is of this format.
	detect func(head []byte) bool
	open   func(*input) (Reader, error)
}

// formats are tried in this order. A format that is not text must be detected in Open,
// before its bytes are decoded.
var formats = []format{
	{"vCard", isVCard, openCards},
	{"JSON", isJSON, openObjects},
	{"CSV", func([]byte) bool { return true }, openTable},
}

// input is a text whose format is being detected.
type input struct {
	text *buffer
	// sample is the beginning of the text; whole reports whether it is all of it. head is
	// the sample without the blanks before it.
	sample, head []byte
	whole        bool
	// isColumn reports whether a name is that of a usual column.
	isColumn func(name string) bool
}

// sampleSize is how much of a text is looked at to detect its format.
const sampleSize = 64 << 10

// The files that Open refuses.
var (
	errEmpty  = errors.New("the file is empty")
	errBinary = errors.New("this isn't a text file: export the customers as CSV, JSON, or vCard")
	errMarkup = errors.New("this is a web page or XML: import CSV, JSON, or vCard")
)

// File is a file whose format is known.
type File struct {
	Reader
	// Format is CSV, JSON or vCard.
	Format string

	decoder *decoder
}

// Options say how to read a file. In the zero value everything is detected.
type Options struct {
	// IsColumn reports whether a name is that of a usual column, which helps to detect the
	// delimiter and the header of a table. If nil, no name is.
	IsColumn func(name string) bool
	// Encoding is the name of how the characters of a text are written; "" detects it.
	Encoding string
	// Sheet is the name of the sheet of a workbook, "" for the one that looks most like
	// customers.
	Sheet string
	// HeaderLine is the line of a table that names its columns, from 1; 0 finds it.
	HeaderLine int
	// TempDir is where a temporary file may be written, which holds customers; "" is the
	// system's directory for such files.
	TempDir string
}

// Open detects the format of src and returns a reader of its rows. The errors are those
// of reading, or say in plain words why the file cannot be imported.
func Open(src io.Reader, opts Options) (*File, error) {
	decoder := newDecoder(src)
	in := &input{text: newBuffer(decoder), isColumn: opts.IsColumn}
	if in.isColumn == nil {
		in.isColumn = func(string) bool { return false }
	}
	for len(in.text.data()) < sampleSize && !in.text.ended() {
		in.text.fill()
	}
	if n := len(in.text.data()); n < sampleSize {
		if err := in.text.failure(); err != nil {
			return nil, err
		}
		in.whole = true
	}
	in.sample = in.text.data()[:min(len(in.text.data()), sampleSize)]
	if bytes.IndexByte(in.sample, '\r') >= 0 && bytes.IndexByte(in.sample, '\n') < 0 {
		in.text.convertLineEnds() // of classic Mac OS
	}
	in.head = bytes.TrimLeft(in.sample, " \t\r\n\v\f")
	switch head := in.head; {
	case len(head) == 0:
		return nil, errEmpty
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("%PDF")):
		return nil, errBinary
	case hasPrefixFold(head, "<!doctype"), hasPrefixFold(head, "<html"), hasPrefixFold(head, "<?xml"):
		return nil, errMarkup
	}
	for _, f := range formats {
		if f.detect(in.head) {
			r, err := f.open(in)
			if err != nil {
				return nil, err
			}
			return &File{Reader: r, Format: f.name, decoder: decoder}, nil
		}
	}
	return nil, errBinary
}

func hasPrefixFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && strings.EqualFold(string(b[:len(prefix)]), prefix)
}

// Charset names how the characters of the file are written, as far as it was read:
// ASCII, UTF-8, UTF-16 or Windows-1252.
func (f *File) Charset() string { return f.decoder.charset.String() }
