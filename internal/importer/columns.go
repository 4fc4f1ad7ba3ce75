package importer

import (
	"slices"
	"strings"
)

// Column is a column of a CSV, a key of a JSON file or a property of a vCard, and the
// field that it is mapped to.
type Column struct {
	// Position is the number of the column of a table, from 1; 0 in any other file.
	Position int
	// Name is as the file has it and as Mapping.Column takes it. Unnamed is set for a column
	// that the file gives no name; its Name is one made of its position.
	Name    string
	Unnamed bool
	// Field is one of Targets, or "" when the column is ignored.
	Field string
	// Second is the target of a column that is ignored because an earlier one holds the same
	// field, and neither is a better choice; else "".
	Second string
	// Fixed columns cannot be mapped, whatever Field is: those of a vCard and of ExportCSV,
	// and in JSON the lists of channels and links.
	Fixed bool
	// Samples are some of its values in the first rows: different ones, none blank, on
	// one line, shortened.
	Samples []string
}

const (
	// sampleRows is how many rows are searched for samples, maxSamples how many a
	// column has.
	sampleRows = 200
	maxSamples = 3
	maxColumns = 500
)

// Columns returns the columns of the first rows in order of the file; in JSON, in
// order of their names.
func (f *File) Columns() []Column {
	return f.mapper.columns(f.first[:min(len(f.first), sampleRows)])
}

// targetOf returns what a column means as Mapping.Field names it, or "".
func targetOf(m meaning) string {
	for _, t := range targets() {
		if t.field == m.field && m.field != fieldNone && m.field != fieldIgnored && (t.field != fieldLink || t.link == m.link) {
			return t.name
		}
	}
	return ""
}

// addSample adds a value to the samples. It returns false when there are enough.
func (c *Column) addSample(value string) bool {
	if len(c.Samples) >= maxSamples {
		return false
	}
	value = sanitizeTo(plainText(fieldNone, strings.TrimSpace(value)), maxQuoted)
	if value != "" && !slices.Contains(c.Samples, value) {
		c.Samples = append(c.Samples, value)
	}
	return true
}
