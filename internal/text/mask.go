package text

import "strings"

// Hidden digits are written as this.
const maskedDigit = 'X'

const (
	// hiddenDigits is how many digits of a number are hidden.
	hiddenDigits = 4
	// minRun is how many digits look like a telephone number.
	minRun = 7
	// maxNumber is how many digits a single number is believed to have. What is longer
	// may be several, of which no end is known.
	maxNumber = 13
	// keptOfMany is how many digits of those are shown: with one more, the shortest
	// number that may begin there would show a digit that is to be hidden.
	keptOfMany = minRun - hiddenDigits
)

// MaskText hides the last four digits of whatever looks like a telephone number in
// a text of several lines: seven or more digits of any script (circled, raised and
// the like included) with nothing between them but blanks, dots, dashes, brackets
// and what cannot be seen. Each becomes an X, what is between them stays:
// "+1 555 123 4567" reads "+1 555 123 XXXX". Of more digits than one number has, and
// so perhaps several, no more than the first three stay.
//
// What has no number in it is answered as it is, without an allocation, and so is
// what was masked already.
func MaskText(s string) string { return Numbers{}.MaskText(s) }

// MaskLine is MaskText for what is shown as one line: line ends are blanks.
func MaskLine(s string) string { return Numbers{}.MaskLine(s) }

// MaskName is MaskLine for a name, where slashes, commas and the like may be between
// the digits of a number too: "Otto 0171/123456".
func MaskName(s string) string { return Numbers{}.MaskName(s) }

// HasNumber tells whether MaskLine would hide something.
func HasNumber(s string) bool { return Numbers{}.In(s) }

// MaskAddress hides the last four digits of an address, of whatever script and
// wherever in it they are, and all when there are fewer; whatever else in it looks
// like a number of its own loses its last four too. Of what was masked before, more
// is hidden.
func MaskAddress(s string) string {
	m := scan(s, inLine)
	if len(m.spots) == 0 {
		return s
	}
	m.hideLast(0, len(m.spots))
	for _, r := range m.runs {
		switch {
		case r.len() < minRun:
		case r.len() <= maxNumber || r.len() <= maxE164 && m.oneGroup(r):
			m.hideLast(r.from, r.to)
			m.hideGroups(r)
		default:
			m.hideRun(r)
		}
	}
	return m.text()
}

// hideRun hides what must not be seen of a run.
func (m *masking) hideRun(r run) {
	n := r.len()
	switch {
	case n < minRun:
		return
	case n < minRun+hiddenDigits-1 && r.hidden >= hiddenDigits:
		return // it was done
	case n > maxNumber:
		m.hide(r.from+keptOfMany, r.to)
		return
	}
	m.hideGroups(r)
	from := r.to - hiddenDigits
	for group := range m.groups(r) {
		// "555 123 4567 12": the four that end a number go together.
		if group.len() == hiddenDigits && group.from < from && from < group.to {
			from = group.from
		}
	}
	m.hide(from, r.to)
}

// hideGroups hides what must not be seen of digits that stand together: they may be
// a number, and those beside them something else.
func (m *masking) hideGroups(r run) {
	for group := range m.groups(r) {
		if group.len() >= minRun {
			m.hideLast(group.from, group.to)
		}
	}
}

// text is the text with what is to be hidden replaced.
func (m *masking) text() string {
	hidden := 0
	for _, s := range m.spots {
		if s.hide {
			hidden++
		}
	}
	if hidden == 0 {
		return m.of
	}
	var b strings.Builder
	b.Grow(len(m.of))
	at := 0
	for _, s := range m.spots {
		if s.hide {
			b.WriteString(m.of[at:s.at])
			b.WriteByte(maskedDigit)
			at = s.at + s.size
		}
	}
	b.WriteString(m.of[at:])
	return b.String()
}

// changes tells whether anything is to be hidden.
func (m *masking) changes() bool {
	for _, s := range m.spots {
		if s.hide {
			return true
		}
	}
	return false
}
