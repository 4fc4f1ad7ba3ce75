package move

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// The most that is written in one transaction.
const (
	batchRows  = 10_000
	batchBytes = 4 << 20
)

// copyTable copies the rows that the target does not have yet: those after its last one.
func (m *mover) copyTable(ctx context.Context, t table) error {
	last, err := m.lastCopied(ctx, t)
	if err != nil {
		return err
	}
	var batch [][]any
	var written error
	size := 0
	write := func() error {
		written = m.to.Update(ctx, func(c *sqldb.Conn) error { return c.InsertRows(t.name, t.columns(), batch) })
		if written == nil {
			m.advance(int64(len(batch)))
		}
		batch, size = batch[:0], 0
		return written
	}
	err = t.each(m.source, last, func(row []any, bytes int) error {
		batch = append(batch, row)
		if size += bytes; len(batch) < batchRows && size < batchBytes {
			return nil
		}
		return write()
	})
	if err == nil && len(batch) > 0 {
		err = write()
	}
	if written != nil {
		return fmt.Errorf("writing table %s: %w", t.name, m.to.Explain(written))
	}
	return m.from.Explain(err)
}

// lastCopied returns the key of the last row in the target, nil when there is none, and counts
// the rows up to it as done.
func (m *mover) lastCopied(ctx context.Context, t table) (key []driver.Value, err error) {
	err = m.to.View(ctx, func(c *sqldb.Conn) error {
		rows, err := c.Count("SELECT count(*) FROM " + t.name)
		if err != nil || rows == 0 {
			return err
		}
		m.advance(rows)
		row, err := c.One("SELECT " + strings.Join(t.key, ", ") + " FROM " + t.name +
			" ORDER BY " + strings.Join(t.key, " DESC, ") + " DESC LIMIT 1")
		key = slices.Clone(row)
		return err
	})
	return key, m.to.Explain(err)
}

// each calls fn for the rows after a key in the order of keys, nil for all, with about how many
// bytes they have. fn may keep a row.
func (t table) each(c *sqldb.Conn, after []driver.Value, fn func(row []any, bytes int) error) error {
	columns, key := t.columns(), strings.Join(t.key, ", ")
	query := "SELECT " + strings.Join(columns, ", ") + " FROM " + t.name
	if after != nil {
		query += " WHERE (" + key + ") > (?" + strings.Repeat(", ?", len(after)-1) + ")"
	}
	return c.Each(func(v []driver.Value) error {
		row, bytes := make([]any, len(columns)), 0
		for i, value := range v {
			switch value := value.(type) {
			case string:
				row[i] = storable(value)
				bytes += len(value)
			case []byte:
				row[i] = sqldb.BytesOf(value)
				bytes += len(value)
			default:
				row[i] = value
			}
		}
		return fn(row, bytes)
	}, query+" ORDER BY "+key, after...)
}

// storable returns a text as PostgreSQL takes it: in UTF-8, and without NUL. In SQLite, the keys
// of the two owners that are no workers have a NUL.
func storable(text string) string {
	if utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\x01")
}
