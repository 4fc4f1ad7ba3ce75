package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/sqlite/migrations"
)

// openMigrated opens a database that was made with so many migrations and then filled.
func openMigrated(t *testing.T, version int, fill ...string) *store.DB {
	t.Helper()
	file := filepath.Join(t.TempDir(), "old.db")
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var statements []string
	for _, name := range names[:version] {
		statement, err := migrations.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		statements = append(statements, string(statement))
	}
	statements = append(statements, fmt.Sprintf("PRAGMA application_id = 0x434c4e54; PRAGMA user_version = %d", version))
	old := dbtest.Raw(t, file)
	for _, statement := range append(statements, fill...) {
		if _, err := old.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	return dbtest.Open(t, file, store.Options{})
}

// TestAccounts_EarlierTemporaryPasswordsExpire migrates a database from before temporary
// passwords expired.
func TestAccounts_EarlierTemporaryPasswordsExpire(t *testing.T) {
	db := openMigrated(t, 7,
		`INSERT INTO person (key, identity, role, password_hash, theme, language, time_zone, created, temporary)
		VALUES ('ada', 'ada', 'admin', 'hash', '', '', '', 1000, 0), ('bob', 'bob', 'worker', 'hash', '', '', '', 1000, 1)`)
	for identity, want := range map[string]bool{"ada": false, "bob": true} {
		p, err := db.Accounts().Person(t.Context(), identity)
		if err != nil {
			t.Fatal(err)
		}
		left := time.Until(p.PasswordExpires)
		if p.Temporary() != want || want && (left < account.TemporaryPasswordLife-time.Hour || left > account.TemporaryPasswordLife) {
			t.Errorf("Person(%s): Temporary() = %v, expires in %v, want %v", identity, p.Temporary(), left, want)
		}
	}
}

// TestAccounts_OfAnEarlierVersionAreMigrated migrates a database from before people
// could be deactivated or linked.
func TestAccounts_OfAnEarlierVersionAreMigrated(t *testing.T) {
	db := openMigrated(t, 5,
		`INSERT INTO person VALUES ('ada', 'ada', 'admin', 'hash', '', '', '', 1000), ('bob', 'bob', 'worker', '', '', '', '', 1000)`,
		`INSERT INTO session VALUES (x'01', 'one', 'ada', 1000, 5000, 9000, ''), (x'02', 'two', 'ada', 1000, 7000, 9000, '')`)
	people, err := db.Accounts().People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	created := time.UnixMilli(1000)
	want := []account.Person{
		{Identity: "ada", Role: account.RoleAdmin, PasswordHash: "hash", MayExport: true, Available: true, Created: created, LastSeen: time.UnixMilli(7000)},
		{Identity: "bob", Role: account.RoleWorker, Available: true, Created: created},
	}
	if len(people) != 2 || people[0] != want[0] || people[1] != want[1] {
		t.Errorf("People() =\n%+v, want\n%+v", people, want)
	}
}

// TestAccounts_SessionsFollowOtherProcesses changes people and sessions through another
// connection to the file, and looks the session up through the one that has used it.
func TestAccounts_SessionsFollowOtherProcesses(t *testing.T) {
	now := time.UnixMilli(1000)
	for name, test := range map[string]struct {
		change func(a account.Store) error
		role   account.Role // "" when the session ends
	}{
		"the session is ended": {func(a account.Store) error { return a.RemoveSession(ctx, "ada", "one") }, ""},
		"all sessions end":     {func(a account.Store) error { return a.RemoveSessions(ctx, "ada", "") }, ""},
		"the person signs out": {func(a account.Store) error { return a.RemoveSessionByHash(ctx, [32]byte{1}) }, ""},
		"they are deactivated": {func(a account.Store) error { return a.Deactivate(ctx, "ada", now) }, ""},
		"they are removed":     {func(a account.Store) error { return a.RemovePerson(ctx, "ada") }, ""},
		"the password changes": {func(a account.Store) error { return a.SetPassword(ctx, "ada", "new", time.Time{}, "") }, ""},
		"the role changes":     {func(a account.Store) error { return a.SetRole(ctx, "ada", account.RoleAdmin) }, account.RoleAdmin},
	} {
		dbtest.ForEach(t, func(t *testing.T, database string) {
			ours, theirs := openTwice(t, database, store.Options{}, store.Options{})
			people := ours.Accounts()
			ada := account.Person{Identity: "ada", Role: account.RoleWorker, Created: now}
			if err := people.AddPerson(ctx, ada); err != nil {
				t.Fatal(err)
			}
			session := account.Session{ID: "one", Identity: "ada", Created: now, LastSeen: now, Expires: now.Add(time.Hour)}
			if _, err := people.AddSession(ctx, [32]byte{1}, session, ada); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, p, err := people.SessionByHash(ctx, [32]byte{1}, now); err != nil || p.Role != account.RoleWorker {
					t.Fatalf("SessionByHash() before = %q, %v", p.Role, err)
				}
			}
			if err := test.change(theirs.Accounts()); err != nil {
				t.Fatal(err)
			}
			_, p, err := people.SessionByHash(ctx, [32]byte{1}, now)
			if ours.IsServer() { // a change may take a second to be known
				for deadline := time.Now().Add(time.Second); p.Role == account.RoleWorker && time.Now().Before(deadline); {
					_, p, err = people.SessionByHash(ctx, [32]byte{1}, now)
				}
			}
			if p.Role != test.role || errors.Is(err, account.ErrNoSession) != (test.role == "") {
				t.Errorf("%s: SessionByHash() = %q, %v, want %q", name, p.Role, err, test.role)
			}
		})
	}
}

func TestAccounts_DeactivateDeletesBlobsAndNoneIsStoredAfter(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		db, now := dbtest.Open(t, database, store.Options{}), time.Now()
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
	})
}

// A provider's sign-in adds a session and reads it in one transaction.
func TestAccounts_SessionOfATransaction(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		now, undone := time.Now(), errors.New("undone")
		ada := account.Person{Identity: "ada", Role: account.RoleWorker, Created: now}
		if err := d.Accounts().AddPerson(ctx, ada); err != nil {
			t.Fatal(err)
		}
		for hash, want := range map[[32]byte]error{{1}: nil, {2}: undone} {
			err := d.Audit().Atomically(ctx, func(ctx context.Context) error {
				session := account.Session{ID: string(hash[:1]), Identity: "ada", Created: now, LastSeen: now, Expires: now.Add(time.Hour)}
				if _, err := d.Accounts().AddSession(ctx, hash, session, ada); err != nil {
					return err
				}
				if _, _, err := d.Accounts().SessionByHash(ctx, hash, now); err != nil {
					t.Errorf("SessionByHash() in the transaction: %v", err)
				}
				return want
			})
			if !errors.Is(err, want) {
				t.Fatalf("Atomically() = %v, want %v", err, want)
			}
			if _, _, err := d.Accounts().SessionByHash(ctx, hash, now); errors.Is(err, account.ErrNoSession) != (want != nil) {
				t.Errorf("SessionByHash() after it, which ended with %v: %v", want, err)
			}
		}
	})
}
