package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
)

// Audit is the audit.Store of a DB.
type Audit struct{ db *DB }

var _ audit.Store = Audit{}

// Audit answers the audit of this database.
func (d *DB) Audit() Audit { return Audit{d} }

const addAudit = `INSERT INTO audit (at, actor, via, action, subject, name, detail, count, address, unusual)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// AddEntries implements audit.Store.
func (a Audit) AddEntries(ctx context.Context, entries []audit.Entry) error {
	err := a.db.write(ctx, func(tx *sql.Tx) error {
		add, err := tx.PrepareContext(ctx, addAudit)
		if err != nil {
			return err
		}
		defer add.Close()
		for _, e := range entries {
			if _, err := add.ExecContext(ctx, e.When.UnixMicro(), e.Actor, e.Via, string(e.Action), e.Subject,
				e.Name, e.Detail, e.Count, e.Address, e.Unusual); err != nil {
				return err
			}
		}
		return nil
	})
	return kind(err, audit.ErrUnavailable)
}

const dropAudit = `DELETE FROM audit WHERE id IN
	(SELECT id FROM audit INDEXED BY audit_at WHERE at < ? ORDER BY at, id LIMIT ?)`

// DropEntries implements audit.Store.
func (a Audit) DropEntries(ctx context.Context, before time.Time, limit int) (int, error) {
	result, err := a.db.writer.ExecContext(ctx, dropAudit, before.UnixMicro(), limit)
	if err != nil {
		return 0, kind(err, audit.ErrUnavailable)
	}
	n, err := result.RowsAffected()
	return int(n), err
}
