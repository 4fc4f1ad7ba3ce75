package importer

import (
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/text"
)

// meaning is what a column or key holds.
type meaning struct {
	field field
	// link is the type of a link.
	link string
	// rank orders the names for one field: the least wins.
	rank int
}

// vocabulary finds out what a column means by its name.
type vocabulary map[string]meaning

func newVocabulary() vocabulary {
	v := make(vocabulary)
	for _, a := range aliases {
		for rank, name := range strings.Split(a.names, ",") {
			v[headerKey(name)] = meaning{field: a.field, link: a.link, rank: rank}
		}
	}
	return v
}

// knows tells whether name is that of a column with a place in a customer.
func (v vocabulary) knows(name string) bool {
	m := v[headerKey(name)]
	return m.field != fieldNone && m.field != fieldIgnored
}

// headerKey is a column's name as it is compared: letters only, folded.
func headerKey(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			return r
		}
		return -1
	}, text.Fold(name))
}

// ordinal answers the number in the name of a numbered column, as the 2 of
// "Phone 2 - Value"; "" when there is none.
func ordinal(name string) string {
	return strings.TrimFunc(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return ' '
	}, name), unicode.IsSpace)
}

// bareNames are the names that mean the whole name, unless the file has a column
// for a part of it and none for the other: then they are that other part.
func bareName(key string) bool {
	switch key {
	case "name", "nom", "naam", "nome", "nombre":
		return true
	}
	return false
}

// nameInContext answers what a bare name means beside the other columns.
func nameInContext(m meaning, key string, others fieldSet) meaning {
	if m.field != fieldName || !bareName(key) {
		return m
	}
	switch first, last := others.has(fieldFirst), others.has(fieldLast); {
	case first && !last:
		m.field = fieldLast
	case last && !first:
		m.field = fieldFirst
	}
	return m
}
