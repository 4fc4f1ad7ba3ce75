package sqlite_test

import (
	"context"
	"errors"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/clientele-project/clientele/internal/store/sqldb"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

const commit = "UPDATE state SET generation = generation + 1 WHERE id = 1"

// The program that commits to a file, for TestCache_ReadsAgainAfterEveryCommit.
func TestMain(m *testing.M) {
	file := os.Getenv("COMMIT_TO")
	if file == "" {
		os.Exit(m.Run())
	}
	db, err := sqlite.Open(context.Background(), file, sqlite.Options{})
	if err == nil {
		err = errors.Join(db.Update(context.Background(), func(c *sqldb.Conn) error { return c.Exec(commit) }), db.Close())
	}
	if err != nil {
		log.Fatal(err)
	}
}

// A value is read again after each commit, of this DB, of another one of the file and of
// another process, and only then.
func TestCache_ReadsAgainAfterEveryCommit(t *testing.T) {
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), "clientele.db")
	db, err := sqlite.Open(ctx, file, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	again, err := db.OpenAgain(ctx, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	commitTo := func(db *sqlite.DB) {
		t.Helper()
		if err := db.Update(ctx, func(c *sqldb.Conn) error { return c.Exec(commit) }); err != nil {
			t.Fatal(err)
		}
	}
	generation := func(db *sqlite.DB) (n int64) {
		t.Helper()
		if err := db.View(ctx, func(c *sqldb.Conn) (err error) {
			n, err = c.Count("SELECT generation FROM state WHERE id = 1")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	cache := sqldb.NewCache[string, int64](db.DB, 10)
	reads := 0
	get := func() int64 {
		n, err := cache.Get(ctx, "generation", func() (int64, error) { reads++; return generation(db), nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i := range 200 {
		switch {
		case i%40 == 7:
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), "COMMIT_TO="+file)
			if out, err := child.CombinedOutput(); err != nil {
				t.Fatalf("another process: %v\n%s", err, out)
			}
		case i%2 == 0:
			commitTo(db)
		default:
			commitTo(again)
		}
		if i%50 == 49 { // the next commit starts the log again at its first frame
			if err := db.RunCheckpoint(ctx); err != nil {
				t.Fatal(err)
			}
		}
		before, want := reads, generation(again)
		if got := [2]int64{get(), get()}; got != [2]int64{want, want} || reads != before+1 {
			t.Fatalf("after commit %d: got generation %d with %d reads, want %d with one read", i+1, got, reads-before, want)
		}
	}
}
