package compat

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestKeeps checks that the program shows everything that a fixture has.
func TestKeeps(t *testing.T) {
	if *makeIt != "" {
		t.Skip("a fixture is being made")
	}
	alone(t)
	fixtures, err := filepath.Glob(filepath.Join("testdata", "*", "manifest.json"))
	if err != nil || len(fixtures) == 0 {
		t.Fatalf("there are no fixtures: %v", err)
	}
	for _, file := range fixtures {
		fixture := filepath.Dir(file)
		t.Run(filepath.Base(fixture), func(t *testing.T) {
			if *golden {
				record(t, fixture)
				return
			}
			compare(t, fixture, observe(t, fixture).seen)
		})
	}
}

// record writes down what the program shows of a fixture.
func record(t *testing.T, fixture string) {
	t.Helper()
	seen := observe(t, fixture).seen
	if t.Failed() {
		return
	}
	dir := filepath.Join(fixture, "golden")
	err := os.RemoveAll(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	for name, text := range seen {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// compare reports how observations differ from the recorded ones.
func compare(t *testing.T, fixture string, seen map[string]string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(fixture, "golden", "*"))
	if err != nil || len(names) != len(seen) {
		t.Errorf("%d observations were recorded, %d made: %v", len(names), len(seen), err)
	}
	for _, file := range names {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if name == "audit.csv" {
			compareAudit(t, string(want), seen[name])
			continue
		}
		compareLines(t, name, string(want), seen[name])
	}
}

// compareLines reports the first lines that differ.
func compareLines(t *testing.T, name, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			t.Errorf("%s, line %d: got\n%q\nwant\n%q", name, i+1, g[min(i, len(g)-1)], w[min(i, len(w)-1)])
			return
		}
	}
}

// compareAudit compares entries by what they mean. Details are prose, whose wording may
// change; the numbers and identities in it must stay.
func compareAudit(t *testing.T, want, got string) {
	t.Helper()
	w, werr := csv.NewReader(strings.NewReader(want)).ReadAll()
	g, gerr := csv.NewReader(strings.NewReader(got)).ReadAll()
	if werr != nil || gerr != nil || len(w) != len(g) {
		t.Errorf("audit: %d entries, want %d (%v, %v)", len(g), len(w), gerr, werr)
		return
	}
	const detail = 7
	if w[0][detail] != "detail" {
		t.Fatalf("audit: column %d is %s", detail, w[0][detail])
	}
	for i := range w {
		if len(g[i]) < len(w[i]) {
			t.Errorf("audit: %d columns, want %d", len(g[i]), len(w[i]))
			return
		}
		kept, is := w[i][detail], g[i][detail]
		same := (kept == "") == (is == "")
		for _, value := range named(kept) {
			same = same && slices.Contains(named(is), value)
		}
		w[i][detail], g[i][detail] = "", ""
		if !same || !slices.Equal(w[i], g[i][:len(w[i])]) {
			t.Errorf("audit: entry is %q with the detail %q, want %q with %q", g[i], is, w[i], kept)
		}
	}
}

// value matches what a detail names: identities, and numbers except 0, which may be left out.
var value = regexp.MustCompile(`[^\s,;:]+@[^\s,;:]+|[0-9]+|\*`)

func named(detail string) []string {
	return slices.DeleteFunc(value.FindAllString(detail, -1), func(s string) bool { return strings.Trim(s, "0") == "" })
}
