package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
)

// TestPeopleOfAnEarlierVersionStayWhoTheyWere brings a database up to date that was
// made before people could be deactivated or bound.
func TestPeopleOfAnEarlierVersionStayWhoTheyWere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "old.db")
	all, err := readMigrations(migrations)
	if err != nil {
		t.Fatal(err)
	}
	var old writerPool
	if old.DB, err = pool(dsn(file, "immediate", 0, defaultWriterCache), 1); err != nil {
		t.Fatal(err)
	}
	for version, m := range all[:5] {
		if err := apply(t.Context(), old, version, m); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{
		`INSERT INTO person VALUES ('ada', 'ada', 'admin', 'hash', '', '', '', 1000), ('bob', 'bob', 'worker', '', '', '', '', 1000)`,
		`INSERT INTO session VALUES (x'01', 'one', 'ada', 1000, 5000, 9000, ''), (x'02', 'two', 'ada', 1000, 7000, 9000, '')`,
	} {
		if _, err := old.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := Open(t.Context(), file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	people, err := db.Accounts().People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	created := time.UnixMilli(1000)
	want := []account.Person{
		{Identity: "ada", Role: account.RoleAdmin, PasswordHash: "hash", MayExport: true, Created: created, LastSeen: time.UnixMilli(7000)},
		{Identity: "bob", Role: account.RoleWorker, Created: created},
	}
	if len(people) != 2 || people[0] != want[0] || people[1] != want[1] {
		t.Errorf("the people are\n%+v, want\n%+v", people, want)
	}
}

// TestNothingIsKeptForWhomIsDeactivated drops the copies of somebody's list, and
// keeps no new ones.
func TestNothingIsKeptForWhomIsDeactivated(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, now := t.Context(), time.Now()
	people, copies := db.Accounts(), db.Blobs()
	keep := func() {
		t.Helper()
		if err := copies.PutBlob(ctx, "service", "bob@example.com", "list", []byte("x"), now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	kept := func(what string, want bool) {
		t.Helper()
		data, err := copies.Blob(ctx, "service", "bob@example.com", "list", now)
		if err != nil || (data != nil) != want {
			t.Errorf("%s: kept %q, %v", what, data, err)
		}
	}
	if err := people.AddPerson(ctx, account.Person{Identity: "Bob@example.com", Role: account.RoleWorker, Created: now}); err != nil {
		t.Fatal(err)
	}
	keep()
	kept("while active", true)
	if err := people.Deactivate(ctx, "bob@example.com", now); err != nil {
		t.Fatal(err)
	}
	kept("deactivated", false)
	keep()
	kept("by a server that has not heard yet", false)
	if err := people.Reactivate(ctx, "bob@example.com"); err != nil {
		t.Fatal(err)
	}
	kept("active again", false)
	keep()
	kept("asked anew", true)
}
