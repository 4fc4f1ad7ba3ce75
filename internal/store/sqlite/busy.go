package sqlite

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/internal/store/sqldb"
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
		if err := sqldb.Sleep(ctx, delay); err != nil {
			return err
		}
	}
}
