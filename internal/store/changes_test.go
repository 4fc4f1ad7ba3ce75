package store_test

import (
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// What one process changes, another one reads: of each topic the last change, in order.
func TestChanges(t *testing.T) {
	file := sqlitetest.File(t)
	open := func() *store.DB {
		db, err := store.Open(t.Context(), file, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	here, there := open(), open()
	last, err := there.Changes().Last(t.Context())
	if err != nil || last > time.Now().UnixMicro() {
		t.Fatalf("Last() = %d, %v, want the time of creation", last, err)
	}
	ada := account.Person{Identity: "ada", Role: account.RoleWorker, Created: time.Now()}
	now := time.Now()
	session := account.Session{ID: "s", Created: now, LastSeen: now, Expires: now.Add(time.Hour)}
	follower := there.Changes()
	for _, step := range []struct {
		name  string
		act   func() error
		topic string // "" for none
	}{
		{"AddPerson", func() error { return here.Accounts().AddPerson(t.Context(), ada) }, ""},
		{"AddSession", func() error {
			_, err := here.Accounts().AddSession(t.Context(), [32]byte{1}, session, ada)
			return err
		}, ""},
		{"TouchSession", func() error {
			return here.Accounts().TouchSession(t.Context(), "s", now.Add(time.Minute), now.Add(2*time.Hour))
		}, ""},
		{"RemoveSession", func() error { return here.Accounts().RemoveSession(t.Context(), "ada", "s") }, "sessions"},
		{"SetRole", func() error { return here.Accounts().SetRole(t.Context(), "ada", account.RoleAdmin) }, "sessions"},
		{"ReplaceSetting, new", func() error { _, err := here.Settings().ReplaceSetting(t.Context(), "x", "", "1"); return err }, "settings"},
		{"ReplaceSetting", func() error { _, err := here.Settings().ReplaceSetting(t.Context(), "x", "1", "2"); return err }, "settings"},
		{"ReplaceSetting, refused", func() error { _, err := here.Settings().ReplaceSetting(t.Context(), "x", "1", "3"); return err }, ""},
		{"Note", func() error { return here.Changes().Note(t.Context(), "news") }, "news"},
		{"Note again", func() error { return here.Changes().Note(t.Context(), "news") }, "news"},
	} {
		if err := step.act(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		changes, err := follower.After(t.Context(), last)
		if err != nil || len(changes) > 1 || len(changes) == 1 && changes[0].N <= last {
			t.Fatalf("After(%d) after %s = %v, %v", last, step.name, changes, err)
		}
		topic := ""
		for _, c := range changes {
			topic, last = c.Topic, c.N
		}
		if topic != step.topic {
			t.Errorf("After() after %s: topic %q, want %q", step.name, topic, step.topic)
		}
	}
	all, err := follower.After(t.Context(), 0)
	if err != nil || len(all) != 3 || all[0].Topic != "sessions" || all[1].Topic != "settings" || all[2].Topic != "news" {
		t.Errorf("After(0) = %v, %v, want the last change of each topic in order", all, err)
	}
}
