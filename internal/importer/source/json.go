package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// layout is how a JSON file holds its records.
type layout uint8

const (
	layoutArray  layout = iota // one after the other in an array
	layoutLines                // one a line
	layoutStream               // one after the other, over several lines
)

const blanks = " \t\r\n"

// Objects is a JSON file of any layout. It splits the text into its records without
// parsing them, so that a broken one does not affect others.
type Objects struct {
	text   *buffer
	layout layout
	done   bool
	items  int // read of arrays
	around int // how many objects are around the array
	// hasIDs reports whether the records are in an object, under their ids.
	hasIDs bool
}

func isJSON(head []byte) bool {
	rest := bytes.TrimLeft(head[1:], blanks)
	switch head[0] { // and not a CSV whose first column has an odd name
	case '[':
		return len(rest) == 0 || strings.IndexByte(`{[]"`, rest[0]) >= 0
	case '{':
		return len(rest) == 0 || rest[0] == '"' || rest[0] == '}'
	}
	return false
}

// openObjects detects the layout and skips what is before the first record.
func openObjects(in *input) (Reader, error) {
	r := &Objects{text: in.text}
	if r.enterArray() {
		return r, nil
	}
	r.layout = layoutStream
	line, _, _ := bytes.Cut(r.text.data(), []byte{'\n'})
	if line = bytes.TrimSpace(line); len(line) > 0 && json.Valid(line) {
		r.layout = layoutLines
	}
	return r, nil
}

// enterArray skips to the first record of an array that the text begins with. It returns
// false when there is none.
func (o *Objects) enterArray() bool {
	o.text.skipAll(blanks + ",")
	for len(o.text.data()) < sampleSize && !o.text.ended() {
		o.text.fill()
	}
	data := o.text.data()
	n := 0
	switch {
	case len(data) == 0:
	case data[0] == '[':
		n, o.around = firstPage(data[1:])
		n++
	case data[0] == '{':
		n, o.around = wrappedArray(data, 0)
	}
	o.hasIDs = n > 0 && data[n-1] == '{'
	o.text.skip(n)
	return n > 0
}

// endArray skips what is around an array after its end, such as the address of the next
// page. It returns false when the text ends before that does.
func (o *Objects) endArray() bool {
	o.text.skip(1)
	for o.around > 0 {
		if !o.text.skipAll(blanks + ",:") {
			return false
		}
		if o.text.data()[0] == '}' {
			o.text.skip(1)
			o.around--
			continue
		}
		n, whole := o.value()
		if !whole {
			return false
		}
		o.text.skip(n)
	}
	return true
}

// value returns how long the value at the beginning of the text is. whole reports whether
// it has an end; else n is as valueEnd says.
func (o *Objects) value() (n int, whole bool) {
	for {
		data, ended, full := o.text.window()
		if n, whole = valueEnd(data); whole || n < 0 || full || ended {
			return n, whole
		}
		o.text.fill()
	}
}

// Err returns the error that reading ended with.
func (o *Objects) Err() error { return o.text.failure() }

// Object returns the object that a row is, or why it is none. Numbers in it are
// [json.Number].
func (o *Objects) Object(row Row) (object map[string]any, malformed string) {
	if row.Malformed != "" {
		return nil, row.Malformed
	}
	decoder := json.NewDecoder(strings.NewReader(row.Raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) && syntax.Offset > 0 {
			before := row.Raw[:min(len(row.Raw), int(syntax.Offset))]
			return nil, "invalid JSON on line " + strconv.Itoa(row.Line+strings.Count(before, "\n"))
		}
		return nil, "invalid JSON"
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, "invalid JSON: more text follows the record"
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, "not a JSON object"
	}
	return object, ""
}

// Next returns the next record.
func (o *Objects) Next() (Row, bool) {
	indent, ok := o.separate()
	for ok && !o.done && o.layout == layoutArray && o.text.data()[0] == o.end() {
		if !o.endArray() || !o.enterArray() { // the next of several pages
			return o.rest()
		}
		indent, ok = o.separate()
	}
	if !ok && o.layout == layoutArray && !o.done {
		o.done = true
		return Row{Line: o.text.line, Item: o.items + 1, Malformed: "the file ends before the customer list does"}, true
	}
	if !ok || o.done {
		return Row{}, false
	}
	if o.layout == layoutLines {
		row := Row{Line: o.text.line}
		row.Raw, ok = o.text.takeLine()
		return row, ok
	}
	row := Row{Line: o.text.line}
	if o.layout == layoutArray {
		o.items++
		row.Item = o.items
	}
	n, whole := o.value()
	if whole && o.hasIDs {
		o.text.skip(n)
		o.text.skipAll(blanks + ":")
		n, whole = o.value()
	}
	if whole {
		row.Raw = o.text.take(n)
		return row, true
	}
	o.text.giveUp(max(n, -n))
	return o.resume(row, indent), true
}

// end is what ends the records.
func (o *Objects) end() byte {
	if o.hasIDs {
		return '}'
	}
	return ']'
}

// rest returns what follows the last array as a row, if it may hold customers.
func (o *Objects) rest() (Row, bool) {
	o.done = true
	row := Row{Line: o.text.line, Item: o.items + 1, Malformed: "more text follows the end of the customer list"}
	row.Raw, _ = o.text.takeLine()
	return row, strings.ContainsAny(row.Raw, "{[")
}

// separate skips to the next record. It returns how far its line is indented, -1 when
// the record does not begin a line, and false at the end.
func (o *Objects) separate() (indent int, ok bool) {
	for indent = -1; ; {
		rest := bytes.TrimLeft(o.text.data(), blanks+",")
		skipped := o.text.data()[:len(o.text.data())-len(rest)]
		if i := bytes.LastIndexByte(skipped, '\n'); i >= 0 {
			indent = len(skipped) - i - 1
		} else if indent >= 0 {
			indent += len(skipped)
		}
		o.text.skip(len(skipped))
		if len(rest) > 0 {
			return indent, true
		}
		if o.text.ended() {
			return 0, false
		}
		o.text.fill()
	}
}

// resume skips a broken record, up to the line on which another begins: one that is
// indented as far as this.
func (o *Objects) resume(row Row, indent int) Row {
	row.Malformed = "invalid JSON: a quotation mark or bracket is missing"
	var raw strings.Builder
	for {
		line, ok := o.text.takeLine()
		if !ok {
			row.Malformed, o.done = "invalid JSON: the file ends too early", true
			break
		}
		if raw.Len() < maxRow {
			raw.WriteString(line + "\n")
		}
		for len(o.text.data()) < 4096 && !o.text.ended() {
			o.text.fill()
		}
		next := bytes.TrimLeft(o.text.data(), " \t")
		if len(next) > 0 && (next[0] == '{' || next[0] == ']') && (indent < 0 || indent == len(o.text.data())-len(next)) {
			break
		}
	}
	row.Raw = strings.TrimRight(raw.String(), blanks+",")
	return row
}
