package audit

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestLog_Maintain_DistrustsASteppedClock has the clock go wrong by years, while the program
// runs and before it began.
func TestLog_Maintain_DistrustsASteppedClock(t *testing.T) {
	const years = 5 * 365 * 24 * time.Hour
	for _, test := range []struct {
		name        string
		before      time.Duration // how long ago the newest entry is when the program begins
		wrong       time.Duration // how far the clock is put on two hours later
		early, late bool          // whether something is dropped soon, and two days later
	}{
		{"a clock that is right", time.Hour, 0, true, true},
		{"a clock that is put right by a little", time.Hour, time.Minute, true, true},
		{"a clock that is put back", time.Hour, -years, true, true},
		{"a clock that is put on", time.Hour, years, false, true},
		{"a clock that was wrong from the beginning", years, 0, false, true},
		{"a program that was not used for long, and then put on", years, years, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &memoryStore{entries: []Entry{{ID: 1, When: time.Now().Add(-test.before)}}}
				var wrong atomic.Int64 // the log reads its clock beside us
				l := Open(store, Options{Now: func() time.Time { return time.Now().Add(time.Duration(wrong.Load())) }, Rules: func() Rules { return Rules{KeepDays: 30} }})
				defer closeLog(t, l)
				maintain := func() bool {
					t.Helper()
					store.drops = nil
					if err := l.Maintain(t.Context()); err != nil {
						t.Fatal(err)
					}
					return len(store.drops) > 0
				}
				if got := maintain(); got != (test.before < maxAbsence) {
					t.Errorf("at the beginning: dropped %v", got)
				}
				time.Sleep(2 * time.Hour)
				wrong.Store(int64(test.wrong))
				if got := maintain(); got != test.early {
					t.Errorf("soon: dropped %v", got)
				}
				for range 47 {
					time.Sleep(time.Hour)
					maintain()
				}
				if got := maintain(); got != test.late {
					t.Errorf("two days later: dropped %v", got)
				}
			})
		})
	}
}
