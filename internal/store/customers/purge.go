package customers

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

const (
	// retention is how long tombstones, former names and former assignments are
	// kept, so that an anchor or a token on a phone stays good.
	retention = 30 * 24 * time.Hour
	// purgeInterval is how often Update purges one batch.
	purgeInterval = time.Hour
	// purgeBatch bounds what one transaction deletes of each table.
	purgeBatch = 1000
)

// Purge deletes tombstones, former names and former assignments that are older than
// 30 days, and returns how many. Update purges one batch every purgeInterval.
func (s *Store) Purge(ctx context.Context) (purged int, err error) {
	err = s.db.UpdateInSteps(ctx, func(c *sqldb.Conn) (done bool, err error) {
		n, err := purge(c, s.now().Unix())
		purged += n
		return n == 0, err
	})
	return purged, s.unavailable(err)
}

// purge deletes a batch every purgeInterval.
func (t *tx) purge() error {
	if t.now-t.purgedAt <= int64(purgeInterval.Seconds()) {
		return nil
	}
	t.purgedAt = t.now
	_, err := purge(t.c, t.now)
	return err
}

// purge deletes one batch from each table.
func purge(c *sqldb.Conn, now int64) (purged int, err error) {
	before := now - int64(retention.Seconds())
	count := func([]driver.Value) error { purged++; return nil }
	for _, sql := range []string{
		`DELETE FROM customer WHERE pk IN (SELECT pk FROM customer WHERE deleted_at < ? LIMIT ?) RETURNING 1`,
		`DELETE FROM renamed WHERE (pk, rev) IN (SELECT pk, rev FROM renamed WHERE at < ? LIMIT ?) RETURNING 1`,
		`DELETE FROM former WHERE (owner, pk) IN (SELECT owner, pk FROM former WHERE left_at < ? LIMIT ?) RETURNING 1`,
	} {
		if err := c.Each(count, sql, before, int64(purgeBatch)); err != nil {
			return purged, err
		}
	}
	return purged, nil
}
