package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// maxProblems bounds what Verify reports.
const maxProblems = 20

// Verify checks the whole file on a connection of its own, and returns what is wrong with
// it: then the database takes no writes from now on. full also compares tables with their
// indexes, which takes several times as long. Others can read and write meanwhile.
func (d *DB) Verify(ctx context.Context, full bool) (problems []string, err error) {
	return d.verify(func(p *sql.DB) ([]string, error) {
		if full {
			return verify(ctx, p, "integrity_check", maxProblems)
		}
		return verify(ctx, p, "quick_check", maxProblems)
	})
}

// VerifySlowly is Verify of one table after the other until one is damaged, without unused
// pages. After each it pauses for nine times as long as the check took, so that it takes a
// tenth of a processor.
func (d *DB) VerifySlowly(ctx context.Context) (problems []string, err error) {
	return d.verify(func(p *sql.DB) (problems []string, err error) {
		tables, err := sqldb.Query(ctx, p, scanString, "SELECT name FROM sqlite_schema WHERE type = 'table'")
		for i := 0; err == nil && len(problems) == 0 && i < len(tables); i++ {
			begun := time.Now()
			if problems, err = verify(ctx, p, "quick_check", tables[i]); err == nil {
				err = sqldb.Sleep(ctx, 9*time.Since(begun))
			}
		}
		return problems, err
	})
}

// verify calls check with a connection of its own, and remembers damage.
func (d *DB) verify(check func(p *sql.DB) ([]string, error)) (problems []string, err error) {
	p, err := openPool(d.access.dsn(d.File(), "deferred", busyTimeout, generalCacheKiB, "query_only(1)"), 1, d.condition)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	problems, err = check(p)
	if isDamage(err) {
		problems, err = append(problems, explain("the database", err).Error()), nil
	}
	if len(problems) > 0 {
		d.condition.damaged.Store(true)
	}
	if err != nil {
		return nil, explainFile(d.File(), err)
	}
	return problems, nil
}

// verify runs a check of SQLite; of is how many problems it reports, or a table.
func verify(ctx context.Context, p *sql.DB, check string, of any) (problems []string, err error) {
	problems, err = sqldb.Query(ctx, p, scanString, fmt.Sprintf("PRAGMA %s(%v)", check, of))
	if isDamage(err) {
		return append(problems, explain("the database", err).Error()), nil
	}
	if len(problems) == 1 && problems[0] == "ok" {
		return nil, err
	}
	return problems, err
}

func scanString(rows *sql.Rows) (s string, err error) { return s, rows.Scan(&s) }
