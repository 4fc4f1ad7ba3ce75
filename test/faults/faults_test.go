package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReport_NamesBrokenPromises checks that the table and the exit code tell what was broken
// and what was not tried.
func TestReport_NamesBrokenPromises(t *testing.T) {
	kept := &row{part: "Kills", what: "an import", tried: 1200, unit: "kills", held: "identical"}
	untried := &row{part: "Disks", what: "a full disk"}
	untried.skip("needs root")
	r := report{begun: time.Now(), rows: []*row{kept, untried}}
	for _, want := range []string{"| an import | 1,200 kills | 0 | identical |", "| a full disk | not run: needs root | – | |", "### Disks"} {
		if text := r.String(); !strings.Contains(text, want) {
			t.Errorf("String() has no %q:\n%s", want, text)
		}
	}
	if err := r.result(false); err != nil {
		t.Errorf("result(false) = %v, want nil", err)
	}
	if err := r.result(true); err == nil || !strings.Contains(err.Error(), "needs root") {
		t.Errorf("result(true) = %v, want that a full disk was not tried", err)
	}
	for range 5 {
		kept.check(false, "an edit\nis lost | gone")
	}
	if err := r.result(false); err == nil || !strings.Contains(err.Error(), "5 broken") {
		t.Errorf("result(false) = %v, want 5 broken", err)
	}
	if text := r.String(); !strings.Contains(text, "| **5** | **an edit is lost / gone**") {
		t.Errorf("String() has no broken promise:\n%s", text)
	}
}

func TestWriteBetweenMarks(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(page, []byte("above\n"+beginMark+"old\n"+endMark+"below\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeBetweenMarks(page, "new\n"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(page); string(got) != "above\n"+beginMark+"new\n"+endMark+"below\n" {
		t.Errorf("the page is now:\n%s", got)
	}
	if err := os.WriteFile(page, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeBetweenMarks(page, "new\n"); err == nil {
		t.Error("writeBetweenMarks() of a page without marks = nil, want an error")
	}
}

// TestClock_PromisesAreKept runs the part that does not need the built program, so that the
// harness itself is tried. Its directory is one that PostgreSQL's user can reach.
func TestClock_PromisesAreKept(t *testing.T) {
	for _, f := range clockPart().faults {
		if r := try(t.Context(), options{}, clockPart(), f); r.broken > 0 || r.tried == 0 && r.skipped != "needs PostgreSQL" {
			t.Errorf("try(%s) = %+v", f.what, r)
		}
	}
}
