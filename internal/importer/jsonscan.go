package importer

import (
	"bytes"
	"encoding/json"
	"strings"
)

// layout is how a JSON file holds its records.
type layout uint8

const (
	layoutArray  layout = iota // one after the other in an array
	layoutLines                // one a line
	layoutStream               // one after the other, over several lines
)

const jsonSpace = " \t\r\n"

// valueReader splits JSON text into its records without understanding them, so
// that one that is broken costs no other.
type valueReader struct {
	w      *window
	layout layout
	done   bool
	taken  int // values of an array
}

// newValueReader looks at the beginning and goes to the first record.
func newValueReader(w *window) *valueReader {
	r := &valueReader{w: w}
	w.skipSpace(jsonSpace)
	for len(w.data()) < sampleSize && !w.ended() {
		w.more()
	}
	data := w.data()
	if len(data) > 0 && data[0] == '[' {
		w.skip(1)
		return r
	}
	if n := wrappedArray(data, 0); n > 0 {
		w.skip(n)
		return r
	}
	r.layout = layoutStream
	line, _, _ := bytes.Cut(data, []byte{'\n'})
	if line = bytes.TrimSpace(line); len(line) > 0 && json.Valid(line) {
		r.layout = layoutLines
	}
	return r
}

// wrappedArray answers how far it is to the first record of an object that only
// wraps an array of them, such as {"customers":[…]}; 0 when there is none.
func wrappedArray(data []byte, depth int) int {
	i := 1
	for depth < 4 {
		i += skipBytes(data[i:], jsonSpace+",")
		n, whole := valueEnd(data[i:])
		if !whole || data[i] != '"' {
			return 0
		}
		key := headerKey(string(data[i : i+n]))
		if i += n; !strings.HasPrefix(string(bytes.TrimLeft(data[i:], jsonSpace)), ":") {
			return 0
		}
		i += skipBytes(data[i:], jsonSpace+":")
		if i == len(data) {
			return 0
		}
		rest := bytes.TrimLeft(data[i+1:], jsonSpace)
		switch {
		case isRecordKey(key):
			return 0
		case data[i] == '[' && isWrapperKey(key) && len(rest) > 0 && (rest[0] == '{' || rest[0] == ']'):
			return i + 1
		case data[i] == '{' && isWrapperKey(key):
			if inner := wrappedArray(data[i:], depth+1); inner > 0 {
				return i + inner
			}
		}
		n, whole = valueEnd(data[i:])
		if !whole {
			return 0
		}
		i += n
	}
	return 0
}

func skipBytes(data []byte, cutset string) int {
	return len(data) - len(bytes.TrimLeft(data, cutset))
}

// isWrapperKey tells whether an array or object under this key can be the export.
func isWrapperKey(key string) bool {
	switch key {
	case "customers", "contacts", "objects", "data", "items", "results", "records", "rows", "value", "values",
		"people", "persons", "list", "response", "result", "export", "clients", "leads", "kunden", "kontakte":
		return true
	}
	return false
}

// isRecordKey tells whether an object with this key is itself a customer.
func isRecordKey(key string) bool {
	switch key {
	case "customerid", "displayname", "name", "firstname", "lastname", "fullname", "channels", "email", "phone":
		return true
	}
	return false
}

// next answers the following record; false at the end.
func (r *valueReader) next() (item, bool) {
	indent, ok := r.separate()
	if !ok && r.layout == layoutArray && !r.done {
		r.done = true
		return item{line: r.w.line, number: r.taken + 1, bad: "the file ends before the list of customers does"}, true
	}
	if !ok || r.done {
		return item{}, false
	}
	if r.layout == layoutLines {
		it := item{line: r.w.line}
		it.raw, ok = r.w.takeLine()
		return it, ok
	}
	if r.layout == layoutArray && r.w.data()[0] == ']' {
		r.w.skip(1)
		r.done = true
		return item{}, false
	}
	number := 0
	if r.layout == layoutArray {
		r.taken++
		number = r.taken
	}
	for {
		it := item{line: r.w.line, number: number}
		n, whole := valueEnd(r.w.data())
		switch {
		case whole:
			it.raw = r.w.take(n)
			return it, true
		case n < 0 || r.w.full() || r.w.ended():
			return r.resume(it, indent), true
		}
		r.w.more()
	}
}

// separate goes to the next record and answers how far its line is indented, -1
// when it does not begin a line; false at the end.
func (r *valueReader) separate() (indent int, ok bool) {
	for indent = -1; ; {
		rest := bytes.TrimLeft(r.w.data(), jsonSpace+",")
		skipped := r.w.data()[:len(r.w.data())-len(rest)]
		if i := bytes.LastIndexByte(skipped, '\n'); i >= 0 {
			indent = len(skipped) - i - 1
		} else if indent >= 0 {
			indent += len(skipped)
		}
		r.w.skip(len(skipped))
		if len(rest) > 0 {
			return indent, true
		}
		if r.w.ended() {
			return 0, false
		}
		r.w.more()
	}
}

// resume gives a broken record up and goes to the line on which another begins:
// one as far indented as this.
func (r *valueReader) resume(it item, indent int) item {
	it.bad = "it is not valid JSON: a quotation mark or bracket is missing"
	var raw strings.Builder
	for {
		line, ok := r.w.takeLine()
		if !ok {
			it.bad, r.done = "it is not valid JSON: the file ends before it does", true
			break
		}
		if raw.Len() < maxRecord {
			raw.WriteString(line + "\n")
		}
		for len(r.w.data()) < 4096 && !r.w.ended() {
			r.w.more()
		}
		next := bytes.TrimLeft(r.w.data(), " \t")
		if len(next) > 0 && (next[0] == '{' || next[0] == ']') && (indent < 0 || indent == len(r.w.data())-len(next)) {
			break
		}
	}
	it.raw = strings.TrimRight(raw.String(), jsonSpace+",")
	return it
}

// valueEnd answers how long the JSON value at the beginning of data is, and
// whether its end was seen; -1 when it cannot end well, because a text in it runs
// over the end of a line or brackets do not match.
func valueEnd(data []byte) (n int, whole bool) {
	depth, deepest := 0, 0
	arrays := uint64(0) // a bit for each open bracket, while there are at most 64
	for i := 0; i < len(data); i++ {
		switch c := data[i]; c {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
			arrays <<= 1
			if c == '[' {
				arrays |= 1
			}
		case '}', ']':
			if depth == 0 {
				return max(i, 1), true
			}
			if deepest <= 64 && (arrays&1 == 1) != (c == ']') {
				return -1, false
			}
			arrays >>= 1
			if depth--; depth == 0 {
				return i + 1, true
			}
		case '"':
			end, ok := stringEnd(data[i:])
			if end < 0 {
				return -1, false
			}
			if i += end - 1; !ok {
				return len(data), false
			}
			if depth == 0 {
				return i + 1, true
			}
		case ' ', '\t', '\r', '\n', ',':
			if depth == 0 && i > 0 {
				return i, true
			}
		}
	}
	return len(data), false
}

// stringEnd answers how long the text in quotation marks at the beginning is; -1
// when it holds the end of a line, which no text does.
func stringEnd(data []byte) (n int, whole bool) {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1, true
		case '\n':
			return -1, false
		}
	}
	return len(data), false
}
