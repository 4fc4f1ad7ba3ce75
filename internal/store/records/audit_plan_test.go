package records

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store/sqlite"
	"github.com/clientele-project/clientele/internal/text"
)

var (
	auditEpoch   = time.UnixMicro(1_800_000_000_000_000)
	auditActors  = []string{"ada@example.com", "Ada@Example.com", "bob", "Bob", ""}
	auditActions = []audit.Action{audit.SignedIn, audit.SignInFailed, audit.SettingChanged, audit.Denied}
)

func openAuditDB(t testing.TB) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "audit.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// someEntries returns entries, nearly all of them views, nearly in the order of their
// times.
func someEntries(n int) []audit.Entry {
	rng := rand.New(rand.NewPCG(1, 2))
	entries := make([]audit.Entry, n)
	for i := range entries {
		e := audit.Entry{When: auditEpoch.Add(time.Duration(i/2-rng.IntN(5)) * time.Second), Actor: auditActors[rng.IntN(len(auditActors))],
			Via: "app", Action: audit.Viewed, Subject: fmt.Sprint("c", rng.IntN(30)), Name: "Somebody"}
		if rng.IntN(10) == 0 {
			e.Action, e.Subject = auditActions[rng.IntN(len(auditActions))], auditActors[rng.IntN(len(auditActors))]
			e.Unusual = rng.IntN(3) == 0
		}
		entries[i] = e
	}
	return entries
}

// matches reports whether an entry matches a query.
func matches(q audit.Query, e audit.Entry) bool {
	same := func(a, b string) bool { return a == "" || text.IdentityKey(a) == text.IdentityKey(b) }
	return same(q.Actor, e.Actor) && same(q.Subject, e.Subject) && (len(q.Actions) == 0 || slices.Contains(q.Actions, e.Action)) &&
		(q.From.IsZero() || !e.When.Before(q.From)) && (q.To.IsZero() || e.When.Before(q.To)) && (!q.Unusual || e.Unusual)
}

// someQueries returns every combination of filters.
func someQueries() (queries []audit.Query) {
	for _, actor := range []string{"", "ADA@example.com", "bob", "nobody"} {
		for _, subject := range []string{"", "c7", "ada@example.COM", "bob", "none"} {
			for _, actions := range [][]audit.Action{nil, {audit.Viewed}, {audit.SignInFailed}, {audit.Denied, audit.SignedIn, audit.SettingChanged}, {audit.Denied, audit.Viewed}, {"unheard-of"}} {
				for _, times := range [][2]int{{}, {300, 0}, {0, 300}, {200, 210}, {300, 300}, {100_000, 0}} {
					for _, unusual := range []bool{false, true} {
						q := audit.Query{Actor: actor, Subject: subject, Actions: actions, Unusual: unusual}
						if times[0] > 0 {
							q.From = auditEpoch.Add(time.Duration(times[0]) * time.Second)
						}
						if times[1] > 0 {
							q.To = auditEpoch.Add(time.Duration(times[1]) * time.Second)
						}
						queries = append(queries, q)
					}
				}
			}
		}
	}
	return queries
}

func TestAudit_FindEntriesIsAFilterOfAllEntries(t *testing.T) {
	d := openAuditDB(t)
	all := someEntries(1500)
	for batch := range slices.Chunk(all, 100) {
		if err := (Audit{d.DB}).AddEntries(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	for i := range all {
		all[i].ID = int64(i + 1)
	}
	newest := slices.SortedFunc(slices.Values(all), func(a, b audit.Entry) int {
		return -10*a.When.Compare(b.When) + int(min(max(b.ID-a.ID, -1), 1))
	})
	found := 0
	for i, q := range someQueries() {
		var want []audit.Entry
		for _, e := range newest {
			if matches(q, e) {
				want = append(want, e)
			}
		}
		// A page seldom scans all at once. The limits alternate.
		scanLimit := auditScanLimit
		if i%2 == 0 {
			scanLimit = 40
		}
		q.Limit = []int{1000, 7, 40}[i%3]
		var got []audit.Entry
		for pages := 0; ; pages++ {
			page, err := findEntries(t.Context(), d.DB, q, scanLimit)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Entries) > q.Limit || pages > len(all) || page.More == (page.Next == 0) {
				t.Fatalf("FindEntries(%+v): page %d has %d entries, more %v, next %d", q, pages, len(page.Entries), page.More, page.Next)
			}
			got = append(got, page.Entries...)
			if q.After = page.Next; !page.More {
				break
			}
		}
		found += len(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("FindEntries(%+v) (-want +got):\n%.3000s", q, diff)
		}
	}
	if found < 10_000 {
		t.Errorf("FindEntries() found %d entries altogether, want at least 10,000: the test checks too little", found)
	}
}

// TestAudit_NoPageReadsTheWholeTable checks that the plan of every combination of
// filters reads a bounded part of an index in its order.
func TestAudit_NoPageReadsTheWholeTable(t *testing.T) {
	d := openAuditDB(t)
	used := map[string]bool{}
	err := d.ReadTx(t.Context(), func(tx *sql.Tx) error {
		for _, q := range someQueries() {
			q.Limit = 50
			s := planAudit(q)
			used[s.index] = true
			r := auditRange{from: auditBegin, at: auditEnd, id: auditEnd}
			page, pageArgs := s.pageSQL(q, r, auditScanLimit)
			queries := map[string][]any{page: pageArgs}
			if len(s.rest) > 0 {
				last, lastArgs := s.lastSQL(r, auditScanLimit)
				queries[last] = lastArgs
			}
			for query, args := range queries {
				plan := planOf(t, tx, query, args)
				for _, line := range strings.Split(plan, "\n") {
					// The at most 51 rows of each of a few actions are sorted, no more.
					sorts := strings.Contains(line, "TEMP B-TREE") && !s.byActions
					if strings.Contains(line, "SCAN audit") || sorts || strings.Contains(line, "SEARCH audit") && !strings.Contains(line, "at>? AND at<?") {
						t.Errorf("plan of %+v scans or sorts:\n%s\n%s", q, query, plan)
						return nil
					}
				}
				if !strings.Contains(plan, s.index) {
					t.Errorf("the plan of %+v does not use %s:\n%s", q, s.index, plan)
				}
			}
		}
		plan := planOf(t, tx, dropAudit, []any{1, 1})
		if !strings.Contains(plan, "audit_at (at<?)") || strings.Contains(plan, "TEMP B-TREE FOR ORDER") {
			t.Errorf("plan of dropAudit:\n%s", plan)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(used) != 6 {
		t.Errorf("planAudit() uses only the indexes %v, want all 6", used)
	}
}

func planOf(t *testing.T, tx *sql.Tx, query string, args []any) string {
	t.Helper()
	rows, err := tx.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("EXPLAIN QUERY PLAN %s: %v", query, err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var a, b, c int
		var detail string
		if err := rows.Scan(&a, &b, &c, &detail); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}
