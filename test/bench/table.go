package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A table is a part of the report.
type table struct {
	title string
	head  []string
	rows  [][]string
	after string // after the rows
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write writes the table as Markdown.
func (t *table) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n### %s\n\n", t.title)
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(t.head)
	b.WriteString("|---|" + strings.Repeat("---:|", len(t.head)-1) + "\n")
	for _, row := range t.rows {
		line(row)
	}
	if t.after != "" {
		b.WriteString("\n" + t.after + "\n")
	}
}

// bySize returns a table with a column for each number of customers. cells returns the
// names and values of the rows; all sizes have the same rows.
func (r report) bySize(title string, cells func(m measured) [][2]string) *table {
	t := &table{title: title, head: []string{"customers"}}
	for i, m := range r.sizes {
		t.head = append(t.head, thousands(m.customers))
		for j, cell := range cells(m) {
			if i == 0 {
				t.add(cell[0])
			}
			t.rows[j] = append(t.rows[j], cell[1])
		}
	}
	return t
}

// tables returns what was measured.
func (r report) tables() (all []*table) {
	if goals := r.goals(); len(goals) > 0 {
		t := &table{title: "Goals", head: []string{"goal", "measured", ""}}
		for _, g := range goals {
			t.add(g.want, g.got, map[bool]string{true: "met", false: "**missed**"}[g.met])
		}
		all = append(all, t)
	}
	if len(r.postgres) > 0 {
		all = append(all, r.sideBySideTable())
	}
	all = append(all, r.sizeTables()...)
	for _, rush := range r.rushes {
		all = append(all, rush.table())
	}
	for _, t := range (report{sizes: r.postgres}).sizeTables() {
		t.title += " (PostgreSQL)"
		all = append(all, t)
	}
	return all
}

// sizeTables returns what was measured with each number of customers.
func (r report) sizeTables() (all []*table) {
	if len(r.sizes) == 0 {
		return nil
	}
	all = r.loadTables()
	if r.sizes[0].store != nil {
		all = append(all, r.storeTable())
	}
	if r.sizes[0].console != nil {
		all = append(all, r.consoleTables()...)
	}
	if !slices.ContainsFunc(r.sizes, func(m measured) bool { return m.made == nil }) {
		all = append(all, r.bySize("Import", func(m measured) [][2]string {
			return [][2]string{{"import of the CSV file", seconds(m.made.took)}, {"peak memory of the import", mebibytes(m.made.peak)},
				{"size of the CSV file", mebibytes(m.made.file)}, {"size of the database", mebibytes(m.made.size)}}
		}))
	}
	return all
}

func (r report) storeTable() *table {
	return r.bySize("In the store, nanoseconds (median, and p99 of the slowest searches)", func(m measured) (cells [][2]string) {
		for _, f := range m.store {
			cell := thousands(int(f.median.Nanoseconds()))
			if f.what != "" {
				cell = thousands(int(f.p99.Nanoseconds())) + " (" + f.what + ")"
			}
			cells = append(cells, [2]string{f.name, cell})
		}
		return cells
	})
}

// loadTables returns the tables of whole requests, of how they grow, and of memory.
func (r report) loadTables() (all []*table) {
	if r.sizes[0].load == nil {
		return nil
	}
	for _, m := range slices.Backward(r.sizes) {
		t := &table{title: fmt.Sprintf("Whole requests with %s customers", thousands(m.customers)),
			head: []string{fmt.Sprintf("over %d connections", m.load.rows[0].connections), "requests a second", "of the floor", "p50", "p99", "p99.9",
				"floor's p99", "processor, µs", "floor's", "generator's", "bytes", "errors"}}
		for _, c := range m.load.rows {
			t.add(c.name, thousands(int(median(c.program.rates))), fmt.Sprintf("%.2f", c.ofFloor),
				millis(c.program.latency.quantile(0.5)), millis(c.program.latency.quantile(0.99)), millis(c.program.latency.quantile(0.999)),
				millis(c.floor.latency.quantile(0.99)), micros(c.program.perResponse()), micros(c.floor.perResponse()), micros(c.generator),
				thousands(c.bytes), fmt.Sprint(c.errors()))
		}
		all = append(all, t)
	}
	growth := r.bySize("Growth: processor time of a request, µs", func(m measured) (cells [][2]string) {
		for _, c := range m.load.rows {
			cells = append(cells, [2]string{c.name, micros(c.program.perResponse())})
		}
		return cells
	})
	if len(r.sizes) > 1 {
		growth.head = append(growth.head, "last to first")
		for i := range growth.rows {
			growth.rows[i] = append(growth.rows[i], fmt.Sprintf("%.2f", r.growth(growth.rows[i][0])))
		}
		all = append(all, growth)
	}
	return append(all, r.bySize("Start and memory of `serve`: resident, and in parentheses anonymous", func(m measured) [][2]string {
		return [][2]string{{"start to first response", seconds(m.load.start)}, {"memory after start", m.load.idle.String()},
			{"memory after 10,000 mixed requests", m.load.mixed.String()}, {"memory after all of the load", m.load.after.String()},
			{"peak of the resident memory", mebibytes(m.load.after.peak)}}
	}))
}

// growth returns how many times the processor time of the first size the row of a name takes
// with the last. The kernel counts hundredths of a second, so a very short measurement took none:
// it counts as a microsecond.
func (r report) growth(name string) float64 {
	cost := func(m measured) float64 {
		return float64(max(m.load.row(name).program.perResponse(), time.Microsecond))
	}
	return cost(r.sizes[len(r.sizes)-1]) / cost(r.sizes[0])
}

func (m memory) String() string {
	return fmt.Sprintf("%s (%s)", mebibytes(m.resident), mebibytes(m.anonymous))
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// short writes a duration with the unit that suits it.
func short(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.3g ms", d.Seconds()*1000)
	}
	return fmt.Sprintf("%.3g s", d.Seconds())
}

func millis(d time.Duration) string { return fmt.Sprintf("%.2f ms", d.Seconds()*1000) }

// micros writes microseconds.
func micros(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%.1f", d.Seconds()*1e6)
	}
	return thousands(int(d.Microseconds()))
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

// quantile returns a quantile of sorted durations, or 0 if there are none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
