package text

import "slices"

// Numbers are known phone numbers, such as those of a customer. Its methods mask them in
// any notation, and everything that looks like a number. The zero Numbers holds none.
type Numbers struct {
	known []int // endingOf their last four, five and six digits, sorted
}

// tailDigits is how many of a number's last digits identify it in a text.
const tailDigits = 6

// NumbersOf returns the numbers in addresses: all digits of each, and those before
// everything that may end a number, such as an extension or a second one.
func NumbersOf(addresses ...string) (n Numbers) {
	for _, a := range addresses {
		m := scan(a, sepLine)
		digits, positions := m.values()
		for to := hiddenDigits; to <= len(digits); to++ {
			if to < len(digits) && (to < minDigits || positions[to] == positions[to-1] || !m.endsGroup(positions[to])) {
				continue
			}
			for size := hiddenDigits; size <= min(tailDigits, to); size++ {
				n.known = append(n.known, endingOf(digits[to-size:to]))
			}
		}
	}
	slices.Sort(n.known)
	n.known = slices.Compact(n.known)
	return n
}

// endingOf returns digits as a number with a 1 before them, which keeps leading zeros.
func endingOf(digits []byte) int {
	n := 1
	for _, d := range digits {
		n = 10*n + int(d-'0')
	}
	return n
}

// have reports whether a known number ends in digits, of which there are four to six.
func (n Numbers) have(digits []byte) bool {
	_, ok := slices.BinarySearch(n.known, endingOf(digits))
	return ok
}

// MaskText is the package's MaskLine for a text of several lines, where slashes may separate
// digits too ("030/654321"), and also masks the known numbers:
//   - their last four digits, wherever the last six follow one another, whatever
//     separates them: "0171,12_34:56" if +49171123456 is known;
//   - four or five digits that stand alone and end a known number.
func (n Numbers) MaskText(s string) string { return n.mask(s, sepText) }

// MaskLine is MaskText for text shown as one line: line ends count as blanks, and slashes
// separate numbers, as in links.
func (n Numbers) MaskLine(s string) string { return n.mask(s, sepLine) }

// MaskName is MaskLine for names, where slashes, commas and the like may separate digits.
func (n Numbers) MaskName(s string) string { return n.mask(s, sepName) }

// MaskKnown masks the known numbers only, in a text of several lines.
func (n Numbers) MaskKnown(s string) string {
	if len(n.known) == 0 || digitsIn(s, hiddenDigits) < hiddenDigits {
		return s
	}
	m := scan(s, sepText)
	m.hideKnown(n)
	return m.masked()
}

// In reports whether MaskLine would change s.
func (n Numbers) In(s string) bool {
	if !n.mayBeIn(s) {
		return false
	}
	return n.scan(s, sepLine).changes()
}

func (n Numbers) mask(s string, sep separators) string {
	if !n.mayBeIn(s) {
		return s
	}
	return n.scan(s, sep).masked()
}

// mayBeIn is a quick check that rules out most texts.
func (n Numbers) mayBeIn(s string) bool {
	need := minDigits
	if len(n.known) > 0 {
		need = hiddenDigits
	}
	return len(s) >= need && digitsIn(s, need) == need
}

func (n Numbers) scan(s string, sep separators) *digitScan {
	m := scan(s, sep)
	for _, r := range m.runs {
		m.hideRun(r)
	}
	if len(n.known) > 0 {
		m.hideKnown(n)
	}
	return m
}

// hideKnown hides the known numbers: wherever the last six digits of one follow one
// another, and where the last four or five stand alone.
func (d *digitScan) hideKnown(n Numbers) {
	digits, positions := d.values()
	from := 0 // the first digit after something visible
	for to := 1; to <= len(digits); to++ {
		if to >= tailDigits && n.have(digits[to-tailDigits:to]) {
			for _, pos := range positions[to-hiddenDigits : to] {
				d.digits[pos].hide = true
			}
		}
		if to < len(digits) && (positions[to] == positions[to-1] || !d.digits[positions[to]].separated) {
			continue
		}
		if size := to - from; size >= hiddenDigits && size < tailDigits && n.have(digits[from:to]) {
			d.hideLast(positions[from], positions[to-1]+1)
		}
		from = to
	}
}

// values returns all digits as ASCII, and for each its position in m.digits.
func (d *digitScan) values() (digits []byte, positions []int) {
	for i, s := range d.digits {
		r := []rune(d.text[s.start : s.start+s.size])[0]
		digits = appendValue(digits, r)
		for len(positions) < len(digits) {
			positions = append(positions, i)
		}
	}
	return digits, positions
}
