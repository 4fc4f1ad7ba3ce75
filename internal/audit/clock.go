package audit

import (
	"context"
	"log/slog"
	"time"
)

// A clock that jumps ahead by years, after a battery died, would make every entry old. So
// entries are dropped only while the wall clock agrees with the time that the program has
// run since the last check, and with the last check or entry before it started. After a
// disagreement, nothing is dropped until the program has run clockDoubtFor and the clock
// went on steadily. The state is stored, so that a restart does not end a doubt.
const (
	maxClockStep  = time.Hour           // between two checks of a running program
	maxAbsence    = 14 * 24 * time.Hour // between the last check and a start
	clockDoubtFor = 24 * time.Hour
	// droppedPerHour is the span of entries that may be dropped for each hour that the
	// program has run, so that no mistake erases much before someone notices.
	droppedPerHour = 24 * time.Hour
)

// Clock is what the audit knows of the time. A Store keeps it for the next start.
type Clock struct {
	// Trusted is the time of the last check, as far as it is trusted; zero before the first.
	Trusted time.Time
	// Doubt is how long the program must still run until Suspected, which the wall clock
	// showed, is trusted; 0 for no doubt.
	Doubt     time.Duration
	Suspected time.Time
}

// tick returns the state after a check at now by the wall clock, when the program has run
// for ran since the last check; began is whether this is its first check.
func (c Clock) tick(now time.Time, ran time.Duration, began bool) Clock {
	ahead := maxClockStep
	if began {
		ahead = maxAbsence
	}
	trusted, suspected := c.Trusted.Add(ran), c.Suspected.Add(ran)
	switch {
	case !now.After(trusted.Add(ahead)): // steady, corrected, or behind, which drops nothing
		return Clock{Trusted: now}
	case c.Doubt > 0 && !now.After(suspected.Add(ahead)) && !now.Before(suspected.Add(-maxClockStep)):
		if c.Doubt -= ran; c.Doubt <= 0 {
			return Clock{Trusted: now}
		}
		return Clock{Trusted: trusted, Doubt: c.Doubt, Suspected: now}
	}
	return Clock{Trusted: trusted, Doubt: clockDoubtFor, Suspected: now}
}

// checkClock checks the clock and returns how long the program has run since the last
// check, 0 while the clock is in doubt.
func (l *Log) checkClock(ctx context.Context, now time.Time) (ran time.Duration, err error) {
	last, err := l.store.Clock(ctx)
	if err != nil {
		return 0, err
	}
	monotonic := time.Now()
	began := l.checked.IsZero()
	if !began {
		ran = monotonic.Sub(l.checked)
	}
	next := Clock{Trusted: now}
	if last.Trusted.IsZero() { // the first check of this database
		newest, err := l.store.FindEntries(ctx, Query{Limit: 1})
		if err != nil {
			return 0, err
		}
		if len(newest.Entries) > 0 {
			next = Clock{Trusted: newest.Entries[0].When, Doubt: clockDoubtFor, Suspected: now}
		}
	} else {
		next = last.tick(now.Round(0), ran, began)
	}
	if err := l.store.SaveClock(ctx, next); err != nil {
		return 0, err
	}
	l.checked = monotonic
	if next.Doubt == 0 {
		return ran, nil
	}
	if next.Doubt == clockDoubtFor && !last.Trusted.IsZero() {
		l.log.LogAttrs(ctx, slog.LevelWarn, "the clock may have jumped ahead; no audit entries are dropped until the program has run for a day: check the clock",
			slog.Time("clock", now), slog.Time("expected", next.Trusted))
	}
	return 0, nil
}
