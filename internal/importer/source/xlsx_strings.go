package source

import (
	"archive/zip"
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// sharedStrings are the texts that cells name by their numbers, in a file: there may be
// more of them than fit in memory.
type sharedStrings struct {
	file *os.File
	ends []int64 // where the text of each number ends
}

// readSharedStrings copies the texts of a part, without the readings of characters.
func readSharedStrings(part *zip.File, dir string) (s *sharedStrings, err error) {
	src, err := part.Open()
	if err != nil {
		return nil, errDamaged
	}
	defer src.Close()
	file, err := os.Create(filepath.Join(dir, "strings"))
	if err != nil {
		return nil, err
	}
	s = &sharedStrings{file: file}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	out := bufio.NewWriterSize(file, 64<<10)
	end, reading := int64(0), false
	t := newTags(src)
	for t.next() {
		switch string(t.name) {
		case "rPh":
			reading = true
		case "/rPh":
			reading = false
		case "/t":
			if !reading {
				n, _ := out.WriteString(t.plain()) // Flush returns the error
				end += int64(n)
			}
		case "/si":
			s.ends = append(s.ends, end)
		}
	}
	if !errors.Is(t.err, io.EOF) {
		return nil, errDamaged
	}
	return s, out.Flush()
}

// text returns the text of a number; false when there is none.
func (s *sharedStrings) text(n int) (string, bool) {
	if s == nil || n < 0 || n >= len(s.ends) {
		return "", false
	}
	from := int64(0)
	if n > 0 {
		from = s.ends[n-1]
	}
	text := make([]byte, s.ends[n]-from)
	_, err := s.file.ReadAt(text, from)
	return string(text), err == nil
}

func (s *sharedStrings) close() {
	if s != nil {
		s.file.Close()
	}
}
