package main

import (
	"fmt"
	"slices"
	"time"
)

// A pair is a figure of both stores, and PostgreSQL's goal for it with a million customers.
type pair struct {
	what, sqlite, postgres string
	goal                   string // "" for none
	met                    bool
}

// sideBySide returns the figures of both stores with the most customers.
func (r report) sideBySide() (all []pair) {
	last := len(r.postgres) - 1
	a, b := r.sizes[last], r.postgres[last]
	add := func(what string, figure func(m measured) string, goal string, met bool) {
		all = append(all, pair{what, figure(a), figure(b), goal, met})
	}
	if b.load != nil {
		for _, c := range b.load.rows {
			goal := ""
			if c.onPostgres > 0 {
				goal = fmt.Sprintf("at least %.2f of the floor", c.onPostgres)
			}
			add(c.name, func(m measured) string { return m.load.row(c.name).summary() }, goal, c.ofFloor >= c.onPostgres)
		}
		all = append(all, r.growthPairs()...)
		add("start to first response", func(m measured) string { return seconds(m.load.start) }, "", true)
		add("memory after 10,000 mixed requests", func(m measured) string { return mebibytes(m.load.mixed.resident) }, "", true)
	}
	if b.store != nil {
		for _, worker := range []string{fewCustomers, poolsWorker} {
			slowest := func(m measured) time.Duration { return m.slowestSearch(worker).p99 }
			add(slowestSearch+worker, func(m measured) string { return short(slowest(m)) }, "at most twice SQLite's", slowest(b) <= 2*slowest(a))
		}
	}
	if a.made != nil && b.made != nil {
		add("import", func(m measured) string { return seconds(m.made.took) }, "under 90 s", b.made.took < 90*time.Second)
		add("peak memory of the import", func(m measured) string { return mebibytes(m.made.peak) }, "at most 200 MiB", b.made.peak <= 200<<20)
		add("size of the database", func(m measured) string { return mebibytes(m.made.size) }, "", true)
	}
	return all
}

// growthPairs returns how the processor time of requests grows from the first size to the last.
func (r report) growthPairs() (all []pair) {
	if len(r.sizes) < 2 {
		return nil
	}
	first, last := r.sizes[0].customers, r.sizes[len(r.sizes)-1].customers
	postgres := report{sizes: r.postgres}
	for _, c := range r.postgres[0].load.rows {
		if c.share > 0 {
			got := postgres.growth(c.name)
			all = append(all, pair{fmt.Sprintf("%s: processor time from %s to %s customers", c.name, thousands(first), thousands(last)),
				fmt.Sprintf("%.2f times", r.growth(c.name)), fmt.Sprintf("%.2f times", got), "at most 1.15 times", got <= 1.15})
		}
	}
	return all
}

// summary returns the figures of a row that people compare first.
func (c *comparison) summary() string {
	return fmt.Sprintf("%.2f of the floor, %s a second, p99 %s", c.ofFloor, thousands(int(median(c.program.rates))), millis(c.program.latency.quantile(0.99)))
}

// row returns the row of a name.
func (l *loadRun) row(name string) *comparison {
	return l.rows[slices.IndexFunc(l.rows, func(c *comparison) bool { return c.name == name })]
}

func (r report) sideBySideTable() *table {
	t := &table{title: fmt.Sprintf("SQLite and PostgreSQL side by side at %s customers", thousands(r.postgres[len(r.postgres)-1].customers)),
		head: []string{"", "SQLite", "PostgreSQL", "goal of PostgreSQL with a million"},
		after: "PostgreSQL runs on the same machine, beside the program, the floor and the generator. Its throughput is what is left for all of them, " +
			"and its processor time is that of the program and of all of PostgreSQL's processes. Memory is the program's alone."}
	for _, p := range r.sideBySide() {
		t.add(p.what, p.sqlite, p.postgres, p.goal)
	}
	return t
}
