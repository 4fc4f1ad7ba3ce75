package importer

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/clientele-project/clientele/internal/importer/aliases"
	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/text"
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

// usualNames returns the aliases.
var usualNames = sync.OnceValue(func() vocabulary {
	v := make(vocabulary, 3000)
	var ranks [fieldCount]int
	for section, name := range aliases.Names {
		t := sectionNamed(section)
		if key := source.NameKey(name); v[key].field == fieldNone {
			v[key] = meaning{field: t.field, link: t.link, rank: ranks[t.field]}
			ranks[t.field]++
		}
	}
	return v
})

// sections are those of the aliases that nothing is mapped to by hand.
var sections = map[string]field{
	"bare name": fieldBareName, "other name": fieldOtherName, "title": fieldTitle,
	"bare phone": fieldBarePhone, "label": fieldLabel, "rejects": fieldIgnored,
}

// sectionNamed returns what a section of the aliases is about.
func sectionNamed(name string) target {
	if f, ok := sections[name]; ok {
		return target{field: f}
	}
	t, ok := targetNamed(name)
	if !ok {
		panic("importer: no field " + name)
	}
	return t
}

// lookup returns what the name of a column means: as a whole, or else without the words that
// only say which one of several it is, as in "Main phone (required)". Of a name in two
// languages, as "Phone / 电话", the part before the slash counts then.
func (v vocabulary) lookup(name string) meaning {
	if m, ok := v[source.NameKey(name)]; ok {
		return m
	}
	name, _, _ = strings.Cut(name, "/")
	words := slices.DeleteFunc(strings.Fields(text.Fold(camelCase.ReplaceAllString(name, "$1 $2"))), func(word string) bool {
		return aliases.Words("which")[word]
	})
	m, ok := v[source.NameKey(strings.Join(words, " "))]
	if ok {
		m.rank += worse
	}
	return m
}

// camelCase matches where a word begins in a name such as PhoneNumberMobile.
var camelCase = regexp.MustCompile(`(\p{Ll})(\p{Lu})`)

// isColumn reports whether a column is usual or mapped, which shows that a row is a header.
func isColumn(m meaning) bool { return m.rank < 0 || m.field != fieldNone && m.field != fieldIgnored }

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
