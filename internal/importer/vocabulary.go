package importer

import (
	"embed"
	"strings"
	"sync"
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
// and in spreadsheets: a file for each language.
//
//go:embed aliases/*.txt
var aliases embed.FS

var usualNames = sync.OnceValue(newVocabulary)

// newVocabulary reads the aliases. A line is a field and its names, the best first; those in
// English are better than others.
func newVocabulary() vocabulary {
	v := make(vocabulary, 3000)
	files, err := aliases.ReadDir("aliases")
	if err != nil {
		panic(err)
	}
	var ranks [fieldCount]int
	v.read("en.txt", &ranks)
	for _, f := range files {
		v.read(f.Name(), &ranks)
	}
	return v
}

// read adds the names of a file that have no meaning yet.
func (v vocabulary) read(file string, ranks *[fieldCount]int) {
	text, err := aliases.ReadFile("aliases/" + file)
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(text)) {
		section, names, ok := strings.Cut(line, ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		t := sectionNamed(section)
		for name := range strings.SplitSeq(names, ",") {
			if key := source.NameKey(name); v[key].field == fieldNone {
				v[key] = meaning{field: t.field, link: t.link, rank: ranks[t.field]}
				ranks[t.field]++
			}
		}
	}
}

// sectionNamed returns what a line of the aliases is about: a target, or a field that
// nothing is mapped to by hand.
func sectionNamed(name string) target {
	switch name {
	case "bare name":
		return target{field: fieldBareName}
	case "other name":
		return target{field: fieldOtherName}
	case "title":
		return target{field: fieldTitle}
	case "bare phone":
		return target{field: fieldBarePhone}
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
	if others.has(fieldMiddle) && !last && !(first && others.has(fieldBareName)) { // a middle name in one language is the last in another
		last = true
		if m.field == fieldMiddle {
			m.field = fieldLast
		}
	}
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
	case fieldBarePhone:
		m.field = fieldNone // the key of an object, not a column of numbers
	}
	return m
}
