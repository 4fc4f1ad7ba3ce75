package records

import (
	"context"
	"database/sql"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Processes has the processes that serve the database: each counts its beats.
type Processes struct{ db *sqldb.DB }

// NewProcesses returns the processes of a database.
func NewProcesses(db *sqldb.DB) Processes { return Processes{db} }

const (
	beatProcess   = `INSERT INTO process (id, beats) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET beats = process.beats + 1`
	allProcesses  = `SELECT id, beats FROM process`
	deleteProcess = `DELETE FROM process WHERE id = ?`
	deleteDead    = `DELETE FROM process WHERE id = ? AND beats = ?`
)

// Beat counts a beat of a process, and returns the beats of all.
func (p Processes) Beat(ctx context.Context, id string) (beats map[string]int64, err error) {
	beats = map[string]int64{}
	err = p.db.WriteTxUnsynced(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, beatProcess, id); err != nil {
			return err
		}
		_, err := sqldb.Query(ctx, tx, func(rows *sql.Rows) (struct{}, error) {
			var id string
			var n int64
			err := rows.Scan(&id, &n)
			beats[id] = n
			return struct{}{}, err
		}, allProcesses)
		return err
	})
	return beats, p.db.Explain(err)
}

// Delete deletes a process that has ended.
func (p Processes) Delete(ctx context.Context, id string) error {
	_, err := p.db.ExecContext(ctx, deleteProcess, id)
	return p.db.Explain(err)
}

// DeleteDead deletes a process unless it has beaten since.
func (p Processes) DeleteDead(ctx context.Context, id string, beats int64) error {
	_, err := p.db.ExecContext(ctx, deleteDead, id, beats)
	return p.db.Explain(err)
}
