package sqlite_test

import (
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/migrations"
)

// TestAccounts_OfAnEarlierVersionAreMigrated migrates a database from before people
// could be deactivated or linked.
func TestAccounts_OfAnEarlierVersionAreMigrated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "old.db")
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var statements []string
	for _, name := range names[:5] {
		statement, err := migrations.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		statements = append(statements, string(statement))
	}
	old := openRaw(t, file)
	for _, statement := range append(statements,
		"PRAGMA application_id = 0x434c4e54; PRAGMA user_version = 5",
		`INSERT INTO person VALUES ('ada', 'ada', 'admin', 'hash', '', '', '', 1000), ('bob', 'bob', 'worker', '', '', '', '', 1000)`,
		`INSERT INTO session VALUES (x'01', 'one', 'ada', 1000, 5000, 9000, ''), (x'02', 'two', 'ada', 1000, 7000, 9000, '')`,
	) {
		if _, err := old.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	db := openFile(t, file, sqlite.Options{})
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
		t.Errorf("People() =\n%+v, want\n%+v", people, want)
	}
}

func TestAccounts_DeactivateDeletesBlobsAndNoneIsStoredAfter(t *testing.T) {
	db, now := openTest(t, sqlite.Options{}), time.Now()
	people, blobs := db.Accounts(), db.Blobs()
	put := func() {
		t.Helper()
		if err := blobs.PutBlob(ctx, "service", "bob@example.com", "list", []byte("x"), now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, want bool) {
		t.Helper()
		data, err := blobs.Blob(ctx, "service", "bob@example.com", "list", now)
		if err != nil || (data != nil) != want {
			t.Errorf("Blob() %s = %q, %v, want one: %v", when, data, err, want)
		}
	}
	if err := people.AddPerson(ctx, account.Person{Identity: "Bob@example.com", Role: account.RoleWorker, Created: now}); err != nil {
		t.Fatal(err)
	}
	put()
	check("while active", true)
	if err := people.Deactivate(ctx, "bob@example.com", now); err != nil {
		t.Fatal(err)
	}
	check("when deactivated", false)
	put()
	check("put by a server that does not know yet", false)
	if err := people.Reactivate(ctx, "bob@example.com"); err != nil {
		t.Fatal(err)
	}
	check("when active again", false)
	put()
	check("put again", true)
}
