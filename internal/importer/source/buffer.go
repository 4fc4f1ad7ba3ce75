package source

import (
	"bytes"
	"errors"
	"io"
)

// maxRow bounds the text of one row: 16 MiB. It is so large for the sake of pictures
// inside a vCard.
const maxRow = 16 << 20

// minWindow is the smallest window, and windowGrowth how much it grows for each byte
// taken.
const (
	minWindow    = 1 << 10
	windowGrowth = 64
)

// buffer is a buffered reader that grows to hold a whole row and counts lines.
type buffer struct {
	src  io.Reader
	buf  []byte
	from int   // where in buf the text begins that is still to be read
	line int   // of buf[from], counted from 1
	err  error // what src ended with; io.EOF at its end
	// limit is how far the end of a row is looked for: see giveUp.
	limit int
}

func newBuffer(src io.Reader) *buffer {
	return &buffer{src: src, buf: make([]byte, 0, 256<<10), line: 1, limit: maxRow}
}

// data returns the text that was read and not taken.
func (b *buffer) data() []byte { return b.buf[b.from:] }

// ended reports whether nothing follows data.
func (b *buffer) ended() bool { return b.err != nil }

// full reports whether data is as long as a row may be.
func (b *buffer) full() bool { return len(b.data()) >= maxRow }

// window returns the part of data in which to look for the end of a row. whole reports
// whether no text follows, and full, whether the window does not grow.
func (b *buffer) window() (data []byte, whole, full bool) {
	data = b.data()
	if full = len(data) >= b.limit; full {
		return data[:b.limit], b.ended() && len(data) == b.limit, true
	}
	return data, b.ended(), false
}

// giveUp notes that a row has no end in n bytes of the window. If all rows were like
// that, looking for their ends would take a time that grows with the square of the text.
// So the window is then smaller, and grows again with the text that is taken.
func (b *buffer) giveUp(n int) { b.limit = max(b.limit-n, minWindow) }

// fill reads more: afterwards data is twice as long, so that looking at all of it after
// each fill takes a time that grows with its length, or the text has ended.
func (b *buffer) fill() {
	for want := 2*len(b.data()) + 1; b.err == nil && len(b.data()) < want; {
		b.read()
	}
}

func (b *buffer) read() {
	if b.from > 0 {
		b.buf = b.buf[:copy(b.buf, b.buf[b.from:])]
		b.from = 0
	}
	if cap(b.buf)-len(b.buf) < cap(b.buf)/4 {
		grown := make([]byte, len(b.buf), 2*cap(b.buf))
		copy(grown, b.buf)
		b.buf = grown
	}
	for range 100 {
		n, err := b.src.Read(b.buf[len(b.buf):cap(b.buf)])
		b.buf, b.err = b.buf[:len(b.buf)+n], err
		if n > 0 || err != nil {
			return
		}
	}
	b.err = io.ErrNoProgress
}

// take skips n bytes and returns them.
func (b *buffer) take(n int) string {
	taken := string(b.buf[b.from : b.from+n])
	b.skip(n)
	return taken
}

func (b *buffer) skip(n int) {
	b.line += bytes.Count(b.buf[b.from:b.from+n], []byte{'\n'})
	b.from += n
	b.limit = min(b.limit+windowGrowth*n, maxRow)
}

// skipAll skips bytes of the cutset. It returns false at the end of the text.
func (b *buffer) skipAll(cutset string) bool {
	for {
		rest := bytes.TrimLeft(b.data(), cutset)
		b.skip(len(b.data()) - len(rest))
		if len(rest) > 0 {
			return true
		}
		if b.ended() {
			return false
		}
		b.fill()
	}
}

// takeLine takes a line and returns it without its end. It returns false at the end
// of the text, and of a line over maxRow only the beginning.
func (b *buffer) takeLine() (string, bool) {
	seen := 0
	for {
		if i := bytes.IndexByte(b.data()[seen:], '\n'); i >= 0 {
			line := b.take(seen + i + 1)
			return trimLineEnd(line), true
		}
		seen = len(b.data())
		if b.ended() {
			return b.take(seen), seen > 0
		}
		if b.full() {
			line := b.take(seen)
			for next := true; next; {
				i := bytes.IndexByte(b.data(), '\n')
				if next = i < 0 && !b.ended(); i < 0 {
					i = len(b.data()) - 1
				}
				b.skip(i + 1)
				b.fill()
			}
			return line, true
		}
		b.fill()
	}
}

// failure returns the error that reading ended with, nil at the end of the text.
func (b *buffer) failure() error {
	if errors.Is(b.err, io.EOF) {
		return nil
	}
	return b.err
}

// endsLinesWithReturns reports whether many lines of a text end with a carriage return
// alone, as those of classic Mac OS. There, quoted cells have line feeds.
func endsLinesWithReturns(text []byte) bool {
	alone := 0
	for i, c := range text {
		if c == '\r' && (i+1 == len(text) || text[i+1] != '\n' && text[i+1] != '\r') {
			alone++
		}
	}
	return alone > 0 && 3*alone >= bytes.Count(text, []byte{'\n'})
}

// convertLineEnds makes a line feed of every carriage return, with the line feed after
// it if there is one.
func (b *buffer) convertLineEnds() {
	r := &lineEndReader{src: b.src}
	n := r.convert(b.data())
	b.buf, b.src = b.buf[:b.from+n], r
}

func trimLineEnd(line string) string {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}

// lineEndReader reads a text whose lines end with line feeds.
type lineEndReader struct {
	src io.Reader
	// returned reports whether the last byte read was a carriage return.
	returned bool
}

func (r *lineEndReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	return r.convert(p[:n]), err
}

// convert converts p in place and returns its new length.
func (r *lineEndReader) convert(p []byte) int {
	n := 0
	for _, c := range p {
		if c != '\n' || !r.returned {
			p[n] = c
			if c == '\r' {
				p[n] = '\n'
			}
			n++
		}
		r.returned = c == '\r'
	}
	return n
}
