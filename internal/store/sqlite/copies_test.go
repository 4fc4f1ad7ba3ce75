package sqlite

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
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// copiesOf opens a database where these are people.
func copiesOf(t *testing.T, people ...string) (*DB, Blobs) {
	t.Helper()
	d := openTest(t, Options{})
	for _, p := range people {
		if err := d.Accounts().AddPerson(t.Context(), account.Person{Identity: p, Role: account.RoleWorker, Created: noon}); err != nil {
			t.Fatal(err)
		}
	}
	return d, d.Blobs()
}

func keepText(t *testing.T, c Blobs, service, worker, name, data string, expires time.Time) {
	t.Helper()
	if err := c.PutBlob(t.Context(), service, worker, name, []byte(data), expires); err != nil {
		t.Fatal(err)
	}
}

// kept answers what is kept, "-" for nothing.
func kept(t *testing.T, c Blobs, service, worker, name string, now time.Time) string {
	t.Helper()
	data, err := c.Blob(t.Context(), service, worker, name, now)
	if err != nil {
		t.Fatal(err)
	}
	if data == nil {
		return "-"
	}
	return string(data)
}

func TestCopiesAreKeptByServiceWorkerAndName(t *testing.T) {
	_, c := copiesOf(t, "Alice@example.com", "bob")
	later := noon.Add(time.Hour)
	keepText(t, c, "s", "alice@example.com", "list", "one", later)
	keepText(t, c, "s", "alice@example.com", "list", "two", later)
	keepText(t, c, "s", "alice@example.com", "best", "three", later)
	keepText(t, c, "s", "bob", "list", "four", later)
	keepText(t, c, "other", "bob", "list", "", later)
	keepText(t, c, "s", "", "service", "five", later)
	for _, test := range []struct{ service, worker, name, want string }{
		{"s", "alice@example.com", "list", "two"},
		{"s", "alice@example.com", "best", "three"},
		{"s", "bob", "list", "four"},
		{"other", "bob", "list", ""},
		{"s", "", "service", "five"},
		{"other", "alice@example.com", "list", "-"},
		{"s", "bob", "best", "-"},
		{"s", "Alice@example.com", "list", "-"}, // the key is asked for, not the spelling
	} {
		if got := kept(t, c, test.service, test.worker, test.name, noon); got != test.want {
			t.Errorf("%+v: got %q", test, got)
		}
	}
	if err := c.DeleteBlob(t.Context(), "s", "alice@example.com", "list"); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, c, "s", "alice@example.com", "list", noon) + kept(t, c, "s", "alice@example.com", "best", noon); got != "-three" {
		t.Errorf("after dropping one: %q", got)
	}
}

func TestExpiredCopiesAreNotAnsweredAndAreDropped(t *testing.T) {
	d, c := copiesOf(t, "alice")
	for i := range copiesAtOnce + 10 {
		keepText(t, c, "s", "alice", fmt.Sprint(i), "x", noon)
	}
	keepText(t, c, "s", "alice", "young", "y", noon.Add(time.Millisecond))
	if got := kept(t, c, "s", "alice", "0", noon.Add(-time.Millisecond)); got != "x" {
		t.Errorf("a millisecond before: %q", got)
	}
	if got := kept(t, c, "s", "alice", "0", noon); got != "-" {
		t.Errorf("when it has expired: %q", got)
	}
	if err := c.DeleteExpired(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if n := countCopies(t, d); n != 1 {
		t.Errorf("%d copies are left, want the young one", n)
	}
}

func TestCopiesOfOtherServicesAndWorkersAreDropped(t *testing.T) {
	d, c := copiesOf(t, "alice", "bob")
	for _, service := range []string{"a", "b", "c"} {
		for _, worker := range []string{"", "alice", "bob"} {
			keepText(t, c, service, worker, "list", "x", noon)
		}
	}
	if err := c.DeleteWorkerBlobs(t.Context(), "bob"); err != nil {
		t.Fatal(err)
	}
	if n := countCopies(t, d); n != 6 {
		t.Errorf("%d copies are left without bob's, want 6", n)
	}
	if err := c.DeleteOtherServices(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if n := countCopies(t, d); n != 2 {
		t.Errorf("%d copies are left of service b, want 2", n)
	}
	if err := c.DeleteOtherServices(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if n := countCopies(t, d); n != 0 {
		t.Errorf("%d copies are left of no service", n)
	}
}

func TestWhoIsRemovedTakesTheCopiesAlongAndBringsNoneBack(t *testing.T) {
	d, c := copiesOf(t, "Alice@example.com", "bob")
	for _, worker := range []string{"alice@example.com", "bob"} {
		keepText(t, c, "s", worker, "list", "x", noon)
		keepText(t, c, "other", worker, "details", "x", noon)
	}
	if err := d.Accounts().RemovePerson(t.Context(), "alice@EXAMPLE.com"); err != nil {
		t.Fatal(err)
	}
	keepText(t, c, "s", "alice@example.com", "list", "a save that was on its way", noon)
	if n := countCopies(t, d); n != 2 {
		t.Errorf("%d copies are left, want bob's two", n)
	}
	if err := d.Accounts().RemovePerson(t.Context(), "carol"); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("removing nobody: %v", err)
	}
}

func TestCopiesAreReadWhileOthersAreWritten(t *testing.T) {
	_, c := copiesOf(t, "alice")
	large := strings.Repeat("x", 1<<20)
	keepText(t, c, "s", "alice", "list", large, noon)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 20 {
				data, err := c.Blob(context.Background(), "s", "alice", "list", noon.Add(-1))
				if err != nil || len(bytes.Trim(data, "x")) != 0 || len(data) != 1<<20 {
					t.Errorf("%d bytes, %v", len(data), err)
				}
			}
		})
	}
	all.Go(func() {
		for range 20 {
			keepText(t, c, "s", "alice", "list", large, noon)
		}
	})
	all.Wait()
}

func TestCopiesOfAClosedDatabaseAreAnError(t *testing.T) {
	d, err := Open(t.Context(), t.TempDir()+"/test.db", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Blobs().Blob(t.Context(), "s", "", "x", noon); err == nil {
		t.Error("reading is no error")
	}
	if err := d.Blobs().PutBlob(t.Context(), "s", "", "x", nil, noon); err == nil {
		t.Error("writing is no error")
	}
	if err := d.Blobs().DeleteExpired(t.Context(), noon); err == nil {
		t.Error("dropping is no error")
	}
}

func countCopies(t *testing.T, d *DB) (n int) {
	t.Helper()
	if err := d.readers.QueryRowContext(t.Context(), `SELECT count(*) FROM copy`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
