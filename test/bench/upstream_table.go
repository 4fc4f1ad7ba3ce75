package main

import (
	"fmt"
	"strings"
	"time"
)

// table writes a rush as Markdown; nothing for one that was not measured.
func (r *rush) table(b *strings.Builder) {
	if r == nil {
		return
	}
	fmt.Fprintf(b, "\n### %s workers open their lists at once; the service takes %s, and may be asked %d times a second and %d at once\n\n",
		thousands(r.workers), seconds(r.answersIn), r.perSecond, r.atOnce)
	b.WriteString("| | first time, nothing held | once more |\n|---|---:|---:|\n")
	row := func(name string, cell func(round) string) {
		fmt.Fprintf(b, "| %s | %s | %s |\n", name, cell(r.cold), cell(r.warm))
	}
	row("saw their customers in the end", func(x round) string { return thousands(len(x.whole)) })
	row("saw a waiting page first", func(x round) string { return thousands(x.waited) })
	row("saw an error", func(x round) string { return thousands(x.troubles) })
	row("first answer, median", func(x round) string { return seconds(quantile(x.first, 0.50)) })
	row("first answer, 99 of 100", func(x round) string { return seconds(quantile(x.first, 0.99)) })
	row("customers, median", func(x round) string { return seconds(quantile(x.whole, 0.50)) })
	row("customers, 99 of 100", func(x round) string { return seconds(quantile(x.whole, 0.99)) })
	row("until everybody had theirs", func(x round) string { return seconds(x.took) })
	fmt.Fprintf(b, "\nThe service was asked at most %d times in a second, and at most %d questions were under way at once. "+
		"Memory of `serve`: %s before, %s at most.\n", r.mostAsked, r.maxInFlight, mebibytes(r.idle), mebibytes(r.peak))
}

// quantile of durations in order; 0 of none.
func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
