package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/sample"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
)

// fillTables makes tables large enough for PostgreSQL to prefer their indexes.
const fillTables = `
INSERT INTO person (key, identity, role, password_hash, theme, language, time_zone, created, issuer, subject)
	SELECT 'p' || i, 'p' || i, 'worker', '', '', '', '', 0, 'idp', 's' || i FROM generate_series(1, 10000) i;
INSERT INTO session (secret_hash, id, person_key, created, last_seen, expires, agent, by_provider, provider_session)
	SELECT decode(lpad(to_hex(i), 64, '0'), 'hex'), 's' || i, 'p' || i, i, i, 9000000000000 + i, '', 1, 'i' || i FROM generate_series(1, 10000) i;
INSERT INTO audit (at, actor, via, action, subject, name, detail, count, address, unusual)
	SELECT i * 1000, 'p' || i % 200, 'app', CASE WHEN i % 50 > 0 THEN 'view' WHEN i % 100 = 0 THEN 'denied' ELSE 'sign-in' END,
		'c' || i % 5000, '', '', 0, '', CASE WHEN i % 100 = 0 THEN 1 ELSE 0 END FROM generate_series(1, 50000) i;
INSERT INTO conversation (sid, closed, customer_id, last_at, last_index, sealed)
	SELECT 'CH' || i, CASE WHEN i % 10 > 0 THEN 1 ELSE 0 END, 'c' || i, i, 5, '' FROM generate_series(1, 10000) i;
INSERT INTO conversation_worker (sid, worker, identity, participant, last_read, muted, owner, closed, last_at, last_index)
	SELECT sid, 'p' || last_at % 100, 'p', 'MB', 3, 0, 1, closed, last_at, last_index FROM conversation;
INSERT INTO outgoing_message (client_id, sid, worker, sealed, at, state, message_sid, code)
	SELECT 'm' || i, 'CH' || i, 'p1', '', i, i % 2, '', 0 FROM generate_series(1, 10000) i;
INSERT INTO copy (service, worker, name, data, expires)
	SELECT 's', 'p' || i % 1000, 'n' || i, '', 9000000000000 + i FROM generate_series(1, 10000) i;
INSERT INTO activity_call (at, took, queued, location, worker, bytes, status, code, search, not_found, crawl, built_in)
	SELECT i, 1, 1, '', '', 1, 200, 0, 0, 0, 0, 1 FROM generate_series(1, 10000) i;
INSERT INTO activity_minute SELECT i, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, '' FROM generate_series(1, 10000) i;
INSERT INTO setting (name, value) SELECT 'n' || i, 'v' FROM generate_series(1, 10000) i`

// mostRows is how many rows a request may read, of tables of 10,000 and more.
const mostRows = 2000

