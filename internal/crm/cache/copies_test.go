package cache_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/crm/cache"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

// spoil changes a byte in the blobs whose names begin with prefix.
func spoil(blobs *crmfake.Blobs, prefix string) {
	for key, data := range blobs.All() {
		if strings.HasPrefix(key.Name, prefix) {
			data[len(data)/2] ^= 1 // All returns what is stored
		}
	}
}

// count returns how many blobs of a worker have names that begin with prefix.
func count(blobs *crmfake.Blobs, worker, prefix string) (n int) {
	for key := range blobs.All() {
		if key.Worker == worker && strings.HasPrefix(key.Name, prefix) {
			n++
		}
	}
	return n
}

// logTo returns a logger that writes to the buffer.
func logTo(b *bytes.Buffer) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

func TestStore_UnreadableCopiesCountAsNone(t *testing.T) {
	for name, change := range map[string]func(*stack, *crmfake.Blobs){
		"another key": func(s *stack, _ *crmfake.Blobs) { s.opts.Sealer = secret.NewKey().Sealer("test") },
		"spoiled":     func(_ *stack, b *crmfake.Blobs) { spoil(b, "") },
		"read fails":  func(_ *stack, b *crmfake.Blobs) { b.Fail(errors.New("down")) },
		"another worker's": func(s *stack, b *crmfake.Blobs) {
			other := b.All()[crmfake.Key{Service: "service", Worker: "bob", Name: "list"}]
			b.PutBlob(s.t.Context(), "service", "alice", "list", other, time.Now().Add(time.Hour))
		},
		"expired":         func(*stack, *crmfake.Blobs) { time.Sleep(8 * 24 * time.Hour) },
		"from the future": func(s *stack, _ *crmfake.Blobs) { s.opts.Now = func() time.Time { return time.Now().Add(-time.Hour) } },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, blobs := crmfake.New(crmfake.ByToken(0), 100), crmfake.NewBlobs()
				f.Set("bob", crmfake.People("b", 10))
				s := newStack(t, f, cache.Options{Blobs: blobs, Logger: slog.New(slog.DiscardHandler)})
				s.mustWalk("alice", 100)
				s.mustWalk("bob", 10)
				s.close()
				change(s, blobs)
				s.open()
				defer s.close()
				f.Fail(crmfake.ErrTimeout)
				if resp, err := s.CustomersList(t.Context(), alice); !errors.Is(err, crmfake.ErrTimeout) {
					t.Errorf("CustomersList = %d customers, %v, want the failure", len(resp.Customers), err)
				}
				s.check(f, "alice", "", false)
				f.Fail(nil)
				s.check(f, "alice", "b1", false)
				s.mustWalk("alice", 100)
			})
		})
	}
}

func TestStore_FailuresAreLoggedOnceAMinuteWithoutNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		blobs := crmfake.NewBlobs()
		blobs.Fail(errors.New("disk is full"))
		s := newStack(t, crmfake.New(crmfake.ByToken(0), 40), cache.Options{Blobs: blobs, Logger: logTo(&log)})
		for range 20 {
			s.mustWalk("alice", 40)
			s.mustDetails()
			time.Sleep(5 * time.Second)
		}
		s.close()
		if n := strings.Count(log.String(), "disk is full"); n != 2 {
			t.Errorf("logged %d times in 100 s, want 2:\n%s", n, &log)
		}
		if strings.Contains(log.String(), "alice") || strings.Contains(log.String(), "a1") {
			t.Errorf("the log names the worker or a customer:\n%s", &log)
		}
	})
}

func TestStore_NothingOfACustomerIsReadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, blobs := crmfake.New(crmfake.ByToken(0), 0), crmfake.NewBlobs()
		f.Set("alice", []frontline.Customer{{ID: "customer-1", DisplayName: "Jane Roe"}})
		s := newStack(t, f, cache.Options{Blobs: blobs})
		s.list(time.Time{})
		s.details("alice", "customer-1", time.Time{})
		s.close()
		if len(blobs.All()) < 2 {
			t.Fatalf("%d blobs, want a list and details", len(blobs.All()))
		}
		for key, data := range blobs.All() {
			for _, secret := range []string{"customer-1", "Jane", "Roe"} {
				if strings.Contains(key.Name+string(data), secret) {
					t.Errorf("blob %q holds %q", key.Name, secret)
				}
			}
		}
	})
}

func TestStore_ListsAreStoredInADatabase(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		db := dbtest.Open(t, database, store.Options{})
		accounts := db.Accounts()
		if err := accounts.AddPerson(t.Context(), account.Person{Identity: "alice", Role: account.RoleWorker, Created: time.Now()}); err != nil {
			t.Fatal(err)
		}
		f := crmfake.New(crmfake.ByToken(0), 200)
		s := newStack(t, f, cache.Options{Blobs: db.Blobs()})
		s.mustWalk("alice", 200)
		s.mustDetails()
		s.restart()
		f.Fail(crmfake.ErrTimeout)
		s.mustWalk("alice", 200)
		s.mustDetails()

		// Removed by another process while the list is about to be stored.
		f.Fail(nil)
		f.Set("alice", crmfake.People("a", 100))
		s.list(time.Now())
		if err := accounts.RemovePerson(t.Context(), "alice"); err != nil {
			t.Fatal(err)
		}
		s.restart()
		defer s.close()
		f.Fail(crmfake.ErrTimeout)
		if resp, err := s.CustomersList(t.Context(), alice); !errors.Is(err, crmfake.ErrTimeout) {
			t.Errorf("CustomersList of a removed worker = %d customers, %v, want the failure", len(resp.Customers), err)
		}
	})
}

// The copies were stored by version 1, in another form.
func TestStore_CopiesOfAnEarlierVersionAreDropped(t *testing.T) {
	dir, fixture := t.TempDir(), "../../../test/compat/testdata/v1/"
	for _, name := range []string{"clientele.db", "clientele.db.secret"} {
		data, err := os.ReadFile(fixture + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	key, _, err := secret.Load(filepath.Join(dir, "clientele.db.secret"))
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), filepath.Join(dir, "clientele.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const service, worker = "2203976e6dfe07e4d0be3d177e158b81", "bob@example.com"
	now := time.Date(2026, 11, 28, 6, 0, 0, 0, time.UTC)
	if old, err := db.Blobs().Blob(t.Context(), service, worker, "list", now); err != nil || old == nil {
		t.Fatalf("Blob of the fixture = %d bytes, %v, want a list", len(old), err)
	}

	var log bytes.Buffer
	f := crmfake.New(crmfake.ByToken(0), 0)
	f.Set(worker, crmfake.People("b", 70))
	s := newStack(t, f, cache.Options{Service: service, Blobs: db.Blobs(), Sealer: key.Sealer("copies"), Logger: logTo(&log),
		Now: func() time.Time { return now }})
	s.mustWalk(worker, 70)
	if _, err := s.details(worker, "ext-0", time.Time{}); !errors.Is(err, frontline.ErrNotFound) {
		t.Errorf("CustomerDetails of a customer in the old copy: %v, want ErrNotFound", err)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "copies of another version are not read: lists are fetched again") {
		t.Errorf("%d lines in the log, want one that says that old copies are not read:\n%s", n, &log)
	}
	s.restart()
	defer s.close()
	f.Fail(crmfake.ErrTimeout)
	s.mustWalk(worker, 70)
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines in the log after the list was stored again, want no more:\n%s", n, &log)
	}
}
