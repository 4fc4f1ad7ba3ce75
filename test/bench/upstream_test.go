package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestManyWorkersAtOnce is the rush with fewer workers and a less patient service:
// nobody sees an error, the service is not asked more than it may be, and the second
// time nobody waits.
func TestManyWorkersAtOnce(t *testing.T) {
	o := builtForRush(t)
	o.workers, o.perSecond, o.atOnce = 150, 25, 4
	r := rushWithoutTrouble(t, o)
	if r.cold.waited < o.workers/2 {
		t.Errorf("only %d saw a waiting page: was anything asked of the service at all?", r.cold.waited)
	}
	if least := time.Duration(o.workers/o.perSecond-1) * time.Second; r.cold.took < least {
		t.Errorf("everybody had theirs after %v, though the rate allows no less than %v", r.cold.took, least)
	}
	if most := o.perSecond + o.perSecond/2 + 1; r.mostAsked > most {
		t.Errorf("the service was asked %d times in a second, want at most %d", r.mostAsked, most)
	}
}

// TestManyWorkersInFrontOfAServiceThatRefuses has the service answer 429 to half of
// what it would be asked: nobody sees that either.
func TestManyWorkersInFrontOfAServiceThatRefuses(t *testing.T) {
	o := builtForRush(t)
	o.workers, o.perSecond, o.atOnce, o.refuses = 60, 20, 8, 10
	rushWithoutTrouble(t, o)
}

// builtForRush builds what a rush needs.
func builtForRush(t *testing.T) options {
	t.Helper()
	dir := t.TempDir()
	o := options{binary: filepath.Join(dir, "clientele"), external: filepath.Join(dir, "externalservice"), cache: dir}
	for file, from := range map[string]string{o.binary: "../../cmd/clientele", o.external: "../externalservice"} {
		build := exec.Command("go", "build", "-o", file, from)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return o
}

// rushWithoutTrouble measures a rush, and fails the test when anybody saw anything
// but customers and waiting pages.
func rushWithoutTrouble(t *testing.T, o options) *rush {
	t.Helper()
	r, err := measureRush(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(report{rush: r}.String())
	for name, x := range map[string]round{"first": r.cold, "second": r.warm} {
		if x.troubles > 0 || len(x.whole) != o.workers {
			t.Errorf("the %s time %d of %d saw their customers, %d trouble: %q", name, len(x.whole), o.workers, x.troubles, x.trouble)
		}
	}
	if r.warm.waited > 0 || quantile(r.warm.whole, 0.99) > 3*time.Second {
		t.Errorf("the second time %d waited, 99 of 100 had their customers after %v", r.warm.waited, quantile(r.warm.whole, 0.99))
	}
	if r.maxInFlight > o.atOnce || r.maxInFlight == 0 {
		t.Errorf("the service saw %d questions at once, want at most %d", r.maxInFlight, o.atOnce)
	}
	if r.peak > 300<<20 {
		t.Errorf("the program took %s", mebibytes(r.peak))
	}
	return r
}