// TestPostgres_RequestsReadFewRows checks that what a request reads does not grow with the
// tables: it counts the rows that PostgreSQL reads for each, with statistics of large tables.
func TestPostgres_RequestsReadFewRows(t *testing.T) {
	database := postgrestest.URL(t)
	raw, err := sql.Open("pgx", database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	raw.SetMaxOpenConns(1)
	with := func(use func(d *store.DB) error) {
		t.Helper()
		d, err := store.Open(ctx, database, store.Options{})
		if err == nil {
			err = errors.Join(use(d), d.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	with(func(d *store.DB) error {
		return d.Customers().Update(ctx, func(tx customer.Tx) error {
			for c := range sample.Customers(3000, 7, func(i int) []string { return []string{fmt.Sprint("p", i%100)} }) {
				if err := tx.Put(ctx, c); err != nil {
					return err
				}
			}
			return nil
		})
	})
	for _, statements := range []string{fillTables, "ANALYZE"} {
		if _, err := raw.Exec(statements); err != nil {
			t.Fatal(err)
		}
	}
	const times = 12 // after a few, the server may plan a statement for any arguments
	for name, request := range requests() {
		before := rowsRead(t, raw)
		with(func(d *store.DB) error {
			for i := range times {
				if err := request(d, i+1); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			return nil
		})
		total, tables := 0, map[string]int{}
		for table, n := range rowsRead(t, raw) {
			if n -= before[table]; n > 0 {
				tables[table] = n / times
				total += n / times
			}
		}
		if total > mostRows {
			t.Errorf("%s read %d rows, want at most %d: %v", name, total, mostRows, tables)
		}
	}
}

// rowsRead returns how many rows were read of each table. The server counts what a connection
// did at the latest when it ends.
func rowsRead(t *testing.T, raw *sql.DB) map[string]int {
	t.Helper()
	const others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
	for n, deadline := 1, time.Now().Add(time.Minute); n > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the connections did not end")
		}
		if err := raw.QueryRow(others).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := raw.Query(`SELECT t.relname, t.seq_tup_read + coalesce(sum(i.idx_tup_read), 0)::bigint
		FROM pg_stat_user_tables t LEFT JOIN pg_stat_user_indexes i ON i.relid = t.relid GROUP BY t.relid, t.relname, t.seq_tup_read`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	read := map[string]int{}
	for rows.Next() {
		var table string
		var n int
		if err := rows.Scan(&table, &n); err != nil {
			t.Fatal(err)
		}
		read[table] = n
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return read
}

// requests are what people and callbacks ask often, each with the number of its call.
func requests() map[string]func(d *store.DB, i int) error {
	far := time.UnixMilli(8_000_000_000_000)
	person := func(i int) string { return fmt.Sprint("p", i*7) }
	hash := func(i int) (h [32]byte) { h[31] = byte(i); return h }
	all := map[string]func(d *store.DB, i int) error{
		"Person":        func(d *store.DB, i int) error { _, err := d.Accounts().Person(ctx, person(i)); return err },
		"IsDeactivated": func(d *store.DB, i int) error { _, err := d.Accounts().IsDeactivated(ctx, person(i)); return err },
		"HasPeople":     func(d *store.DB, i int) error { _, err := d.Accounts().HasPeople(ctx); return err },
		"SessionByHash": func(d *store.DB, i int) error {
			_, _, err := d.Accounts().SessionByHash(ctx, hash(i), noon)
			return err
		},
		"Sessions":     func(d *store.DB, i int) error { _, err := d.Accounts().Sessions(ctx, person(i), noon); return err },
		"TouchSession": func(d *store.DB, i int) error { return d.Accounts().TouchSession(ctx, fmt.Sprint("s", i), far, far) },
		"SetAvailable": func(d *store.DB, i int) error { return d.Accounts().SetAvailable(ctx, person(i), true) },
		"Deactivate":   func(d *store.DB, i int) error { return d.Accounts().Deactivate(ctx, fmt.Sprint("p", 9000+i), noon) },
		"AddSession": func(d *store.DB, i int) error {
			s := account.Session{ID: fmt.Sprint("new", i), Created: noon, LastSeen: noon, Expires: far}
			_, err := d.Accounts().AddSession(ctx, [32]byte{1, byte(i)}, s, account.Person{Identity: person(i), Issuer: "idp", Subject: fmt.Sprint("s", i*7)})
			return err
		},
		"SaveAssertion": func(d *store.DB, i int) error {
			_, _, err := d.Accounts().SaveAssertion(ctx, account.Assertion{Issuer: "idp", Subject: fmt.Sprint("s", i*7)}, false, noon)
			return err
		},
		"RemoveProviderSessions": func(d *store.DB, i int) error {
			_, err := d.Accounts().RemoveProviderSessions(ctx, "idp", fmt.Sprint("s", 500+i), fmt.Sprint("i", 500+i))
			return err
		},
		"WithoutAccount": func(d *store.DB, i int) error {
			_, err := d.Accounts().WithoutAccount(ctx, []string{person(i), "x"})
			return err
		},
		"DeleteExpiredSessions": func(d *store.DB, i int) error { return d.Accounts().DeleteExpiredSessions(ctx, noon) },
		"OldestEntry":           func(d *store.DB, i int) error { _, err := d.Audit().OldestEntry(ctx); return err },
		"DeleteEntries": func(d *store.DB, i int) error {
			_, err := d.Audit().DeleteEntries(ctx, time.UnixMicro(30_000), 10)
			return err
		},
		"AddEntries": func(d *store.DB, i int) error { return d.Audit().AddEntries(ctx, []audit.Entry{{When: noon}}) },
		"Setting":    func(d *store.DB, i int) error { _, err := d.Settings().Setting(ctx, fmt.Sprint("n", i)); return err },
		"Entry": func(d *store.DB, i int) error {
			_, err := d.Conversations().Entry(ctx, fmt.Sprint("CH", i))
			return err
		},
		"Open": func(d *store.DB, i int) error {
			_, err := d.Conversations().Open(ctx, fmt.Sprint("CH", i), 10)
			return err
		},
		"Unread": func(d *store.DB, i int) error { _, err := d.Conversations().Unread(ctx, person(i)); return err },
		"Outgoing": func(d *store.DB, i int) error {
			_, err := d.Conversations().Outgoing(ctx, fmt.Sprint("CH", i))
			return err
		},
		"Page": func(d *store.DB, i int) error {
			_, err := d.Conversations().Page(ctx, conversation.PageQuery{Worker: fmt.Sprint("p", i), Closed: true, Limit: 20})
			return err
		},
		"Blob": func(d *store.DB, i int) error {
			_, err := d.Blobs().Blob(ctx, "s", fmt.Sprint("p", i), fmt.Sprint("n", i), noon)
			return err
		},
		"PutBlob":        func(d *store.DB, i int) error { return d.Blobs().PutBlob(ctx, "s", person(i), "new", nil, far) },
		"DeleteBlobs":    func(d *store.DB, i int) error { return d.Blobs().DeleteBlobs(ctx, "s", person(i), "n", 1) },
		"DeleteExpired":  func(d *store.DB, i int) error { return d.Blobs().DeleteExpired(ctx, noon) },
		"RecentActivity": func(d *store.DB, i int) error { _, err := d.Activity().RecentActivity(ctx, 20); return err },
		"ActivitySince": func(d *store.DB, i int) error {
			_, err := d.Activity().ActivitySince(ctx, time.Unix(60*9990, 0))
			return err
		},
		"AddActivity": func(d *store.DB, i int) error {
			return d.Activity().AddActivity(ctx, []activity.Entry{{When: noon}}, []activity.Minute{{Start: time.Unix(60*int64(i), 0)}})
		},
	}
	for name, request := range customerRequests() {
		all[name] = request
	}
	for _, q := range []audit.Query{
		{}, {Actor: "p7"}, {Actor: "P7@x"}, {Subject: "c7"}, {Unusual: true}, {Actor: "p50", Actions: []audit.Action{audit.Denied}}, {Actions: []audit.Action{audit.Denied, audit.SignedIn}},
		{To: time.UnixMicro(9_000_000)}, {Actor: "p7", From: time.UnixMicro(1_000_000), To: time.UnixMicro(9_000_000)}, {After: 777}, {Unusual: true, After: 40_000},
	} {
		q.Limit = 20
		all[fmt.Sprintf("FindEntries(%+v)", q)] = func(d *store.DB, i int) error { _, err := d.Audit().FindEntries(ctx, q); return err }
	}
	return all
}

func customerRequests() map[string]func(d *store.DB, i int) error {
	worker := func(i int) string { return fmt.Sprint("p", i%100) }
	id := func(i int) string { return fmt.Sprint(i*100 + i + 1) } // of worker(i)
	return map[string]func(d *store.DB, i int) error{
		"List": func(d *store.DB, i int) error {
			_, err := d.Customers().List(ctx, customer.ListQuery{Worker: worker(i), Limit: 10})
			return err
		},
		"List after an anchor": func(d *store.DB, i int) error {
			_, err := d.Customers().List(ctx, customer.ListQuery{Worker: worker(i), Anchor: id(i), Limit: 10})
			return err
		},
		"Search": func(d *store.DB, i int) error {
			_, err := d.Customers().Search(ctx, customer.SearchQuery{Worker: worker(i), Query: "a", Limit: 10})
			return err
		},
		"Customer": func(d *store.DB, i int) error { _, err := d.Customers().Customer(ctx, worker(i), id(i)); return err },
		"ListAll": func(d *store.DB, i int) error {
			_, err := d.Customers().ListAll(ctx, customer.AdminQuery{Limit: 20})
			return err
		},
		"Totals": func(d *store.DB, i int) error { _, err := d.Customers().Totals(ctx); return err },
		"Duplicates": func(d *store.DB, i int) error {
			_, err := d.Customers().Duplicates(ctx, customer.DuplicateQuery{Limit: 10})
			return err
		},
		"OwnerCount": func(d *store.DB, i int) error { _, err := d.Customers().OwnerCount(ctx, worker(i)); return err },
		"FindByContact": func(d *store.DB, i int) error {
			_, err := d.Customers().FindByContact(ctx, []string{"a@example.com"})
			return err
		},
		"Put": func(d *store.DB, i int) error {
			return putOne(d, customer.Customer{ID: id(i), Name: "New", Workers: []string{worker(i)}, Channels: []customer.Channel{{Type: customer.Email, Value: "a@example.com"}}})
		},
		"Delete": func(d *store.DB, i int) error {
			return d.Customers().Update(ctx, func(tx customer.Tx) error { return tx.Delete(ctx, id(i+15)) })
		},
	}
}
