package account_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

// forEachStore runs a test over every store.
func forEachStore(t *testing.T, test func(t *testing.T, store account.Store)) {
	dbtest.ForEach(t, func(t *testing.T, database string) { test(t, dbtest.Open(t, database, store.Options{}).Accounts()) })
}

// epoch is the start of the tests' clock; stores keep milliseconds.
var epoch = time.UnixMilli(1_800_000_000_000)

func person(identity string) account.Person {
	return account.Person{Identity: identity, Role: account.RoleWorker, PasswordHash: "hash of " + identity, Available: true, Created: epoch}
}

func session(id, identity string, created time.Time) account.Session {
	return account.Session{ID: id, Identity: identity, Created: created, LastSeen: created, Expires: created.Add(time.Hour), Agent: "Browser/1"}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, call string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s = %v, want %v", call, got, want)
	}
}

// addSession returns how many sessions AddSession ended.
func addSession(t *testing.T, store account.Store, secret string, s account.Session, p account.Person) int {
	t.Helper()
	ended, err := store.AddSession(t.Context(), hashOf(secret), s, p)
	must(t, err)
	return ended
}

func hashOf(secret string) [32]byte { return sha256.Sum256([]byte(secret)) }

func TestStore_People(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ctx := t.Context()
		ada := person("Ada@Example.com")
		ada.Role = account.RoleAdmin
		ada.Preferences = account.Preferences{Theme: "dark", Language: "de", TimeZone: "Europe/Vienna"}
		must(t, store.AddPerson(ctx, ada))
		must(t, store.AddPerson(ctx, person("bob")))
		must(t, store.AddPerson(ctx, person("Łukasz \" '; DROP")))

		got, err := store.Person(ctx, "ada@EXAMPLE.com")
		must(t, err)
		if diff := cmp.Diff(ada, got); diff != "" {
			t.Errorf("Person(email address in other case) (-want +got):\n%s", diff)
		}
		wantErr(t, "AddPerson(email address in other case)", store.AddPerson(ctx, person("ADA@example.com")), account.ErrExists)
		if err := store.AddPerson(ctx, person("Bob")); err != nil {
			t.Errorf("AddPerson(Bob beside bob) = %v", err)
		}
		_, err = store.Person(ctx, "unknown")
		wantErr(t, "Person(unknown)", err, account.ErrNotFound)

		people, err := store.People(ctx)
		must(t, err)
		var names []string
		for _, p := range people {
			names = append(names, p.Identity)
		}
		if diff := cmp.Diff([]string{"Bob", "Ada@Example.com", "bob", "Łukasz \" '; DROP"}, names); diff != "" {
			t.Errorf("People() (-want +got):\n%s", diff)
		}

		must(t, store.SetPreferences(ctx, "bob", account.Preferences{Theme: "light"}))
		got, err = store.Person(ctx, "bob")
		must(t, err)
		want := person("bob")
		want.Preferences.Theme = "light"
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Person() after SetPreferences (-want +got):\n%s", diff)
		}

		root := person("root")
		root.Role = account.RoleAdmin
		must(t, store.AddPerson(ctx, root))
		must(t, store.RemovePerson(ctx, "ADA@EXAMPLE.COM"))
		_, err = store.Person(ctx, "ada@example.com")
		wantErr(t, "Person(removed)", err, account.ErrNotFound)
		wantErr(t, "second RemovePerson()", store.RemovePerson(ctx, "ada@example.com"), account.ErrNotFound)
		wantErr(t, "SetPreferences(unknown)", store.SetPreferences(ctx, "unknown", account.Preferences{}), account.ErrNotFound)
		wantErr(t, "SetPassword(unknown)", store.SetPassword(ctx, "unknown", "h", time.Time{}, ""), account.ErrNotFound)
	})
}

