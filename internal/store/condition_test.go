package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// writes are writes of every store, by every way to write.
func writes(d *store.DB) map[string]func(ctx context.Context) error {
	n := 0
	name := func() string { n++; return fmt.Sprint("n", n) }
	return map[string]func(ctx context.Context) error{
		"Put": func(context.Context) error { return putOne(d, customer.Customer{ID: name(), Name: "Ann"}) },
		"AddPerson": func(ctx context.Context) error {
			return d.Accounts().AddPerson(ctx, account.Person{Identity: name(), Role: account.RoleWorker})
		},
		"ReplaceSetting": func(ctx context.Context) error {
			_, err := d.Settings().ReplaceSetting(ctx, name(), "", "x")
			return err
		},
		"AddEntries": func(ctx context.Context) error {
			return d.Audit().AddEntries(ctx, []audit.Entry{{When: time.Now(), Action: audit.Exported}})
		},
		"AddActivity": func(ctx context.Context) error {
			return d.Activity().AddActivity(ctx, []activity.Entry{{When: time.Now()}}, nil)
		},
		"BeginSend": func(ctx context.Context) error {
			_, _, err := d.Conversations().BeginSend(ctx, conversation.Outgoing{ClientID: name(), At: time.Now()})
			return err
		},
		"PutBlob": func(ctx context.Context) error {
			return d.Blobs().PutBlob(ctx, "service", "", name(), []byte("x"), time.Now().Add(time.Hour))
		},
	}
}

// checkRefused checks that no store writes, and that Ping and Condition say why.
func checkRefused(t *testing.T, d *store.DB, reason error) {
	t.Helper()
	for name, write := range writes(d) {
		if err := write(ctx); !errors.Is(err, reason) {
			t.Errorf("%s() = %v, want %v", name, err, reason)
		}
	}
	if err := d.Condition(); !errors.Is(err, reason) {
		t.Errorf("Condition() = %v, want %v", err, reason)
	}
	if err := d.Ping(ctx); !errors.Is(err, reason) {
		t.Errorf("Ping() = %v, want %v", err, reason)
	}
}

// names returns the customers' names in the file.
func names(t *testing.T, file string) (all []string) {
	t.Helper()
	d := dbtest.Open(t, file, store.Options{})
	for c, err := range d.Customers().All(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c.Name)
	}
	var problem string
	if err := dbtest.Raw(t, file).QueryRow("PRAGMA integrity_check").Scan(&problem); err != nil || problem != "ok" {
		t.Errorf("integrity_check of %s = %q, %v", filepath.Base(file), problem, err)
	}
	return all
}

func TestDB_WritesNothingIntoAFileThatWasReplaced(t *testing.T) {
	for what, replace := range map[string]func(file, other, aside string) error{
		"deleted": func(file, other, aside string) error { return os.Remove(file) },
		"deleted with its log": func(file, other, aside string) error {
			return errors.Join(os.Remove(file), os.Remove(file+"-wal"), os.Remove(file+"-shm"))
		},
		"moved away": func(file, other, aside string) error { return os.Rename(file, aside) },
		"replaced":   func(file, other, aside string) error { return os.Rename(other, file) },
		"moved away and replaced": func(file, other, aside string) error {
			return errors.Join(os.Rename(file, aside), os.Rename(other, file))
		},
		"its log deleted":   func(file, other, aside string) error { return os.Remove(file + "-wal") },
		"its index deleted": func(file, other, aside string) error { return os.Remove(file + "-shm") },
	} {
		t.Run(what, func(t *testing.T) {
			file := sqlitetest.File(t)
			other, aside := filepath.Join(filepath.Dir(file), "other.db"), filepath.Join(filepath.Dir(file), "aside.db")
			sqlitetest.Put(t, other)
			o, err := store.Open(ctx, other, store.Options{})
			if err == nil {
				err = errors.Join(putOne(o, customer.Customer{ID: "1", Name: "Other"}), o.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
			d, err := store.Open(ctx, file, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := putOne(d, customer.Customer{ID: "1", Name: "Ours"}); err != nil {
				t.Fatal(err)
			}
			if err := replace(file, other, aside); err != nil {
				t.Fatal(err)
			}
			checkRefused(t, d, storage.ErrReplaced)
			// As after a kill: SQLite must find nothing of ours beside the new file.
			if info, err := os.Stat(file + "-wal"); err == nil && info.Size() > 0 {
				t.Errorf("the log of the replaced file has %d bytes after Ping, want 0", info.Size())
			}
			if err := d.Close(); err != nil {
				t.Errorf("Close() = %v", err)
			}
			for path, want := range map[string]string{file: "", aside: "Ours"} {
				if _, err := os.Stat(path); err != nil {
					continue
				}
				switch what {
				case "its log deleted", "its index deleted":
					want = "Ours"
				case "replaced", "moved away and replaced":
					if path == file {
						want = "Other"
					}
				}
				if got := names(t, path); len(got) != 1 || got[0] != want {
					t.Errorf("%s has %q, want %q", filepath.Base(path), got, want)
				}
			}
		})
	}
}

// SQLite keeps the log beside the file itself, not beside a link to it.
func TestDB_WritesNothingWithoutItsLogBehindALink(t *testing.T) {
	for _, suffix := range []string{"-wal", "-shm"} {
		file, link := sqlitetest.File(t), filepath.Join(t.TempDir(), "link.db")
		if err := os.Symlink(file, link); err != nil {
			t.Fatal(err)
		}
		d := dbtest.Open(t, link, store.Options{})
		if err := os.Remove(file + suffix); err != nil {
			t.Fatal(err)
		}
		checkRefused(t, d, storage.ErrReplaced)
	}
}

func TestDB_WritesAgainWhenTheFileIsBack(t *testing.T) {
	d := openTest(t, store.Options{})
	if err := os.Rename(d.File(), d.File()+".aside"); err != nil {
		t.Fatal(err)
	}
	checkRefused(t, d, storage.ErrReplaced)
	if err := os.Rename(d.File()+".aside", d.File()); err != nil {
		t.Fatal(err)
	}
	for name, write := range writes(d) {
		if err := write(ctx); err != nil {
			t.Errorf("%s() = %v", name, err)
		}
	}
	if err := d.Ping(ctx); err != nil {
		t.Errorf("Ping() = %v", err)
	}
}
