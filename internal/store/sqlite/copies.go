package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Blobs keeps sealed copies of what somebody else's integration service answered.
// Losing any of it loses no customer.
type Blobs struct{ db *DB }

// Blobs answers the copies in this database.
func (d *DB) Blobs() Blobs { return Blobs{d} }

const oneCopy = `SELECT data FROM copy WHERE service = ? AND worker = ? AND name = ? AND expires > ?`

// Blob answers what is kept under name, nil when there is nothing or it has expired
// at now.
func (c Blobs) Blob(ctx context.Context, service, worker, name string, now time.Time) (data []byte, err error) {
	err = c.db.readers.QueryRowContext(ctx, oneCopy, service, worker, name, now.UnixMilli()).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil && data == nil {
		data = []byte{} // kept, and empty
	}
	return data, inWords("the database", err)
}

// Nothing is kept for somebody who is no person (any more), or not an active one: a
// server that has not heard yet that a worker was removed must not bring back what
// was purged with the worker. What is kept under no worker belongs to the service.
const keepCopy = `INSERT INTO copy (service, worker, name, data, expires)
	SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?2 = '' OR EXISTS (SELECT 1 FROM person WHERE key = ?2 AND deactivated IS NULL)
	ON CONFLICT DO UPDATE SET data = excluded.data, expires = excluded.expires`

// PutBlob keeps data until expires, in place of what was there. For a worker who is
// no person here it keeps nothing; "" is nobody's.
func (c Blobs) PutBlob(ctx context.Context, service, worker, name string, data []byte, expires time.Time) error {
	if data == nil {
		data = []byte{}
	}
	return c.exec(ctx, keepCopy, service, worker, name, data, expires.UnixMilli())
}

const dropCopy = `DELETE FROM copy WHERE service = ? AND worker = ? AND name = ?`

// DeleteBlob forgets one.
func (c Blobs) DeleteBlob(ctx context.Context, service, worker, name string) error {
	return c.exec(ctx, dropCopy, service, worker, name)
}

const dropWorkerCopies = `DELETE FROM copy WHERE worker = ?`

// DeleteWorkerBlobs forgets all that is kept for a worker, of every service.
func (c Blobs) DeleteWorkerBlobs(ctx context.Context, worker string) error {
	return c.exec(ctx, dropWorkerCopies, worker)
}

// copiesAtOnce is how many copies are dropped in one transaction: others want to
// write too.
const copiesAtOnce = 500

const (
	dropOtherCopies = `DELETE FROM copy WHERE rowid IN (
		SELECT rowid FROM copy WHERE service < ?1 UNION ALL SELECT rowid FROM copy WHERE service > ?1 LIMIT ?2)`
	dropOldCopies = `DELETE FROM copy WHERE rowid IN (SELECT rowid FROM copy WHERE expires <= ? LIMIT ?)`
)

// DeleteOtherServices forgets every service but this one; "" forgets all.
func (c Blobs) DeleteOtherServices(ctx context.Context, service string) error {
	return c.drop(ctx, dropOtherCopies, service)
}

// DeleteExpired forgets what has expired at now.
func (c Blobs) DeleteExpired(ctx context.Context, now time.Time) error {
	return c.drop(ctx, dropOldCopies, now.UnixMilli())
}

// drop deletes in small bites until none is left.
func (c Blobs) drop(ctx context.Context, statement string, what any) error {
	for {
		result, err := c.db.writer.ExecContext(ctx, statement, what, copiesAtOnce)
		if err != nil {
			return inWords("the database", err)
		}
		if n, err := result.RowsAffected(); err != nil || n < copiesAtOnce {
			return err
		}
	}
}

func (c Blobs) exec(ctx context.Context, statement string, args ...any) error {
	_, err := c.db.writer.ExecContext(ctx, statement, args...)
	return inWords("the database", err)
}
