package source

import (
	"bufio"
	"bytes"
	"html"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// tags reads the tags of an XML text one after the other. That is all that the large parts
// of a workbook need, and many times as fast as decoding them.
type tags struct {
	src *bufio.Reader
	// name is that of the tag without its prefix, as "c" or "/c"; <c/> is <c></c>. tag is all
	// of it, text what stands before it. They are valid until the next call of next.
	name, tag, text []byte
	empty           bool // a tag such as <c/>, whose end is still to come
	err             error
}

func newTags(src io.Reader) *tags { return &tags{src: bufio.NewReaderSize(src, 64<<10)} }

// next reads the next tag. It returns false at the end and when reading failed.
func (t *tags) next() bool {
	if t.empty {
		t.empty = false
		t.text, t.name = t.text[:0], append([]byte{'/'}, t.name...)
		return true
	}
	t.text = t.until(t.text[:0], '<')
	for t.err == nil {
		if t.tag = t.until(t.tag[:0], '>'); !bytes.HasPrefix(t.tag, []byte("![CDATA[")) {
			break
		}
		for t.err == nil && !bytes.HasSuffix(t.tag, []byte("]]")) {
			t.tag = t.until(append(t.tag, '>'), '>')
		}
		t.text = append(t.text, bytes.TrimSuffix(t.tag[len("![CDATA["):], []byte("]]"))...)
		t.text = t.until(t.text, '<')
	}
	if t.err != nil {
		return false
	}
	t.tag, t.empty = bytes.CutSuffix(t.tag, []byte{'/'})
	t.name, _, _ = bytes.Cut(t.tag, []byte{' '})
	t.name = bytes.TrimSpace(t.name)
	if colon := bytes.IndexByte(t.name, ':'); colon > 0 && t.name[0] == '/' {
		t.name = append([]byte{'/'}, t.name[colon+1:]...)
	} else {
		t.name = t.name[colon+1:]
	}
	if len(t.name) == 0 {
		t.err = errDamaged
	}
	return t.err == nil
}

// until appends what is read up to a delimiter, without it.
func (t *tags) until(to []byte, delim byte) []byte {
	for t.err == nil {
		read, err := t.src.ReadSlice(delim)
		if to = append(to, read...); err == nil {
			return to[:len(to)-1]
		}
		if err != bufio.ErrBufferFull {
			t.err = err
		} else if len(to) > maxRow {
			t.err = errDamaged
		}
	}
	return to
}

// attribute returns an attribute of the tag, by its name with what stands around it.
func (t *tags) attribute(name string) []byte {
	_, value, found := bytes.Cut(t.tag, []byte(name))
	if !found || len(value) < 2 {
		return nil
	}
	value, _, _ = bytes.Cut(value[1:], value[:1])
	return value
}

// number returns an attribute that is a number, or else another one.
func (t *tags) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(string(t.attribute(name))); err == nil {
		return n
	}
	return otherwise
}

// escaped are characters that XML does not have, as workbooks write them.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// plain returns the text before the tag without its escapes.
func (t *tags) plain() string {
	text := string(t.text)
	if strings.Contains(text, "&") {
		text = html.UnescapeString(text)
	}
	if strings.Contains(text, "_x") {
		text = escaped.ReplaceAllStringFunc(text, func(code string) string {
			n, _ := strconv.ParseUint(code[2:6], 16, 32)
			return string(rune(n))
		})
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}