func TestStore_FindPeople(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ctx := t.Context()
		empty, err := store.FindPeople(ctx, account.PeopleQuery{Limit: 10})
		must(t, err)
		if diff := cmp.Diff(account.PeoplePage{Page: 1}, empty); diff != "" {
			t.Errorf("FindPeople() without people (-want +got):\n%s", diff)
		}
		for _, identity := range []string{"zoë-ann@example.com", "root", "Ben O'Neil", "Ada.Ann@Example.com", "boss", "gone"} {
			p := person(identity)
			if identity == "root" || identity == "boss" {
				p.Role = account.RoleAdmin
			}
			must(t, store.AddPerson(ctx, p))
		}
		must(t, store.Deactivate(ctx, "boss", epoch))
		must(t, store.Deactivate(ctx, "gone", epoch))
		for _, test := range []struct {
			q     account.PeopleQuery
			count int
			want  []string
		}{
			{account.PeopleQuery{Limit: 10}, 6, []string{"Ben O'Neil", "Ada.Ann@Example.com", "root", "zoë-ann@example.com", "boss", "gone"}},
			{account.PeopleQuery{Page: 2, Limit: 2}, 6, []string{"root", "zoë-ann@example.com"}},
			{account.PeopleQuery{Page: 3, Limit: 2}, 6, []string{"boss", "gone"}},
			{account.PeopleQuery{Page: 99, Limit: 4}, 6, []string{"boss", "gone"}},
			{account.PeopleQuery{Page: -1, Limit: 1}, 6, []string{"Ben O'Neil"}},
			{account.PeopleQuery{Text: "ANN example", Limit: 1}, 2, []string{"Ada.Ann@Example.com"}},
			{account.PeopleQuery{Text: "oneil", Limit: 10}, 1, []string{"Ben O'Neil"}},
			{account.PeopleQuery{Text: "Zoe", Limit: 10}, 1, []string{"zoë-ann@example.com"}},
			{account.PeopleQuery{Text: "!", Limit: 10, Role: account.RoleAdmin}, 2, []string{"root", "boss"}},
			{account.PeopleQuery{Text: "nobody", Limit: 10}, 0, nil},
			{account.PeopleQuery{Role: account.RoleWorker, Inactive: true, Limit: 10}, 1, []string{"gone"}},
			{account.PeopleQuery{Text: "o", Inactive: true, Limit: 10}, 2, []string{"boss", "gone"}},
		} {
			page, err := store.FindPeople(ctx, test.q)
			must(t, err)
			var got []string
			for _, p := range page.People {
				stored, err := store.Person(ctx, p.Identity)
				must(t, err)
				if diff := cmp.Diff(stored, p); diff != "" {
					t.Errorf("FindPeople(%+v) has another %s than Person() (-want +got):\n%s", test.q, p.Identity, diff)
				}
				got = append(got, p.Identity)
			}
			if diff := cmp.Diff(test.want, got); diff != "" || page.Count != test.count {
				t.Errorf("FindPeople(%+v) counts %d, want %d (-want +got):\n%s", test.q, page.Count, test.count, diff)
			}
		}
	})
}

func TestStore_WithoutAccount(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		must(t, store.AddPerson(t.Context(), person("Ada@example.com")))
		must(t, store.AddPerson(t.Context(), person("bob")))
		for _, test := range []struct{ identities, want []string }{
			{nil, nil},
			{[]string{"bob", "ADA@example.com"}, nil},
			{[]string{"zoë \"z\"", "bob", "Bob", "", "a\x00b"}, []string{"zoë \"z\"", "Bob", "", "a\x00b"}},
		} {
			got, err := store.WithoutAccount(t.Context(), test.identities)
			must(t, err)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("WithoutAccount(%q) (-want +got):\n%s", test.identities, diff)
			}
		}
	})
}

