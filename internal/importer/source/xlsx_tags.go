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

// tags reads the tags of an XML text one after the other. That is all that the parts of a
// workbook need, and many times as fast as decoding them.
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
	t.text = t.text[:0]
	for markup := true; markup; {
		t.text = t.until(t.text, '<')
		t.tag = t.until(t.tag[:0], '>')
		markup = t.skipMarkup()
	}
	if t.err != nil {
		return false
	}
	t.tag, t.empty = bytes.CutSuffix(t.tag, []byte{'/'})
	name := t.tag
	if end := bytes.IndexAny(name, " \t\r\n"); end >= 0 {
		name = name[:end]
	}
	prefix, name, found := bytes.Cut(name, []byte{':'})
	switch {
	case !found:
		t.name = prefix
	case bytes.HasPrefix(prefix, []byte{'/'}):
		t.name = append([]byte{'/'}, name...)
	default:
		t.name = name
	}
	if len(t.name) == 0 {
		t.err = errDamaged
	}
	return t.err == nil
}

// markups are how what is no tag begins and ends, without the brackets.
var markups = []struct{ begin, end string }{{cdata, "]]"}, {"!--", "--"}, {"!", ""}, {"?", "?"}}

const cdata = "![CDATA["

// skipMarkup reads the rest of what is read as a tag. It reports whether that is none, but a
// comment, a declaration or an instruction, or text that is quoted as CDATA.
func (t *tags) skipMarkup() bool {
	for _, m := range markups {
		if !bytes.HasPrefix(t.tag, []byte(m.begin)) {
			continue
		}
		for t.err == nil && !bytes.HasSuffix(t.tag[len(m.begin):], []byte(m.end)) {
			t.tag = t.until(append(t.tag, '>'), '>')
		}
		if m.begin == cdata && t.err == nil {
			t.text = append(t.text, t.tag[len(cdata):len(t.tag)-len(m.end)]...)
		}
		return t.err == nil
	}
	quote := byte(0) // in which the tag may have its end
	for from := 0; t.err == nil; {
		for _, c := range t.tag[from:] {
			if quote == 0 && (c == '"' || c == '\'') {
				quote = c
			} else if c == quote {
				quote = 0
			}
		}
		if quote == 0 {
			break
		}
		from = len(t.tag)
		t.tag = t.until(append(t.tag, '>'), '>')
	}
	return false
}

// until appends what is read up to a delimiter, without it.
func (t *tags) until(to []byte, delim byte) []byte {
	for t.err == nil {
		read, err := t.src.ReadSlice(delim)
		to = append(to, read...)
		switch {
		case len(to) > maxRow:
			t.err = errDamaged
		case err == nil:
			return to[:len(to)-1]
		case err != bufio.ErrBufferFull:
			t.err = err
		}
	}
	return to
}

// attribute returns an attribute of the tag by its name, without regard to prefixes.
func (t *tags) attribute(name string) []byte {
	for rest := t.tag; ; {
		before, value, found := bytes.Cut(rest, []byte{'='})
		value = bytes.TrimLeft(value, blanks)
		if !found || len(value) < 2 {
			return nil
		}
		before = bytes.TrimRight(before, blanks)
		named := bytes.HasSuffix(before, []byte(name)) && len(before) > len(name)
		value, rest, _ = bytes.Cut(value[1:], value[:1])
		if named {
			if c := before[len(before)-len(name)-1]; c == ':' || c <= ' ' {
				return value
			}
		}
	}
}

// attributeText returns an attribute without its escapes.
func (t *tags) attributeText(name string) string { return plainText(t.attribute(name)) }

// number returns an attribute that is a number, or else another one.
func (t *tags) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(string(t.attribute(name))); err == nil {
		return n
	}
	return otherwise
}

// plain returns the text before the tag without its escapes.
func (t *tags) plain() string { return plainText(t.text) }

// escaped are characters that XML does not have, as workbooks write them.
var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func plainText(raw []byte) string {
	text := string(raw)
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
