package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
)

// auditLook is how many rows of an index a page looks through at most. A page that
// has not enough then says that there is more.
const auditLook = 5000

// FindEntries implements audit.Store.
func (a Audit) FindEntries(ctx context.Context, q audit.Query) (audit.Page, error) {
	return findEntries(ctx, a.db, q, auditLook)
}

func findEntries(ctx context.Context, d *DB, q audit.Query, look int) (page audit.Page, err error) {
	// All in one transaction, so that what is added meanwhile moves nothing.
	err = transact(ctx, d.readers, func(tx *sql.Tx) error {
		place, err := auditPlace(ctx, tx, q)
		if err != nil || place.end {
			return err
		}
		page, err = auditPage(ctx, tx, q, place, look)
		return err
	})
	return page, kind(err, audit.ErrUnavailable)
}

// auditRange is where a page begins and what is too old for it: entries before the
// place (at, id), and not before from.
type auditRange struct {
	from, at, id int64
	end          bool // nothing is there
}

// Far enough in both directions.
const (
	auditBegin = -1 << 63
	auditEnd   = 1<<63 - 1
)

const (
	auditAt   = `SELECT at FROM audit WHERE id = ?`
	auditLast = `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)`
)

// auditPlace finds where the page begins.
func auditPlace(ctx context.Context, tx *sql.Tx, q audit.Query) (r auditRange, err error) {
	r = auditRange{from: auditBegin, at: auditEnd, id: auditEnd}
	if !q.From.IsZero() {
		r.from = q.From.UnixMicro()
	}
	if q.After != 0 {
		err = tx.QueryRowContext(ctx, auditAt, q.After).Scan(&r.at)
		if errors.Is(err, sql.ErrNoRows) {
			return lostAuditPlace(ctx, tx, q.After)
		}
		if err != nil {
			return r, err
		}
		r.id = q.After
	}
	if to := q.To.UnixMicro(); !q.To.IsZero() && to <= r.at {
		r.at, r.id = to-1, auditEnd
	}
	r.end = r.at < r.from
	return r, nil
}

// lostAuditPlace is for a place that is not there: dropped, and all before it, or
// never there.
func lostAuditPlace(ctx context.Context, tx *sql.Tx, after int64) (r auditRange, err error) {
	var last int64
	if err := tx.QueryRowContext(ctx, auditLast).Scan(&last); err != nil {
		return r, err
	}
	if after < 0 || after > last {
		return r, audit.ErrCursor
	}
	return auditRange{end: true}, nil
}

// auditPage answers the page that begins at r.
func auditPage(ctx context.Context, tx *sql.Tx, q audit.Query, r auditRange, look int) (page audit.Page, err error) {
	s := chooseAudit(q)
	query, args := s.pageSQL(q, r, look)
	if page.Entries, err = readAudit(ctx, tx, query, args); err != nil {
		return page, err
	}
	if len(page.Entries) > q.Limit {
		page.Entries = page.Entries[:q.Limit]
		page.More, page.Next = true, page.Entries[q.Limit-1].ID
		return page, nil
	}
	if len(s.rest) == 0 {
		return page, nil
	}
	// Too few: was that all, or only all that was looked through?
	query, args = s.lastSQL(r, look)
	err = tx.QueryRowContext(ctx, query, args...).Scan(&page.Next)
	if errors.Is(err, sql.ErrNoRows) {
		return page, nil
	}
	page.More = err == nil
	return page, err
}

func readAudit(ctx context.Context, tx *sql.Tx, query string, args []any) (entries []audit.Entry, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e audit.Entry
		var at int64
		if err := rows.Scan(&e.ID, &at, &e.Actor, &e.Via, &e.Action, &e.Subject, &e.Name, &e.Detail, &e.Count, &e.Address, &e.Unusual); err != nil {
			return nil, err
		}
		e.When = time.UnixMicro(at)
		entries = append(entries, e)
	}
	return entries, rows.Err()
}
