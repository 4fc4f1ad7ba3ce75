package records

import (
	"context"
	"database/sql"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// A Job is an import or a reassignment of a process, as admin.Job says.
type Job struct {
	ID, Kind, Process string
	Cancel            bool
	Data              []byte
}

// Jobs has the jobs of all processes.
type Jobs struct{ db *sqldb.DB }

// NewJobs returns the jobs in a database.
func NewJobs(db *sqldb.DB) Jobs { return Jobs{db} }

const (
	allJobs = `SELECT id, kind, process, cancel, data FROM job ORDER BY id`
	putJob  = `INSERT INTO job (id, kind, process, cancel, data) VALUES (?, ?, ?, 0, ?)
		ON CONFLICT (id) DO UPDATE SET process = excluded.process, data = excluded.data WHERE job.process = ?`
	clearCancel = `UPDATE job SET cancel = 0 WHERE id = ? AND process = ?`
	cancelJob   = `UPDATE job SET cancel = 1 WHERE id = ?`
	deleteJob   = `DELETE FROM job WHERE id = ? AND process = ?`
)

// AllJobs returns all jobs.
func (j Jobs) AllJobs(ctx context.Context) ([]Job, error) {
	all, err := sqldb.Query(ctx, j.db.Readers, func(rows *sql.Rows) (job Job, err error) {
		return job, rows.Scan(&job.ID, &job.Kind, &job.Process, &job.Cancel, &job.Data)
	}, allJobs)
	return all, j.db.Explain(err)
}

// PutJob stores a job, and reports whether it did: not when there is one with the id that does
// not belong to the process from. Without job.Cancel, it clears a request to cancel.
func (j Jobs) PutJob(ctx context.Context, job Job, from string) (ok bool, err error) {
	err = j.db.WriteTxUnsynced(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, putJob, job.ID, job.Kind, job.Process, job.Data, from)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if ok = n > 0; ok && !job.Cancel {
			_, err = tx.ExecContext(ctx, clearCancel, job.ID, job.Process)
		}
		return err
	})
	return ok && err == nil, j.db.Explain(err)
}

// CancelJob asks the process of a job to cancel it.
func (j Jobs) CancelJob(ctx context.Context, id string) error {
	_, err := j.db.ExecContext(ctx, cancelJob, id)
	return j.db.Explain(err)
}

// DeleteJob deletes a job of a process.
func (j Jobs) DeleteJob(ctx context.Context, id, process string) error {
	_, err := j.db.ExecContext(ctx, deleteJob, id, process)
	return j.db.Explain(err)
}