func TestStore_NextAvailable(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ctx := t.Context()
		wantNext := func(when string, want ...string) {
			t.Helper()
			var got []string
			for range want {
				identity, err := store.NextAvailable(ctx)
				must(t, err)
				got = append(got, identity)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("NextAvailable() %s (-want +got):\n%s", when, diff)
			}
		}
		wantNext("without people", "")
		boss := person("boss")
		boss.Role = account.RoleAdmin
		for _, p := range []account.Person{boss, person("Ada@example.com"), person("bob"), person("carol")} {
			must(t, store.AddPerson(ctx, p))
		}
		wantNext("of three", "Ada@example.com", "bob", "carol", "Ada@example.com")

		must(t, store.SetAvailable(ctx, "ADA@example.com", false))
		p, err := store.Person(ctx, "ada@example.com")
		must(t, err)
		if p.Available {
			t.Error("Person().Available after SetAvailable(false) = true")
		}
		must(t, store.Deactivate(ctx, "carol", epoch))
		wantNext("of one", "bob", "bob")
		must(t, store.Reactivate(ctx, "carol"))
		must(t, store.SetAvailable(ctx, "ada@example.com", true))
		wantNext("of those who were away", "carol", "Ada@example.com", "bob", "carol")
		must(t, store.AddPerson(ctx, person("dan")))
		wantNext("with someone new", "dan", "Ada@example.com", "bob", "carol", "dan")
		wantErr(t, "SetAvailable(unknown)", store.SetAvailable(ctx, "unknown", true), account.ErrNotFound)

		var all sync.WaitGroup
		var mu sync.Mutex
		counts := map[string]int{}
		for range 20 {
			all.Go(func() {
				identity, err := store.NextAvailable(context.Background())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				counts[identity]++
			})
		}
		all.Wait()
		if diff := cmp.Diff(map[string]int{"Ada@example.com": 5, "bob": 5, "carol": 5, "dan": 5}, counts); diff != "" {
			t.Errorf("20 concurrent NextAvailable() (-want +got):\n%s", diff)
		}
	})
}

func TestStore_SessionsExpire(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ctx := t.Context()
		alice := person("alice")
		must(t, store.AddPerson(ctx, alice))
		first, second := session("one", "alice", epoch), session("two", "alice", epoch.Add(time.Minute))
		addSession(t, store, "s1", first, alice)
		addSession(t, store, "s2", second, alice)

		got, who, err := store.SessionByHash(ctx, hashOf("s1"), epoch)
		must(t, err)
		if diff := cmp.Diff(first, got); diff != "" {
			t.Errorf("SessionByHash() session (-want +got):\n%s", diff)
		}
		alice.LastSeen = second.LastSeen
		if diff := cmp.Diff(alice, who); diff != "" {
			t.Errorf("SessionByHash() person (-want +got):\n%s", diff)
		}
		_, _, err = store.SessionByHash(ctx, hashOf("other"), epoch)
		wantErr(t, "SessionByHash(unknown)", err, account.ErrNoSession)
		if _, _, err = store.SessionByHash(ctx, hashOf("s1"), first.Expires.Add(-time.Millisecond)); err != nil {
			t.Errorf("SessionByHash() just before expiry = %v", err)
		}
		_, _, err = store.SessionByHash(ctx, hashOf("s1"), first.Expires)
		wantErr(t, "SessionByHash() at expiry", err, account.ErrNoSession)

		all, err := store.Sessions(ctx, "alice", epoch)
		must(t, err)
		if diff := cmp.Diff([]account.Session{second, first}, all); diff != "" {
			t.Errorf("Sessions() (-want +got):\n%s", diff)
		}
		all, err = store.Sessions(ctx, "alice", first.Expires)
		must(t, err)
		if diff := cmp.Diff([]account.Session{second}, all); diff != "" {
			t.Errorf("Sessions() after one expired (-want +got):\n%s", diff)
		}

		seen, until := epoch.Add(30*time.Minute), epoch.Add(2*time.Hour)
		must(t, store.TouchSession(ctx, "one", seen, until))
		must(t, store.TouchSession(ctx, "one", epoch, epoch)) // an older touch changes nothing
		must(t, store.TouchSession(ctx, "gone", seen, until))
		got, _, err = store.SessionByHash(ctx, hashOf("s1"), first.Expires)
		must(t, err)
		if !got.LastSeen.Equal(seen) || !got.Expires.Equal(until) {
			t.Errorf("after TouchSession: LastSeen %v, Expires %v, want %v and %v", got.LastSeen, got.Expires, seen, until)
		}

		must(t, store.DeleteExpiredSessions(ctx, second.Expires))
		_, _, err = store.SessionByHash(ctx, hashOf("s2"), epoch)
		wantErr(t, "SessionByHash(purged)", err, account.ErrNoSession)
		if _, _, err = store.SessionByHash(ctx, hashOf("s1"), epoch); err != nil {
			t.Errorf("SessionByHash(touched session) after PurgeSessions = %v", err)
		}
	})
}

