package sample

import (
	"strings"
	"sync"
)

// name generates a display name and the ASCII local part of its email address. Most names
// are Latin with accents, as in most address books; each other script has a share.
func (g *generator) name() (display, local string) {
	culture := g.culture()
	given := culture.given[g.rng.IntN(len(culture.given))]
	family := culture.family[g.rng.IntN(len(culture.family))]
	local = given.ascii + "." + family.ascii
	if culture.familyFirst {
		return family.text + culture.joiner + given.text, local
	}
	display = given.text + " " + family.text
	if !culture.embellish {
		return display, local
	}
	switch roll := g.rng.IntN(1000); {
	case roll < 80: // a middle initial
		initial := string(rune('A' + g.rng.IntN(26)))
		display = given.text + " " + initial + ". " + family.text
	case roll < 130: // a double name
		display += "-" + culture.family[g.rng.IntN(len(culture.family))].text
	case roll < 140:
		display = "Dr. " + display
	case roll < 143: // a very long one
		parts := []string{given.text, culture.given[g.rng.IntN(len(culture.given))].text, family.text, "de la"}
		for range 6 {
			parts = append(parts, culture.family[g.rng.IntN(len(culture.family))].text)
		}
		display = strings.Join(parts, " ")
	case roll < 150: // one word
		display = given.text
	}
	return display, local
}

// culture picks a culture by its share.
func (g *generator) culture() *culture {
	roll := g.rng.IntN(100)
	for i := range g.lexicon.cultures {
		c := &g.lexicon.cultures[i]
		if roll < c.share {
			return c
		}
		roll -= c.share
	}
	return &g.lexicon.cultures[0] // unreachable: the shares add up to 100
}

// word is a part of a name and its ASCII spelling in lower case.
type word struct{ text, ascii string }

// culture is a set of names that go together.
type culture struct {
	share         int // percent; all cultures add up to 100
	given, family []word
	familyFirst   bool
	joiner        string // between family and given name when familyFirst
	embellish     bool   // initials, double names, titles
}

// lexicon holds the parsed lists that customers are generated from.
type lexicon struct {
	cultures                                  []culture
	companies, forms, titles, headings, notes []string
	areaCodes, ukPrefixes, auNumbers          []string
}

// loadLexicon parses the lists, once.
var loadLexicon = sync.OnceValue(func() *lexicon {
	return &lexicon{
		cultures: []culture{
			{share: 78, given: parseWords(latinGiven), family: parseWords(latinFamily), embellish: true},
			{share: 5, given: parseWords(cyrillicGiven), family: parseWords(cyrillicFamily)},
			{share: 4, given: parseWords(hanGiven), family: parseWords(hanFamily), familyFirst: true},
			{share: 3, given: parseWords(arabicGiven), family: parseWords(arabicFamily)},
			{share: 2, given: parseWords(greekGiven), family: parseWords(greekFamily)},
			{share: 2, given: parseWords(hebrewGiven), family: parseWords(hebrewFamily)},
			{share: 2, given: parseWords(kanaGiven), family: parseWords(kanaFamily), familyFirst: true, joiner: " "},
			{share: 2, given: parseWords(hangulGiven), family: parseWords(hangulFamily), familyFirst: true},
			{share: 2, given: parseWords(devanagariGiven), family: parseWords(devanagariFamily)},
		},
		companies: split(companies), forms: split(companyForms), titles: split(jobTitles),
		headings: split(headings), notes: strings.Split(strings.TrimSpace(noteLines), "\n"),
		areaCodes: split(areaCodes), ukPrefixes: split(ukPrefixes), auNumbers: split(auNumbers),
	}
})

// split splits a list at commas and line ends.
func split(list string) []string {
	var parts []string
	for part := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == '\n' }) {
		parts = append(parts, strings.TrimSpace(part))
	}
	return parts
}

// parseWords parses "José=jose, Anna". Without "=", the spelling is the name in lower case
// without blanks and apostrophes.
func parseWords(list string) []word {
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
