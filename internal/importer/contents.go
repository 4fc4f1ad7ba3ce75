package importer

import (
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
