package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/records"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// openBlobs opens a database and adds these people.
func openBlobs(t *testing.T, database string, people ...string) (*store.DB, records.Blobs) {
	t.Helper()
	d := dbtest.Open(t, database, store.Options{})
	for _, p := range people {
		if err := d.Accounts().AddPerson(t.Context(), account.Person{Identity: p, Role: account.RoleWorker, Created: noon}); err != nil {
			t.Fatal(err)
		}
	}
	return d, d.Blobs()
}

func putBlob(t *testing.T, b records.Blobs, service, worker, name, data string, expires time.Time) {
	t.Helper()
	if err := b.PutBlob(t.Context(), service, worker, name, []byte(data), expires); err != nil {
		t.Fatal(err)
	}
}

// getBlob returns a blob, "-" for none.
func getBlob(t *testing.T, b records.Blobs, service, worker, name string, now time.Time) string {
	t.Helper()
	data, err := b.Blob(t.Context(), service, worker, name, now)
	if err != nil {
		t.Fatal(err)
	}
	if data == nil {
		return "-"
	}
	return string(data)
}

func TestBlobs_AreStoredByServiceWorkerAndName(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		_, b := openBlobs(t, database, "Alice@example.com", "bob")
		later := noon.Add(time.Hour)
		putBlob(t, b, "s", "alice@example.com", "list", "one", later)
		putBlob(t, b, "s", "alice@example.com", "list", "two", later)
		putBlob(t, b, "s", "alice@example.com", "best", "three", later)
		putBlob(t, b, "s", "bob", "list", "four", later)
		putBlob(t, b, "other", "bob", "list", "", later)
		putBlob(t, b, "s", "", "service", "five", later)
		for _, test := range []struct{ service, worker, name, want string }{
			{"s", "alice@example.com", "list", "two"},
			{"s", "alice@example.com", "best", "three"},
			{"s", "bob", "list", "four"},
			{"other", "bob", "list", ""},
			{"s", "", "service", "five"},
			{"other", "alice@example.com", "list", "-"},
			{"s", "bob", "best", "-"},
			{"s", "Alice@example.com", "list", "-"}, // the name is the key, not the identity
		} {
			if got := getBlob(t, b, test.service, test.worker, test.name, noon); got != test.want {
				t.Errorf("Blob(%q, %q, %q) = %q, want %q", test.service, test.worker, test.name, got, test.want)
			}
		}
		if err := b.DeleteBlobs(t.Context(), "s", "alice@example.com", "list", 0); err != nil {
			t.Fatal(err)
		}
		if got := getBlob(t, b, "s", "alice@example.com", "list", noon) + getBlob(t, b, "s", "alice@example.com", "best", noon); got != "-three" {
			t.Errorf("Blob(list), Blob(best) after DeleteBlobs(list) = %q, want -three", got)
		}
	})
}

func TestBlobs_ExpiredOnesAreNotReturnedAndAreDeleted(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		_, b := openBlobs(t, database, "alice")
		for i := range 510 {
			putBlob(t, b, "s", "alice", fmt.Sprint(i), "x", noon)
		}
		putBlob(t, b, "s", "alice", "young", "y", noon.Add(time.Millisecond))
		if got := getBlob(t, b, "s", "alice", "0", noon.Add(-time.Millisecond)); got != "x" {
			t.Errorf("Blob() a millisecond before it expires = %q, want x", got)
		}
		if got := getBlob(t, b, "s", "alice", "0", noon); got != "-" {
			t.Errorf("Blob() when it has expired = %q, want -", got)
		}
		if err := b.DeleteExpired(t.Context(), noon); err != nil {
			t.Fatal(err)
		}
		if n := countBlobs(t, database); n != 1 {
			t.Errorf("DeleteExpired() left %d blobs, want 1", n)
		}
	})
}

func TestBlobs_DeleteOtherServices(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		_, b := openBlobs(t, database, "alice", "bob")
		for _, service := range []string{"a", "b", "c"} {
			for _, worker := range []string{"", "alice", "bob"} {
				putBlob(t, b, service, worker, "list", "x", noon)
			}
		}
		if err := b.DeleteOtherServices(t.Context(), "b"); err != nil {
			t.Fatal(err)
		}
		if n := countBlobs(t, database); n != 3 {
			t.Errorf("DeleteOtherServices(b) left %d blobs, want 3", n)
		}
		if err := b.DeleteOtherServices(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if n := countBlobs(t, database); n != 0 {
			t.Errorf("DeleteOtherServices(\"\") left %d blobs, want 0", n)
		}
	})
}

func TestBlobs_OfARemovedPersonAreDeletedAndNotStoredAgain(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d, b := openBlobs(t, database, "Alice@example.com", "bob")
		for _, worker := range []string{"alice@example.com", "bob"} {
			putBlob(t, b, "s", worker, "list", "x", noon)
			putBlob(t, b, "other", worker, "details", "x", noon)
		}
		if err := d.Accounts().RemovePerson(t.Context(), "alice@EXAMPLE.com"); err != nil {
			t.Fatal(err)
		}
		putBlob(t, b, "s", "alice@example.com", "list", "a save that was on its way", noon)
		if n := countBlobs(t, database); n != 2 {
			t.Errorf("RemovePerson(alice) left %d blobs, want the 2 of bob", n)
		}
		if err := d.Accounts().RemovePerson(t.Context(), "carol"); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("RemovePerson(carol) = %v, want ErrNotFound", err)
		}
	})
}

func TestBlobs_AreReadWhileOthersAreWritten(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		_, b := openBlobs(t, database, "alice")
		large := strings.Repeat("x", 1<<20)
		putBlob(t, b, "s", "alice", "list", large, noon)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 20 {
					data, err := b.Blob(context.Background(), "s", "alice", "list", noon.Add(-1))
					if err != nil || len(bytes.Trim(data, "x")) != 0 || len(data) != 1<<20 {
						t.Errorf("Blob() = %d bytes, %v, want 1 MiB of x", len(data), err)
					}
				}
			})
		}
		wg.Go(func() {
			for range 20 {
				putBlob(t, b, "s", "alice", "list", large, noon)
			}
		})
		wg.Wait()
	})
}

func TestBlobs_OfAClosedDatabaseAreAnError(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d, err := store.Open(ctx, database, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Blobs().Blob(t.Context(), "s", "", "x", noon); err == nil {
			t.Error("Blob() succeeded")
		}
		if err := d.Blobs().PutBlob(t.Context(), "s", "", "x", nil, noon); err == nil {
			t.Error("PutBlob() succeeded")
		}
		if err := d.Blobs().DeleteExpired(t.Context(), noon); err == nil {
			t.Error("DeleteExpired() succeeded")
		}
	})
}

func countBlobs(t *testing.T, database string) (n int) {
	t.Helper()
	if err := dbtest.Raw(t, database).QueryRow(`SELECT count(*) FROM copy`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
