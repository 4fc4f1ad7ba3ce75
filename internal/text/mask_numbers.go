package text

import (
	"slices"
	"strings"
)

// Numbers are the telephone numbers that belong to a text, such as those of the
// customer whom it is about. Beside what looks like a number, they are hidden in
// it however they are written. The zero Numbers are none.
type Numbers struct {
	// known are their digits, each with four or more.
	known []string
}

// tailDigits is how many of a number's last digits tell that a text holds it: with
// fewer, much else would be hidden.
const tailDigits = 6

// NumbersOf answers the numbers in some addresses: all the digits of each, and
// whatever in it is a number of its own, such as what is before an extension, or the
// first of two.
func NumbersOf(addresses ...string) (n Numbers) {
	for _, a := range addresses {
		m := scan(a, sepLine)
		digits, spots := m.values()
		n.add(digits, hiddenDigits)
		for _, r := range m.runs {
			if r.len() < minDigits {
				continue
			}
			for group := range m.groups(r) {
				n.add(digitsOf(group, digits, spots), minDigits)
			}
			n.add(digitsOf(r, digits, spots), minDigits)
		}
	}
	return n
}

// add keeps a number of so many digits or more, once.
func (n *Numbers) add(digits []byte, least int) {
	if len(digits) >= least && !slices.Contains(n.known, string(digits)) {
		n.known = append(n.known, string(digits))
	}
}

// digitsOf are those of the digits whose spots are in a run.
func digitsOf(r run, digits []byte, spots []int) []byte {
	from, _ := slices.BinarySearch(spots, r.from)
	to, _ := slices.BinarySearch(spots, r.to)
	return digits[from:to]
}

// MaskText is the MaskText of this package, and hides these numbers as well:
//   - their last four digits, wherever the last six follow one another in the text,
//     whatever is between them: "0171/123456" beside +49171123456;
//   - four or five digits that stand alone and are the last of one.
func (n Numbers) MaskText(s string) string { return n.mask(s, sepText) }

// MaskLine is MaskText for what is shown as one line: line ends are blanks.
func (n Numbers) MaskLine(s string) string { return n.mask(s, sepLine) }

// MaskName is MaskLine for a name, where slashes and the like do not part a number.
func (n Numbers) MaskName(s string) string { return n.mask(s, sepName) }

// In tells whether MaskLine would hide something.
func (n Numbers) In(s string) bool {
	if !n.mayBeIn(s) {
		return false
	}
	return n.scan(s, sepLine).changes()
}

func (n Numbers) mask(s string, w separators) string {
	if !n.mayBeIn(s) {
		return s
	}
	return n.scan(s, w).masked()
}

// mayBeIn tells quickly that nothing is to be hidden in most texts.
func (n Numbers) mayBeIn(s string) bool {
	few := minDigits
	if len(n.known) > 0 {
		few = hiddenDigits
	}
	return len(s) >= few && digitsIn(s, few) == few
}

func (n Numbers) scan(s string, w separators) *digitScan {
	m := scan(s, w)
	for _, r := range m.runs {
		m.hideRun(r)
	}
	if len(n.known) == 0 {
		return m
	}
	digits, spots := m.values()
	for _, number := range n.known {
		m.hideTails(number, string(digits), spots)
		m.hideStandalone(number, string(digits), spots)
	}
	return m
}

// values are all the digits of the text as ASCII, and the spot of each.
func (m *digitScan) values() (digits []byte, spots []int) {
	for i, s := range m.digits {
		r := []rune(m.text[s.start : s.start+s.size])[0]
		digits = appendValue(digits, r)
		for len(spots) < len(digits) {
			spots = append(spots, i)
		}
	}
	return digits, spots
}

// hideTails hides a number wherever its last digits follow one another.
func (m *digitScan) hideTails(number, digits string, spots []int) {
	if len(number) < tailDigits {
		return
	}
	tail := number[len(number)-tailDigits:]
	for from := 0; ; {
		i := strings.Index(digits[from:], tail)
		if i < 0 {
			return
		}
		end := from + i + tailDigits
		for _, spot := range spots[end-hiddenDigits : end] {
			m.digits[spot].hide = true
		}
		from += i + 1
	}
}

// hideStandalone hides the last four or five digits of a number where they stand alone.
func (m *digitScan) hideStandalone(number, digits string, spots []int) {
	for from := 0; from < len(spots); {
		to := from + 1
		for to < len(spots) && !m.digits[spots[to]].separated {
			to++
		}
		if n := to - from; n >= hiddenDigits && n < tailDigits && strings.HasSuffix(number, digits[from:to]) {
			m.hideLast(spots[from], spots[to-1]+1)
		}
		from = to
	}
}
