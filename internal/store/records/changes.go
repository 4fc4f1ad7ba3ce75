package records

import (
	"context"
	"database/sql"
	"time"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// A Change is the last change of a topic. N is higher than that of any change before it.
type Change struct {
	Topic string
	N     int64
}

// Topics of changes that the database itself notes: a setting was stored; a session ended, or
// what a person may do changed.
const (
	SettingsChanged = "settings"
	SessionsChanged = "sessions"
)

// Changes tells a process what others have changed.
type Changes struct {
	db     *sqldb.DB
	recent *sqldb.Cache[int64, []Change]
}

// NewChanges returns the changes of a database.
func NewChanges(db *sqldb.DB) Changes { return Changes{db, sqldb.NewCache[int64, []Change](db, 1)} }

const lastChange = `SELECT max(n) FROM change`

// Last returns the number of the last change.
func (c Changes) Last(ctx context.Context) (n int64, err error) {
	err = c.db.QueryRowContext(ctx, lastChange).Scan(&n)
	return n, c.db.Explain(err)
}

const changesAfter = `SELECT topic, n FROM change WHERE n > ? ORDER BY n`

// After returns the changes after n, the last one last. What is read from now on is not older
// than they are.
func (c Changes) After(ctx context.Context, n int64) ([]Change, error) {
	found, err := c.recent.Get(ctx, n, func() ([]Change, error) {
		return sqldb.Query(ctx, c.db.Readers, func(rows *sql.Rows) (ch Change, err error) {
			return ch, rows.Scan(&ch.Topic, &ch.N)
		}, changesAfter, n)
	})
	if len(found) > 0 {
		c.db.Engine.Outdate()
	}
	return found, c.db.Explain(err)
}

const noteChange = `INSERT INTO change (topic, n) VALUES (?, max((SELECT max(n) FROM change) + 1, ?))
	ON CONFLICT (topic) DO UPDATE SET n = excluded.n`

// Note tells all processes of a change that the database does not note itself.
func (c Changes) Note(ctx context.Context, topic string) error {
	err := c.db.WriteTxUnsynced(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, noteChange, topic, time.Now().UnixMicro())
		return err
	})
	return c.db.Explain(err)
}
