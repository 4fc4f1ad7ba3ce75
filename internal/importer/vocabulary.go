package importer

import (
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/importer/source"
)

// meaning is the field that a column or key holds.
type meaning struct {
	field field
	// link is the type of a link.
	link string
	// rank orders the names of one field: the column with the lowest is used.
	rank int
}

// vocabulary maps the names of columns, as source.NameKey, to what they hold.
type vocabulary map[string]meaning

func newVocabulary() vocabulary {
	v := make(vocabulary)
	for _, a := range aliases {
		for rank, name := range strings.Split(a.names, ",") {
			v[source.NameKey(name)] = meaning{field: a.field, link: a.link, rank: rank}
		}
	}
	return v
}

// knows reports whether name is that of a column that a field holds.
func (v vocabulary) knows(name string) bool {
	m := v[source.NameKey(name)]
	return m.field != fieldNone && m.field != fieldIgnored
}

// ordinal returns the number in the name of a numbered column, as the 2 of "Phone 2 -
// Value"; "" when there is none.
func ordinal(name string) string {
	return strings.TrimFunc(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return ' '
	}, name), unicode.IsSpace)
}

// bareName reports whether a column is the whole name or, with a column for one part of
// it, the other part.
func bareName(key string) bool {
	switch key {
	case "name", "nom", "naam", "nome", "nombre":
		return true
	}
	return false
}

// nameInContext returns what a bare name means with the other columns.
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
