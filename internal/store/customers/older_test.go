package customers_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/searchindex"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// dropLater turns a database into one of schema 17.
const dropLater = `
	DROP TRIGGER setting_added; DROP TRIGGER setting_changed; DROP TRIGGER session_ended; DROP TRIGGER person_changed;
	DROP TABLE change; DROP TABLE attempt; DROP TABLE number_search; DROP TABLE process; DROP TABLE job;
`

// downgrade turns a database into one of schema 6, which had no owners for all
// customers and for unassigned ones.
const downgrade = dropLater + `
	DELETE FROM assignment WHERE owner < 0;
	DELETE FROM search_block WHERE owner < 0;
	CREATE TABLE search_pending (owner INTEGER NOT NULL, pk INTEGER NOT NULL, was BLOB, now BLOB, doc BLOB, PRIMARY KEY (owner, pk)) STRICT, WITHOUT ROWID;
	DROP TABLE search_signature;
	DROP TABLE search_journal;
	CREATE TABLE search_blocks (owner INTEGER NOT NULL, first BLOB NOT NULL, docs BLOB NOT NULL, PRIMARY KEY (owner, first)) STRICT, WITHOUT ROWID;
	INSERT INTO search_blocks SELECT owner, first, docs FROM search_block;
	DROP TABLE search_block;
	ALTER TABLE search_blocks RENAME TO search_block;
	ALTER TABLE owner ADD COLUMN splits BLOB;
	DELETE FROM owner WHERE id < 0;
	ALTER TABLE owner DROP COLUMN customers;
	DROP TABLE owner_match;
	DROP TABLE shared; DROP TABLE apart; DROP TABLE removal; DROP TABLE removal_contact;
	CREATE TABLE contact_recent (hash INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (hash, id)) STRICT, WITHOUT ROWID;
	INSERT INTO contact_recent SELECT hash, id FROM contact WHERE id IN ('x', 'y');
	DELETE FROM contact WHERE id IN ('x', 'y');
	ALTER TABLE state ADD COLUMN recent INTEGER NOT NULL DEFAULT 0;
	ALTER TABLE state DROP COLUMN duplicates;
	ALTER TABLE state DROP COLUMN removed;
	ALTER TABLE state DROP COLUMN shared_from;
	ALTER TABLE state DROP COLUMN one_form;
	ALTER TABLE audit DROP COLUMN params;
	DROP TABLE audit_clock;
	ALTER TABLE person DROP COLUMN password_expires;
	ALTER TABLE session DROP COLUMN by_provider;
	ALTER TABLE session DROP COLUMN provider_session;
	ALTER TABLE session DROP COLUMN confirmed_until;
	DROP TABLE conversation_worker; DROP TABLE conversation; DROP TABLE outgoing_message;
	ALTER TABLE person DROP COLUMN available;
	ALTER TABLE person DROP COLUMN assigned;
	PRAGMA user_version = 6;`

// olderFile is the content of a database of schema 6, once it is made.
var olderFile []byte

