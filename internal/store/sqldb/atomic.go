package sqldb

import (
	"context"
	"database/sql"
	"errors"
)

// atomicKey is the context key of the atomicTx of a DB.
type atomicKey struct{ db *DB }

// atomicTx is the transaction of one call of Atomically. One goroutine uses it.
type atomicTx struct {
	db   *DB
	conn *sql.Conn // nil until the first write
	tx   *sql.Tx
	// err is why nothing more can be written: the transaction has ended, or SQLite has
	// rolled it back.
	err error
	// committed is what is to run once everything is stored.
	committed []func()
}

var errEnded = errors.New("the transaction has ended")

// Atomically runs fn in one transaction: everything that fn writes to this database with
// its context is stored when fn returns nil, and nothing of it otherwise. WriteTx, Update
// and ExecContext join the transaction; one that fails undoes what it wrote itself and no
// more. ReadTx and QueryRowContext see what was written in it; View does not.
//
// The transaction begins with the first write, so fn may do slow work before that.
// Between the first write and its return, fn must not wait for another writer.
func (d *DB) Atomically(ctx context.Context, fn func(ctx context.Context) error) error {
	if d.joined(ctx) != nil {
		return fn(ctx)
	}
	a := &atomicTx{db: d}
	defer a.rollback() // does nothing after commit
	if err := fn(context.WithValue(ctx, atomicKey{d}, a)); err != nil {
		return err
	}
	return a.commit(ctx)
}

// joined returns the transaction that writes with ctx belong to, nil for one of their own.
func (d *DB) joined(ctx context.Context) *atomicTx {
	a, _ := ctx.Value(atomicKey{d}).(*atomicTx)
	return a
}

// AfterCommit runs fn when what was written with ctx is stored: at once, or after the
// transaction of Atomically, and not at all if that fails. Memory of what a transaction
// wrote is kept in fn.
func (d *DB) AfterCommit(ctx context.Context, fn func()) {
	if a := d.joined(ctx); a != nil {
		a.committed = append(a.committed, fn)
		return
	}
	fn()
}

// write runs fn, which writes, in the transaction. When fn fails, what it wrote is undone.
func (a *atomicTx) write(ctx context.Context, fn func() error) error {
	if a.conn == nil && a.err == nil {
		if err := a.begin(ctx); err != nil {
			return err
		}
	}
	if a.err != nil {
		return a.err
	}
	if err := a.exec("SAVEPOINT write"); err != nil {
		return err
	}
	err := fn()
	if err == nil {
		err = a.exec("RELEASE write") // also the error of statements that were queued
	}
	if err == nil {
		return nil
	}
	if uerr := a.exec("ROLLBACK TO write"); uerr != nil {
		a.err = err // all was rolled back, for example because the disk is full
		return err
	}
	return errors.Join(err, a.exec("RELEASE write"))
}

// begin begins the transaction. It does not end with ctx: database/sql would roll back
// while fn goes on, and what fn writes then would be outside any transaction.
func (a *atomicTx) begin(ctx context.Context) error {
	conn, err := a.db.lendWriter(ctx)
	if err != nil {
		return err
	}
	err = a.db.Engine.Begin(ctx, func() error {
		a.tx, err = conn.BeginTx(context.WithoutCancel(ctx), nil)
		return err
	})
	if err != nil {
		conn.Close()
		return err
	}
	a.conn = conn
	return nil
}

func (a *atomicTx) exec(query string) error {
	_, err := a.tx.Exec(query)
	return err
}

func (a *atomicTx) commit(ctx context.Context) error {
	if a.conn == nil || a.err != nil {
		return a.err
	}
	return a.db.Engine.Commit(func() error {
		if err := a.tx.Commit(); err != nil {
			return err
		}
		a.end()
		for _, fn := range a.committed {
			fn()
		}
		if a.db.Bulk {
			Sleep(ctx, a.db.Pause)
		}
		return nil
	})
}

func (a *atomicTx) rollback() {
	if a.conn != nil && a.err != errEnded {
		_ = a.tx.Rollback() // fails only if there is no transaction any more
		a.end()
	}
	a.err = errEnded
}

func (a *atomicTx) end() {
	a.err = errEnded
	a.conn.Close()
}
