package cell

import "strings"

// A spreadsheet evaluates a cell that begins with an equals sign and the like as a
// formula, and one that is set to another delimiter than the comma splits cells at it
// despite the quotation marks. So Escape puts an apostrophe, which makes it
// text, before every such sign where a spreadsheet could see the beginning of a cell,
// and before a cell that it would write back as another number or as a date: isRetyped.
// Spreadsheets keep an apostrophe that they read from a CSV; the formula ="0123" would
// be gone when they save the file. Where apostrophes are already, Escape adds
// one, so that Unescape removes exactly what was added.

// Escape returns a cell that a spreadsheet neither evaluates nor changes.
func Escape(s string) string { return convertFormulas(s, true) }

// Unescape reverses Escape.
func Unescape(s string) string { return convertFormulas(s, false) }

// Guard returns a cell that a spreadsheet does not evaluate. It leaves numbers alone, and Text
// reverses it.
func Guard(s string) string {
	text := strings.TrimSpace(s)
	if !isFormula(text, false) || looksNumeric(text) || Text(text) != text {
		return s
	}
	return "'" + text
}

func convertFormulas(s string, escape bool) string {
	if !strings.ContainsAny(s, "=+-@＝＋－＠\t\r") && !isRetyped(strings.TrimLeft(s, " '")) {
		return s
	}
	var b strings.Builder
	done := 0 // how much of s is in b
	for i, edge := 0, true; i < len(s); {
		if !edge {
			edge = isEdge(s[i])
			i++
			continue
		}
		for i < len(s) && s[i] == ' ' {
			i++
		}
		marks := i
		for i < len(s) && s[i] == '\'' {
			i++
		}
		edge = false
		first := strings.TrimLeft(s[:marks], " ") == ""
		if !isFormula(s[i:], first) && !(first && isRetyped(s[i:])) {
			continue // the character there may be an edge itself
		}
		switch {
		case escape:
			b.WriteString(s[done:marks] + "'")
			done = marks
		case i > marks:
			b.WriteString(s[done:marks])
			done = marks + 1
		}
	}
	return b.String() + s[done:]
}

// isEdge reports whether a cell could begin after a character.
func isEdge(c byte) bool { return c == ';' || c == '\t' || c == '\n' || c == '\r' }

// isFormula reports whether a spreadsheet may evaluate a cell that begins like this. It
// may drop a tab or carriage return that comes first.
func isFormula(s string, first bool) bool {
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, sign) {
			return true
		}
	}
	return first && s != "" && (s[0] == '\t' || s[0] == '\r')
}
