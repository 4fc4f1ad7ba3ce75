package records

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Blobs keeps sealed copies of responses of an external integration service.
// Losing them loses no customer.
type Blobs struct{ db *sqldb.DB }

// NewBlobs returns the blobs in a database.
func NewBlobs(db *sqldb.DB) Blobs { return Blobs{db} }

const oneBlob = `SELECT data FROM copy WHERE service = ? AND worker = ? AND name = ? AND expires > ?`

// Blob returns the blob of a name, nil when there is none or it has expired at now.
func (b Blobs) Blob(ctx context.Context, service, worker, name string, now time.Time) (data []byte, err error) {
	err = b.db.QueryRowContext(ctx, oneBlob, service, worker, name, now.UnixMilli()).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil && data == nil {
		data = []byte{} // there is a blob, and it is empty
	}
	return data, b.db.Explain(err)
}

// A worker must be an active person: a server that does not know yet that a worker
// was removed must not bring back what was deleted with the worker. Blobs under no
// worker belong to the service.
const putBlob = `INSERT INTO copy (service, worker, name, data, expires)
	SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?2 = '' OR EXISTS (SELECT 1 FROM person WHERE key = ?2 AND deactivated IS NULL)
	ON CONFLICT DO UPDATE SET data = excluded.data, expires = excluded.expires`

// PutBlob stores data until expires, replacing the blob of that name. It stores
// nothing for a worker who is no active person; "" is no worker.
func (b Blobs) PutBlob(ctx context.Context, service, worker, name string, data []byte, expires time.Time) error {
	if data == nil {
		data = []byte{}
	}
	return b.exec(ctx, putBlob, service, worker, name, data, expires.UnixMilli())
}

// Names are compared by their beginning byte for byte.
const deleteBlobs = `DELETE FROM copy WHERE rowid IN (
	SELECT rowid FROM copy WHERE service = ?1 AND worker = ?2 AND substr(name, 1, length(?3)) = ?3
	ORDER BY expires DESC LIMIT -1 OFFSET ?4)`

// DeleteBlobs deletes the blobs of a worker whose names begin with prefix, except the
// keep of them that expire last.
func (b Blobs) DeleteBlobs(ctx context.Context, service, worker, prefix string, keep int) error {
	return b.exec(ctx, deleteBlobs, service, worker, prefix, keep)
}

// deleteWorkerBlobs deletes the blobs of a worker, of every service.
const deleteWorkerBlobs = `DELETE FROM copy WHERE worker = ?`

// deleteBatch is how many blobs are deleted in one transaction, so that others can
// write in between.
const deleteBatch = 500

const (
	deleteOtherServices = `DELETE FROM copy WHERE rowid IN (
		SELECT rowid FROM copy WHERE service < ?1 UNION ALL SELECT rowid FROM copy WHERE service > ?1 LIMIT ?2)`
	deleteExpired = `DELETE FROM copy WHERE rowid IN (SELECT rowid FROM copy WHERE expires <= ? LIMIT ?)`
)

// DeleteOtherServices deletes the blobs of every service but this one; "" deletes
// all.
func (b Blobs) DeleteOtherServices(ctx context.Context, service string) error {
	return b.deleteInBatches(ctx, deleteOtherServices, service)
}

// DeleteExpired deletes the blobs that have expired at now.
func (b Blobs) DeleteExpired(ctx context.Context, now time.Time) error {
	return b.deleteInBatches(ctx, deleteExpired, now.UnixMilli())
}

func (b Blobs) deleteInBatches(ctx context.Context, statement string, arg any) error {
	for {
		result, err := b.db.ExecContext(ctx, statement, arg, deleteBatch)
		if err != nil {
			return b.db.Explain(err)
		}
		if n, err := result.RowsAffected(); err != nil || n < deleteBatch {
			return err
		}
	}
}

func (b Blobs) exec(ctx context.Context, statement string, args ...any) error {
	_, err := b.db.ExecContext(ctx, statement, args...)
	return b.db.Explain(err)
}
