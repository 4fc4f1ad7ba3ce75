package importer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/importer/aliases"
	"github.com/clientele-project/clientele/internal/text"
)

// content is what the values of a column have in common, in the first rows.
type content uint8

const (
	// contentNothing: all are blank.
	contentNothing content = iota
	contentTexts
	// contentFlags: yes and no, in any language.
	contentFlags
	contentEmails
	// contentNumbers: numbers, and ids that only a program understands.
	contentNumbers
	// contentLinkedIn: pages of people on LinkedIn.
	contentLinkedIn
)

// meaning returns what a column with such values holds whose name suggests m.
func (c content) meaning(m meaning) meaning {
	if c == contentNothing {
		m.rank += 3 * worse
	}
	switch m.field {
	case fieldCompany:
		if c == contentFlags || c == contentNumbers {
			m.field = fieldNone // such as Customer account: 10023
		}
	case fieldName, fieldBareName, fieldOtherName:
		switch {
		case c == contentFlags && m.field == fieldOtherName:
			m.field = fieldNone // such as Customer: Yes
		case c == contentEmails || c == contentNumbers:
			m.field, m.rank = fieldOtherName, m.rank+worse
		}
	case fieldOwner: // best what people sign in with
		switch c {
		case contentTexts:
			m.rank += worse
		case contentNumbers:
			m.rank += 2 * worse
		}
	case fieldBarePhone:
		if m.field = fieldNone; c == contentNumbers {
			m.field = fieldPhone
		}
	case fieldLink:
		if c == contentLinkedIn && m.link == linkWebsite {
			m.link = linkLinkedIn
		}
	}
	return m
}

// with returns what a column contains with one more value.
func (c content) with(value content) content {
	if c == contentNothing || c == value {
		return value
	}
	return contentTexts
}

func contentOf(value string) content {
	switch {
	case aliases.Words("yes no")[text.Fold(value)]:
		return contentFlags
	case strings.Contains(value, "@") && !strings.Contains(value, " "):
		return contentEmails
	case strings.Contains(value, "linkedin.com/in/"):
		return contentLinkedIn
	case isNumberOrKey(value):
		return contentNumbers
	}
	return contentTexts
}

// isNumberOrKey reports whether a value is a number, or an id such as 0055g00000AbCdEFGH.
func isNumberOrKey(s string) bool {
	digit := strings.ContainsFunc(s, unicode.IsDigit)
	letter := strings.ContainsFunc(s, unicode.IsLetter)
	return digit && (!letter || len(s) >= 15 && !strings.Contains(s, " "))
}

var (
	// amounts matches the cells of a row that sums up a table, after the first.
	amounts = regexp.MustCompile(`^([€$£¥%\s-]*(\d{1,6}|\d+[.,]\d\d|\d{1,3}([.,]\d{3})+)?([.,]\d+)?[€$£¥%\s-]*(\t|$))+$`)
	// timeOfDay is in lines that say when a report was made.
	timeOfDay = regexp.MustCompile(`\b\d\d?:\d\d\b`)
)

// textLine is why a line of a table is no customer.
const textLine = "a line of text, not a customer"

// maxNameWords is how many words a name has at most.
const maxNameWords = 12

// isFooter reports whether cells are a line of text or of sums and no row of a table.
func isFooter(cells []string) bool {
	first := slices.IndexFunc(cells, func(c string) bool { return c != "" })
	if first < 0 {
		return false
	}
	line, rest := cells[first], strings.Trim(strings.Join(cells[first+1:], "\t"), "\t")
	switch {
	case rest == "":
		return isNotice(line)
	case strings.ContainsFunc(rest, unicode.IsLetter):
		return false
	}
	return aliases.Words("total")[text.Fold(line)] && amounts.MatchString(rest)
}

// isNotice reports whether a cell that is alone in its row is a text below a table.
func isNotice(line string) bool {
	words := strings.Fields(text.Fold(line))
	if len(words) > maxNameWords || timeOfDay.MatchString(line) {
		return true
	}
	for i := range words {
		if aliases.Words("notice")[strings.Join(words[:i+1], " ")] {
			return true
		}
	}
	letters := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return !strings.ContainsFunc(word, unicode.IsLetter) })
	name := strings.Join(letters, " ")
	return aliases.Words("total")[name] || len(letters) < len(words) && aliases.Words("count")[name]
}
