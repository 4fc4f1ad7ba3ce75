package text

import (
	"slices"
	"strings"
)

// Numbers are known phone numbers, such as those of a customer. Its methods mask them in
// any notation, and everything that looks like a number. The zero Numbers holds none.
type Numbers struct {
	known []string // digits, four or more each
}

// tailDigits is how many of a number's last digits identify it in a text.
const tailDigits = 6

// NumbersOf returns the numbers in addresses: all digits of each, and every part that is
// a number itself, such as the one before an extension or the first of two.
func NumbersOf(addresses ...string) (n Numbers) {
	for _, a := range addresses {
		m := scan(a, sepLine)
		digits, positions := m.values()
		n.add(digits, hiddenDigits)
		for _, r := range m.runs {
			if r.len() < minDigits {
				continue
			}
			for group := range m.groups(r) {
				n.add(digitsOf(group, digits, positions), minDigits)
			}
			n.add(digitsOf(r, digits, positions), minDigits)
		}
	}
	return n
}

// add adds a number of at least atLeast digits, once.
func (n *Numbers) add(digits []byte, atLeast int) {
	if len(digits) >= atLeast && !slices.Contains(n.known, string(digits)) {
		n.known = append(n.known, string(digits))
	}
}

// digitsOf returns the digits whose positions are in a run.
func digitsOf(r run, digits []byte, positions []int) []byte {
	from, _ := slices.BinarySearch(positions, r.from)
	to, _ := slices.BinarySearch(positions, r.to)
	return digits[from:to]
}

// MaskText is the package's MaskLine for a text of several lines, and also masks the
// known numbers:
//   - their last four digits, wherever the last six follow one another, whatever
//     separates them: "0171/123456" if +49171123456 is known;
//   - four or five digits that stand alone and end a known number.
func (n Numbers) MaskText(s string) string { return n.mask(s, sepText) }

// MaskLine is MaskText for text shown as one line: line ends count as blanks.
func (n Numbers) MaskLine(s string) string { return n.mask(s, sepLine) }

// MaskName is MaskLine for names, where slashes and the like may separate digits too.
func (n Numbers) MaskName(s string) string { return n.mask(s, sepName) }

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
	if len(n.known) == 0 {
		return m
	}
	digits, positions := m.values()
	for _, number := range n.known {
		m.hideTails(number, string(digits), positions)
		m.hideStandalone(number, string(digits), positions)
	}
	return m
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

// hideTails hides a number wherever its last six digits follow one another.
func (d *digitScan) hideTails(number, digits string, positions []int) {
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
		for _, pos := range positions[end-hiddenDigits : end] {
			d.digits[pos].hide = true
		}
		from += i + 1
	}
}

// hideStandalone hides the last four or five digits of a number that stand alone.
func (d *digitScan) hideStandalone(number, digits string, positions []int) {
	for from := 0; from < len(positions); {
		to := from + 1
		for to < len(positions) && !d.digits[positions[to]].separated {
			to++
		}
		if n := to - from; n >= hiddenDigits && n < tailDigits && strings.HasSuffix(number, digits[from:to]) {
			d.hideLast(positions[from], positions[to-1]+1)
		}
		from = to
	}
}
