package audit

import (
	"context"
	"log/slog"
	"time"
)

// A clock that jumps ahead by years, after a battery died, would make every entry old. So
// nothing is dropped for clockDoubtFor after it jumped by more than maxClockStep, or when
// nothing was written for maxAbsence before the program started; by then the clock is
// corrected.
const (
	maxClockStep  = time.Hour
	maxAbsence    = 14 * 24 * time.Hour
	clockDoubtFor = 24 * time.Hour
)

// clockState is what Maintain remembers of the clock.
type clockState struct {
	checked time.Time // the clock at the last check, zero: never
	// at is the monotonic time of the last check, doubted that of the last doubt.
	at, doubted time.Time
}

// clockTrusted reports whether entries may be dropped by what the clock says.
func (l *Log) clockTrusted(ctx context.Context, now time.Time) (bool, error) {
	s, monotonic := &l.clock, time.Now()
	var doubt bool
	if s.checked.IsZero() {
		newest, err := l.store.FindEntries(ctx, Query{Limit: 1})
		if err != nil {
			return false, err
		}
		doubt = len(newest.Entries) > 0 && now.Sub(newest.Entries[0].When) > maxAbsence
	} else {
		doubt = now.Round(0).Sub(s.checked.Round(0))-monotonic.Sub(s.at) > maxClockStep
	}
	s.checked, s.at = now, monotonic
	if doubt {
		s.doubted = monotonic
		l.log.LogAttrs(ctx, slog.LevelWarn, "the clock may have jumped ahead; no audit entries are dropped for a day: check the clock",
			slog.Time("clock", now))
	}
	return s.doubted.IsZero() || monotonic.Sub(s.doubted) >= clockDoubtFor, nil
}
