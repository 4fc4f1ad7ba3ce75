package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain runs the test binary as the floor, as main does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == floorCommand {
		exit(floorMain(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// TestMeasure_FillsEveryFigure runs the whole benchmark with few customers and little
// time; its figures mean nothing.
func TestMeasure_FillsEveryFigure(t *testing.T) {
	dir := t.TempDir()
	o := options{binary: filepath.Join(dir, "clientele"), external: filepath.Join(dir, "externalservice"), cache: dir,
		sizes: []int{60, 1200}, each: 40 * time.Millisecond, part: 100, workers: 12, perSecond: 10, concurrency: 4}
	for file, from := range map[string]string{o.binary: "../../cmd/clientele", o.external: "../externalservice"} {
		build := exec.Command("go", "build", "-o", file, from)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	r, err := measure(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if v := r.views; v == nil || v.with <= 0 || v.without <= 0 || v.written == 0 || v.written > v.seen {
		t.Errorf("measureViews() = %+v", v)
	}
	for _, m := range r.sizes {
		for _, f := range m.store {
			if f.median <= 0 || f.runs == 0 {
				t.Errorf("%d customers: %s took %v in %d runs", m.customers, f.name, f.median, f.runs)
			}
		}
		if m.console == nil || m.console.moved != m.customers/10 || len(m.console.changes) == 0 {
			t.Fatalf("%d customers: the console: %+v", m.customers, m.console)
		}
		for _, f := range m.console.figures {
			if f.median <= 0 || f.rowsReturned == 0 && !strings.HasPrefix(f.name, "search") && !strings.HasPrefix(f.name, "groups") {
				t.Errorf("%d customers: %s took %v and returned %v rows", m.customers, f.name, f.median, f.rowsReturned)
			}
		}
		for _, l := range slices.Concat(m.console.quiet, m.console.during) {
			if len(l.took) == 0 || l.took[0] <= 0 {
				t.Errorf("%d customers: %s: %v", m.customers, l.name, l.took)
			}
		}
		for _, w := range m.wire {
			if w.perSecond <= 0 || w.floor <= 0 || w.bytes <= 0 {
				t.Errorf("%d customers: %s: %+v", m.customers, w.name, w)
			}
		}
		if m.made == nil || m.made.maxRSS <= 0 || m.serve == nil || m.serve.rss <= 0 || m.serve.start <= 0 {
			t.Errorf("%d customers: import %+v, serve %+v", m.customers, m.made, m.serve)
		}
	}
	for _, rush := range r.rushes {
		if rush.cold.errors > 0 || len(rush.cold.whole) != o.workers || rush.maxInFlight == 0 || rush.peak <= 0 {
			t.Errorf("a rush: %+v", rush)
		}
	}
	table := r.String()
	for _, want := range []string{"| no errors | 0 and 0 [] | PASS |", "it rejects more than 10 a second", "| customers | 60 | 1,200 |", "| details |", "| list page of the app |", "| import of the CSV file |"} {
		if !strings.Contains(table, want) {
			t.Errorf("the report has no %q:\n%s", want, table)
		}
	}
	if left := regexp.MustCompile(`%!|NaN|Inf|–`).FindString(table); left != "" {
		t.Errorf("the report holds %q:\n%s", left, table)
	}
	r.rushes[0].maxInFlight = o.concurrency + 1
	if err := r.missed(); err == nil || !strings.Contains(r.String(), "FAIL") {
		t.Errorf("missed() = %v after too many requests at once", err)
	}
	page := filepath.Join(dir, "page.md")
	if err := os.WriteFile(page, []byte("above\n"+beginMark+"old\n"+endMark+"\nbelow\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeInto(page, table); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != "above\n"+beginMark+table+endMark+"\nbelow\n" {
		t.Errorf("the page is now:\n%s", got)
	}
}
