package importer

import (
	_ "embed"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/importer/source"
)

// meaning is the field that a column or key holds.
type meaning struct {
	field field
	// link is the type of a link.
	link string
	// rank orders the names of one field: the column with the lowest is used. It is
	// negative for a column that is mapped by hand.
	rank int
}

// vocabulary maps the names of columns, as source.NameKey, to what they hold.
type vocabulary map[string]meaning

// aliases are the names that columns and keys go by in the exports of the usual products
// and in spreadsheets, by field and language.
//
//go:embed aliases.txt
var aliases string

// newVocabulary reads the aliases: a field in brackets, then a line for each language.
func newVocabulary() vocabulary {
	v := make(vocabulary)
	var t target
	rank := 0
	for line := range strings.Lines(aliases) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			t, rank = sectionNamed(strings.TrimSuffix(name, "]")), 0
			continue
		}
		_, names, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for name := range strings.SplitSeq(names, ",") {
			if key := source.NameKey(name); key != "" {
				v[key] = meaning{field: t.field, link: t.link, rank: rank}
				rank++
			}
		}
	}
	return v
}

// sectionNamed returns what a section of the aliases is about: a target, or a field that
// nothing is mapped to by hand.
func sectionNamed(name string) target {
	switch name {
	case "bare name":
		return target{field: fieldBareName}
	case "other name":
		return target{field: fieldOtherName}
	case "title":
		return target{field: fieldTitle}
	case "label":
		return target{field: fieldLabel}
	case "rejects":
		return target{field: fieldIgnored}
	}
	t, ok := targetNamed(name)
	if !ok {
		panic("importer: no field " + name)
	}
	return t
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

// inContext returns what a column holds that depends on the fields of the others.
func inContext(m meaning, others fieldSet) meaning {
	first, last := others.has(fieldFirst), others.has(fieldLast)
	switch m.field {
	case fieldBareName:
		m.rank += worse
		switch {
		case first && !last:
			m.field = fieldLast
		case last && !first:
			m.field = fieldFirst
		default:
			m.field = fieldName
		}
	case fieldOtherName:
		if !first && !last && !others.has(fieldName) && !others.has(fieldBareName) {
			m.field = fieldName
		}
	case fieldTitle:
		if m.field = fieldJobTitle; others.has(fieldJobTitle) {
			m.field = fieldNone
		}
	}
	return m
}
