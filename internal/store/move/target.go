package move

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// While a database is incomplete, it has table move, with the state of the database that is
// copied into it.

// Unfinished reports whether a database is incomplete.
func Unfinished(ctx context.Context, d Database) (bool, error) {
	query := "SELECT count(*) FROM sqlite_schema WHERE name = 'move'"
	if d.Server {
		query = "SELECT count(*) FROM pg_class WHERE oid = to_regclass('move')"
	}
	var n int64
	err := d.QueryRowContext(ctx, query).Scan(&n)
	return n > 0, d.Explain(err)
}

// start makes the target ready: empty, unless an earlier run has copied a part.
func (m *mover) start(ctx context.Context) error {
	begun, err := Unfinished(ctx, m.to)
	if err != nil {
		return err
	}
	if !begun {
		if err := m.checkEmpty(ctx); err != nil {
			return err
		}
		err := m.clear(ctx, "CREATE TABLE move (state TEXT NOT NULL)")
		m.opts.Note("Copying")
		return err
	}
	var state string
	if err := m.to.QueryRowContext(ctx, "SELECT state FROM move").Scan(&state); err != nil {
		return m.to.Explain(err)
	}
	if state != m.state {
		m.opts.Note("Copying again from the beginning, since the database was changed")
		return m.clear(ctx, "DELETE FROM move")
	}
	m.opts.Note("Copying the rest")
	return nil
}

// checkEmpty returns ErrInUse unless the target is as it was created.
func (m *mover) checkEmpty(ctx context.Context) error {
	return m.to.View(ctx, func(c *sqldb.Conn) error {
		for _, t := range tables {
			row, err := c.One("SELECT 1 FROM " + t.name + " LIMIT 1")
			if err != nil {
				return m.to.Explain(err)
			}
			if row != nil && !slices.Contains(seeded, t.name) {
				return fmt.Errorf("%w: it has rows in table %s. Name a new database", ErrInUse, t.name)
			}
		}
		return nil
	})
}

// clear removes all rows and notes the state, after a statement.
func (m *mover) clear(ctx context.Context, statement string) error {
	remove := "DELETE FROM %s"
	if m.to.Server {
		remove = "TRUNCATE %s CASCADE"
	}
	return m.to.Explain(m.to.WriteTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
		for _, t := range tables {
			if _, err := tx.ExecContext(ctx, fmt.Sprintf(remove, t.name)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO move (state) VALUES (?)", m.state)
		return err
	}))
}

// finish makes the copy usable, unless it is no longer current.
func (m *mover) finish(ctx context.Context) error {
	err := m.from.View(ctx, func(c *sqldb.Conn) error {
		state, err := stateOf(c)
		if err == nil && state != m.state {
			err = ErrChanged
		}
		return err
	})
	if err != nil {
		return m.from.Explain(err)
	}
	return m.to.Explain(m.to.WriteTx(ctx, func(tx *sql.Tx) error {
		if err := m.setNumbers(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DROP TABLE move")
		return err
	}))
}

// setNumbers has the next rows of numbered tables get numbers after those that were ever used.
// SQLite itself does so, except after the last entries of the audit were deleted.
func (m *mover) setNumbers(ctx context.Context, tx *sql.Tx) error {
	if !m.to.Server {
		if _, err := tx.ExecContext(ctx, "DELETE FROM sqlite_sequence WHERE name = 'audit'"); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES ('audit', ?)", m.lastAudit)
		return err
	}
	for _, t := range tables {
		if !t.numbered {
			continue
		}
		last := int64(0)
		if t.name == "audit" {
			last = m.lastAudit
		}
		next := fmt.Sprintf("SELECT setval(pg_get_serial_sequence('%s', '%s'), 1 + greatest(?, (SELECT max(%[2]s) FROM %[1]s)), false)", t.name, t.key[0])
		if _, err := tx.ExecContext(ctx, next, last); err != nil {
			return err
		}
	}
	return nil
}

// noteDifferences makes the next run start over.
func (m *mover) noteDifferences(ctx context.Context) error {
	_, err := m.to.ExecContext(ctx, "UPDATE move SET state = ''")
	return err
}
