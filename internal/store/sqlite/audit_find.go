package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
)

// auditLook is how many rows of an index a page looks through at most. A page that
// has not enough then says that there is more.
const auditLook = 5000

const auditColumns = `id, at, actor, via, action, subject, name, detail, count, address, unusual`

// FindEntries implements audit.Store.
func (a Audit) FindEntries(ctx context.Context, q audit.Query) (page audit.Page, err error) {
	defer func() { err = kind(err, audit.ErrUnavailable) }()
	// All in one transaction, so that what is added meanwhile moves nothing.
	err = transact(ctx, a.db.readers, func(tx *sql.Tx) error {
		place, err := auditPlace(ctx, tx, q)
		if err != nil || place.end {
			return err
		}
		page, err = findAudit(ctx, tx, q, place)
		return err
	})
	return page, err
}

// auditRange is where a page may begin and end: entries at or before the place (at, id)
// exclusively, and from from on.
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

// auditScan is a range of an index, and what else must hold of its rows.
type auditScan struct {
	index     string
	where     []string // what makes the range, beside the time
	args      []any
	rest      []string
	restArgs  []any
	byActions bool // one range for each of the actions
}

// chooseAudit takes the index with the fewest rows to look through: of whom, of what,
// or else of the time.
func chooseAudit(q audit.Query) auditScan {
	var s auditScan
	done := len(q.Actions) > 0 && !slices.Contains(q.Actions, audit.Viewed)
	also := func(use bool, index, where string, args ...any) {
		if s.index == "" && use {
			s.index, s.where, s.args = index, []string{where}, args
			return
		}
		s.rest, s.restArgs = append(s.rest, where), append(s.restArgs, args...)
	}
	if q.Subject != "" {
		also(true, "audit_subject", "subject = ? COLLATE NOCASE", q.Subject)
		if !strings.Contains(q.Subject, "@") {
			also(false, "", "subject = ?", q.Subject)
		}
	}
	if q.Unusual {
		also(true, "audit_unusual", "unusual = 1")
	}
	if q.Actor != "" {
		if done {
			also(true, "audit_done", "action <> 'view' AND actor = ? COLLATE NOCASE", q.Actor)
		} else {
			also(true, "audit_actor", "actor = ? COLLATE NOCASE", q.Actor)
		}
		if !strings.Contains(q.Actor, "@") {
			also(false, "", "actor = ?", q.Actor)
		}
	}
	if len(q.Actions) > 0 {
		if s.index == "" && done {
			s.index, s.where, s.byActions = "audit_action", []string{"action <> 'view' AND action = ?"}, true
			return s
		}
		marks := strings.Repeat(", ?", len(q.Actions))[2:]
		args := make([]any, len(q.Actions))
		for i, action := range q.Actions {
			args[i] = string(action)
		}
		also(false, "", "action IN ("+marks+")", args...)
	}
	if s.index == "" {
		s.index = "audit_at"
	}
	return s
}

// rangeSQL is a query for columns of the range, newest first. The time of the place
// itself is looked through by id.
func (s auditScan) rangeSQL(columns string) string {
	where := append(slices.Clone(s.where), "at >= ?", "at <= ?", "(at < ? OR id < ?)")
	return "SELECT " + columns + " FROM audit INDEXED BY " + s.index + " WHERE " + strings.Join(where, " AND ") +
		" ORDER BY at DESC, id DESC LIMIT ?"
}

func (s auditScan) rangeArgs(r auditRange, limit int) []any {
	return append(slices.Clone(s.args), r.from, r.at, r.at, r.id, limit)
}

// findAudit answers the page that begins at r.
func findAudit(ctx context.Context, tx *sql.Tx, q audit.Query, r auditRange) (page audit.Page, err error) {
	s := chooseAudit(q)
	var sqlText string
	var args []any
	look := q.Limit + 1
	switch {
	case s.byActions:
		var each []string
		for _, action := range q.Actions {
			one := s
			one.args = []any{string(action)}
			each = append(each, "SELECT * FROM ("+one.rangeSQL(auditColumns)+")")
			args = append(args, one.rangeArgs(r, look)...)
		}
		sqlText = strings.Join(each, " UNION ALL ") + " ORDER BY at DESC, id DESC LIMIT ?"
		args = append(args, look)
	case len(s.rest) == 0:
		sqlText, args = s.rangeSQL(auditColumns), s.rangeArgs(r, look)
	default:
		sqlText = "SELECT * FROM (" + s.rangeSQL(auditColumns) + ") WHERE " + strings.Join(s.rest, " AND ") + " LIMIT ?"
		args = append(append(s.rangeArgs(r, auditLook), s.restArgs...), look)
	}
	if page.Entries, err = readAudit(ctx, tx, sqlText, args); err != nil {
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
	lastLooked := "SELECT id FROM (" + s.rangeSQL("id, at") + ") LIMIT 1 OFFSET ?"
	err = tx.QueryRowContext(ctx, lastLooked, append(s.rangeArgs(r, auditLook), auditLook-1)...).Scan(&page.Next)
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