func TestStore_RemoveSessions(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ctx := t.Context()
		alice, bob := person("alice"), person("bob")
		must(t, store.AddPerson(ctx, alice))
		must(t, store.AddPerson(ctx, bob))
		add := func(id string, p account.Person) {
			t.Helper()
			addSession(t, store, id, session(id, p.Identity, epoch), p)
		}
		wantLeft := func(after string, want ...string) {
			t.Helper()
			var got []string
			for _, id := range []string{"a1", "a2", "a3", "b1"} {
				if _, _, err := store.SessionByHash(ctx, hashOf(id), epoch); err == nil {
					got = append(got, id)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("sessions after %s (-want +got):\n%s", after, diff)
			}
		}
		for _, id := range []string{"a1", "a2", "a3"} {
			add(id, alice)
		}
		add("b1", bob)

		wantErr(t, "RemoveSession(another's)", store.RemoveSession(ctx, "bob", "a1"), account.ErrNoSession)
		wantLeft("RemoveSession(another's)", "a1", "a2", "a3", "b1")
		must(t, store.RemoveSession(ctx, "alice", "a1"))
		wantLeft("RemoveSession(a1)", "a2", "a3", "b1")
		wantErr(t, "second RemoveSession()", store.RemoveSession(ctx, "alice", "a1"), account.ErrNoSession)
		must(t, store.RemoveSessionByHash(ctx, hashOf("a2")))
		wantLeft("RemoveSessionByHash(a2)", "a3", "b1")
		wantErr(t, "second RemoveSessionByHash()", store.RemoveSessionByHash(ctx, hashOf("a2")), account.ErrNoSession)
		add("a1", alice)
		must(t, store.RemoveSessions(ctx, "alice", "a3"))
		wantLeft("RemoveSessions(except a3)", "a3", "b1")

		add("a1", alice)
		must(t, store.SetPassword(ctx, "alice", "new hash", time.Time{}, "a1"))
		wantLeft("SetPassword(except a1)", "a1", "b1")
		_, err := store.AddSession(ctx, hashOf("a2"), session("a2", "alice", epoch), alice)
		wantErr(t, "AddSession(with the old password)", err, account.ErrNotFound)
		wantLeft("AddSession(with the old password)", "a1", "b1")

		must(t, store.RemovePerson(ctx, "alice"))
		wantLeft("RemovePerson(alice)", "b1")
		must(t, store.AddPerson(ctx, alice))
		wantLeft("AddPerson(alice)", "b1")
	})
}

func TestStore_AddPerson_Concurrent(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		const tries = 16
		var all sync.WaitGroup
		results := make(chan error, tries)
		for i := range tries {
			all.Go(func() {
				p := person("ada@example.com")
				p.PasswordHash = fmt.Sprint(i)
				results <- store.AddPerson(context.Background(), p)
			})
		}
		all.Wait()
		close(results)
		added := 0
		for err := range results {
			if err == nil {
				added++
			} else if !errors.Is(err, account.ErrExists) {
				t.Error(err)
			}
		}
		if added != 1 {
			t.Errorf("AddPerson succeeded %d of %d times, want once", added, tries)
		}
	})
}
