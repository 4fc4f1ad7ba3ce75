package server

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/storage"
	"github.com/clientele-project/clientele/internal/store"
)

// databaseWatch is the time between two checks of the database's condition.
const databaseWatch = 5 * time.Second

// databaseWatcher tells when the database takes no changes, and when it takes them again.
type databaseWatcher struct {
	db     *store.DB
	notice func(slog.Level, string)

	mu   sync.Mutex
	last error // why it takes none, nil if it does
	err  error // of the last check
}

// watch checks now and every few seconds until ctx ends.
func (d *databaseWatcher) watch(ctx context.Context) {
	repeat(ctx, databaseWatch, func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		_ = d.check(ctx)
	})
}

// check returns why the database cannot be read and written now.
func (d *databaseWatcher) check(ctx context.Context) error {
	err := d.db.Ping(ctx)
	reason := storage.Reason(err)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case reason == d.last:
	case reason == nil:
		d.notice(slog.LevelInfo, "The database takes changes again.")
	default:
		d.notice(slog.LevelWarn, "nothing can be changed: "+reason.Error())
	}
	d.last, d.err = reason, err
	return err
}

// ready returns why the database cannot be read and written, by its condition now and the
// last check: anyone may ask, so it costs little.
func (d *databaseWatcher) ready(context.Context) error {
	if err := d.db.Condition(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// verifyInterval is the time between two checks of the whole database.
const verifyInterval = 24 * time.Hour

// verifyDatabase checks the database now and every day until ctx ends, slowly, since people
// use it meanwhile. A database that is damaged takes no changes from then on, which
// databaseWatcher tells.
func (s *Server) verifyDatabase(ctx context.Context) {
	repeat(ctx, verifyInterval, func(ctx context.Context) {
		problems, err := s.config.DB.VerifySlowly(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.config.Logger.WarnContext(ctx, "checking the database failed; the next try is in a day", "error", err)
		case len(problems) > 0:
			s.config.Logger.ErrorContext(ctx, "the database is damaged: restore it from a backup (clientele restore)", "problems", problems)
		}
	})
}
