package server

import (
	"context"
	"log/slog"
	"time"
)

// maintenanceInterval is the time between two runs of the maintenance.
const maintenanceInterval = time.Hour

// maintainHourly calls maintain now and every hour until ctx ends: it finishes what an
// interrupted import left undone and deletes what has expired.
func maintainHourly(ctx context.Context, logger *slog.Logger, maintain func(context.Context) error) {
	tick := time.NewTicker(maintenanceInterval)
	defer tick.Stop()
	for {
		// Without it searches and pages are right, only slower.
		if err := maintain(ctx); err != nil && ctx.Err() == nil {
			logger.LogAttrs(ctx, slog.LevelWarn, "maintenance of the database failed; the next try is in an hour", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
