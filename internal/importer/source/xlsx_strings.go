package source

import (
	"archive/zip"
	"bufio"
	"cmp"
	"os"
	"path/filepath"
)

// maxStrings is how many shared strings are read.
const maxStrings = 8 << 20

// sharedStrings are the texts that cells name by their numbers, in a file: there may be
// more of them than fit in memory.
type sharedStrings struct {
	file *os.File
	ends []uint32 // where the text of each number ends, which is below maxUnpacked
}

// readSharedStrings copies the texts of a part, without the readings of characters. Of one
// that is longer than a row can be, the beginning is copied.
func (a *archive) readSharedStrings(part *zip.File, dir string) (s *sharedStrings, err error) {
	file, err := os.Create(filepath.Join(dir, "strings"))
	if err != nil {
		return nil, err
	}
	s = &sharedStrings{file: file}
	out := bufio.NewWriterSize(file, 64<<10)
	var begin, end uint32
	reading := false
	err = a.eachTag(part, func(t *tags) {
		switch string(t.name) {
		case "rPh":
			reading = true
		case "/rPh":
			reading = false
		case "/t":
			if !reading && end-begin <= maxRow {
				n, _ := out.WriteString(t.plain()) // Flush returns the error
				end += uint32(n)
			}
		case "/si":
			if begin = end; len(s.ends) < maxStrings {
				s.ends = append(s.ends, end)
			} else if t.err == nil {
				t.err = errTooLarge
			}
		}
	})
	if err = cmp.Or(err, out.Flush()); err != nil {
		file.Close()
		return nil, err
	}
	return s, nil
}

// bounds returns where a text begins and ends; ok reports whether there is one of the
// number.
func (s *sharedStrings) bounds(n int) (from, to int64, ok bool) {
	if s == nil || n < 0 || n >= len(s.ends) {
		return 0, 0, false
	}
	if n > 0 {
		from = int64(s.ends[n-1])
	}
	return from, int64(s.ends[n]), true
}

// text returns the text of a number; false when there is none.
func (s *sharedStrings) text(n int) (string, bool) {
	from, to, ok := s.bounds(n)
	if !ok {
		return "", false
	}
	text := make([]byte, to-from)
	_, err := s.file.ReadAt(text, from)
	return string(text), err == nil
}

func (s *sharedStrings) close() {
	if s != nil {
		s.file.Close()
	}
}
