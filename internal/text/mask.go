package text

import "strings"

// Hidden digits are written as this.
const maskedDigit = 'X'

const (
	// hiddenDigits is how many digits of a number are hidden.
	hiddenDigits = 4
	// minDigits is how many digits look like a telephone number.
	minDigits = 7
	// maxDigits is how many digits a single number is believed to have. What is longer
	// may be several, of which no end is known.
	maxDigits = 13
	// shownOfLong is how many digits of those are shown: with one more, the shortest
	// number that may begin there would show a digit that is to be hidden.
	shownOfLong = minDigits - hiddenDigits
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
	m := scan(s, sepLine)
	if len(m.digits) == 0 {
		return s
	}
	m.hideLast(0, len(m.digits))
	for _, r := range m.runs {
		switch {
		case r.len() < minDigits:
		case r.len() <= maxDigits || r.len() <= maxE164 && m.oneGroup(r):
			m.hideLast(r.from, r.to)
			m.hideGroups(r)
		default:
			m.hideRun(r)
		}
	}
	return m.masked()
}

// hideRun hides what must not be seen of a run.
func (m *digitScan) hideRun(r run) {
	n := r.len()
	switch {
	case n < minDigits:
		return
	case n < minDigits+hiddenDigits-1 && r.hidden >= hiddenDigits:
		return // it was done
	case n > maxDigits:
		m.hide(r.from+shownOfLong, r.to)
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
func (m *digitScan) hideGroups(r run) {
	for group := range m.groups(r) {
		if group.len() >= minDigits {
			m.hideLast(group.from, group.to)
		}
	}
}

// masked is the text with what is to be hidden replaced.
func (m *digitScan) masked() string {
	hidden := 0
	for _, s := range m.digits {
		if s.hide {
			hidden++
		}
	}
	if hidden == 0 {
		return m.text
	}
	var b strings.Builder
	b.Grow(len(m.text))
	at := 0
	for _, s := range m.digits {
		if s.hide {
			b.WriteString(m.text[at:s.start])
			b.WriteByte(maskedDigit)
			at = s.start + s.size
		}
	}
	b.WriteString(m.text[at:])
	return b.String()
}

// changes tells whether anything is to be hidden.
func (m *digitScan) changes() bool {
	for _, s := range m.digits {
		if s.hide {
			return true
		}
	}
	return false
}
