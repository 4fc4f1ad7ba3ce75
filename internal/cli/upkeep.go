package cli

import (
	"context"
	"log/slog"
	"time"
)

// upkeepEvery is how often the store is looked after while the program serves.
const upkeepEvery = time.Hour

// upkeep looks after a store at once and every hour until ctx ends: what an
// interrupted import left undone, and what has been kept for long enough.
func upkeep(ctx context.Context, log *slog.Logger, maintain func(context.Context) error) {
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	for {
		// Searches and pages are right without it, only slower.
		if err := maintain(ctx); err != nil && ctx.Err() == nil {
			log.LogAttrs(ctx, slog.LevelWarn, "the database could not be looked after; it will be tried again in an hour", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
