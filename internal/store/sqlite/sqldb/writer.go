package sqldb

import (
	"context"
	"database/sql"
	"time"
)

// One process at a time writes to the file, and SQLite keeps no queue: a process
// that waits polls, less and less often. A process that writes one transaction
// after the other, such as an import, leaves only a short gap in between, which
// the others nearly always miss. So waiting writers poll often here, and a bulk
// import pauses for longer than the polling interval.
const (
	busyTimeout  = 10 * time.Second      // how long to wait for other processes
	maxBusyDelay = 10 * time.Millisecond // between two attempts to write
	writerPause  = 25 * time.Millisecond // after each of many transactions
)

// retryBusy runs fn until the database is not busy.
func retryBusy(ctx context.Context, fn func() error) error {
	deadline := time.Now().Add(busyTimeout)
	for delay := time.Millisecond; ; delay = min(2*delay, maxBusyDelay) {
		err := fn()
		if !isBusy(err) || time.Now().After(deadline) {
			return err
		}
		if err := sleep(ctx, delay); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Writer is the pool of the one connection that writes. SQLite does not wait on it
// (busy_timeout is 0): retryBusy does.
type Writer struct {
	*sql.DB
	condition *condition
}

// BeginTx begins a transaction when no other process writes.
func (w Writer) BeginTx(ctx context.Context, opts *sql.TxOptions) (tx *sql.Tx, err error) {
	err = w.condition.begin(ctx, func() error {
		tx, err = w.DB.BeginTx(ctx, opts)
		return err
	})
	return tx, err
}

func (w Writer) transact(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return transact(ctx, w, fn, w.condition.commit)
}
