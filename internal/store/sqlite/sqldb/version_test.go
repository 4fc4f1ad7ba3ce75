package sqldb_test

import (
	"path/filepath"
	"testing"

	"github.com/clientele-project/clientele/internal/store/sqlite/sqldb"
)

// A value is read again after each commit, of this DB and of another, and only then.
func TestCache_ReadsAgainAfterEveryCommit(t *testing.T) {
	ctx := t.Context()
	file := filepath.Join(t.TempDir(), "clientele.db")
	var dbs [2]*sqldb.DB
	for i := range dbs {
		db, err := sqldb.Open(ctx, file, sqldb.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		dbs[i] = db
	}
	generation := func(db *sqldb.DB) (n int64) {
		if err := db.View(ctx, func(c *sqldb.Conn) (err error) {
			n, err = c.Count("SELECT generation FROM state WHERE id = 1")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	cache := sqldb.NewCache[string, int64](dbs[0], 10)
	reads := 0
	get := func() int64 {
		n, err := cache.Get(ctx, "generation", func() (int64, error) { reads++; return generation(dbs[0]), nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i := range 200 {
		if err := dbs[i%2].Update(ctx, func(c *sqldb.Conn) error {
			return c.Exec("UPDATE state SET generation = generation + 1 WHERE id = 1")
		}); err != nil {
			t.Fatal(err)
		}
		if i%50 == 49 { // the next commit starts the log again at its first frame
			if err := dbs[0].Checkpoint(ctx); err != nil {
				t.Fatal(err)
			}
		}
		want := generation(dbs[1])
		if got := [2]int64{get(), get()}; got != [2]int64{want, want} || reads != i+1 {
			t.Fatalf("after commit %d: got generation %d with %d reads, want %d with one read for each commit", i+1, got, reads, want)
		}
	}
}
