package audit

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestLog_Maintain_DistrustsASteppedClock sets the clock wrong by years, while the program
// runs and before it starts.
func TestLog_Maintain_DistrustsASteppedClock(t *testing.T) {
	const years = 5 * 365 * 24 * time.Hour
	for _, test := range []struct {
		name        string
		before      time.Duration // age of the newest entry at the start
		wrong       time.Duration // step of the clock two hours later
		early, late bool          // whether entries are dropped soon, and two days later
	}{
		{"correct clock", time.Hour, 0, true, true},
		{"small correction", time.Hour, time.Minute, true, true},
		{"clock set back", time.Hour, -years, true, true},
		{"clock set ahead", time.Hour, years, false, true},
		{"wrong from the start", years, 0, false, true},
		{"long unused, then set ahead", years, years, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &memoryStore{entries: []Entry{{ID: 1, When: time.Now().Add(-test.before)}}}
				var wrong atomic.Int64 // read by the Log's goroutine
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
					t.Errorf("Maintain() at the start drops: %v", got)
				}
				time.Sleep(2 * time.Hour)
				wrong.Store(int64(test.wrong))
				if got := maintain(); got != test.early {
					t.Errorf("Maintain() after two hours drops: %v", got)
				}
				for range 47 {
					time.Sleep(time.Hour)
					maintain()
				}
				if got := maintain(); got != test.late {
					t.Errorf("Maintain() after two days drops: %v", got)
				}
			})
		})
	}
}
