package text

import "strings"

const (
	maskedDigit = 'X'
	maskedEnd   = "XXXX"
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
// and invisible characters; line ends count as blanks. "+15551234567" becomes
// "+1555123XXXX".
//
// A number may end at any of these separators, and other digits may follow it. So the
// four digits before each one are replaced, if seven digits precede it: "22 33 48 91 (120)"
// becomes "22 33 XX XX (XXX)". Of more than 13 digits, which may be several numbers, only
// the first three remain.
//
// Text without a number, or already masked, is returned unchanged and without an
// allocation.
func MaskLine(s string) string { return Numbers{}.MaskLine(s) }

// MaskName is MaskLine for names, where slashes, commas and the like may separate the
// digits of a number too: "Otto 0171/123456".
func MaskName(s string) string { return Numbers{}.MaskName(s) }

// MaskAddress masks the last four digits of an address, wherever they are in it, or all
// if there are fewer. Whatever separates its digits may end a number, as in MaskLine.
// It is not idempotent: a masked address loses more digits.
func MaskAddress(s string) string {
	m := scan(s, sepLine)
	if len(m.digits) == 0 {
		return s
	}
	all := run{0, len(m.digits)}
	m.hideLast(all.from, all.to)
	m.hideEnds(all)
	for _, r := range m.runs {
		if r.len() > maxDigits && !(r.len() <= maxE164 && m.isGroup(r)) {
			m.hide(r.from+shownOfLong, r.to)
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
	case n > maxDigits:
		d.hide(r.from+shownOfLong, r.to)
		return
	case n <= maxDigits-hiddenDigits && strings.HasPrefix(d.text[d.end(r.to):], maskedEnd):
		r.to-- // masked before: the number goes on
	}
	d.hideEnds(r)
}

// hideEnds hides the last four digits of every number that may begin where r does.
func (d *digitScan) hideEnds(r run) {
	for to := r.from + minDigits; to <= r.to; to++ {
		if d.endsGroup(to) {
			d.hideLast(r.from, to)
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
