package move_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
	"github.com/clientele-project/clientele/internal/store/move"
	"github.com/clientele-project/clientele/internal/store/postgres/postgrestest"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// inEachDirection runs a test over moves between the kinds of databases.
func inEachDirection(t *testing.T, test func(t *testing.T, from, to string)) {
	t.Run("to PostgreSQL", func(t *testing.T) { test(t, sqlitetest.File(t), postgrestest.URL(t)) })
	t.Run("to SQLite", func(t *testing.T) { test(t, postgrestest.URL(t), sqlitetest.File(t)) })
}

// run is a call of MoveTo, and what it told.
type run struct {
	notes   []string
	first   int64 // rows that were done at first
	results []move.Result
	err     error
}

// moveTo copies a database as a process of its own would. progress may be nil.
func moveTo(ctx context.Context, t *testing.T, from, to string, progress func(r run, done, all int64)) (r run) {
	t.Helper()
	source, err := store.Open(t.Context(), from, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := store.Open(t.Context(), to, store.Options{Bulk: true, Incomplete: true})
	if err != nil {
		t.Fatal(err)
	}
	defer target.Close()
	r.first = -1
	r.results, r.err = source.MoveTo(ctx, target, move.Options{
		Note: func(text string) { r.notes = append(r.notes, text) },
		Progress: func(done, all int64) {
			if r.first < 0 {
				r.first = done
			}
			if progress != nil {
				progress(r, done, all)
			}
		},
	})
	return r
}

// interrupt copies until some rows are done.
func interrupt(t *testing.T, from, to string, rows int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := moveTo(ctx, t, from, to, func(_ run, done, all int64) {
		if done >= rows {
			cancel()
		}
	})
	if !errors.Is(r.err, context.Canceled) {
		t.Fatalf("MoveTo() interrupted = %v, want %v", r.err, context.Canceled)
	}
	checkIncomplete(t, to)
}

// checkIncomplete checks that a database cannot be used.
func checkIncomplete(t *testing.T, database string) {
	t.Helper()
	db, err := store.Open(t.Context(), database, store.Options{AsIs: true})
	if err == nil {
		db.Close()
	}
	if !errors.Is(err, move.ErrUnfinished) || !strings.Contains(err.Error(), "clientele migrate") {
		t.Errorf("Open() of an incomplete database = %v, want %v", err, move.ErrUnfinished)
	}
}

// checkMoved checks that a database has all rows of another, and can be used.
func checkMoved(t *testing.T, from, to string, r run) {
	t.Helper()
	if r.err != nil {
		t.Fatalf("MoveTo() = %v", r.err)
	}
	dbtest.Open(t, to, store.Options{})
	want, got := content(t, from), content(t, to)
	for table := range want {
		if got[table] != want[table] {
			t.Errorf("table %s = %s, want %s", table, got[table], want[table])
		}
	}
}

func exec(t *testing.T, database, statement string, args ...any) {
	t.Helper()
	db := dbtest.Raw(t, database)
	defer db.Close()
	execOn(t, db, statement, args...)
}

func execOn(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// columns returns the columns of all tables that have to be copied, which are not about running
// processes, each with its type in SQLite
// and whether it may be NULL.
func columns(t *testing.T) map[string][][3]string {
	t.Helper()
	all := map[string][][3]string{}
	for _, c := range query(t, dbtest.Raw(t, sqlitetest.File(t)), `SELECT s.name, c.name, c.type, CASE WHEN c."notnull" OR c.pk THEN 'set' ELSE 'NULL' END
		FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type = 'table' AND s.name NOT IN ('change', 'process', 'job', 'sqlite_sequence') ORDER BY s.rowid, c.name`) {
		all[c[0]] = append(all[c[0]], [3]string{c[1], c[2], c[3]})
	}
	return all
}

// query returns the rows of a query as text.
func query(t *testing.T, db *sql.DB, statement string) (all [][]string) {
	t.Helper()
	rows, err := db.Query(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	for rows.Next() {
		values := make([]sql.NullString, len(names))
		into := make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(names))
		for i, v := range values {
			switch row[i] = v.String; {
			case !v.Valid:
				row[i] = "NULL"
			case len(v.String) > 1000:
				row[i] = fmt.Sprintf("%x", sha256.Sum256([]byte(v.String)))
			}
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// one returns what a query for one value returns.
func one(t *testing.T, database, statement string) string {
	t.Helper()
	db := dbtest.Raw(t, database)
	defer db.Close()
	return query(t, db, statement)[0][0]
}

// content returns all rows of each table as text. NUL counts as the character by which
// PostgreSQL replaces it.
func content(t *testing.T, database string) map[string]string {
	t.Helper()
	db := dbtest.Raw(t, database)
	defer db.Close()
	all := map[string]string{}
	for table, columns := range columns(t) {
		var names []string
		for _, c := range columns {
			names = append(names, c[0])
		}
		list := strings.Join(names, ", ")
		rows := fmt.Sprintf("%q", query(t, db, "SELECT "+list+" FROM "+table+" ORDER BY "+list))
		all[table] = strings.ReplaceAll(rows, `\x00register`, `\x01register`)
		all[table] = strings.ReplaceAll(all[table], `\x00unassigned`, `\x01unassigned`)
	}
	return all
}

// fill puts two rows into each table, the second with NULL and no bytes where it may.
func fill(t *testing.T, database string) {
	t.Helper()
	db, all := dbtest.Raw(t, database), columns(t)
	defer db.Close()
	for _, table := range []string{"person", "conversation", "search_block"} { // to which others refer
		fillTable(t, db, table, all[table])
	}
	for table, columns := range all {
		switch table {
		case "person", "conversation", "search_block":
		case "state": // has its one row
			execOn(t, db, "UPDATE state SET next_pk = 1000, generation = 17, purged_at = 5, duplicates = 1, removed = 2, shared_from = -3, one_form = 1")
		case "audit_clock": // has one row at most
			execOn(t, db, "INSERT INTO audit_clock (id, trusted, doubt, suspected) VALUES (1, 2, 3, 4)")
		default:
			fillTable(t, db, table, columns)
		}
	}
}

func fillTable(t *testing.T, db *sql.DB, table string, columns [][3]string) {
	t.Helper()
	for n := int64(50); n < 52; n++ {
		var names []string
		var values []any
		for _, c := range columns {
			name, kind, null := c[0], c[1], c[2] == "NULL"
			var v any
			switch {
			case name == "role":
				v = "worker"
			case null && n == 51:
			case kind == "INTEGER":
				v = n
			case kind == "TEXT":
				v = fmt.Sprintf("%s of %d: ü\u2028🙂", map[bool]string{true: "key", false: name}[name == "person_key"], n)
				if name == "sid" || name == "block" {
					v = fmt.Sprintf("sid of %d", n)
				}
			case n == 51 && (name == "docs" || name == "rest" || name == "sealed"):
				v = []byte{}
			default:
				v = []byte{0, 255, byte(n)}
			}
			names, values = append(names, name), append(values, v)
		}
		execOn(t, db, fmt.Sprintf("INSERT INTO %s (%s) VALUES (?%s)", table, strings.Join(names, ", "), strings.Repeat(", ?", len(names)-1)), values...)
	}
}

func TestMoveTo_CopiesEveryRowOfEveryTable(t *testing.T) {
	inEachDirection(t, func(t *testing.T, from, to string) {
		fill(t, from)
		r := moveTo(t.Context(), t, from, to, nil)
		checkMoved(t, from, to, r)
		for _, result := range r.results {
			if !result.Same() || result.From.Rows == 0 {
				t.Errorf("result of table %s = %+v, want rows, and the same", result.Table, result)
			}
		}
		if got, want := len(r.results), len(columns(t)); got != want {
			t.Errorf("MoveTo() compared %d tables, want %d", got, want)
		}
	})
}

func TestMoveTo_DatabasesHaveTheSameColumns(t *testing.T) {
	var want []string
	for table, columns := range columns(t) {
		for _, c := range columns {
			want = append(want, table+"."+c[0])
		}
	}
	var got []string
	for _, row := range query(t, dbtest.Raw(t, postgrestest.URL(t)), `SELECT t.table_name, column_name FROM information_schema.tables t JOIN information_schema.columns c
		ON c.table_schema = t.table_schema AND c.table_name = t.table_name
		WHERE t.table_schema = 'public' AND table_type = 'BASE TABLE' AND t.table_name NOT IN ('change', 'process', 'job', 'migration')`) {
		got = append(got, row[0]+"."+row[1])
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("columns of PostgreSQL = %q, want those of SQLite: %q", got, want)
	}
}

// fillBlobs puts so many rows into table copy that they are written in several transactions.
func fillBlobs(t *testing.T, database string) {
	t.Helper()
	db := dbtest.Raw(t, database)
	defer db.Close()
	for n := range 9 {
		execOn(t, db, "INSERT INTO copy (service, worker, name, data, expires) VALUES ('s', '', ?, ?, 0)", fmt.Sprint(n), make([]byte, 1<<20))
	}
}

func TestMoveTo_ContinuesAfterAnInterruption(t *testing.T) {
	inEachDirection(t, func(t *testing.T, from, to string) {
		fillBlobs(t, from)
		interrupt(t, from, to, 8)
		if n := one(t, to, "SELECT count(*) FROM copy"); n == "0" || n == "9" {
			t.Fatalf("%s of 9 rows were copied: that is no interruption", n)
		}
		r := moveTo(t.Context(), t, from, to, nil)
		if r.notes[0] != "Copying the rest" || r.first == 0 {
			t.Errorf("MoveTo() told %q and began with %d rows done, want to continue", r.notes, r.first)
		}
		checkMoved(t, from, to, r)
	})
}

func TestMoveTo_StartsOverWhenTheDatabaseHasChanged(t *testing.T) {
	from, to := sqlitetest.File(t), postgrestest.URL(t)
	fillBlobs(t, from)
	interrupt(t, from, to, 8)
	exec(t, from, "UPDATE state SET generation = generation + 1")
	exec(t, from, "UPDATE copy SET expires = 1")
	r := moveTo(t.Context(), t, from, to, nil)
	if !strings.Contains(r.notes[0], "from the beginning") {
		t.Errorf("MoveTo() told %q, want to start over", r.notes)
	}
	checkMoved(t, from, to, r)
}

func TestMoveTo_FindsAChangedRow(t *testing.T) {
	from, to := sqlitetest.File(t), postgrestest.URL(t)
	fillBlobs(t, from)
	interrupt(t, from, to, 8)
	exec(t, to, "UPDATE copy SET expires = 1 WHERE name = '0'")
	r := moveTo(t.Context(), t, from, to, nil)
	if !errors.Is(r.err, move.ErrDiffer) || !strings.Contains(r.err.Error(), "table copy") {
		t.Errorf("MoveTo() with a changed row = %v, want %v, with its table", r.err, move.ErrDiffer)
	}
	for _, result := range r.results {
		if result.Same() == (result.Table == "copy") {
			t.Errorf("Same() of table %s = %v", result.Table, result.Same())
		}
	}
	checkIncomplete(t, to)
	checkMoved(t, from, to, moveTo(t.Context(), t, from, to, nil))
}

func TestMoveTo_RefusesACopyThatIsNotCurrent(t *testing.T) {
	for what, change := range map[string]string{
		"customers":     "UPDATE state SET generation = generation + 1",
		"audit":         "INSERT INTO audit (at, actor, via, action, subject, name, detail, count, address, unusual) VALUES (1, '', '', '', '', '', '', 1, '', 0)",
		"settings":      "INSERT INTO setting (name, value) VALUES ('a', 'b')",
		"conversations": "INSERT INTO change (topic, n) SELECT 'w', max(n) + 1 FROM change",
	} {
		t.Run(what, func(t *testing.T) {
			from, to := sqlitetest.File(t), postgrestest.URL(t)
			r := moveTo(t.Context(), t, from, to, func(r run, done, all int64) {
				if done == all && r.notes[len(r.notes)-1] == "Comparing" {
					exec(t, from, change)
				}
			})
			if !errors.Is(r.err, move.ErrChanged) {
				t.Errorf("MoveTo() = %v, want %v", r.err, move.ErrChanged)
			}
			checkIncomplete(t, to)
		})
	}
}

func TestMoveTo_RefusesADatabaseInUse(t *testing.T) {
	inEachDirection(t, func(t *testing.T, from, to string) {
		fill(t, to)
		before := content(t, to)
		if r := moveTo(t.Context(), t, from, to, nil); !errors.Is(r.err, move.ErrInUse) {
			t.Errorf("MoveTo() = %v, want %v", r.err, move.ErrInUse)
		}
		if after := content(t, to); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("after MoveTo(), the database in use has %v, want %v", after, before)
		}
	})
}

func TestMoveTo_NumbersAreNotUsedAgain(t *testing.T) {
	inEachDirection(t, func(t *testing.T, from, to string) {
		entry := audit.Entry{When: time.Now(), Action: audit.Exported}
		db := dbtest.Open(t, from, store.Options{})
		if err := db.Audit().AddEntries(t.Context(), []audit.Entry{entry, entry, entry}); err != nil {
			t.Fatal(err)
		}
		exec(t, from, "DELETE FROM audit WHERE id > 1")
		exec(t, from, "INSERT INTO owner (id, key, identity) VALUES (7, 'ada', 'ada')")
		checkMoved(t, from, to, moveTo(t.Context(), t, from, to, nil))
		if err := dbtest.Open(t, to, store.Options{}).Audit().AddEntries(t.Context(), []audit.Entry{entry}); err != nil {
			t.Fatal(err)
		}
		if got := one(t, to, "SELECT max(id) FROM audit"); got != "4" {
			t.Errorf("id of the first new entry of the audit = %s, want 4", got)
		}
		exec(t, to, "INSERT INTO owner (key, identity) VALUES ('bob', 'bob')")
		if got := one(t, to, "SELECT max(id) FROM owner"); got != "8" {
			t.Errorf("id of the first new owner = %s, want 8", got)
		}
	})
}
