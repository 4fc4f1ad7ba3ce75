package importer

import (
	"fmt"
	"slices"
	"strings"
)

// table is a CSV.
type table struct {
	rows   rowReader
	region string
	header item
	names  []string // its names
	plan   []column
	fields fieldSet
	sheet  bool // what ExportCSV wrote: see readSheet
	// needed is how many fields a row must have so that nothing is lost.
	needed int
}

// newTable reads the header. Beside a *UsageError it answers a table whose columns
// mean what their names suggest.
func newTable(w *window, s sniffed, v vocabulary, opts Options) (*table, error) {
	t := &table{rows: rowReader{w: w, delim: s.delim}, region: opts.Region}
	if s.separator {
		w.skipSpace(" \t\r\n")
		w.takeLine()
	}
	for t.header.raw == "" {
		row, ok := t.rows.next()
		if !ok {
			if err := w.failure(); err != nil {
				return nil, err
			}
			return nil, errEmpty
		}
		if row.bad != "" {
			return nil, fmt.Errorf("line %d, the header, cannot be read: %s", row.line, row.bad)
		}
		if strings.Trim(row.raw, blankCells) != "" {
			t.header = row
		}
	}
	t.names = splitRow(nil, t.header.raw, s.delim)
	var err error
	if t.plan, err = planColumns(t.names, v, opts.Map); err != nil {
		return t, err
	}
	if t.sheet = isSheet(t.names) && len(opts.Map) == 0; t.sheet {
		t.fields = sheetFields()
		return t, nil
	}
	t.fields = carries(t.plan)
	for i, c := range t.plan {
		if c.field != fieldNone && c.field != fieldIgnored {
			t.needed = i + 1
		}
	}
	return t, checkPlan(t.fields, slices.DeleteFunc(slices.Clone(t.names), func(n string) bool { return n == "" }), opts.Worker)
}

// blankCells are what a row without any content is made of.
const blankCells = " \t\r\n\",;|"

func (t *table) next() (item, bool)    { return t.rows.next() }
func (t *table) failure() error        { return t.rows.w.failure() }
func (t *table) begin([]item) error    { return nil }
func (t *table) carries() fieldSet     { return t.fields }
func (t *table) rejects() rejectFormat { return csvRejects{header: t.header.raw, delim: t.rows.delim} }

func (t *table) unused() []string {
	var names []string
	for _, c := range t.plan {
		if c.field == fieldNone && !t.sheet && strings.TrimSpace(c.name) != "" {
			names = append(names, c.name)
		}
	}
	return names
}

func (t *table) convert(row item) record {
	b := newBuilder(row, t.region)
	if t.sheet && row.bad == "" && row.raw != "" && row.raw != t.header.raw {
		return b.readSheet(row.raw, t.rows.delim)
	}
	if strings.Trim(row.raw, blankCells) == "" {
		return record{item: row, blank: true}
	}
	if row.raw == t.header.raw {
		b.skip = "it repeats the header"
		return b.record
	}
	fields := splitRow(make([]string, 0, len(t.plan)), row.raw, t.rows.delim)
	for i := len(fields) - 1; i >= len(t.plan) && fields[i] == ""; i-- {
		fields = fields[:i]
	}
	switch n := len(fields); {
	case row.bad != "":
		b.reject = row.bad
	case n < t.needed && row.last:
		b.bad = "the file ends in the middle of this row"
		b.reject = b.bad
	case n < t.needed:
		b.reject = fmt.Sprintf("it has %s where the header has %d", count(n, "column"), len(t.plan))
	case n > len(t.plan):
		b.reject = fmt.Sprintf("it has %s where the header has %d: is a %s in a text not inside quotation marks?",
			count(n, "column"), len(t.plan), delimiterName(t.rows.delim))
	}
	// Of a row that is rejected too, to know whom it is about.
	for i, c := range t.plan[:min(len(t.plan), len(fields))] {
		label := ""
		if c.label >= 0 {
			label = fields[c.label]
		}
		b.add(c.meaning, label, fields[i])
	}
	return b.finish()
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
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
