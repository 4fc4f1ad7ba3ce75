package audit_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// forEachStore runs a test over every store there is.
func forEachStore(t *testing.T, test func(t *testing.T, store audit.Store)) {
	t.Run("sqlite", func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), sqlitetest.File(t), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		test(t, db.Audit())
	})
}

// epoch is when the tests begin; stores keep microseconds.
var epoch = time.UnixMicro(1_800_000_000_000_000)

// at is an entry so many seconds after epoch.
func at(seconds int, e audit.Entry) audit.Entry {
	e.When = epoch.Add(time.Duration(seconds) * time.Second)
	return e
}

func add(t *testing.T, store audit.Store, entries ...audit.Entry) {
	t.Helper()
	if err := store.AddEntries(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

// walk answers all that q finds, page by page.
func walk(t *testing.T, store audit.Store, q audit.Query) (entries []audit.Entry, pages int) {
	t.Helper()
	for {
		page, err := store.FindEntries(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Entries) > q.Limit {
			t.Fatalf("a page of %d entries, asked for %d", len(page.Entries), q.Limit)
		}
		if page.More == (page.Next == 0) {
			t.Fatalf("more is %v and next is %d", page.More, page.Next)
		}
		entries = append(entries, page.Entries...)
		if pages++; !page.More {
			return entries, pages
		}
		if pages > 100_000 {
			t.Fatal("the walk does not end")
		}
		q.After = page.Next
	}
}

func TestStoreKeepsEntriesWhole(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		whole := at(7, audit.Entry{ID: 99, Actor: "ada@example.com", Via: "console", Action: audit.Reassigned, Subject: "Łukasz \" '; DROP",
			Name: "名前", Detail: "to bob", Count: 12, Address: "2001:db8::1", Unusual: true})
		whole.When = whole.When.Add(123 * time.Microsecond)
		add(t, store, whole, at(7, audit.Entry{}))
		page, err := store.FindEntries(t.Context(), audit.Query{Limit: 10})
		if err != nil || len(page.Entries) != 2 || page.More || page.Next != 0 {
			t.Fatalf("%+v, %v", page, err)
		}
		// The newest comes first, which is the whole one.
		got := page.Entries[0]
		if got.ID <= 0 {
			t.Errorf("its ID is %d", got.ID)
		}
		got.ID = whole.ID
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestStoreAnswersNewestFirstAndByIDWithinAMoment(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		add(t, store, at(3, audit.Entry{Subject: "c"}), at(1, audit.Entry{Subject: "a"}))
		add(t, store, at(2, audit.Entry{Subject: "b1"}), at(2, audit.Entry{Subject: "b2"}), at(2, audit.Entry{Subject: "b3"}))
		for _, limit := range []int{1, 2, 3, 4, 5, 6} {
			entries, pages := walk(t, store, audit.Query{Limit: limit})
			if got, want := subjects(entries), []string{"c", "b3", "b2", "b1", "a"}; !slices.Equal(got, want) {
				t.Errorf("limit %d: %v, want %v", limit, got, want)
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

func TestStoreTellsPlacesThatNeverWere(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		for name, after := range map[string]int64{"of an empty audit": 1, "negative": -1} {
			if _, err := store.FindEntries(t.Context(), audit.Query{After: after, Limit: 5}); !errors.Is(err, audit.ErrCursor) {
				t.Errorf("%s: %v, want ErrCursor", name, err)
			}
		}
		add(t, store, at(1, audit.Entry{}), at(2, audit.Entry{}))
		all, _ := walk(t, store, audit.Query{Limit: 5})
		if _, err := store.FindEntries(t.Context(), audit.Query{After: all[0].ID + 1, Limit: 5}); !errors.Is(err, audit.ErrCursor) {
			t.Errorf("beyond the newest: %v, want ErrCursor", err)
		}
		if n, err := store.DropEntries(t.Context(), epoch.Add(time.Hour), 10); n != 2 || err != nil {
			t.Fatalf("dropped %d, %v", n, err)
		}
		page, err := store.FindEntries(t.Context(), audit.Query{After: all[0].ID, Limit: 5})
		if err != nil || len(page.Entries) > 0 || page.More {
			t.Errorf("after one that was dropped: %+v, %v; want the end", page, err)
		}
		add(t, store, at(3, audit.Entry{}))
		if now, _ := walk(t, store, audit.Query{Limit: 5}); len(now) != 1 || now[0].ID <= all[0].ID {
			t.Errorf("an ID came back: %d after %d", now[0].ID, all[0].ID)
		}
	})
}

func TestStoreDropsTheOldestAndNothingElse(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		for i := range 10 {
			add(t, store, at(9-i, audit.Entry{Subject: string(rune('a' + 9 - i))}))
		}
		drop := func(before, limit, want int, left string) {
			t.Helper()
			n, err := store.DropEntries(t.Context(), at(before, audit.Entry{}).When, limit)
			if n != want || err != nil {
				t.Errorf("dropped %d, %v; want %d", n, err, want)
			}
			all, _ := walk(t, store, audit.Query{Limit: 100})
			slices.Reverse(all)
			got := ""
			for _, e := range all {
				got += e.Subject
			}
			if got != left {
				t.Errorf("left are %q, want %q", got, left)
			}
		}
		drop(0, 5, 0, "abcdefghij")
		drop(4, 3, 3, "defghij")
		drop(4, 3, 1, "efghij")
		drop(4, 3, 0, "efghij")
		drop(100, 100, 6, "")
	})
}

// TestStoreTakesABoundThatThePlaceIsBeyond changes the bound between two pages, as
// somebody may who edits an address.
func TestStoreTakesABoundThatThePlaceIsBeyond(t *testing.T) {
	forEachStore(t, func(t *testing.T, store audit.Store) {
		add(t, store, at(1, audit.Entry{Subject: "a"}), at(3, audit.Entry{Subject: "c1"}), at(3, audit.Entry{Subject: "c2"}), at(2, audit.Entry{Subject: "b"}))
		all, _ := walk(t, store, audit.Query{Limit: 10}) // c2 c1 b a
		for name, c := range map[string]struct {
			to   int
			want []string
		}{
			"after the place": {4, []string{"c1", "b", "a"}},
			"at the place":    {3, []string{"b", "a"}},
			"before it":       {2, []string{"a"}},
			"before all":      {1, nil},
		} {
			entries, _ := walk(t, store, audit.Query{After: all[0].ID, To: at(c.to, audit.Entry{}).When, Limit: 10})
			if got := subjects(entries); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
		// The entry just before the bound has an ID above that of the place.
		bound := at(3, audit.Entry{}).When
		late := audit.Entry{When: bound.Add(-time.Microsecond), Subject: "late"}
		add(t, store, late)
		entries, _ := walk(t, store, audit.Query{After: all[0].ID, To: bound, Limit: 10})
		if got := subjects(entries); !slices.Equal(got, []string{"late", "b", "a"}) {
			t.Errorf("with one that came late: %v", got)
		}
	})
}
