package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// measured holds the figures for one number of customers.
type measured struct {
	customers int
	made      *importRun
	store     []figure
	console   *consoleRun
	wire      []ratio
	serve     *served
}

// A report is everything that was measured.
type report struct {
	sizes  []measured
	views  *views // nil when it was not measured
	rushes []*rush
	// load is the load average before and after. A high one before means that the
	// figures are too slow.
	load string
}

// String writes the report as Markdown.
func (r report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured %s, %s, %d cores (%s), load average %s.\n",
		time.Now().Format("2 January 2006"), runtime.Version(), runtime.NumCPU(), machine(), r.load)
	r.storeTable(&b)
	r.consoleTable(&b)
	r.wireTable(&b)
	r.restTable(&b)
	r.views.table(&b)
	for _, rush := range r.rushes {
		rush.table(&b)
	}
	return b.String()
}

// columns is the head of a table: a column for each number of customers.
func (r report) columns(b *strings.Builder, first string, suffixes ...string) {
	b.WriteString("\n| " + first + " |")
	for _, m := range r.sizes {
		for _, s := range suffixes {
			fmt.Fprintf(b, " %s%s |", thousands(m.customers), s)
		}
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(r.sizes)*len(suffixes)) + "\n")
}

func (r report) storeTable(b *strings.Builder) {
	if len(r.sizes) == 0 || r.sizes[0].store == nil {
		return
	}
	b.WriteString("\n### In the store, nanoseconds (median)\n")
	r.columns(b, "customers", "")
	for i, f := range r.sizes[0].store {
		b.WriteString("| " + f.name + " |")
		for _, m := range r.sizes {
			cell := thousands(int(m.store[i].median.Nanoseconds()))
			if what := m.store[i].what; what != "" {
				cell += " (" + what + ")"
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteString("\n")
	}
}

func (r report) wireTable(b *strings.Builder) {
	if len(r.sizes) == 0 || r.sizes[0].wire == nil {
		return
	}
	fmt.Fprintf(b, "\n### Whole requests, %d connections over loopback TCP: requests a second, and as a part of the floor\n", connections)
	r.columns(b, "customers", "", ", of the floor")
	for i, w := range r.sizes[0].wire {
		b.WriteString("| " + w.name + " |")
		for _, m := range r.sizes {
			x := m.wire[i]
			fmt.Fprintf(b, " %s | %.2f |", thousands(int(x.perSecond)), x.ofFloor)
		}
		b.WriteString("\n")
	}
}

func (r report) restTable(b *strings.Builder) {
	if len(r.sizes) == 0 {
		return
	}
	rows := []struct {
		name string
		cell func(m measured) string
	}{
		{"import of the CSV file", func(m measured) string { return m.imported(func(i *importRun) string { return seconds(i.took) }) }},
		{"peak memory of the import", func(m measured) string { return m.imported(func(i *importRun) string { return mebibytes(i.maxRSS) }) }},
		{"size of the CSV file", func(m measured) string { return m.imported(func(i *importRun) string { return mebibytes(i.file) }) }},
		{"size of the database", func(m measured) string { return m.imported(func(i *importRun) string { return mebibytes(i.size) }) }},
		{"`serve`: start to first response", func(m measured) string { return m.served(func(s *served) string { return seconds(s.start) }) }},
		{"memory of `serve` after start", func(m measured) string { return m.served(func(s *served) string { return mebibytes(s.idle) }) }},
		{"memory after 10,000 mixed requests", func(m measured) string { return m.served(func(s *served) string { return mebibytes(s.rss) }) }},
		{"peak memory of `serve`", func(m measured) string { return m.served(func(s *served) string { return mebibytes(s.peak) }) }},
	}
	b.WriteString("\n### Import, start, memory\n")
	r.columns(b, "customers", "")
	for _, row := range rows {
		b.WriteString("| " + row.name + " |")
		for _, m := range r.sizes {
			b.WriteString(" " + row.cell(m) + " |")
		}
		b.WriteString("\n")
	}
}

func (m measured) imported(cell func(*importRun) string) string {
	if m.made == nil {
		return "–"
	}
	return cell(m.made)
}

func (m measured) served(cell func(*served) string) string {
	if m.serve == nil {
		return "–"
	}
	return cell(m.serve)
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// thousands writes 1,000,000.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// cpuModel finds the processor's name in /proc/cpuinfo.
func cpuModel(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// The marks between which writeInto puts the tables.
const (
	beginMark = "<!-- bench: begin -->\n"
	endMark   = "<!-- bench: end -->"
)

// writeInto replaces what stands between the marks of a file.
func writeInto(name, text string) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), beginMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no %q and %q", name, strings.TrimSpace(beginMark), endMark)
	}
	return os.WriteFile(name, []byte(before+beginMark+text+endMark+after), 0o644)
}