// makeOlder makes a database of schema 6: customers in blocks, some only pending, some
// deleted, some who share a contact.
func makeOlder(t *testing.T) {
	t.Helper()
	file := sqlitetest.File(t)
	d := openSized(t, file, sqlite.Options{}, searchindex.Sizes{})
	changeAtRandom(t, d, rand.New(rand.NewPCG(41, 42)), 20, 60)
	if err := d.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"x", "y", "z"} {
		c := customer.Customer{ID: id, Name: id + " anna", Channels: []customer.Channel{{Type: customer.Email, Value: "xyz@example.com"}}}
		c.Details.Content = `"workers":["not really"]`
		if err := d.Update(ctx, func(tx customer.Tx) error { return tx.Put(ctx, c) }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.db.Writer.Exec(downgrade); err != nil {
		t.Fatal(err)
	}
	spoilDocuments(t, d)
	err := d.db.Close()
	if err == nil {
		olderFile, err = os.ReadFile(file)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// spoilDocuments makes the documents of all unreadable: those of an earlier version are not
// to be read.
func spoilDocuments(t *testing.T, d *database) {
	t.Helper()
	if _, err := d.db.Writer.Exec("UPDATE search_block SET docs = x'01'; UPDATE search_pending SET doc = x'20' WHERE doc IS NOT NULL"); err != nil {
		t.Fatal(err)
	}
}

// openOlder opens a database of schema 6, which migrates it.
func openOlder(t *testing.T) *database {
	t.Helper()
	if olderFile == nil {
		makeOlder(t)
	}
	file := filepath.Join(t.TempDir(), "older.db")
	if err := os.WriteFile(file, olderFile, 0o600); err != nil {
		t.Fatal(err)
	}
	return openTest(t, file, sqlite.Options{WriterPause: -1})
}

// checkTotals compares the stored totals with a full scan.
func checkTotals(t *testing.T, d *database) {
	t.Helper()
	totals, err := d.Totals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var all, unassigned int
	owned := map[string]int{}
	for c, err := range d.All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		all++
		if len(c.Workers) == 0 {
			unassigned++
		}
		for _, w := range c.Workers {
			owned[w]++
		}
	}
	if totals.Customers != all || totals.Unassigned != unassigned {
		t.Errorf("Totals() = %+v, want %d customers, %d unassigned", totals, all, unassigned)
	}
	for w, want := range owned {
		if n, err := d.OwnerCount(ctx, w); n != want || err != nil {
			t.Errorf("OwnerCount(%s) = %d, %v, want %d", w, n, err, want)
		}
	}
}

func TestSearch_OfAnOlderDatabase(t *testing.T) {
	d := openOlder(t)
	checkTotals(t, d)
	page, err := d.ListAll(ctx, customer.AdminQuery{Scope: customer.Scope{Unassigned: true}, Limit: 1000})
	if err != nil || !strings.Contains(fmt.Sprint(page.Customers), "not really") {
		t.Errorf("ListAll(unassigned) = %+v, %v, want those of the older database", page.Customers, err)
	}
	if err := d.Maintain(ctx); err != nil {
		t.Fatal(err)
	}
	checkBlocks(t, d)
	checkSearch(t, d)
	if totals, err := d.Totals(ctx); err != nil || totals.Duplicates != 1 {
		t.Errorf("Totals() = %+v, %v, want 1 duplicate", totals, err)
	}
	groups, err := d.Duplicates(ctx, customer.DuplicateQuery{Limit: 9})
	if err != nil || len(groups.Groups) != 1 || len(groups.Groups[0].Customers) != 3 {
		t.Errorf("Duplicates() = %+v, %v, want 1 group of 3", groups, err)
	}
}

func TestSearch_OfAnOlderDatabaseWhileItIsUsed(t *testing.T) {
	halves := 0
	for stopAfter := range 20 {
		d := openOlder(t)
		rng := rand.New(rand.NewPCG(43, uint64(stopAfter)))
		changeAtRandom(t, d, rng, 5, 4)
		// Interrupted, used, and started again.
		stopping := &countingContext{Context: ctx, left: 2 * stopAfter}
		if err := d.Maintain(stopping); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		var half bool
		if err := d.db.Readers.QueryRow("SELECT EXISTS (SELECT 1 FROM search_journal WHERE substr(entries, 13, 4) = x'00000001') AND EXISTS (SELECT 1 FROM search_block)").Scan(&half); err == nil && half {
			halves++
		}
		changeAtRandom(t, d, rng, 20, 6)
		checkTotals(t, d)
		if err := d.Maintain(ctx); err != nil {
			t.Fatal(err)
		}
		checkTotals(t, d)
		checkBlocks(t, d)
		checkSearch(t, d)
		if t.Failed() {
			t.Fatalf("interrupted after %d checks of the context", 2*stopAfter)
		}
	}
	if halves < 3 {
		t.Errorf("Maintain() was interrupted halfway in %d databases, want at least 3", halves)
	}
}

// withEntries turns the journal into that of schema 14, which had a row for each entry.
const withEntries = dropLater + `
	CREATE TABLE entry (owner INTEGER NOT NULL, place BLOB NOT NULL, pk INTEGER NOT NULL, doc BLOB, PRIMARY KEY (owner, place, pk)) STRICT, WITHOUT ROWID;
	INSERT INTO entry SELECT owner, first, (SELECT pk FROM customer WHERE place = first),
			iif(substr(entries, 13, 4) = x'00000000', NULL, substr(entries, 17 + length(first)))
		FROM search_journal WHERE n = 1 ORDER BY id ON CONFLICT DO UPDATE SET doc = excluded.doc;
	DROP TABLE search_journal;
	ALTER TABLE entry RENAME TO search_journal;
	CREATE TABLE contact_recent (hash INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (hash, id)) STRICT, WITHOUT ROWID;
	ALTER TABLE state ADD COLUMN recent INTEGER NOT NULL DEFAULT 0;
	PRAGMA user_version = 14;`

func TestSearch_OfADatabaseWithARowForEachEntry(t *testing.T) {
	file := sqlitetest.File(t)
	d := openTest(t, file, sqlite.Options{WriterPause: -1})
	update := func(fn func(tx customer.Tx) error) {
		t.Helper()
		if err := d.Update(ctx, fn); err != nil {
			t.Fatal(err)
		}
	}
	put := func(id, company string) {
		t.Helper()
		update(func(tx customer.Tx) error {
			return tx.Put(ctx, customer.Customer{ID: id, Name: "Zoë " + id + " anna", Company: company, Workers: []string{"ann"}})
		})
	}
	for id := range 30 {
		put(fmt.Sprint(id), "old")
	}
	if err := d.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	for id := range 10 {
		put(fmt.Sprint(25+id), "new") // of some only the documents change
	}
	update(func(tx customer.Tx) error { return tx.Delete(ctx, "7") })
	if _, err := d.db.Writer.Exec(withEntries); err != nil {
		t.Fatal(err)
	}
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	d = openTest(t, file, sqlite.Options{WriterPause: -1})
	check := func() {
		t.Helper()
		checkBlocks(t, d)
		checkSearch(t, d)
		for company, want := range map[string]int{"old": 24, "new": 10} {
			page, err := d.Search(ctx, customer.SearchQuery{Worker: "ann", Query: company, Limit: 100})
			if err != nil || len(page.Rows) != want {
				t.Errorf("Search(%q) = %d customers, %v, want %d", company, len(page.Rows), err, want)
			}
		}
	}
	if n := countEntries(t, d); n != 22 {
		t.Errorf("the journals have %d entries, want 22", n)
	}
	check()
	if err := d.Compact(ctx); err != nil {
		t.Fatal(err)
	}
	check()
}

// Blocks without signatures get them in the background, where there are many.
func TestSearch_OfADatabaseWithoutSignatures(t *testing.T) {
	file := sqlitetest.File(t)
	sizes := searchindex.Sizes{Docs: 4, Bytes: 40 << 10, MinDocs: 2, SignedBytes: 8 << 10, FewBlocks: 2, StepRows: 400}
	d := openSized(t, file, sqlite.Options{WriterPause: -1}, sizes)
	err := d.Update(ctx, func(tx customer.Tx) error {
		for i := range 300 {
			c := customer.Customer{ID: fmt.Sprint(i), Name: fmt.Sprintf("anna %03d", i), Details: customer.Detail{Content: strings.Repeat("note ", 500)}}
			if i < 50 {
				c.Workers = []string{"ann"}
			}
			if err := tx.Put(ctx, c); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = d.Compact(ctx)
	}
	if err == nil {
		_, err = d.db.Writer.Exec(dropLater + "DELETE FROM search_signature; PRAGMA user_version = 16")
	}
	if err := errors.Join(err, d.db.Close()); err != nil {
		t.Fatal(err)
	}
	d = openSized(t, file, sqlite.Options{WriterPause: -1}, sizes)
	for _, want := range []string{"0 of 13, 0 of 75, 75 entries", "0 of 13, 75 of 75, 0 entries"} {
		checkBlocks(t, d)
		checkSearch(t, d)
		var got string
		err := d.db.Readers.QueryRow(`SELECT group_concat(signed || ' of ' || blocks, ', ') FROM (SELECT count(signature) AS signed, count(*) AS blocks
			FROM search_block b LEFT JOIN search_signature s ON s.block = b.id WHERE owner <> -2 GROUP BY owner ORDER BY owner DESC)`).Scan(&got)
		if got += fmt.Sprintf(", %d entries", countEntries(t, d)); err != nil || got != want {
			t.Errorf("blocks with signatures: %s, %v, want %s", got, err, want)
		}
		if err := d.Maintain(ctx); err != nil {
			t.Fatal(err)
		}
	}
}
