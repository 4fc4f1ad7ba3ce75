package records

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store/sqlite"
)

// The benchmarks of the audit run over 10,000 entries, and over as many more as
// BENCH_AUDIT says ("1000000 10000000"): 200 workers look at 50,000 customers, and
// one entry in a hundred is something else. Large ones stay in the temporary directory.

const fillAudit = `
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
INSERT INTO audit (at, actor, via, action, subject, name, detail, count, address, unusual)
SELECT ?2 + i * 3000000, 'worker' || (i * 7919 % 200) || '@example.com', 'app',
	CASE WHEN i % 100 THEN 'view' WHEN i % 300 THEN 'sign-in' ELSE 'sign-in-failed' END,
	CASE WHEN i % 100 THEN 'customer-' || (i * 104729 % 50000) ELSE 'worker' || (i * 7919 % 200) || '@example.com' END,
	CASE WHEN i % 100 THEN 'Somebody With A Name' ELSE '' END, '', 0, '203.0.113.' || (i % 250), i % 3000 = 0
FROM n`

// openFilledAudit opens a database whose audit has n entries.
func openFilledAudit(b *testing.B, n int) *sqlite.DB {
	b.Helper()
	dir := b.TempDir()
	if n >= 1_000_000 {
		dir = filepath.Join(os.TempDir(), "clientele-bench")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			b.Fatal(err)
		}
	}
	d, err := sqlite.Open(context.Background(), filepath.Join(dir, fmt.Sprintf("audit-%d.db", n)), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.Close() })
	var last int
	if err := d.Writer.QueryRow("SELECT coalesce(max(id), 0) FROM audit").Scan(&last); err != nil {
		b.Fatal(err)
	}
	if last < n {
		began := time.Now()
		var indexes []string
		rows, err := d.Writer.Query("SELECT sql, name FROM sqlite_schema WHERE tbl_name = 'audit' AND type = 'index'")
		if err != nil {
			b.Fatal(err)
		}
		drop := ""
		for rows.Next() {
			var create, name string
			if err := rows.Scan(&create, &name); err != nil {
				b.Fatal(err)
			}
			indexes = append(indexes, create)
			drop += "DROP INDEX " + name + ";"
		}
		rows.Close()
		for _, step := range []string{drop, fillAudit, strings.Join(indexes, ";")} {
			var args []any
			if step == fillAudit {
				args = []any{n, auditEpoch.UnixMicro()}
			}
			if _, err := d.Writer.Exec(step, args...); err != nil {
				b.Fatal(err)
			}
		}
		b.Logf("filled in %v", time.Since(began).Round(time.Second))
	}
	return d
}

func BenchmarkAudit(b *testing.B) {
	sizes := []int{10_000}
	for _, s := range strings.Fields(os.Getenv("BENCH_AUDIT")) {
		var n int
		if _, err := fmt.Sscan(s, &n); err != nil {
			b.Fatal(err)
		}
		sizes = append(sizes, n)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := openFilledAudit(b, n)
			half := auditEpoch.Add(time.Duration(n/2) * 3 * time.Second)
			signIns := []audit.Action{audit.SignedIn, audit.SignInFailed, audit.SignedOut, audit.Denied}
			for _, c := range []struct {
				name string
				q    audit.Query
			}{
				{"all", audit.Query{}},
				{"until then", audit.Query{To: half}},
				{"worker", audit.Query{Actor: "worker7@example.com"}},
				{"customer", audit.Query{Subject: "customer-4711"}},
				{"views", audit.Query{Actions: []audit.Action{audit.Viewed}}},
				{"sign-ins", audit.Query{Actions: signIns}},
				{"unusual", audit.Query{Unusual: true}},
				{"worker's views until then", audit.Query{Actor: "worker7@example.com", Actions: []audit.Action{audit.Viewed}, To: half}},
				{"worker's sign-ins", audit.Query{Actor: "worker100@example.com", Actions: signIns}},
				{"worker and customer", audit.Query{Actor: "worker7@example.com", Subject: "customer-4711"}},
				{"worker's unusual, none", audit.Query{Actor: "worker7@example.com", Unusual: true}},
				{"worker's exports, none", audit.Query{Actor: "worker7@example.com", Actions: []audit.Action{audit.Exported}}},
				{"exports and views of an unknown worker", audit.Query{Actions: []audit.Action{audit.Exported, audit.Viewed}, Actor: "nobody"}},
				{"among all, none (short page)", audit.Query{Actions: []audit.Action{"unheard-of", audit.Viewed}, Unusual: true}},
			} {
				c.q.Limit = audit.DefaultLimit
				b.Run(c.name, func(b *testing.B) {
					for b.Loop() {
						if _, err := (Audit{d.DB}).FindEntries(context.Background(), c.q); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			b.Run("a page anywhere", func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 2))
				for b.Loop() {
					q := audit.Query{After: 1 + rng.Int64N(int64(n)), Limit: audit.DefaultLimit}
					if _, err := (Audit{d.DB}).FindEntries(context.Background(), q); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("write a batch of 500", func(b *testing.B) {
				entries := make([]audit.Entry, 500)
				rng := rand.New(rand.NewPCG(1, 2))
				for b.Loop() {
					for i := range entries {
						entries[i] = audit.Entry{When: auditEpoch.Add(time.Duration(n) * 4 * time.Second), Actor: fmt.Sprintf("worker%d@example.com", rng.IntN(200)), Via: "app",
							Action: audit.Viewed, Subject: fmt.Sprint("customer-", rng.IntN(50_000)), Name: "Somebody With A Name", Address: "203.0.113.7"}
					}
					if err := (Audit{d.DB}).AddEntries(context.Background(), entries); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("drop 1000", func(b *testing.B) {
				for b.Loop() {
					if _, err := (Audit{d.DB}).DeleteEntries(context.Background(), half.Add(1000*time.Hour), 1000); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
