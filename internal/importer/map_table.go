package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/importer/source"
)

// tableMapper maps the rows of a CSV.
type tableMapper struct {
	table    *source.Table
	region   string
	worker   string
	mapping  []column
	provided fieldSet
	// exported reports whether ExportCSV wrote the file: see readExportedCSV.
	exported bool
	told     []string
	// needed is how many cells a row must have so that no value is missing.
	needed int
}

func newTableMapper(table *source.Table, v vocabulary, opts Options) (*tableMapper, error) {
	t := &tableMapper{table: table, region: opts.Region, worker: opts.Worker}
	var err error
	t.mapping, err = mapColumns(table.Columns, v, opts.Map)
	t.exported = err == nil && slices.Equal(table.Columns, exportColumns) && len(opts.Map) == 0
	return t, err
}

// begin decides what the columns are used for, and checks that there are names and owners.
func (t *tableMapper) begin(first []source.Row) error {
	contents := contentsOf(t.table, t.mapping, first)
	decide(t.mapping, contents)
	if t.exported {
		t.provided = allFields
		return nil
	}
	for i := range t.mapping {
		c := &t.mapping[i]
		if c.field == fieldOwner && c.rank >= 0 && contents[i] == contentNumbers {
			if t.worker != "" {
				c.field = fieldNone // the worker says more than an id that nobody signs in with
				continue
			}
			t.told = append(t.told, fmt.Sprintf("column %s names the owners by their ids: match these to people, or use a column with their email addresses", quote(c.name)))
		}
		t.provided.add(c.field)
		if c.field != fieldNone && c.field != fieldIgnored {
			t.needed = i + 1
		}
	}
	fields := t.provided
	if t.mayHavePeople(contents) {
		fields.remove(fieldCompany)
	}
	return requireFields(fields, slices.DeleteFunc(slices.Clone(t.table.Columns), func(n string) bool { return n == "" }), t.worker)
}

// mayHavePeople reports whether an unknown column before that of the companies has texts. It
// may name the people there, in a language that the aliases lack.
func (t *tableMapper) mayHavePeople(contents []content) bool {
	company := slices.IndexFunc(t.mapping, func(c column) bool { return c.field == fieldCompany })
	if company < 0 || t.mapping[company].rank < 0 {
		return false
	}
	for i, c := range t.mapping[:company] {
		if c.meaning == (meaning{}) && c.name != "" && contents[i] == contentTexts {
			return true
		}
	}
	return false
}

func (t *tableMapper) notes() []string  { return t.told }
func (t *tableMapper) fields() fieldSet { return t.provided }
func (t *tableMapper) rejects() rejectFormat {
	return csvRejects{header: t.table.Header.Raw, delim: t.table.Delim}
}

func (t *tableMapper) unusedColumns() []string {
	var names []string
	for _, c := range t.mapping {
		if c.field == fieldNone && !t.exported && strings.TrimSpace(c.name) != "" {
			names = append(names, c.name)
		}
	}
	return names
}

func (t *tableMapper) convert(row source.Row) mappedRow {
	b := newRowBuilder(row, t.region)
	if t.exported && row.Malformed == "" && row.Raw != "" && row.Raw != t.table.Header.Raw {
		return b.readExportedCSV(t.table.ExactCells(row))
	}
	if t.table.Blank(row) {
		return mappedRow{Row: row, blank: true}
	}
	if row.Raw == t.table.Header.Raw {
		b.skip = "repeats the header"
		return b.mappedRow
	}
	cells := t.table.Cells(make([]string, 0, len(t.mapping)), row)
	for i := len(cells) - 1; i >= len(t.mapping) && cells[i] == ""; i-- {
		cells = cells[:i]
	}
	switch n := len(cells); {
	case row.Malformed != "":
		b.reject = row.Malformed
	case n < t.needed && row.AtEOF:
		b.Malformed = "the file ends in the middle of this row"
		b.reject = b.Malformed
	case n < t.needed:
		b.reject = fmt.Sprintf("%s, but the header has %d", countColumns(n), len(t.mapping))
	case n > len(t.mapping):
		b.reject = fmt.Sprintf("%s, but the header has %d: does a text contain an unquoted %s?",
			countColumns(n), len(t.mapping), delimiterName(t.table.Delim))
	}
	// A rejected row is read too: pruning must know which customer it is about.
	for i, c := range t.mapping[:min(len(t.mapping), len(cells))] {
		label := ""
		if c.label >= 0 {
			label = cells[c.label]
		}
		b.add(c.meaning, label, cells[i])
	}
	return b.finish()
}

func (t *tableMapper) columns(first []source.Row) []Column {
	list := make([]Column, min(len(t.mapping), maxColumns))
	for i := range list {
		list[i] = Column{Name: t.mapping[i].name, Field: targetOf(t.mapping[i].meaning), Fixed: t.exported}
	}
	for _, row := range first {
		if row.Malformed != "" || row.Raw == t.table.Header.Raw {
			continue
		}
		wanted := false
		for i, value := range t.table.Cells(nil, row) {
			if i < len(list) && list[i].addSample(value) {
				wanted = true
			}
		}
		if !wanted {
			break
		}
	}
	return slices.DeleteFunc(list, func(c Column) bool { return c.Name == "" && len(c.Samples) == 0 })
}

func countColumns(n int) string {
	if n == 1 {
		return "1 column"
	}
	return fmt.Sprintf("%d columns", n)
}

func delimiterName(delim byte) string {
	switch delim {
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	case '|':
		return "vertical bar"
	}
	return "comma"
}
