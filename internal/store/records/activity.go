package records

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/store/sqldb"
)

// Activity is the activity.Store of a DB.
type Activity struct{ db *sqldb.DB }

// NewActivity returns the activity in a database.
func NewActivity(db *sqldb.DB) Activity { return Activity{db} }

var _ activity.Store = Activity{}

const (
	addCall = `INSERT INTO activity_call (at, took, queued, location, worker, bytes, status, code, search, not_found, crawl, built_in)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	oneLatency = `SELECT latency FROM activity_minute WHERE minute = ?`
	addMinute  = `INSERT INTO activity_minute (minute, calls, hits, bytes, took,
			failed_48000, failed_48001, failed_48003, failed_48004, failed_48005, failed_other, latency)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (minute) DO UPDATE SET
			calls = calls + excluded.calls, hits = hits + excluded.hits,
			bytes = bytes + excluded.bytes, took = took + excluded.took,
			failed_48000 = failed_48000 + excluded.failed_48000, failed_48001 = failed_48001 + excluded.failed_48001,
			failed_48003 = failed_48003 + excluded.failed_48003, failed_48004 = failed_48004 + excluded.failed_48004,
			failed_48005 = failed_48005 + excluded.failed_48005, failed_other = failed_other + excluded.failed_other,
			latency = excluded.latency`
)

// AddActivity implements activity.Store.
func (a Activity) AddActivity(ctx context.Context, entries []activity.Entry, minutes []activity.Minute) error {
	err := a.db.WriteTx(ctx, func(tx *sql.Tx) error {
		for _, e := range entries {
			if _, err := tx.ExecContext(ctx, addCall, e.When.UnixMicro(), e.Took.Microseconds(), e.Queued.Microseconds(),
				e.Location, e.Worker, e.Bytes, e.Status, e.Code, e.Search, e.NotFound, e.Crawl, e.BuiltIn); err != nil {
				return err
			}
		}
		for i := range minutes {
			if err := mergeMinute(ctx, tx, &minutes[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return a.db.DomainError(err, activity.ErrUnavailable)
}

// mergeMinute adds to the stored figures of a minute. No other process writes
// meanwhile: tx is a write transaction.
func mergeMinute(ctx context.Context, tx *sql.Tx, m *activity.Minute) error {
	minute := m.Start.Unix() / 60
	var stored []byte
	err := tx.QueryRowContext(ctx, oneLatency, minute).Scan(&stored)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	// A histogram that cannot be read is dropped: it has a newer scale, or is damaged.
	var latency activity.Histogram
	if latency.Decode(stored) != nil {
		latency = activity.Histogram{}
	}
	latency.Merge(&m.Latency)
	f := m.Failures
	_, err = tx.ExecContext(ctx, addMinute, minute, m.Calls, m.Hits, m.Bytes, m.Took.Microseconds(),
		f.InvalidPayload, f.NoCallbackURL, f.InvalidResponse, f.CallbackFailed, f.CallbackTimeout, f.Other, latency.Encode())
	return err
}

const recentCalls = `SELECT at, took, queued, location, worker, bytes, status, code, search, not_found, crawl, built_in
	FROM (SELECT * FROM activity_call ORDER BY id DESC LIMIT ?) ORDER BY id`

// RecentActivity implements activity.Store.
func (a Activity) RecentActivity(ctx context.Context, n int) ([]activity.Entry, error) {
	entries, err := sqldb.Query(ctx, a.db.Readers, func(rows *sql.Rows) (e activity.Entry, err error) {
		var at, took, queued int64
		err = rows.Scan(&at, &took, &queued, &e.Location, &e.Worker, &e.Bytes, &e.Status, &e.Code,
			&e.Search, &e.NotFound, &e.Crawl, &e.BuiltIn)
		e.When, e.Took, e.Queued = time.UnixMicro(at), micros(took), micros(queued)
		return e, err
	}, recentCalls, n)
	return entries, a.db.DomainError(err, activity.ErrUnavailable)
}

func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

const minutesSince = `SELECT minute, calls, hits, bytes, took,
		failed_48000, failed_48001, failed_48003, failed_48004, failed_48005, failed_other, latency
	FROM activity_minute WHERE minute >= ? ORDER BY minute`

// ActivitySince implements activity.Store.
func (a Activity) ActivitySince(ctx context.Context, from time.Time) ([]activity.Minute, error) {
	minutes, err := sqldb.Query(ctx, a.db.Readers, func(rows *sql.Rows) (m activity.Minute, err error) {
		var minute, took int64
		var latency []byte
		f := &m.Failures
		err = rows.Scan(&minute, &m.Calls, &m.Hits, &m.Bytes, &took, &f.InvalidPayload, &f.NoCallbackURL,
			&f.InvalidResponse, &f.CallbackFailed, &f.CallbackTimeout, &f.Other, &latency)
		m.Start, m.Took = time.Unix(minute*60, 0), micros(took)
		if m.Latency.Decode(latency) != nil {
			m.Latency = activity.Histogram{} // see mergeMinute
		}
		return m, err
	}, minutesSince, from.Unix()/60)
	return minutes, a.db.DomainError(err, activity.ErrUnavailable)
}

const (
	pruneCalls   = `DELETE FROM activity_call WHERE id <= (SELECT max(id) FROM activity_call) - ? OR at < ?`
	pruneMinutes = `DELETE FROM activity_minute WHERE minute < ?`
)

// DeleteActivity implements activity.Store.
func (a Activity) DeleteActivity(ctx context.Context, entries int, before time.Time) error {
	err := a.db.WriteTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, pruneCalls, entries, before.UnixMicro()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, pruneMinutes, before.Unix()/60)
		return err
	})
	return a.db.DomainError(err, activity.ErrUnavailable)
}
