package main

import (
	"fmt"
	"time"
)

// table returns the figures of a rush.
func (r *rush) table() *table {
	refuses := ""
	if r.serviceRate > 0 {
		refuses = fmt.Sprintf("; it rejects more than %d a second", r.serviceRate)
	}
	t := &table{title: fmt.Sprintf("%s workers open their lists at once; the external service takes %s, limited to %d requests a second and %d at once%s",
		thousands(r.workers), seconds(serviceDelay), r.perSecond, r.concurrency, refuses),
		head: []string{"", "first time, empty cache", "second time"},
		after: fmt.Sprintf("The external service got at most %d requests in a second, and at most %d at once. Memory of `serve`: %s before, %s at the peak.",
			r.maxPerSecond, r.maxInFlight, mebibytes(r.before.resident), mebibytes(r.after.peak))}
	row := func(name string, cell func(round) string) { t.add(name, cell(r.cold), cell(r.warm)) }
	row("workers who got their customers", func(x round) string { return thousands(len(x.whole)) })
	row("workers who got a waiting page first", func(x round) string { return thousands(x.waited) })
	row("workers who got an error", func(x round) string { return thousands(x.errors) })
	row("first response, median", func(x round) string { return seconds(quantile(x.first, 0.50)) })
	row("first response, 99th percentile", func(x round) string { return seconds(quantile(x.first, 0.99)) })
	row("customers, median", func(x round) string { return seconds(quantile(x.whole, 0.50)) })
	row("customers, 99th percentile", func(x round) string { return seconds(quantile(x.whole, 0.99)) })
	row("until all workers had theirs", func(x round) string { return seconds(x.took) })
	return t
}

// goals returns the goals of a rush. A service with its own rate limit has none for speed.
func (r *rush) goals() []goal {
	warm := quantile(r.warm.whole, 0.99)
	who := thousands(r.workers) + " workers at once"
	goals := []goal{
		{who + ": every worker gets their customers, both times", fmt.Sprintf("%d and %d of %d", len(r.cold.whole), len(r.warm.whole), r.workers),
			len(r.cold.whole) == r.workers && len(r.warm.whole) == r.workers},
		{who + ": no errors", fmt.Sprintf("%d and %d %q", r.cold.errors, r.warm.errors, append(r.cold.errorSamples, r.warm.errorSamples...)), r.cold.errors+r.warm.errors == 0},
		{who + ": the second time, no worker waits, and 99 of 100 have their customers within 3 s", fmt.Sprintf("%d wait, %s", r.warm.waited, seconds(warm)), r.warm.waited == 0 && warm <= 3*time.Second},
		{fmt.Sprintf("%s: at most %d requests at once", who, r.concurrency), fmt.Sprint(r.maxInFlight), r.maxInFlight > 0 && r.maxInFlight <= r.concurrency},
		atMostMiB(who, 300, r.after.peak),
	}
	if r.serviceRate > 0 {
		return goals
	}
	least, most := time.Duration(r.workers/r.perSecond-1)*time.Second, r.perSecond+r.perSecond/2+1
	return append(goals,
		goal{who + ": at least half get a waiting page first", thousands(r.cold.waited), r.cold.waited >= r.workers/2},
		goal{fmt.Sprintf("%s: at most %d requests in a second", who, most), fmt.Sprint(r.maxPerSecond), r.maxPerSecond <= most},
		goal{who + ": the last has theirs no sooner than " + seconds(least), seconds(r.cold.took), r.cold.took >= least})
}
