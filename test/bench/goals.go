package main

import (
	"fmt"
	"time"
)

// A goal is a bound on a figure.
type goal struct {
	want, got string
	met       bool
}

func atLeast(what string, want, got float64, format string) goal {
	return goal{fmt.Sprintf("%s: at least "+format, what, want), fmt.Sprintf(format, got), got >= want}
}

func below(what string, want, got time.Duration) goal {
	return goal{what + " under " + short(want), short(got), got < want}
}

// million is the number of customers that the goals of speed are for.
const million = 1_000_000

// goals returns the goals of what was measured.
func (r report) goals() (all []goal) {
	for _, m := range r.sizes {
		if m.customers != million {
			continue
		}
		if m.made != nil {
			all = append(all, below("import of 1,000,000 rows", 45*time.Second, m.made.took), atMostMiB("memory of the import", 200, m.made.peak))
		}
		if m.load != nil {
			all = append(all, m.load.goals()...)
		}
		if m.store != nil {
			all = append(all, below("slowest search among 500 customers, p99", 2*time.Millisecond, m.slowestSearch(fewCustomers).p99),
				below("slowest search in a pool of 500,000, p99", 30*time.Millisecond, m.slowestSearch(poolsWorker).p99))
		}
		if m.console != nil {
			for _, e := range m.console.edits {
				what := fmt.Sprintf("10,000 edits in a pool of 500,000, %d in a transaction", e.together)
				all = append(all, below(what, 3*time.Second, e.took), atMostMiB(what+", written log", 95, e.log))
			}
		}
	}
	if n := len(r.sizes); n > 1 && r.sizes[0].load != nil && r.sizes[0].customers == 1000 && r.sizes[n-1].customers == million {
		for _, k := range kinds {
			if k.share > 0 {
				got := r.growth(k.name)
				all = append(all, goal{k.name + ": from 1,000 to 1,000,000 customers at most 1.15 times", fmt.Sprintf("%.2f", got), got <= 1.15})
			}
		}
	}
	if n := len(r.postgres); n > 0 && r.postgres[n-1].customers == million {
		for _, p := range r.sideBySide() {
			if p.goal != "" {
				all = append(all, goal{"PostgreSQL: " + p.what + ": " + p.goal, p.postgres, p.met})
			}
		}
	}
	for _, rush := range r.rushes {
		all = append(all, rush.goals()...)
	}
	return all
}

func (l *loadRun) goals() (all []goal) {
	for _, c := range l.rows {
		if c.share > 0 {
			all = append(all, atLeast(c.name+", of the floor", c.share, c.ofFloor, "%.2f"))
		}
		if c.rate > 0 {
			all = append(all, atLeast(c.name+", a second", c.rate, median(c.program.rates), "%.0f"))
		}
		if c.p99 > 0 {
			all = append(all, below(c.name+", p99", c.p99, c.program.latency.quantile(0.99)))
		}
		if c.many {
			all = append(all, goal{c.name + ": no error", fmt.Sprint(c.errors()), c.errors() == 0})
		}
	}
	return append(all, below("start to first response", 100*time.Millisecond, l.start),
		atMostMiB("memory after 10,000 mixed requests", 100, l.mixed.resident))
}

func atMostMiB(what string, most, got int64) goal {
	return goal{fmt.Sprintf("%s: at most %d MiB", what, most), mebibytes(got), got <= most<<20}
}
