// Package move copies a database into another one, of the same kind or not: all rows as they
// are, with their keys. Tokens, cursors, sessions and sealed values stay good.
package move

import (
	"context"
	"errors"
	"fmt"

	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// A Database is one that is copied, or into which one is copied.
type Database struct {
	*sqldb.DB
	Server bool // rather than a file of SQLite
}

// Options configure Run. Both functions must be set.
type Options struct {
	// Note is told in words what happens next.
	Note func(text string)
	// Progress is told how many rows are done, of how many, since Note was last called.
	Progress func(done, all int64)
}

var (
	// ErrInUse means that there is something else in the database into which to copy.
	ErrInUse = errors.New("is not empty")
	// ErrUnfinished is the error of opening a database into which another was not copied completely.
	ErrUnfinished = errors.New("is incomplete: clientele migrate has not finished copying into it. Run the same command again")
	// ErrChanged means that the copy is complete, and no longer current.
	ErrChanged = errors.New("the database was changed while it was copied: stop serve and everything else that uses it, then run the same command again")
	// ErrDiffer means that not all rows are the same.
	ErrDiffer = errors.New("the databases differ")
)

// Run copies a database as it is at one moment, and compares the copy with it. Until all is
// done, opening the copy is ErrUnfinished. When Run was interrupted, the next one goes on where
// it was, unless from was changed since. Where ErrChanged or ErrDiffer is the error, the next
// one starts over.
func Run(ctx context.Context, from, to Database, opts Options) (results []Result, err error) {
	m := &mover{from: from, to: to, opts: opts}
	viewErr := from.ViewApart(ctx, func(source *sqldb.Conn) error {
		m.source = source
		results, err = m.run(ctx)
		return nil
	})
	if err = errors.Join(err, from.Explain(viewErr)); err != nil {
		return results, err
	}
	return results, m.finish(ctx)
}

// run copies and compares all tables.
func (m *mover) run(ctx context.Context) ([]Result, error) {
	if err := m.from.Explain(m.readSource()); err != nil {
		return nil, err
	}
	if err := m.start(ctx); err != nil {
		return nil, err
	}
	for _, t := range tables {
		if err := m.copyTable(ctx, t); err != nil {
			return nil, err
		}
	}
	// A server should know how many rows there are before it plans how to read them in order.
	if err := errors.Join(m.to.RunAnalyze(ctx), m.to.RunCheckpoint(ctx)); err != nil {
		return nil, m.to.Explain(err)
	}
	return m.compare(ctx)
}

// A mover is a run.
type mover struct {
	from, to  Database
	opts      Options
	source    *sqldb.Conn // in a transaction that sees one snapshot
	state     string      // of from in it
	lastAudit int64       // the highest id that from ever gave to an entry of its audit
	done, all int64       // rows
}

// stateSQL returns what changes with a database: customers and what belongs to them; whatever
// has an entry in the audit; settings, sessions and conversations.
const stateSQL = `SELECT generation, (SELECT coalesce(max(id), 0) FROM audit), (SELECT max(n) FROM change) FROM state`

// stateOf returns the state of a database.
func stateOf(c *sqldb.Conn) (string, error) {
	row, err := c.One(stateSQL)
	return fmt.Sprint(row), err
}

// readSource learns what is to be copied.
func (m *mover) readSource() (err error) {
	if m.state, err = stateOf(m.source); err != nil {
		return err
	}
	if m.lastAudit, err = m.source.Count("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'audit'"); err != nil {
		return err
	}
	for _, t := range tables {
		n, err := m.source.Count("SELECT count(*) FROM " + t.name)
		if err != nil {
			return err
		}
		m.all += n
	}
	return nil
}

// advance counts rows that are done.
func (m *mover) advance(rows int64) {
	m.done += rows
	m.opts.Progress(m.done, m.all)
}
