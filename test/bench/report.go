package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// measured holds the figures for one number of customers.
type measured struct {
	customers int
	name      string // of the database, for messages
	made      *importRun
	store     []figure
	console   *consoleRun
	load      *loadRun
}

// A report is everything that was measured.
type report struct {
	sizes    []measured // in SQLite
	postgres []measured // the same sizes on PostgreSQL
	without  error      // why there is no PostgreSQL, or nil
	rushes   []*rush
	// average is the load average before and after. A high one before means that the
	// figures are too slow.
	average string
}

// String writes the report as Markdown.
func (r report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured %s, %s, %d cores (%s), load average %s.\n",
		time.Now().Format("2 January 2006"), runtime.Version(), runtime.NumCPU(), machine(), r.average)
	if r.without != nil {
		fmt.Fprintf(&b, "\n%v.\n", r.without)
	}
	for _, t := range r.tables() {
		t.write(&b)
	}
	return b.String()
}

// failed returns an error when requests failed or a goal of a rush was missed. Goals of
// speed are only reported, since they depend on the machine.
func (r report) failed() error {
	var failures []error
	for _, m := range slices.Concat(r.sizes, r.postgres) {
		if m.load == nil {
			continue
		}
		for _, c := range m.load.rows {
			if n := c.errors(); n > 0 {
				failures = append(failures, fmt.Errorf("%s: %s: %d errors, such as: %w",
					m.name, c.name, n, errors.Join(c.program.failure(), c.floor.failure())))
			}
		}
	}
	for _, rush := range r.rushes {
		for _, g := range rush.goals() {
			if !g.met {
				failures = append(failures, fmt.Errorf("goal missed: %s: %s", g.want, g.got))
			}
		}
	}
	return errors.Join(failures...)
}

// errors returns how many requests failed.
func (c *comparison) errors() int64 { return c.program.errors.Load() + c.floor.errors.Load() }

// machine returns the processor's name.
func machine() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return "unknown processor"
}

// The marks between which writeInto puts the tables, and where it puts the chart.
const (
	beginMark = "<!-- bench: begin -->\n"
	endMark   = "<!-- bench: end -->"
	chartFile = "images/load.svg"
)

// writeInto replaces what stands between the marks of a file, and its chart.
func (r report) writeInto(name string) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), beginMark)
	_, after, ok2 := strings.Cut(rest, endMark)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no %q and %q", name, strings.TrimSpace(beginMark), endMark)
	}
	text := r.String()
	if len(r.sizes) > 0 && r.sizes[0].load != nil {
		if err := os.WriteFile(filepath.Join(filepath.Dir(name), chartFile), []byte(r.chart()), 0o644); err != nil {
			return err
		}
		text = "![Whole requests: throughput as a part of the floor, and response times](" + chartFile + ")\n\n" + text
	}
	return os.WriteFile(name, []byte(before+beginMark+text+endMark+after), 0o644)
}
