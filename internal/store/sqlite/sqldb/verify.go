package sqldb

import (
	"context"
	"database/sql"
	"fmt"
)

// maxProblems bounds what Verify reports.
const maxProblems = 20

// Verify checks the whole file on a connection of its own, and returns what is wrong with
// it: then the database takes no writes from now on. full also compares tables with their
// indexes, which takes several times as long. Others can read and write meanwhile.
func (d *DB) Verify(ctx context.Context, full bool) (problems []string, err error) {
	p, err := openPool(d.access.dsn(d.File(), "deferred", busyTimeout, generalCacheKiB, "query_only(1)"), 1, d.condition)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	problems, err = verify(ctx, p, full)
	if len(problems) > 0 {
		d.condition.damaged.Store(true)
	}
	if err != nil {
		return nil, explainFile(d.File(), err)
	}
	return problems, nil
}

func verify(ctx context.Context, p *sql.DB, full bool) (problems []string, err error) {
	check := "quick_check"
	if full {
		check = "integrity_check"
	}
	problems, err = Query(ctx, p, func(rows *sql.Rows) (problem string, err error) {
		return problem, rows.Scan(&problem)
	}, fmt.Sprintf("PRAGMA %s(%d)", check, maxProblems))
	if isDamage(err) {
		return append(problems, explain("the database", err).Error()), nil
	}
	if len(problems) == 1 && problems[0] == "ok" {
		return nil, err
	}
	return problems, err
}
