package sqlite

import (
	"context"
	"database/sql"
	"time"
)

// One process at a time writes to the file, and SQLite keeps no queue: those who
// wait look again from time to time, less and less often. Whoever writes one
// transaction after the other, as an import does, leaves them a moment in between
// that they nearly always miss. So here those who wait look often, and a bulk
// import pauses for longer than they look away.
const (
	busyTimeout  = 10 * time.Second      // how long to wait for other processes
	lookAwayMost = 10 * time.Millisecond // between two looks of a writer that waits
	giveWayFor   = 25 * time.Millisecond // after each transaction of a bulk import
)

// patiently runs fn again for as long as others are in the way.
func patiently(ctx context.Context, fn func() error) error {
	deadline := time.Now().Add(busyTimeout)
	for wait := time.Millisecond; ; wait = min(2*wait, lookAwayMost) {
		err := fn()
		if !busy(err) || time.Now().After(deadline) {
			return err
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// writerPool is the pool of the one connection that writes. SQLite itself does
// not wait on it (busy_timeout is 0): patiently does.
type writerPool struct{ *sql.DB }

// BeginTx begins a transaction when it is our turn.
func (p writerPool) BeginTx(ctx context.Context, opts *sql.TxOptions) (tx *sql.Tx, err error) {
	err = patiently(ctx, func() error {
		tx, err = p.DB.BeginTx(ctx, opts)
		return err
	})
	return tx, err
}

// ExecContext runs a statement when it is our turn, in a transaction around it: when it
// answers an error, nothing was done. The driver alone may say that the context ended
// of a statement that is done.
func (p writerPool) ExecContext(ctx context.Context, query string, args ...any) (result sql.Result, err error) {
	err = transact(ctx, p, func(tx *sql.Tx) error {
		result, err = tx.ExecContext(ctx, query, args...)
		return err
	})
	return result, err
}
