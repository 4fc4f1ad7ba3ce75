package audit_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

// forEachStore runs a test over every store.
func forEachStore(t *testing.T, test func(t *testing.T, store audit.Store)) {
	dbtest.ForEach(t, func(t *testing.T, database string) { test(t, dbtest.Open(t, database, store.Options{}).Audit()) })
}

// epoch is the start of the tests' clock; stores keep microseconds.
var epoch = time.UnixMicro(1_800_000_000_000_000)

// entryAt returns e with a time of so many seconds after epoch.
func entryAt(seconds int, e audit.Entry) audit.Entry {
	e.When = epoch.Add(time.Duration(seconds) * time.Second)
	return e
}

func add(t *testing.T, store audit.Store, entries ...audit.Entry) {
	t.Helper()
	if err := store.AddEntries(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

// findAll returns all entries that q selects, and the number of pages.
func findAll(t *testing.T, store audit.Store, q audit.Query) (entries []audit.Entry, pages int) {
	t.Helper()
	for {
		page, err := store.FindEntries(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Entries) > q.Limit {
			t.Fatalf("FindEntries() = %d entries, the limit is %d", len(page.Entries), q.Limit)
		}
		if page.More == (page.Next == 0) {
			t.Fatalf("FindEntries() has More %v and Next %d", page.More, page.Next)
		}
		entries = append(entries, page.Entries...)
		if pages++; !page.More {
			return entries, pages
		}
		if pages > 100_000 {
			t.Fatal("paging does not end")
		}
		q.After = page.Next
	}
}

func TestStore_AddEntries(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		whole := entryAt(7, audit.Entry{ID: 99, Actor: "ada@example.com", Via: "console", Action: audit.Reassigned, Subject: "Łukasz \" '; DROP",
			Name: "名前", Detail: "to bob", Count: 12, Address: "2001:db8::1", Unusual: true})
		whole.When = whole.When.Add(123 * time.Microsecond)
		add(t, store, whole, entryAt(7, audit.Entry{}))
		page, err := store.FindEntries(t.Context(), audit.Query{Limit: 10})
		if err != nil || len(page.Entries) != 2 || page.More || page.Next != 0 {
			t.Fatalf("FindEntries() = %+v, %v, want both entries", page, err)
		}
		// The newest entry comes first.
		got := page.Entries[0]
		if got.ID <= 0 {
			t.Errorf("ID = %d, want a positive one", got.ID)
		}
		got.ID = whole.ID
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Errorf("entry (-want +got):\n%s", diff)
		}
	})
}

func TestStore_FindEntries_Order(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		add(t, store, entryAt(3, audit.Entry{Subject: "c"}), entryAt(1, audit.Entry{Subject: "a"}))
		add(t, store, entryAt(2, audit.Entry{Subject: "b1"}), entryAt(2, audit.Entry{Subject: "b2"}), entryAt(2, audit.Entry{Subject: "b3"}))
		for _, limit := range []int{1, 2, 3, 4, 5, 6} {
			entries, pages := findAll(t, store, audit.Query{Limit: limit})
			if got, want := subjects(entries), []string{"c", "b3", "b2", "b1", "a"}; !slices.Equal(got, want) {
				t.Errorf("limit %d: entries %v, want %v", limit, got, want)
			}
			if want := (5 + limit - 1) / limit; pages != want {
				t.Errorf("limit %d: %d pages, want %d", limit, pages, want)
			}
		}
	})
}

func subjects(entries []audit.Entry) (s []string) {
	for _, e := range entries {
		s = append(s, e.Subject)
	}
	return s
}

