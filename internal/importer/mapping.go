package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// UsageError says that a file needs other options. Nothing was written.
type UsageError struct {
	// Reason says what is missing or wrong, in plain words. What it quotes of the file is
	// safe to print on a terminal.
	Reason string
	// Need is the option to change, "" when no option helps. The caller knows how to set
	// it and says so.
	Need Need
}

// Need is an option that an import needs.
type Need string

// The needs.
const (
	NeedName     Need = "name"     // Options.Map, for a column that holds names
	NeedOwner    Need = "owner"    // Options.Worker, or Options.Map for a column of owners
	NeedRegion   Need = "region"   // another Options.Region
	NeedEncoding Need = "encoding" // another Options.Encoding
	NeedSheet    Need = "sheet"    // another Options.Sheet
	NeedHeader   Need = "header"   // another Options.HeaderLine
	NeedMap      Need = "map"      // other columns or fields in Options.Map, or none
)

func (e *UsageError) Error() string { return e.Reason }

// Mapping maps a column to a field, in place of what its name suggests.
type Mapping struct {
	// Field is one of Targets, Column the name of a column or key.
	Field, Column string
}

// column is a column of a CSV and what it holds.
type column struct {
	meaning
	name string
	// label is the index of the column with the labels of this one, or -1.
	label int
	// second is the field that the column would hold as well as another one does, which
	// comes first.
	second field
}

// mappedTargets returns the targets of mappings by exactKey.
func mappedTargets(mappings []Mapping) (map[string]target, error) {
	targetByKey := make(map[string]target, len(mappings))
	for _, m := range mappings {
		t, ok := targetNamed(m.Field)
		if !ok {
			return nil, &UsageError{fmt.Sprintf("a column can't be mapped to %s; use one of %s",
				quote(m.Field), strings.Join(Targets(), ", ")), NeedMap}
		}
		targetByKey[exactKey(m.Column)] = t
	}
	return targetByKey, nil
}

// exactKey returns a name as those of mappings are compared: without blanks around it
// and in lower case.
func exactKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// worse is added to the rank of a column that others of its field are better than.
const worse = 1000

// meaningOf returns what a column means by its mapping or else its name.
func meaningOf(name string, v vocabulary, mappings []Mapping) meaning {
	for _, m := range mappings {
		if exactKey(m.Column) == exactKey(name) {
			t, _ := targetNamed(m.Field)
			return meaning{field: t.field, link: t.link, rank: -1}
		}
	}
	m := v.lookup(name)
	if m.field == fieldFirst && strings.HasPrefix(name, "2") {
		m.field = fieldMiddle // as "2. křestní jméno"
	}
	return m
}

// mapColumns returns what the names of the columns and the mappings say of each; contents
// and inContext decide the rest. Beside an error, that is what the names suggest.
func mapColumns(names []string, v vocabulary, mappings []Mapping) ([]column, error) {
	_, err := mappedTargets(mappings)
	if err == nil {
		err = requireColumns(names, mappings)
	}
	if err != nil {
		mappings = nil
	}
	columns := make([]column, len(names))
	for i, name := range names {
		columns[i] = column{name: name, label: -1, meaning: meaningOf(name, v, mappings)}
	}
	return columns, err
}

// decide leaves each column the field that it is used for, given what the columns contain.
func decide(columns []column, contents []content) {
	var mapped, present fieldSet
	for i := range columns {
		c := &columns[i]
		if c.rank < 0 {
			mapped.add(c.field)
		} else {
			c.meaning = contents[i].meaning(c.meaning)
		}
		if c.field != fieldJobTitle || contents[i] != contentNothing {
			present.add(c.field)
		}
	}
	if mapped.has(fieldFirst) || mapped.has(fieldLast) {
		mapped.add(fieldName) // the parts are mapped in place of the whole
	}
	for i := range columns {
		c := &columns[i]
		if c.rank >= 0 {
			if c.field == fieldTitle && i+1 < len(columns) && inContext(columns[i+1].meaning, present).field.isPart() {
				c.field = fieldNone // a salutation
			}
			c.meaning = inContext(c.meaning, present)
			if mapped.has(c.field) && !c.field.many() {
				c.field = fieldNone
			}
		}
		for _, at := range []int{i + 1, i - 1} { // the label is before the address, in some files after it
			if at >= 0 && at < len(columns) && columns[at].field == fieldLabel && text.Digits(columns[at].name) == text.Digits(c.name) {
				c.label = at
			}
		}
	}
	dropDuplicates(columns)
}

// requireColumns returns a *UsageError when a column to map is not there.
func requireColumns(names []string, mappings []Mapping) error {
	for _, m := range mappings {
		if !slices.ContainsFunc(names, func(name string) bool { return exactKey(name) == exactKey(m.Column) }) {
			return &UsageError{fmt.Sprintf("no column %s in this file; columns: %s", quote(m.Column), quoteAll(names)), NeedMap}
		}
	}
	return nil
}

// dropDuplicates leaves one column for each field that has one value.
func dropDuplicates(columns []column) {
	var best [fieldCount]int // index + 1
	for i, c := range columns {
		if c.field == fieldNone || c.field.many() {
			continue
		}
		if b := best[c.field]; b == 0 || c.rank < columns[b-1].rank {
			best[c.field] = i + 1
		}
	}
	for i, c := range columns {
		if b := best[c.field]; c.field != fieldNone && !c.field.many() && b != i+1 {
			columns[i].field = fieldNone
			if c.rank == columns[b-1].rank {
				columns[i].second = c.field
			}
		}
	}
}

// hasName reports whether one of the fields can be a customer's name. A company can in a
// file about companies: a job title would be a person's.
func (s fieldSet) hasName() bool {
	return s.namesPeople() || s.has(fieldCompany) && !s.has(fieldJobTitle)
}

func (s fieldSet) namesPeople() bool {
	return s.has(fieldName) || s.has(fieldFirst) || s.has(fieldLast) || s.has(fieldOtherName)
}

// hasAddress reports whether one of the fields is a way to reach a customer.
func (s fieldSet) hasAddress() bool {
	return s.has(fieldPhone) || s.has(fieldWhatsApp) || s.has(fieldEmail) || s.has(fieldChat)
}

// requireFields returns a *UsageError when the file lacks a name, or an owner that
// worker does not stand in for.
func requireFields(fields fieldSet, names []string, worker string) error {
	switch {
	case !fields.hasName():
		return &UsageError{"no column contains names; columns: " + quoteAll(names), NeedName}
	case !fields.has(fieldOwner) && worker == "":
		return &UsageError{"the file doesn't name the owners", NeedOwner}
	}
	return nil
}
