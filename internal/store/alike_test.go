package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/crm/builtin"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/sample"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// openAlike opens a file and a server to which fill wrote the same.
func openAlike(t *testing.T, fill func(d *store.DB) error) (file, server *store.DB) {
	t.Helper()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	opts := store.Options{Now: func() time.Time { return now }}
	file, server = dbtest.Open(t, sqlitetest.File(t), opts), dbtest.Open(t, postgrestest.URL(t), opts)
	for _, d := range []*store.DB{file, server} {
		if err := fill(d); err != nil {
			t.Fatal(err)
		}
	}
	return file, server
}

// checkAlike checks that both databases give the same answer, and returns it.
func checkAlike[T any](t *testing.T, file, server *store.DB, what string, ask func(d *store.DB) (T, error)) T {
	t.Helper()
	want, wantErr := ask(file)
	got, gotErr := ask(server)
	if diff := cmp.Diff(want, got); diff != "" || fmt.Sprint(gotErr) != fmt.Sprint(wantErr) {
		t.Errorf("%s: errors %v in SQLite, %v in PostgreSQL (-sqlite +postgres):\n%.2000s", what, wantErr, gotErr, diff)
	}
	return want
}

var alikeWorkers = []string{"ann", "Bob@Example.com", "Łukasz", customer.Everyone}

