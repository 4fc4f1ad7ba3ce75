package importer

import (
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/importer/source"
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

// contentsOf returns what the columns of a table contain in its first rows.
func contentsOf(table *source.Table, columns []column, first []source.Row) []content {
	found := make([]content, len(columns))
	var cells []string
	for _, row := range first[:min(len(first), sampleRows)] {
		if row.Malformed != "" || row.Raw == table.Header.Raw {
			continue
		}
		cells = table.Cells(cells[:0], row)
		for i := range columns[:min(len(columns), len(cells))] {
			if value := plainText(columns[i].field, cells[i]); value != "" {
				found[i] = found[i].with(contentOf(value))
			}
		}
	}
	return found
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
	case flags[text.Fold(value)]:
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

// flags are yes and no as programs and people write them, folded.
var flags = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq("yes no y n true false 0 1 x ja nein j wahr falsch oui non o vrai faux si s sim nao vero falso " +
		"verdadero verdadeiro nee tak nie ano ne igen nem da nu nej kylla ei evet hayir ναι οχι да нет так ні не نعم لا כן לא はい いいえ 是 否 예 아니요 co khong ya tidak") {
		set[text.Fold(word)] = true
	}
	return set
}()

// isNumberOrKey reports whether a value is a number, or an id such as 0055g00000AbCdEFGH.
func isNumberOrKey(s string) bool {
	digit := strings.ContainsFunc(s, unicode.IsDigit)
	letter := strings.ContainsFunc(s, unicode.IsLetter)
	return digit && (!letter || len(s) >= 15 && !strings.Contains(s, " "))
}
