package audit

import (
	"context"
	"log/slog"
	"time"
)

// A clock that goes wrong, by years after a battery died, would make everything old at
// once. So nothing is dropped for clockDoubtFor when it was put on by more than maxClockStep,
// or when nothing was written for longer than maxAbsence before the program began: until
// then somebody, or the network, puts it right.
const (
	maxClockStep  = time.Hour
	maxAbsence    = 14 * 24 * time.Hour
	clockDoubtFor = 24 * time.Hour
)

// clockState is what Maintain knows of the clock, from one time to the next.
type clockState struct {
	checked time.Time // what the clock said the last time; zero: never
	// When that was, and when the clock was doubted, by one that nobody puts on.
	at, doubted time.Time
}

// clockTrusted tells whether what the clock says is old may be dropped.
func (l *Log) clockTrusted(ctx context.Context, now time.Time) (bool, error) {
	s, truth := &l.clock, time.Now() // it counts on whatever the clock is put to
	var doubt bool
	if s.checked.IsZero() {
		newest, err := l.store.FindEntries(ctx, Query{Limit: 1})
		if err != nil {
			return false, err
		}
		doubt = len(newest.Entries) > 0 && now.Sub(newest.Entries[0].When) > maxAbsence
	} else {
		doubt = now.Round(0).Sub(s.checked.Round(0))-truth.Sub(s.at) > maxClockStep
	}
	s.checked, s.at = now, truth
	if doubt {
		s.doubted = truth
		l.log.LogAttrs(ctx, slog.LevelWarn, "the clock may have been put on; nothing of the audit is dropped for a day: see whether it is right",
			slog.Time("clock", now))
	}
	return s.doubted.IsZero() || truth.Sub(s.doubted) >= clockDoubtFor, nil
}
