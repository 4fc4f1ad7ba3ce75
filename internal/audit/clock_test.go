package audit

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// clockTest runs Logs over one store with a clock that may be wrong.
type clockTest struct {
	*testing.T
	store *memoryStore
	wrong atomic.Int64 // read by the goroutine of the Log
	log   *Log
}

// newClockTest starts with an entry for each of the last 60 days, of which 30 are kept.
func newClockTest(t *testing.T) *clockTest {
	c := &clockTest{T: t, store: &memoryStore{clock: Clock{Trusted: time.Now()}}}
	for day := 60; day > 0; day-- {
		c.store.entries = append(c.store.entries, Entry{When: time.Now().AddDate(0, 0, -day)})
	}
	c.start()
	return c
}

func (c *clockTest) start() {
	c.log = Open(c.store, Options{Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Now().Add(time.Duration(c.wrong.Load())) }, Rules: func() Rules { return Rules{KeepDays: 30} }})
	c.maintain()
}

// restart ends the program, and starts it again after a while with the clock wrong.
func (c *clockTest) restart(off, wrong time.Duration) {
	closeLog(c.T, c.log)
	time.Sleep(off)
	c.wrong.Store(int64(wrong))
	c.start()
}

func (c *clockTest) maintain() {
	c.Helper()
	if err := c.log.Maintain(c.Context()); err != nil {
		c.Fatal(err)
	}
}

// run lets the program run for some hours, and returns how many entries it dropped.
func (c *clockTest) run(hours int) int {
	before := len(c.store.entries)
	for range hours {
		time.Sleep(time.Hour)
		c.maintain()
	}
	return before - len(c.store.entries)
}

func TestLog_Maintain_DropsADayAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClockTest(t)
		defer func() { closeLog(t, c.log) }()
		for hour := range 5 {
			if got := c.run(1); got > 2 {
				t.Errorf("Maintain() dropped %d days' entries in hour %d, want at most the oldest and a day", got, hour)
			}
		}
		if c.run(40); len(c.store.entries) != 28 { // two days later
			t.Errorf("Maintain() left %d entries, want those of 28 days", len(c.store.entries))
		}
	})
}

func TestLog_Maintain_DropsNothingByAWrongClock(t *testing.T) {
	const ahead = 400 * 24 * time.Hour
	for name, steps := range map[string]func(*clockTest){
		"set ahead while running":  func(c *clockTest) { c.wrong.Store(int64(ahead)); c.run(23) },
		"set ahead before a start": func(c *clockTest) { c.restart(time.Minute, ahead); c.run(23) },
		"a start, an entry, two starts": func(c *clockTest) {
			c.restart(0, ahead)
			c.log.Record(Entry{})
			c.restart(0, ahead)
			c.restart(0, ahead)
			c.run(5)
		},
		"a restart every hour": func(c *clockTest) {
			for range 60 {
				c.restart(time.Minute, ahead)
				time.Sleep(time.Hour)
			}
		},
		"off for a year, then right": func(c *clockTest) { c.restart(ahead, 0); c.run(23) },
		"ahead, and further ahead daily": func(c *clockTest) {
			for i := range 5 {
				c.wrong.Store(int64(ahead) * int64(i+1))
				c.run(20)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClockTest(t)
				defer func() { closeLog(t, c.log) }()
				steps(c)
				if got := len(c.store.stored()); got < 60 {
					t.Errorf("%d of 60 entries are left", got)
				}
			})
		})
	}
}

func TestLog_Maintain_TrustsAClockAgain(t *testing.T) {
	for name, steps := range map[string]func(*clockTest){
		"corrected":                  func(c *clockTest) { c.wrong.Store(int64(9000 * time.Hour)); c.run(3); c.wrong.Store(0) },
		"corrected by a restart":     func(c *clockTest) { c.wrong.Store(int64(9000 * time.Hour)); c.run(3); c.restart(0, 0) },
		"set back":                   func(c *clockTest) { c.wrong.Store(-int64(9 * time.Hour)) },
		"off for a week":             func(c *clockTest) { c.restart(7*24*time.Hour, 0) },
		"steady for a day":           func(c *clockTest) { c.wrong.Store(int64(2 * time.Hour)); c.run(25) },
		"off for a month, and a day": func(c *clockTest) { c.restart(30*24*time.Hour, 0); c.run(25) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClockTest(t)
				defer func() { closeLog(t, c.log) }()
				steps(c)
				if c.run(3) == 0 {
					t.Error("Maintain() drops nothing")
				}
			})
		})
	}
}

func TestLog_Maintain_FirstCheckOfADatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClockTest(t)
		defer func() { closeLog(t, c.log) }()
		c.store.clock = Clock{}
		c.restart(0, 0)
		if got := c.run(23); got != 0 {
			t.Errorf("Maintain() dropped %d entries within a day of the first check, want 0", got)
		}
		if c.run(5) == 0 {
			t.Error("Maintain() drops nothing later")
		}
	})
}
