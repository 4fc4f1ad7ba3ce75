package server

import (
	"context"
	"log/slog"
	"time"
)

// repeat calls fn now and after every interval until ctx ends.
func repeat(ctx context.Context, interval time.Duration, fn func(context.Context)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		fn(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// maintenanceInterval is the time between two runs of the maintenance.
const maintenanceInterval = time.Hour

// maintainHourly calls maintain now and every hour until ctx ends: it finishes what an
// interrupted import left undone and deletes what has expired.
func maintainHourly(ctx context.Context, logger *slog.Logger, maintain func(context.Context) error) {
	repeat(ctx, maintenanceInterval, func(ctx context.Context) {
		// Without it searches and pages are right, only slower.
		if err := maintain(ctx); err != nil && ctx.Err() == nil {
			logger.LogAttrs(ctx, slog.LevelWarn, "maintenance of the database failed; the next try is in an hour", slog.Any("error", err))
		}
	})
}

// A merger merges changes into the search index; *store.Customers is one.
type merger interface {
	MergeDue() <-chan struct{}
	Merge(ctx context.Context) error
}

// mergeWhenDue keeps searches fast while customers change, until ctx ends.
func mergeWhenDue(ctx context.Context, logger *slog.Logger, customers merger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-customers.MergeDue():
			// Without it searches are right, only slower.
			if err := customers.Merge(ctx); err != nil && ctx.Err() == nil {
				logger.LogAttrs(ctx, slog.LevelWarn, "bringing the search index up to date failed; the next try is after more changes", slog.Any("error", err))
			}
		}
	}
}
