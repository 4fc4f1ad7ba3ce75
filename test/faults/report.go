package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// A row is what came of one fault.
type row struct {
	part, what string
	tried      int    // how often the fault was injected, or what was asked during it
	unit       string // of tried, such as "kills"
	figure     string // what was measured
	held       string // what the table says if no promise was broken
	broken     int
	samples    []string // the first few broken promises
	skipped    string   // why it was not tried
	took       time.Duration
}

// fail notes a broken promise.
func (r *row) fail(format string, args ...any) {
	if r.broken++; len(r.samples) < 3 {
		r.samples = append(r.samples, fmt.Sprintf(format, args...))
	}
}

// check notes a broken promise unless ok.
func (r *row) check(ok bool, format string, args ...any) {
	if !ok {
		r.fail(format, args...)
	}
}

// skip notes why the fault was not tried.
func (r *row) skip(why string) { r.skipped = why }

// A report is everything that was tried.
type report struct {
	begun time.Time
	rows  []*row
}

// String writes the report as Markdown.
func (r report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Tried %s, %s, %d cores, in %s.\n", r.begun.Format("2 January 2006"), runtime.Version(), runtime.NumCPU(),
		time.Since(r.begun).Round(time.Second))
	part := ""
	for _, row := range r.rows {
		if row.part != part {
			part = row.part
			fmt.Fprintf(&b, "\n### %s\n\n| what | tried | lost or failed | figure |\n|---|---:|---:|---|\n", part)
		}
		if row.skipped != "" {
			fmt.Fprintf(&b, "| %s | not run: %s | – | |\n", row.what, row.skipped)
			continue
		}
		cell := "0"
		if row.broken > 0 {
			cell = fmt.Sprintf("**%d**", row.broken)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", row.what, strings.TrimSpace(thousands(row.tried)+" "+row.unit), cell, row.text())
	}
	return b.String()
}

// text returns the figure, and what held or what was broken.
func (r *row) text() string {
	text := r.figure
	if r.broken == 0 {
		text += r.held
	}
	for _, s := range r.samples {
		s = strings.NewReplacer("\n", " ", "|", "/").Replace(s)
		text += "; **" + s[:min(len(s), 300)] + "**"
	}
	return strings.TrimPrefix(text, "; ")
}

// result returns an error when a promise was broken; strict counts what was not tried.
func (r report) result(strict bool) error {
	var errs []error
	for _, row := range r.rows {
		switch {
		case row.broken > 0:
			errs = append(errs, fmt.Errorf("%s: %s: %d broken: %s", row.part, row.what, row.broken, strings.Join(row.samples, "; ")))
		case row.skipped != "" && strict:
			errs = append(errs, fmt.Errorf("%s: %s: not run: %s", row.part, row.what, row.skipped))
		}
	}
	return errors.Join(errs...)
}

// thousands writes 1,000,000.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// seconds writes a duration.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// The marks between which writeBetweenMarks puts the table.
const (
	beginMark = "<!-- faults: begin -->\n"
	endMark   = "<!-- faults: end -->"
)

// writeBetweenMarks replaces what stands between the marks of a file.
func writeBetweenMarks(name, text string) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(old), beginMark)
	_, after, ends := strings.Cut(rest, endMark)
	if !begins || !ends {
		return fmt.Errorf("%s has no %q and %q", name, strings.TrimSpace(beginMark), endMark)
	}
	return os.WriteFile(name, []byte(before+beginMark+text+endMark+after), 0o644)
}
