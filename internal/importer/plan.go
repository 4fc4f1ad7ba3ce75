package importer

import (
	"fmt"
	"slices"
	"strings"
)

// UsageError tells the person who started the import what to do differently.
// Nothing was written.
type UsageError struct {
	// Reason is in plain words; what it repeats of the file is harmless on a terminal.
	Reason string
	// Need is what is to be said differently, "" when the file is of no use at all.
	Need Need
}

// Need is what an import has to be told.
type Need string

// The needs.
const (
	NeedName   Need = "name"   // which column holds names
	NeedOwner  Need = "owner"  // whose customers they are
	NeedRegion Need = "region" // a country
	NeedMap    Need = "map"    // other columns to map, or other fields
)

func (e *UsageError) Error() string { return e.Reason }

// A Mapping says what a column holds, in place of what its name suggests.
type Mapping struct {
	// Field is one of Targets, Column the name of a column or key.
	Field, Column string
}

// column is a column of a CSV as it is understood.
type column struct {
	meaning
	name string
	// label is the place of the column that says what sort this one is, or -1.
	label int
}

// mappings are the wishes of --map, by column name as it is compared.
func mappings(asked []Mapping) (map[string]target, error) {
	wanted := make(map[string]target, len(asked))
	for _, m := range asked {
		t, ok := targetNamed(m.Field)
		if !ok {
			return nil, &UsageError{fmt.Sprintf("a column cannot be mapped to %s; it can be mapped to %s",
				quote(m.Field), strings.Join(Targets(), ", ")), NeedMap}
		}
		wanted[exactKey(m.Column)] = t
	}
	return wanted, nil
}

// exactKey compares the columns of --map: as written, blanks around and case aside.
func exactKey(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// planColumns decides what each column of a header holds: what the names suggest,
// when the wishes cannot be had.
func planColumns(names []string, v vocabulary, asked []Mapping) ([]column, error) {
	wanted, err := mappings(asked)
	if err == nil {
		err = haveColumns(names, asked)
	}
	if err != nil {
		wanted = nil
	}
	columns := make([]column, len(names))
	var asks, parts fieldSet
	for i, name := range names {
		columns[i] = column{name: name, label: -1, meaning: v[headerKey(name)]}
		if t, ok := wanted[exactKey(name)]; ok {
			columns[i].meaning = meaning{field: t.field, link: t.link, rank: -1}
			asks.add(t.field)
		}
		parts.add(columns[i].field)
	}
	if asks.has(fieldFirst) || asks.has(fieldLast) {
		asks.add(fieldName) // who maps the parts means them
	}
	for i := range columns {
		c := &columns[i]
		if c.rank >= 0 {
			c.meaning = nameInContext(c.meaning, headerKey(c.name), parts)
			if asks.has(c.field) && !c.field.many() {
				c.field = fieldNone
			}
		}
		if i > 0 && columns[i-1].field == fieldLabel && ordinal(columns[i-1].name) == ordinal(c.name) {
			c.label = i - 1
		}
	}
	dropRivals(columns)
	return columns, err
}

// haveColumns tells whether all that is to be mapped is there.
func haveColumns(names []string, asked []Mapping) error {
	for _, m := range asked {
		if !slices.ContainsFunc(names, func(name string) bool { return exactKey(name) == exactKey(m.Column) }) {
			return &UsageError{fmt.Sprintf("there is no column %s in this file; it has %s", quote(m.Column), quoteAll(names)), NeedMap}
		}
	}
	return nil
}

// dropRivals leaves one column for each field of which a customer has one.
func dropRivals(columns []column) {
	var best [fieldCount]int // place + 1
	for i, c := range columns {
		if c.field == fieldNone || c.field.many() {
			continue
		}
		if b := best[c.field]; b == 0 || c.rank < columns[b-1].rank {
			best[c.field] = i + 1
		}
	}
	for i, c := range columns {
		if c.field != fieldNone && !c.field.many() && best[c.field] != i+1 {
			columns[i].field = fieldNone
		}
	}
}

// carries tells which fields a file with these columns carries.
func carries(columns []column) fieldSet {
	var s fieldSet
	for _, c := range columns {
		s.add(c.field)
	}
	return s
}

// hasName tells whether a file that carries these fields can name anybody.
func (s fieldSet) hasName() bool {
	return s.has(fieldName) || s.has(fieldFirst) || s.has(fieldLast) || s.has(fieldOtherName) || s.has(fieldCompany)
}

// checkPlan tells what a file lacks, if anything, to be imported with opts.
func checkPlan(fields fieldSet, names []string, worker string) error {
	switch {
	case !fields.hasName():
		return &UsageError{fmt.Sprintf("no column of this file is known to hold names; it has %s. "+
			"Say which does: --map display_name=COLUMN", quoteAll(names)), NeedName}
	case !fields.has(fieldOwner) && worker == "":
		return &UsageError{"this file does not say whose customers these are. Add --worker IDENTITY " +
			"(--worker '*' for everybody), or say which column does: --map owner=COLUMN", NeedOwner}
	}
	return nil
}
