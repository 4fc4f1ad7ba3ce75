package sqlite

import (
	"context"
	"database/sql/driver"
	"time"
)

const (
	// purgeEvery is how often Update looks for what is too old.
	purgeEvery = time.Hour
	// purgeBatch bounds what one transaction throws away.
	purgeBatch = 1000
)

// Purge throws away tombstones, former names and former assignments that are
// older than 30 days, and answers how many. Update does a part of it now and then.
func (s *Customers) Purge(ctx context.Context) (purged int, err error) {
	for {
		var n int
		err := s.writing(ctx, func(c *conn) error {
			n, err = purge(c, s.db.now().Unix())
			return err
		})
		purged += n
		if err != nil || n == 0 {
			return purged, err
		}
		if err := ctx.Err(); err != nil {
			return purged, err
		}
	}
}

// purge throws away one batch of each kind.
func purge(c *conn, now int64) (purged int, err error) {
	before := now - int64(keep.Seconds())
	count := func([]driver.Value) error { purged++; return nil }
	for _, sql := range []string{
		`DELETE FROM customer WHERE pk IN (SELECT pk FROM customer WHERE deleted_at < ? LIMIT ?) RETURNING 1`,
		`DELETE FROM renamed WHERE (pk, rev) IN (SELECT pk, rev FROM renamed WHERE at < ? LIMIT ?) RETURNING 1`,
		`DELETE FROM former WHERE (owner, pk) IN (SELECT owner, pk FROM former WHERE left_at < ? LIMIT ?) RETURNING 1`,
	} {
		if err := c.each(count, sql, before, int64(purgeBatch)); err != nil {
			return purged, err
		}
	}
	return purged, nil
}
