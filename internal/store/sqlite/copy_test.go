package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestACopyHoldsTheSameAndLeavesTheOriginalToOthers(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "odd name?#%41 ü.db"), filepath.Join(dir, "copy's.db")
	d, err := Open(ctx, from, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	fill(t, d, 300, 50)
	count := func(d *DB) (n int) {
		for _, err := range d.Customers().All(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	want := count(d)
	if err := Copy(ctx, from, to); err != nil { // what is still in the log, too
		t.Fatal(err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	c, err := Open(ctx, to, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := count(c); got != want || got == 0 {
		t.Errorf("the copy has %d customers, the original %d", got, want)
	}
	if err := Copy(ctx, from, to); err == nil {
		t.Error("it wrote over a file")
	}
}

func TestACopyThatIsInterruptedSaysSo(t *testing.T) {
	dir := t.TempDir()
	from := filepath.Join(dir, "x.db")
	d, err := Open(ctx, from, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	stopped, stop := context.WithCancel(ctx)
	stop()
	if err := Copy(stopped, from, filepath.Join(dir, "copy.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}
