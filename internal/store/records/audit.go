package records

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Audit is the audit.Store of a DB.
type Audit struct{ db *sqldb.DB }

// NewAudit returns the audit in a database.
func NewAudit(db *sqldb.DB) Audit { return Audit{db} }

var _ audit.Store = Audit{}

const addAudit = `INSERT INTO audit (at, actor, via, action, subject, name, detail, count, address, unusual, params)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// Atomically implements audit.Store.
func (a Audit) Atomically(ctx context.Context, act func(ctx context.Context) error) error {
	var failed error
	err := a.db.Atomically(ctx, func(ctx context.Context) error {
		failed = act(ctx)
		return failed
	})
	if failed != nil {
		return failed
	}
	return a.db.DomainError(err, audit.ErrUnavailable)
}

// AddEntries implements audit.Store.
func (a Audit) AddEntries(ctx context.Context, entries []audit.Entry) error {
	return a.db.DomainError(a.db.WriteTx(ctx, insertEntries(ctx, entries)), audit.ErrUnavailable)
}

// AddEntriesUnsynced implements audit.Store.
func (a Audit) AddEntriesUnsynced(ctx context.Context, entries []audit.Entry) error {
	return a.db.DomainError(a.db.WriteTxUnsynced(ctx, insertEntries(ctx, entries)), audit.ErrUnavailable)
}

func insertEntries(ctx context.Context, entries []audit.Entry) func(tx *sql.Tx) error {
	return func(tx *sql.Tx) error {
		add, err := tx.PrepareContext(ctx, addAudit)
		if err != nil {
			return err
		}
		defer add.Close()
		for _, e := range entries {
			if _, err := add.ExecContext(ctx, e.When.UnixMicro(), e.Actor, e.Via, string(e.Action), e.Subject,
				e.Name, e.Detail, e.Count, e.Address, e.Unusual, string(e.Params)); err != nil {
				return err
			}
		}
		return nil
	}
}

const dropAudit = `DELETE FROM audit WHERE id IN
	(SELECT id FROM audit INDEXED BY audit_at WHERE at < ? ORDER BY at, id LIMIT ?)`

// DeleteEntries implements audit.Store.
func (a Audit) DeleteEntries(ctx context.Context, before time.Time, limit int) (int, error) {
	result, err := a.db.ExecContext(ctx, dropAudit, before.UnixMicro(), limit)
	if err != nil {
		return 0, a.db.DomainError(err, audit.ErrUnavailable)
	}
	n, err := result.RowsAffected()
	return int(n), err
}

const oldestAudit = `SELECT at FROM audit INDEXED BY audit_at ORDER BY at LIMIT 1`

// OldestEntry implements audit.Store.
func (a Audit) OldestEntry(ctx context.Context) (time.Time, error) {
	var at int64
	switch err := a.db.QueryRowContext(ctx, oldestAudit).Scan(&at); {
	case errors.Is(err, sql.ErrNoRows):
		return time.Time{}, nil
	case err != nil:
		return time.Time{}, a.db.DomainError(err, audit.ErrUnavailable)
	}
	return time.UnixMicro(at), nil
}

const (
	auditClock     = `SELECT trusted, doubt, suspected FROM audit_clock`
	saveAuditClock = `INSERT INTO audit_clock (id, trusted, doubt, suspected) VALUES (1, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET trusted = excluded.trusted, doubt = excluded.doubt, suspected = excluded.suspected`
)

// Clock implements audit.Store.
func (a Audit) Clock(ctx context.Context) (audit.Clock, error) {
	var trusted, doubt, suspected int64
	switch err := a.db.QueryRowContext(ctx, auditClock).Scan(&trusted, &doubt, &suspected); {
	case errors.Is(err, sql.ErrNoRows):
		return audit.Clock{}, nil
	case err != nil:
		return audit.Clock{}, a.db.DomainError(err, audit.ErrUnavailable)
	}
	return audit.Clock{Trusted: time.UnixMicro(trusted), Doubt: time.Duration(doubt) * time.Microsecond, Suspected: time.UnixMicro(suspected)}, nil
}

// SaveClock implements audit.Store.
func (a Audit) SaveClock(ctx context.Context, c audit.Clock) error {
	_, err := a.db.ExecContext(ctx, saveAuditClock, c.Trusted.UnixMicro(), c.Doubt.Microseconds(), c.Suspected.UnixMicro())
	return a.db.DomainError(err, audit.ErrUnavailable)
}

// auditScanLimit is how many rows of an index one page scans at most. A page that
// is not full by then reports that there is more.
const auditScanLimit = 5000

// FindEntries implements audit.Store.
func (a Audit) FindEntries(ctx context.Context, q audit.Query) (audit.Page, error) {
	return findEntries(ctx, a.db, q, auditScanLimit)
}

func findEntries(ctx context.Context, db *sqldb.DB, q audit.Query, scanLimit int) (page audit.Page, err error) {
	err = db.ReadTx(ctx, func(tx *sql.Tx) error {
		r, err := findAuditRange(ctx, tx, q)
		if err != nil || r.end {
			return err
		}
		page, err = auditPage(ctx, tx, q, r, scanLimit)
		return err
	})
	return page, db.DomainError(err, audit.ErrUnavailable)
}

// auditRange is the range of a page's entries: those before the position (at, id),
// and not before from.
type auditRange struct {
	from, at, id int64
	end          bool // the range is empty
}

// The ends of an unlimited range.
const (
	auditBegin = -1 << 63
	auditEnd   = 1<<63 - 1
)

const (
	auditAt   = `SELECT at FROM audit WHERE id = ?`
	auditLast = `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)`
)

// findAuditRange returns the range of the page that q asks for.
func findAuditRange(ctx context.Context, tx *sql.Tx, q audit.Query) (r auditRange, err error) {
	r = auditRange{from: auditBegin, at: auditEnd, id: auditEnd}
	if !q.From.IsZero() {
		r.from = q.From.UnixMicro()
	}
	if q.After != 0 {
		err = tx.QueryRowContext(ctx, auditAt, q.After).Scan(&r.at)
		if errors.Is(err, sql.ErrNoRows) {
			return droppedAuditRange(ctx, tx, q.After)
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

// droppedAuditRange returns the range before an entry that does not exist: an empty
// one if the entry was dropped, since all before it were too, or an error if it
// never existed.
func droppedAuditRange(ctx context.Context, tx *sql.Tx, after int64) (r auditRange, err error) {
	var last int64
	if err := tx.QueryRowContext(ctx, auditLast).Scan(&last); err != nil {
		return r, err
	}
	if after < 0 || after > last {
		return r, audit.ErrCursor
	}
	return auditRange{end: true}, nil
}

// auditPage returns the page of the range.
func auditPage(ctx context.Context, tx *sql.Tx, q audit.Query, r auditRange, scanLimit int) (page audit.Page, err error) {
	plan := planAudit(q)
	query, args := plan.pageSQL(q, r, scanLimit)
	if page.Entries, err = sqldb.Query(ctx, tx, scanAudit, query, args...); err != nil {
		return page, err
	}
	if len(page.Entries) > q.Limit {
		page.Entries = page.Entries[:q.Limit]
		page.More, page.Next = true, page.Entries[q.Limit-1].ID
		return page, nil
	}
	if len(plan.rest) == 0 {
		return page, nil
	}
	// Not full: there is more only if the scan ended at its limit.
	query, args = plan.lastSQL(r, scanLimit)
	err = tx.QueryRowContext(ctx, query, args...).Scan(&page.Next)
	if errors.Is(err, sql.ErrNoRows) {
		return page, nil
	}
	page.More = err == nil
	return page, err
}

func scanAudit(rows *sql.Rows) (e audit.Entry, err error) {
	var at int64
	err = rows.Scan(&e.ID, &at, &e.Actor, &e.Via, &e.Action, &e.Subject, &e.Name, &e.Detail, &e.Count, &e.Address, &e.Unusual, &e.Params)
	e.When = time.UnixMicro(at)
	return e, err
}
