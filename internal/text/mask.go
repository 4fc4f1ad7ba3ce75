package text

import "strings"

const (
	maskedDigit = 'X'
	// hiddenDigits is how many digits of a number are hidden.
	hiddenDigits = 4
	// minDigits is the least number of digits that looks like a phone number.
	minDigits = 7
	// maxDigits is the greatest number of digits that is taken for one number. More may
	// be several numbers whose ends are unknown.
	maxDigits = 13
	// shownOfLong is how many digits of those are shown: one more would be a hidden
	// digit of the shortest number that may begin there.
	shownOfLong = minDigits - hiddenDigits
)

// MaskLine replaces by X the last four digits of everything in a text shown as one line
// that looks like a phone number: seven or more digits of any script (circled and
// superscript ones included), separated only by blanks, dots, dashes, brackets
// and invisible characters; line ends count as blanks. "+1 555 123 4567" becomes
// "+1 555 123 XXXX". Of more than 13 digits, which may be several numbers, only the
// first three remain.
//
// Text without a number, or already masked, is returned unchanged and without an
// allocation.
func MaskLine(s string) string { return Numbers{}.MaskLine(s) }

// MaskName is MaskLine for names, where slashes, commas and the like may separate the
// digits of a number too: "Otto 0171/123456".
func MaskName(s string) string { return Numbers{}.MaskName(s) }

// MaskAddress masks the last four digits of an address, wherever they are in it, or all
// if there are fewer, and the last four of every part that looks like a number itself.
// It is not idempotent: a masked address loses more digits.
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

// hideRun hides the last digits of a run that looks like a number.
func (d *digitScan) hideRun(r run) {
	n := r.len()
	switch {
	case n < minDigits:
		return
	case n < minDigits+hiddenDigits-1 && r.hidden >= hiddenDigits:
		return // masked before
	case n > maxDigits:
		d.hide(r.from+shownOfLong, r.to)
		return
	}
	d.hideGroups(r)
	from := r.to - hiddenDigits
	for group := range d.groups(r) {
		// "555 123 4567 12": hide a whole group of four.
		if group.len() == hiddenDigits && group.from < from && from < group.to {
			from = group.from
		}
	}
	d.hide(from, r.to)
}

// hideGroups hides the last digits of every group that looks like a number itself.
func (d *digitScan) hideGroups(r run) {
	for group := range d.groups(r) {
		if group.len() >= minDigits {
			d.hideLast(group.from, group.to)
		}
	}
}

// masked returns the text with hidden digits replaced.
func (d *digitScan) masked() string {
	hidden := 0
	for _, s := range d.digits {
		if s.hide {
			hidden++
		}
	}
	if hidden == 0 {
		return d.text
	}
	var b strings.Builder
	b.Grow(len(d.text))
	at := 0
	for _, s := range d.digits {
		if s.hide {
			b.WriteString(d.text[at:s.start])
			b.WriteByte(maskedDigit)
			at = s.start + s.size
		}
	}
	b.WriteString(d.text[at:])
	return b.String()
}

// changes reports whether any digit is hidden.
func (d *digitScan) changes() bool {
	for _, s := range d.digits {
		if s.hide {
			return true
		}
	}
	return false
}