func TestStore_FindEntries_UnknownCursor(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		for name, after := range map[string]int64{"of an empty store": 1, "negative": -1} {
			if _, err := store.FindEntries(t.Context(), audit.Query{After: after, Limit: 5}); !errors.Is(err, audit.ErrCursor) {
				t.Errorf("FindEntries(After %s) = %v, want ErrCursor", name, err)
			}
		}
		add(t, store, entryAt(1, audit.Entry{}), entryAt(2, audit.Entry{}))
		all, _ := findAll(t, store, audit.Query{Limit: 5})
		if _, err := store.FindEntries(t.Context(), audit.Query{After: all[0].ID + 1, Limit: 5}); !errors.Is(err, audit.ErrCursor) {
			t.Errorf("FindEntries(After beyond the newest) = %v, want ErrCursor", err)
		}
		if n, err := store.DeleteEntries(t.Context(), epoch.Add(time.Hour), 10); n != 2 || err != nil {
			t.Fatalf("DropEntries() = %d, %v, want 2", n, err)
		}
		page, err := store.FindEntries(t.Context(), audit.Query{After: all[0].ID, Limit: 5})
		if err != nil || len(page.Entries) > 0 || page.More {
			t.Errorf("FindEntries(After a dropped entry) = %+v, %v, want an empty last page", page, err)
		}
		add(t, store, entryAt(3, audit.Entry{}))
		if now, _ := findAll(t, store, audit.Query{Limit: 5}); len(now) != 1 || now[0].ID <= all[0].ID {
			t.Errorf("ID %d is reused, after %d", now[0].ID, all[0].ID)
		}
	})
}

func TestStore_DropEntries(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		for i := range 10 {
			add(t, store, entryAt(9-i, audit.Entry{Subject: string(rune('a' + 9 - i))}))
		}
		drop := func(before, limit, want int, left string) {
			t.Helper()
			n, err := store.DeleteEntries(t.Context(), entryAt(before, audit.Entry{}).When, limit)
			if n != want || err != nil {
				t.Errorf("DropEntries(%d, %d) = %d, %v, want %d", before, limit, n, err, want)
			}
			all, _ := findAll(t, store, audit.Query{Limit: 100})
			slices.Reverse(all)
			got := ""
			for _, e := range all {
				got += e.Subject
			}
			if got != left {
				t.Errorf("entries left = %q, want %q", got, left)
			}
		}
		drop(0, 5, 0, "abcdefghij")
		drop(4, 3, 3, "defghij")
		drop(4, 3, 1, "efghij")
		drop(4, 3, 0, "efghij")
		drop(100, 100, 6, "")
	})
}

// TestStore_FindEntries_BoundBeforeTheCursor changes To between two pages, as a person may
// who edits the URL.
func TestStore_FindEntries_BoundBeforeTheCursor(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		add(t, store, entryAt(1, audit.Entry{Subject: "a"}), entryAt(3, audit.Entry{Subject: "c1"}), entryAt(3, audit.Entry{Subject: "c2"}), entryAt(2, audit.Entry{Subject: "b"}))
		all, _ := findAll(t, store, audit.Query{Limit: 10}) // c2 c1 b a
		for name, c := range map[string]struct {
			to   int
			want []string
		}{
			"after the cursor":  {4, []string{"c1", "b", "a"}},
			"at the cursor":     {3, []string{"b", "a"}},
			"before the cursor": {2, []string{"a"}},
			"before all":        {1, nil},
		} {
			entries, _ := findAll(t, store, audit.Query{After: all[0].ID, To: entryAt(c.to, audit.Entry{}).When, Limit: 10})
			if got := subjects(entries); !slices.Equal(got, c.want) {
				t.Errorf("To %s: entries %v, want %v", name, got, c.want)
			}
		}
		// The entry just before To has an ID above that of the cursor.
		bound := entryAt(3, audit.Entry{}).When
		late := audit.Entry{When: bound.Add(-time.Microsecond), Subject: "late"}
		add(t, store, late)
		entries, _ := findAll(t, store, audit.Query{After: all[0].ID, To: bound, Limit: 10})
		if got := subjects(entries); !slices.Equal(got, []string{"late", "b", "a"}) {
			t.Errorf("entries with a late one = %v", got)
		}
	})
}