// fillCustomers puts customers of all scripts, and renames, deletes and reassigns some.
func fillCustomers(d *store.DB) error {
	all := slices.Collect(sample.Customers(600, 7, func(i int) []string {
		return [][]string{{"ann"}, {"Bob@Example.com", "ann"}, {"Łukasz"}, {"ann"}, nil}[i%5]
	}))
	for i, name := range []string{"Straße", "STRASSE", "strasse", "Zoë", "Zoe\u0308", "zoe", "İnci", "ınci", "Ǆ", "ﬁsh", "a b", "a-b", "ab", "_a", "~a", "\u00a0a", "👩‍👩‍👧 Family", "Ä", "ä", "Z", "ss"} {
		all = append(all, customer.Customer{ID: fmt.Sprint("x", i), Name: name, Workers: []string{"ann"}})
	}
	all = append(all, customer.Customer{ID: "every", Name: "Everyone's", Workers: []string{customer.Everyone}})
	for some := range slices.Chunk(all, 100) {
		err := d.Customers().Update(ctx, func(tx customer.Tx) error {
			for _, c := range some {
				if err := tx.Put(ctx, c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return d.Customers().Update(ctx, func(tx customer.Tx) error {
		for i := 10; i < 200; i += 10 {
			c := all[i]
			c.Name = all[i+1].Name + " " + c.Name
			if err := errors.Join(tx.Put(ctx, c), tx.Delete(ctx, all[i+3].ID)); err != nil {
				return err
			}
		}
		_, err := tx.Reassign(ctx, "Łukasz", "ann", 20)
		return errors.Join(err, tx.DeleteAndBlock(ctx, "500", "admin"))
	})
}

// alikeQueries are parts of names in many scripts, numbers and addresses, and what is in no
// customer.
func alikeQueries() []string {
	queries := strings.Fields("maria an e strasse ss zoe inci ﬁ a-b a~ o'b müller muller 55 +1555 555-01 example.com crm ceo 王 山田 иван ИВАНОВА ελένη محمد כהן さくら 김 शर्मा 👩 nothing-at-all")
	for c := range sample.Customers(60, 7, nil) {
		queries = append(queries, string([]rune(c.Name)[:3]), c.Name, strings.ToUpper(c.Company))
		for _, ch := range c.Channels {
			queries = append(queries, ch.Value, ch.Value[len(ch.Value)/2:])
		}
	}
	return queries
}

// Order, ranking, anchors and cursors are the same, so that phones can go on after a move.
func TestDB_CustomersAreAlike(t *testing.T) {
	file, server := openAlike(t, fillCustomers)
	for _, worker := range alikeWorkers {
		list := checkAlike(t, file, server, "List of "+worker, func(d *store.DB) (customer.Page, error) {
			return d.Customers().List(ctx, customer.ListQuery{Worker: worker, Limit: 2000})
		})
		for i, row := range list.Rows {
			if i%9 == 0 {
				checkAlike(t, file, server, "List after a cursor", func(d *store.DB) (customer.Page, error) {
					return d.Customers().List(ctx, customer.ListQuery{Worker: worker, After: row.Cursor, Limit: 30})
				})
			}
		}
		for id := range 60 { // some deleted, renamed, or of others
			for _, query := range []string{"", "a"} {
				checkAlike(t, file, server, fmt.Sprint("anchor ", id), func(d *store.DB) (customer.Page, error) {
					anchor := fmt.Sprint(id * 7)
					if query == "" {
						return d.Customers().List(ctx, customer.ListQuery{Worker: worker, Anchor: anchor, Limit: 20})
					}
					return d.Customers().Search(ctx, customer.SearchQuery{Worker: worker, Query: query, Anchor: anchor, Limit: 20})
				})
			}
		}
	}
	found := 0
	for i, query := range alikeQueries() {
		q := customer.SearchQuery{Worker: alikeWorkers[i%2], Query: query, Limit: 25}
		for more := true; more; {
			page := checkAlike(t, file, server, fmt.Sprintf("Search(%+v)", q), func(d *store.DB) (customer.Page, error) { return d.Customers().Search(ctx, q) })
			found += len(page.Rows)
			if more = page.More; more {
				q.After = page.Rows[len(page.Rows)-1].Cursor
			}
		}
		checkAlike(t, file, server, fmt.Sprintf("ListAll(%q)", query), func(d *store.DB) (customer.AdminPage, error) {
			return d.Customers().ListAll(ctx, customer.AdminQuery{Query: query, Limit: 50})
		})
	}
	if found < 1000 {
		t.Errorf("searches found %d customers, want at least 1000: the test checks too little", found)
	}
	checkAlike(t, file, server, "ListAll()", func(d *store.DB) (customer.AdminPage, error) {
		return d.Customers().ListAll(ctx, customer.AdminQuery{Limit: 2000})
	})
	checkAlike(t, file, server, "All()", func(d *store.DB) (all []customer.Customer, err error) {
		for c, err := range d.Customers().All(ctx) {
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
		return all, nil
	})
	checkAlike(t, file, server, "OwnerCounts()", func(d *store.DB) ([]customer.OwnerCount, error) { return d.Customers().OwnerCounts(ctx) })
	checkAlike(t, file, server, "Totals()", func(d *store.DB) (customer.Totals, error) { return d.Customers().Totals(ctx) })
	checkAlike(t, file, server, "Duplicates()", func(d *store.DB) (customer.DuplicatePage, error) {
		return d.Customers().Duplicates(ctx, customer.DuplicateQuery{Limit: 100})
	})
}

// A phone pages through a list and a search while the rows move from one database to the other
// and back: its tokens stay good.
func TestDB_TokensOutliveAMove(t *testing.T) {
	file, server := openAlike(t, fillCustomers)
	sealer := secret.NewKey().Sealer("page token")
	services := []*builtin.CRM{builtin.New(file.Customers(), sealer), builtin.New(server.Customers(), sealer)}
	walk := func(query string, service func(page int) *builtin.CRM) (ids []string) {
		req := frontline.ListRequest{Worker: "ann", Query: query, PageSize: 7}
		for page := 0; page == 0 || req.NextPageToken != ""; page++ {
			got, err := service(page).CustomersList(ctx, req)
			if err != nil {
				t.Fatalf("CustomersList(%+v), page %d: %v", req, page, err)
			}
			for _, c := range got.Customers {
				ids = append(ids, c.ID)
			}
			req.NextPageToken = got.NextPageToken
		}
		return ids
	}
	for _, query := range []string{"", "a", "an", "e"} {
		want := walk(query, func(int) *builtin.CRM { return services[0] })
		got := walk(query, func(page int) *builtin.CRM { return services[page%2] })
		if diff := cmp.Diff(want, got); diff != "" || len(want) < 15 {
			t.Errorf("a walk over both databases, query %q, has %d customers (-want +got):\n%s", query, len(got), diff)
		}
	}
}

func TestDB_PeopleAreAlike(t *testing.T) {
	identities := []string{"bob", "Bob", "ada@example.com", "Zoë", "zoe", "ZOË@example.com", "Łukasz", "łukasz", "Straße", "STRASSE", "İnci", "山田", "Иванова", "محمد", "a b", "a-b", "a_b", "~", "ä", "Ä", "z", "O'Brien"}
	file, server := openAlike(t, func(d *store.DB) error {
		for i, identity := range identities {
			p := account.Person{Identity: identity, Role: account.RoleWorker, Available: i%4 > 0, Created: noon}
			if i%3 == 0 {
				p.Role = account.RoleAdmin
			}
			if err := d.Accounts().AddPerson(ctx, p); err != nil {
				return fmt.Errorf("AddPerson(%s): %w", identity, err)
			}
			if i%5 == 1 {
				if err := d.Accounts().Deactivate(ctx, identity, noon); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, text := range append([]string{"", "o", "ZOE", "str", "ss", "!", "\xff", "a\x00", "nothing"}, identities...) {
		for _, q := range []account.PeopleQuery{{Limit: 50}, {Limit: 3, Page: 2}, {Limit: 5, Inactive: true}, {Limit: 50, Role: account.RoleAdmin}} {
			q.Text = text
			checkAlike(t, file, server, fmt.Sprintf("FindPeople(%+v)", q), func(d *store.DB) (account.PeoplePage, error) { return d.Accounts().FindPeople(ctx, q) })
		}
		checkAlike(t, file, server, fmt.Sprintf("Person(%q)", text), func(d *store.DB) (account.Person, error) { return d.Accounts().Person(ctx, text) })
	}
	checkAlike(t, file, server, "People()", func(d *store.DB) ([]account.Person, error) { return d.Accounts().People(ctx) })
	for range 2 * len(identities) {
		checkAlike(t, file, server, "NextAvailable()", func(d *store.DB) (string, error) { return d.Accounts().NextAvailable(ctx) })
	}
}

func TestDB_AuditIsAlike(t *testing.T) {
	names := []string{"ada@example.com", "Ada@Example.COM", "bob", "Bob", "ä@example.com", "Ä@example.com", "山田", ""}
	file, server := openAlike(t, func(d *store.DB) error {
		var entries []audit.Entry
		for i := range 400 {
			e := audit.Entry{When: auditEpoch.Add(time.Duration(i*7919%100) * time.Second), Actor: names[i%len(names)], Via: "app", Action: audit.Viewed,
				Subject: names[i/3%len(names)], Name: "=1+1; Łukasz", Count: i % 3, Unusual: i%11 == 0, Address: "::1", Params: audit.Params("").With("q", "ä&b")}
			if i%4 == 0 {
				e.Action = []audit.Action{audit.SignedIn, audit.Denied}[i%8/4]
			}
			entries = append(entries, e)
		}
		return d.Audit().AddEntries(ctx, entries)
	})
	for _, actor := range append(names, "ÄDA", "\xff", "a\x00") {
		for _, subject := range append(names, "none") {
			for _, actions := range [][]audit.Action{nil, {audit.Denied, audit.SignedIn}, {audit.Viewed}} {
				q := audit.Query{Actor: actor, Subject: subject, Actions: actions, Limit: 9}
				for more := true; more; {
					page := checkAlike(t, file, server, fmt.Sprintf("FindEntries(%+v)", q), func(d *store.DB) (audit.Page, error) { return d.Audit().FindEntries(ctx, q) })
					more, q.After = page.More, page.Next
				}
			}
		}
	}
	checkAlike(t, file, server, "WriteCSV()", func(d *store.DB) (string, error) {
		var b strings.Builder
		err := audit.WriteCSV(&b, func(yield func(audit.Entry, error) bool) {
			page, err := d.Audit().FindEntries(ctx, audit.Query{Limit: audit.MaxLimit})
			for _, e := range page.Entries {
				if !yield(e, err) {
					return
				}
			}
		}, func(e audit.Entry) string { return e.Detail })
		return b.String(), err
	})
}
