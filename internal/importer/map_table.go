package importer

import (
	"fmt"
	"slices"

	"github.com/clientele-project/clientele/internal/importer/cell"
	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/text"
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
	// samples has values of each column.
	samples []Column
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
	contents := t.sample(first)
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
			t.told = append(t.told, fmt.Sprintf("Column %s names the owners by their ids: match these to people, or use a column with their email addresses", quote(c.name)))
		}
		t.provided.add(c.field)
		if c.field != fieldNone && c.field != fieldIgnored {
			t.needed = i + 1
		}
	}
	var named []string
	for i, c := range t.mapping {
		if !t.table.Unnamed(i) {
			named = append(named, c.name)
		} else if samples := t.samples[i].Samples; len(samples) > 0 && targetOf(c.meaning) == "" {
			t.told = append(t.told, fmt.Sprintf("Column %d has no name and was ignored: %s …", i+1, quoteAll(samples)))
		}
	}
	fields := t.provided
	company := slices.IndexFunc(t.mapping, func(c column) bool { return c.field == fieldCompany })
	if company >= 0 && t.mapping[company].rank >= 0 && hasUnknownTexts(t.mapping[:company], contents) {
		fields.remove(fieldCompany)
	}
	if fields.hasAddress() && !t.provided.has(fieldCompany) && !hasUnknownTexts(t.mapping, contents) {
		fields.add(fieldName) // customers are called by their addresses
	}
	if !fields.hasName() && slices.ContainsFunc(named, isData) {
		return &UsageError{fmt.Sprintf("line %d holds %s and no names of columns. Add a line above it, such as Name,Phone,Email",
			t.table.Header.Line, quoteAll(named)), NeedHeader}
	}
	return requireFields(fields, named, t.worker)
}

// hasUnknownTexts reports whether a column of unknown meaning has texts. It may name people,
// in a language that the aliases lack.
func hasUnknownTexts(columns []column, contents []content) bool {
	for i, c := range columns {
		if c.meaning == (meaning{}) && contents[i] == contentTexts {
			return true
		}
	}
	return false
}

// isData reports whether a text is an email address or a phone number, and no column's name.
func isData(s string) bool {
	return contentOf(s) == contentEmails || contentOf(s) == contentNumbers && len(text.Digits(s)) >= 7
}

func (t *tableMapper) notes() []string  { return t.told }
func (t *tableMapper) fields() fieldSet { return t.provided }

func (t *tableMapper) unusedColumns() []string {
	var names []string
	for i, c := range t.mapping {
		if c.field == fieldNone && !t.exported && !t.table.Unnamed(i) {
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
	if t.mapping[0].field == fieldIgnored { // of rejected rows
		for i := range cells {
			cells[i] = cell.Unescape(cells[i])
		}
	}
	for i := len(cells) - 1; i >= len(t.mapping) && cells[i] == ""; i-- {
		cells = cells[:i]
	}
	n := len(cells)
	short, cutOff := n < t.needed, n < t.needed && row.AtEOF
	switch {
	case row.Malformed != "":
		b.reject = row.Malformed
	case isFooter(cells):
		b.skip = textLine
	case n > len(t.mapping):
		b.wrongWidth = true
		b.reject = fmt.Sprintf("%s, but the header has %d: does a text contain an unquoted %s?",
			countColumns(n), len(t.mapping), delimiterNames[t.table.Delim])
	}
	// A rejected row is read too: pruning must know which customer it is about.
	for i, c := range t.mapping {
		label, value := "", ""
		if i >= n && cutOff {
			break // what is missing stays as it is
		}
		if c.label >= 0 && c.label < n {
			label = cells[c.label]
		}
		if i < n {
			value = cells[i]
		}
		b.add(c.meaning, label, value)
	}
	if short && b.reject == "" && b.skip == "" {
		t.checkShort(b, n)
	}
	return b.finish()
}

// checkShort rejects a row with fewer columns than the header unless the customer can be
// reached: programs leave out empty cells at the end.
func (t *tableMapper) checkShort(b *rowBuilder, n int) {
	unreachable := t.provided.hasAddress() && len(b.channels) == 0
	switch {
	case unreachable && !b.AtEOF && b.ranks == [fieldCount]int{}:
		b.skip = textLine // in columns that are not used
	case unreachable && b.AtEOF:
		b.Malformed = "the file ends in the middle of this row"
		b.reject = b.Malformed
	case unreachable:
		b.wrongWidth = true
		b.reject = fmt.Sprintf("%s, but the header has %d", countColumns(n), len(t.mapping))
	case b.AtEOF:
		b.mayBeCutOff = true
		b.remark("the last row has %s of %d and no line end: is the file complete?", countColumns(n), len(t.mapping))
	}
}

// sample returns what the columns contain in the first rows, and sets their samples.
func (t *tableMapper) sample(first []source.Row) []content {
	contents := make([]content, len(t.mapping))
	t.samples = make([]Column, len(t.mapping))
	var cells []string
	for _, row := range first[:min(len(first), sampleRows)] {
		if row.Malformed != "" || row.Raw == t.table.Header.Raw {
			continue
		}
		cells = t.table.Cells(cells[:0], row)
		for i := range min(len(t.mapping), len(cells)) {
			if value := plainText(t.mapping[i].field, cells[i]); value != "" {
				contents[i] = contents[i].with(contentOf(value))
				t.samples[i].addSample(value)
			}
		}
	}
	return contents
}

func (t *tableMapper) columns([]source.Row) []Column {
	var list []Column
	for i, c := range t.mapping[:min(len(t.mapping), maxColumns)] {
		if samples := t.samples[i].Samples; len(samples) > 0 || !t.table.Unnamed(i) {
			list = append(list, Column{Position: i + 1, Name: c.name, Unnamed: t.table.Unnamed(i), Field: targetOf(c.meaning),
				Second: targetOf(meaning{field: c.second}), Fixed: t.exported, Samples: samples})
		}
	}
	return list
}

func countColumns(n int) string {
	if n == 1 {
		return "1 column"
	}
	return fmt.Sprintf("%d columns", n)
}

var delimiterNames = map[byte]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "vertical bar"}
