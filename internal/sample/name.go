package sample

import (
	"strings"
	"sync"
)

// name makes a display name and the ASCII local part of an address for it. Most
// names are Latin with accents, as in most address books; of the rest each script
// has its share.
func (m *maker) name() (display, local string) {
	culture := m.culture()
	given := culture.given[m.rng.IntN(len(culture.given))]
	family := culture.family[m.rng.IntN(len(culture.family))]
	local = given.ascii + "." + family.ascii
	if culture.familyFirst {
		return family.text + culture.joiner + given.text, local
	}
	display = given.text + " " + family.text
	if !culture.embellish {
		return display, local
	}
	switch roll := m.rng.IntN(1000); {
	case roll < 80: // a middle initial
		initial := string(rune('A' + m.rng.IntN(26)))
		display = given.text + " " + initial + ". " + family.text
	case roll < 130: // a double name
		display += "-" + culture.family[m.rng.IntN(len(culture.family))].text
	case roll < 140:
		display = "Dr. " + display
	case roll < 143: // a very long one
		parts := []string{given.text, culture.given[m.rng.IntN(len(culture.given))].text, family.text, "de la"}
		for range 6 {
			parts = append(parts, culture.family[m.rng.IntN(len(culture.family))].text)
		}
		display = strings.Join(parts, " ")
	case roll < 150: // one word
		display = given.text
	}
	return display, local
}

// culture draws one by its share.
func (m *maker) culture() *culture {
	roll := m.rng.IntN(100)
	for i := range m.lex.cultures {
		c := &m.lex.cultures[i]
		if roll < c.share {
			return c
		}
		roll -= c.share
	}
	return &m.lex.cultures[0] // only if the shares fell short of 100
}

// A word is a piece of a name and its ASCII spelling in lower case.
type word struct{ text, ascii string }

// A culture is a stock of names that go together.
type culture struct {
	share         int // in a hundred; those of all cultures add up to 100
	given, family []word
	familyFirst   bool
	joiner        string // between family and given name when familyFirst
	embellish     bool   // initials, double names, titles
}

// lexicon is everything that customers are made of.
type lexicon struct {
	cultures                                  []culture
	companies, forms, titles, headings, notes []string
	areaCodes, ukPrefixes, auNumbers          []string
}

// words parses the word lists once, when they are first wanted.
var words = sync.OnceValue(func() *lexicon {
	return &lexicon{
		cultures: []culture{
			{share: 78, given: parse(latinGiven), family: parse(latinFamily), embellish: true},
			{share: 5, given: parse(cyrillicGiven), family: parse(cyrillicFamily)},
			{share: 4, given: parse(hanGiven), family: parse(hanFamily), familyFirst: true},
			{share: 3, given: parse(arabicGiven), family: parse(arabicFamily)},
			{share: 2, given: parse(greekGiven), family: parse(greekFamily)},
			{share: 2, given: parse(hebrewGiven), family: parse(hebrewFamily)},
			{share: 2, given: parse(kanaGiven), family: parse(kanaFamily), familyFirst: true, joiner: " "},
			{share: 2, given: parse(hangulGiven), family: parse(hangulFamily), familyFirst: true},
			{share: 2, given: parse(devanagariGiven), family: parse(devanagariFamily)},
		},
		companies: split(companies), forms: split(companyForms), titles: split(jobTitles),
		headings: split(headings), notes: strings.Split(strings.TrimSpace(noteLines), "\n"),
		areaCodes: split(areaCodes), ukPrefixes: split(ukPrefixes), auNumbers: split(auNumbers),
	}
})

// split parts a list at its commas and line ends.
func split(list string) []string {
	var parts []string
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == '\n' }) {
		parts = append(parts, strings.TrimSpace(part))
	}
	return parts
}

// parse reads "José=jose, Anna": the spelling may be left out when it is the
// name in lower case without blanks and apostrophes.
func parse(list string) []word {
	var parsed []word
	for _, part := range split(list) {
		text, ascii, ok := strings.Cut(part, "=")
		if !ok {
			ascii = strings.ToLower(strings.NewReplacer(" ", "", "'", "", "-", "").Replace(text))
		}
		parsed = append(parsed, word{text, ascii})
	}
	return parsed
}
