package importer

import "strings"

// A spreadsheet takes a cell that begins with an equals sign and the like for a
// formula, and one that is told another delimiter than the comma cuts cells apart at
// it, whatever the quotation marks say. So before every such sign that stands at a
// place where a cell could be thought to begin, guard puts an apostrophe, which makes
// it text. Where apostrophes stand there already, one more is put, so that unguard
// takes away exactly what guard put, and leaves what people typed.

// guard makes a cell harmless.
func guard(s string) string { return guarded(s, true) }

// unguard answers what guard was given.
func unguard(s string) string { return guarded(s, false) }

func guarded(s string, put bool) string {
	if !strings.ContainsAny(s, "=+-@＝＋－＠\t\r") {
		return s
	}
	var b strings.Builder
	done := 0 // what of s is in b
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
		if !isRisky(s[i:], marks == 0 || strings.TrimLeft(s[:marks], " ") == "") {
			continue // the character there may be an edge itself
		}
		switch {
		case put:
			b.WriteString(s[done:marks] + "'")
			done = marks
		case i > marks:
			b.WriteString(s[done:marks])
			done = marks + 1
		}
	}
	return b.String() + s[done:]
}

// isEdge tells a character after which a cell could be thought to begin.
func isEdge(c byte) bool { return c == ';' || c == '\t' || c == '\n' || c == '\r' }

// isRisky tells whether a cell that begins like this is no mere text. A tab, and a
// carriage return, at the very beginning may be dropped before the cell is looked at.
func isRisky(s string, first bool) bool {
	for _, sign := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, sign) {
			return true
		}
	}
	return first && s != "" && (s[0] == '\t' || s[0] == '\r')
}
