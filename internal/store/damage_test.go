package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// damagedFile returns a database with a person, and with customers on pages that are
// damaged.
func damagedFile(t *testing.T) string {
	t.Helper()
	file := sqlitetest.File(t)
	d, err := store.Open(ctx, file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Accounts().AddPerson(ctx, account.Person{Identity: "ann", Role: account.RoleWorker}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Customers().Update(ctx, func(tx customer.Tx) error {
		for i := range 500 {
			c := customer.Customer{ID: fmt.Sprint(i), Name: fmt.Sprint("Customer ", i), Workers: []string{"ann"}, Details: customer.Detail{Title: "Notes", Content: strings.Repeat("x", 500)}}
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	grown, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	// What was added since the tables were made.
	if _, err := f.WriteAt([]byte(strings.Repeat("\xa5", int(grown.Size()-info.Size()))), info.Size()); err != nil {
		t.Fatal(err)
	}
	return file
}

func readAll(d *store.DB) error {
	for _, err := range d.Customers().All(ctx) {
		if err != nil {
			return err
		}
	}
	return nil
}

func TestDB_WritesNothingAfterAReadFoundDamage(t *testing.T) {
	d := dbtest.Open(t, damagedFile(t), store.Options{})
	if err := d.Ping(ctx); err != nil {
		t.Fatalf("Ping() = %v before the damage was met", err)
	}
	if err := readAll(d); !errors.Is(err, storage.ErrDamaged) || !errors.Is(err, customer.ErrUnavailable) {
		t.Fatalf("All() = %v, want ErrDamaged and ErrUnavailable", err)
	}
	checkRefused(t, d, storage.ErrDamaged)
	if p, err := d.Accounts().Person(ctx, "ann"); err != nil || p.Identity != "ann" {
		t.Errorf("Person() = %v, %v, want what can be read still", p, err)
	}
}

func TestDB_WritesNothingAfterAReadFoundTheFileCutOff(t *testing.T) {
	file := sqlitetest.File(t)
	d, err := store.Open(ctx, file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := customer.Customer{ID: "1", Name: "Ann", Details: customer.Detail{Content: strings.Repeat("x", 40_000)}} // several pages
	if err := errors.Join(putOne(d, c), d.Close()); err != nil {
		t.Fatal(err)
	}
	d = dbtest.Open(t, file, store.Options{})
	if err := putOne(d, customer.Customer{ID: "2", Name: "Ben"}); err != nil { // the log has the size that the file had
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, int64(bytes.Index(data, []byte(strings.Repeat("x", 8000)))+8192)); err != nil {
		t.Fatal(err)
	}
	if err := readAll(d); !errors.Is(err, storage.ErrDamaged) {
		t.Fatalf("All() = %v, want ErrDamaged", err)
	}
	checkRefused(t, d, storage.ErrDamaged)
}

func TestDB_LearnsWhatTheSameFileOpenedAgainFinds(t *testing.T) {
	d := dbtest.Open(t, damagedFile(t), store.Options{})
	again, err := d.OpenAgain(ctx, store.Options{Bulk: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := readAll(again); !errors.Is(err, storage.ErrDamaged) {
		t.Fatalf("All() = %v, want ErrDamaged", err)
	}
	if err := again.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if err := d.Condition(); !errors.Is(err, storage.ErrDamaged) {
		t.Errorf("Condition() after another DB of the file met damage = %v, want ErrDamaged", err)
	}
}

func TestDB_VerifyFindsDamage(t *testing.T) {
	for _, full := range []bool{false, true} {
		whole := openTest(t, store.Options{})
		if problems, err := whole.Verify(ctx, full); err != nil || len(problems) > 0 {
			t.Errorf("Verify(full: %v) = %q, %v, want nothing", full, problems, err)
		}
		d := dbtest.Open(t, damagedFile(t), store.Options{AsIs: true})
		if problems, err := d.Verify(ctx, full); err != nil || len(problems) == 0 {
			t.Errorf("Verify(full: %v) = %q, %v, want the damage", full, problems, err)
		}
		checkRefused(t, d, storage.ErrDamaged)
	}
}

func TestDB_VerifySlowlyFindsDamage(t *testing.T) {
	whole := openTest(t, store.Options{})
	if problems, err := whole.VerifySlowly(ctx); err != nil || len(problems) > 0 {
		t.Errorf("VerifySlowly() = %q, %v, want nothing", problems, err)
	}
	d := dbtest.Open(t, damagedFile(t), store.Options{AsIs: true})
	if problems, err := d.VerifySlowly(ctx); err != nil || len(problems) == 0 {
		t.Errorf("VerifySlowly() = %q, %v, want the damage", problems, err)
	}
	checkRefused(t, d, storage.ErrDamaged)
}

func TestDB_VerifyComparesListsWithSearches(t *testing.T) {
	for statement, problems := range map[string]int{
		"UPDATE state SET id = 1": 0,
		"DELETE FROM search_journal WHERE id = (SELECT min(id) FROM search_journal WHERE owner = -1)": 1,
		"DELETE FROM search_journal": 3, // ann's, all, unassigned
		"UPDATE search_journal SET entries = CAST(substr(entries, 1, 12) || x'00000000' || first AS BLOB) WHERE owner = -2": 1,
		"INSERT INTO assignment (owner, place, pk, rest) VALUES (1, x'', 9, x'')":                                           1,
	} {
		d := openTest(t, store.Options{})
		for i, worker := range []string{"ann", ""} {
			c := customer.Customer{ID: fmt.Sprint(i), Name: "Name"}
			if worker != "" {
				c.Workers = []string{worker}
			}
			if err := putOne(d, c); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := dbtest.Raw(t, d.File()).Exec(statement); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Verify(ctx, true); err != nil || len(got) != problems {
			t.Errorf("Verify(full) after %s = %q, %v, want %d problems", statement, got, err, problems)
		}
		if err := d.Condition(); err != nil { // the file is whole
			t.Errorf("Condition() after %s = %v, want nil", statement, err)
		}
	}
}

func TestDB_VerifyFindsWrongSignatures(t *testing.T) {
	d := openTest(t, store.Options{})
	err := d.Customers().Update(ctx, func(tx customer.Tx) error {
		for i := range 20 { // a block of more than 8 KB
			c := customer.Customer{ID: fmt.Sprint(i), Name: "Name", Workers: []string{"ann"}, Details: customer.Detail{Content: strings.Repeat("note ", 200)}}
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, d.Customers().Compact(ctx)); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		statement string
		problems  int
	}{
		{"UPDATE state SET id = 1", 0},
		{"UPDATE search_signature SET signature = zeroblob(length(signature))", 2}, // ann's, all
		{"DELETE FROM search_signature", 0},                                        // searches read all blocks
	} {
		if _, err := dbtest.Raw(t, d.File()).Exec(step.statement); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Verify(ctx, true); err != nil || len(got) != step.problems {
			t.Errorf("Verify(full) after %s = %q, %v, want %d problems", step.statement, got, err, step.problems)
		}
	}
}
