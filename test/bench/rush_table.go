package main

import (
	"fmt"
	"strings"
	"time"
)

// table writes a rush as Markdown, or nothing if r is nil.
func (r *rush) table(b *strings.Builder) {
	if r == nil {
		return
	}
	refuses := ""
	if r.serviceRate > 0 {
		refuses = fmt.Sprintf("; it rejects more than %d a second", r.serviceRate)
	}
	fmt.Fprintf(b, "\n### %s workers open their lists at once; the external service takes %s, limited to %d requests a second and %d at once%s\n\n",
		thousands(r.workers), seconds(r.serviceDelay), r.perSecond, r.concurrency, refuses)
	b.WriteString("| | first time, empty cache | second time |\n|---|---:|---:|\n")
	row := func(name string, cell func(round) string) {
		fmt.Fprintf(b, "| %s | %s | %s |\n", name, cell(r.cold), cell(r.warm))
	}
	row("workers who got their customers", func(x round) string { return thousands(len(x.whole)) })
	row("workers who got a waiting page first", func(x round) string { return thousands(x.waited) })
	row("workers who got an error", func(x round) string { return thousands(x.errors) })
	row("first response, median", func(x round) string { return seconds(quantile(x.first, 0.50)) })
	row("first response, 99th percentile", func(x round) string { return seconds(quantile(x.first, 0.99)) })
	row("customers, median", func(x round) string { return seconds(quantile(x.whole, 0.50)) })
	row("customers, 99th percentile", func(x round) string { return seconds(quantile(x.whole, 0.99)) })
	row("until all workers had theirs", func(x round) string { return seconds(x.took) })
	fmt.Fprintf(b, "\nThe external service got at most %d requests in a second, and at most %d at once. "+
		"Memory of `serve`: %s before, %s at the peak.\n", r.maxPerSecond, r.maxInFlight, mebibytes(r.idle), mebibytes(r.peak))
	b.WriteString("\n| goal | measured | |\n|---|---:|---|\n")
	for _, g := range r.goals() {
		fmt.Fprintf(b, "| %s | %s | %s |\n", g.want, g.got, map[bool]string{true: "PASS", false: "FAIL"}[g.met])
	}
}

// A goal is a bound on a figure.
type goal struct {
	want, got string
	met       bool
}

// goals returns the goals of a rush. A service with its own rate limit has none for speed.
func (r *rush) goals() []goal {
	warm := quantile(r.warm.whole, 0.99)
	goals := []goal{
		{"every worker gets their customers, both times", fmt.Sprintf("%d and %d of %d", len(r.cold.whole), len(r.warm.whole), r.workers),
			len(r.cold.whole) == r.workers && len(r.warm.whole) == r.workers},
		{"no errors", fmt.Sprintf("%d and %d %q", r.cold.errors, r.warm.errors, append(r.cold.errorSamples, r.warm.errorSamples...)), r.cold.errors+r.warm.errors == 0},
		{"the second time, no worker waits, and 99 of 100 have their customers within 3 s", fmt.Sprintf("%d wait, %s", r.warm.waited, seconds(warm)), r.warm.waited == 0 && warm <= 3*time.Second},
		{fmt.Sprintf("at most %d requests at once", r.concurrency), fmt.Sprint(r.maxInFlight), r.maxInFlight > 0 && r.maxInFlight <= r.concurrency},
		{"at most 300 MiB", mebibytes(r.peak), r.peak <= 300<<20},
	}
	if r.serviceRate > 0 {
		return goals
	}
	least, most := time.Duration(r.workers/r.perSecond-1)*time.Second, r.perSecond+r.perSecond/2+1
	return append(goals,
		goal{"at least half get a waiting page first", thousands(r.cold.waited), r.cold.waited >= r.workers/2},
		goal{fmt.Sprintf("at most %d requests in a second", most), fmt.Sprint(r.maxPerSecond), r.maxPerSecond <= most},
		goal{"the last worker has theirs no sooner than " + seconds(least), seconds(r.cold.took), r.cold.took >= least})
}

// missed returns an error when a goal was missed.
func (r report) missed() error {
	n := 0
	for _, rush := range r.rushes {
		for _, g := range rush.goals() {
			if !g.met {
				n++
			}
		}
	}
	if n > 0 {
		return fmt.Errorf("%d goals were missed", n)
	}
	return nil
}

// quantile returns a quantile of sorted durations, or 0 if there are none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
