package importer

import (
	"bytes"
	"errors"
	"io"
)

// maxRecord bounds one row, record or card: 16 MiB. Pictures inside a vCard are
// the only reason for it to be so large.
const maxRecord = 16 << 20

// window is the part of a text that is being looked at, and the line it begins on.
type window struct {
	src  io.Reader
	buf  []byte
	from int   // of what is not taken yet
	line int   // of buf[from], counted from 1
	err  error // what the source ended with; io.EOF at its end
}

func newWindow(src io.Reader) *window {
	return &window{src: src, buf: make([]byte, 0, 256<<10), line: 1}
}

// data is what can be seen: the text from the place that was reached.
func (w *window) data() []byte { return w.buf[w.from:] }

// ended tells that nothing follows data.
func (w *window) ended() bool { return w.err != nil }

// full tells that data is as much as one record may be.
func (w *window) full() bool { return len(w.data()) >= maxRecord }

// more lets data grow; after it, data is longer or the text has ended.
func (w *window) more() {
	if w.err != nil {
		return
	}
	if w.from > 0 {
		w.buf = w.buf[:copy(w.buf, w.buf[w.from:])]
		w.from = 0
	}
	if cap(w.buf)-len(w.buf) < cap(w.buf)/4 {
		grown := make([]byte, len(w.buf), 2*cap(w.buf))
		copy(grown, w.buf)
		w.buf = grown
	}
	for range 100 {
		n, err := w.src.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf, w.err = w.buf[:len(w.buf)+n], err
		if n > 0 || err != nil {
			return
		}
	}
	w.err = io.ErrNoProgress
}

// take goes n bytes on and answers them.
func (w *window) take(n int) string {
	taken := string(w.buf[w.from : w.from+n])
	w.skip(n)
	return taken
}

// skip goes n bytes on.
func (w *window) skip(n int) {
	w.line += bytes.Count(w.buf[w.from:w.from+n], []byte{'\n'})
	w.from += n
}

// skipSpace goes to the first byte that is none of the cutset; false at the end.
func (w *window) skipSpace(cutset string) bool {
	for {
		rest := bytes.TrimLeft(w.data(), cutset)
		w.skip(len(w.data()) - len(rest))
		if len(rest) > 0 {
			return true
		}
		if w.ended() {
			return false
		}
		w.more()
	}
}

// takeLine takes one line of the file and answers it without its end; false at
// the end of the text. Of a line over maxRecord it answers the beginning.
func (w *window) takeLine() (string, bool) {
	seen := 0
	for {
		if i := bytes.IndexByte(w.data()[seen:], '\n'); i >= 0 {
			line := w.take(seen + i + 1)
			return trimLineEnd(line), true
		}
		seen = len(w.data())
		if w.ended() {
			return w.take(seen), seen > 0
		}
		if w.full() {
			line := w.take(seen)
			for next := true; next; {
				i := bytes.IndexByte(w.data(), '\n')
				if next = i < 0 && !w.ended(); i < 0 {
					i = len(w.data()) - 1
				}
				w.skip(i + 1)
				w.more()
			}
			return line, true
		}
		w.more()
	}
}

// failure answers the error that reading ended with, unless that was the end.
func (w *window) failure() error {
	if errors.Is(w.err, io.EOF) {
		return nil
	}
	return w.err
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
