package main

import (
	"fmt"
	"strings"
	"time"
)

// consoleTable writes the console's figures as Markdown.
func (r report) consoleTable(b *strings.Builder) {
	if len(r.sizes) == 0 || r.sizes[0].console == nil {
		return
	}
	b.WriteString("\n### Requests of the console to the store, microseconds (median; pages of 50)\n")
	r.columns(b, "customers", "")
	for i, f := range r.sizes[0].console.figures {
		b.WriteString("| " + f.name + " |")
		for _, m := range r.sizes {
			fmt.Fprintf(b, " %s |", thousands(int(m.console.figures[i].median.Microseconds())))
		}
		b.WriteString("\n")
	}
	last := r.sizes[len(r.sizes)-1]
	run := last.console
	fmt.Fprintf(b, "\n### %s of %s customers are reassigned, %d at a time, while workers read\n\n", thousands(run.moved), thousands(last.customers), moveRows)
	fmt.Fprintf(b, "It took %s. Another administrator's change took %s (median), %s at most.\n\n", seconds(run.took), millis(quantile(run.changes, 0.5)), millis(quantile(run.changes, 1)))
	b.WriteString("| workers, microseconds | without reassignment, median | 99th percentile | during it, median | 99th percentile | longest |\n|---|---:|---:|---:|---:|---:|\n")
	for i, l := range run.during {
		q := run.quiet[i].took
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", l.name, micros(q, 0.5), micros(q, 0.99), micros(l.took, 0.5), micros(l.took, 0.99), micros(l.took, 1))
	}
}

func micros(took []time.Duration, q float64) string {
	return thousands(int(quantile(took, q).Microseconds()))
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
