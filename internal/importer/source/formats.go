package source

import (
	"bufio"
	"bytes"
	"context"
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
	opts         Options
	// decoder decodes the text, unless raw is set: then text has the bytes of the file.
	decoder *decoder
	raw     bool
}

// sampleSize is how much of a text is looked at to detect its format.
const sampleSize = 64 << 10

// markAndBlanks are the characters that may come before the text.
const markAndBlanks = byteOrderMark + " \t\r\n\v\f"

// The files that Open refuses.
var (
	errEmpty  = errors.New("the file is empty")
	errBinary = errors.New("this isn't a text file: export the customers as Excel, CSV, JSON, or vCard")
)

// File is a file whose format is known.
type File struct {
	Reader
	// Format is CSV, Excel, JSON or vCard.
	Format string
	// Sheets are the sheets of a workbook that hold anything, Sheet the one that is read.
	Sheets []string
	Sheet  string

	src      *contextReader
	decoder  *decoder  // nil for a workbook
	workbook *workbook // nil for a text
}

// HeaderLine is the line of a table that names its columns, 0 for other files.
func (f *File) HeaderLine() int {
	if t, ok := f.Reader.(*Table); ok {
		return t.Header.Line
	}
	return 0
}

// Options say how to read a file. In the zero value everything is detected.
type Options struct {
	// IsColumn reports whether a name is that of a usual column, which helps to detect the
	// delimiter and the header of a table. If nil, no name is.
	IsColumn func(name string) bool
	// IsLink and IsEmail report whether a column of a name holds links or email addresses.
	// There, a cell of a workbook that shows another text gives what it links to.
	IsLink, IsEmail func(name string) bool
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
// of reading, or say in plain words why the file cannot be imported. Reading ends with the
// context, which the caller ends in the end; a Read of src that blocks then may go on.
func Open(ctx context.Context, src io.Reader, opts Options) (*File, error) {
	if opts.IsColumn == nil {
		opts.IsColumn = func(string) bool { return false }
	}
	reader := newContextReader(ctx, src)
	f, err := open(ctx, reader, opts)
	if err != nil {
		return nil, err
	}
	f.src = reader
	return f, nil
}

func open(ctx context.Context, src io.Reader, opts Options) (*File, error) {
	whole := bufio.NewReaderSize(src, decodeChunk)
	head, _ := whole.Peek(decodeChunk) // an error comes again
	switch {
	case isWorkbook(head):
		return openWorkbook(ctx, whole, opts)
	case isOLE(head):
		return nil, describeOLE(whole)
	}
	if what := knownFormat(head); what != "" {
		return nil, unsupported(what, "export the customers as Excel, CSV, JSON, or vCard")
	}
	return openText(whole, head, opts)
}

// openText is Open for a file that is text and begins with head.
func openText(src io.Reader, head []byte, opts Options) (*File, error) {
	decoder, err := newDecoder(src, opts.Encoding)
	if err != nil {
		return nil, err
	}
	in := &input{text: newBuffer(decoder), decoder: decoder, opts: opts}
	if isVCard(bytes.TrimLeft(head, markAndBlanks)) {
		// Each property may be in a character set of its own.
		in.text, in.raw = newBuffer(src), true
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
	if sample := in.text.data(); endsLinesWithReturns(sample[:min(len(sample), sampleSize)]) {
		in.text.convertLineEnds()
	}
	in.sample = in.text.data()[:min(len(in.text.data()), sampleSize)]
	in.head = bytes.TrimLeft(in.sample, markAndBlanks)
	switch head := in.head; {
	case len(head) == 0:
		return nil, errEmpty
	case isMarkup(head):
		return nil, markup(head)
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

// Encoding names how the characters of the file are written, as far as it was read:
// one of Encodings, or ASCII. It is assumed if another one may be right.
func (f *File) Encoding() (name string, assumed bool) {
	if f.workbook != nil {
		return "UTF-8", false
	}
	return f.decoder.name(), f.decoder.assumed
}

// Notes returns things to know about the file as a whole, in plain words. They quote the
// file, and are complete when it was read.
func (f *File) Notes() []string {
	var notes []string
	if f.workbook != nil {
		notes = f.workbook.notes()
	} else {
		notes = f.decoder.notes()
	}
	if t, ok := f.Reader.(*Table); ok {
		notes = append(notes, t.notes()...)
	}
	return notes
}

// Read returns how many bytes of the file were read.
func (f *File) Read() int64 { return f.src.n.Load() }

// Close deletes temporary files. It is to be called when the rows are read.
func (f *File) Close() error {
	if f.workbook == nil {
		return nil
	}
	return f.workbook.close()
}
