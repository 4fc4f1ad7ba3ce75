package activity

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// call is one that took ms milliseconds, from now on.
func call(ms int) Entry {
	return Entry{When: time.Now(), Took: time.Duration(ms) * time.Millisecond, Bytes: 100, Location: "GetCustomersList", Worker: "alice", Status: 200}
}

// open opens a log over store; what it logs is in the buffer.
func open(t *testing.T, store Store) (*Log, *bytes.Buffer) {
	t.Helper()
	var said bytes.Buffer
	return Open(t.Context(), store, Options{Logger: slog.New(slog.NewTextHandler(&said, nil))}), &said
}

func closeLog(t *testing.T, l *Log) {
	t.Helper()
	if err := l.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestRecentHasTheLastCallsThatWereMadeNewestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := open(t, newMemory())
		defer closeLog(t, l)
		if got := l.Recent(10); len(got) != 0 {
			t.Errorf("before any call there are %d", len(got))
		}
		for i := range keepEntries + 7 {
			l.Record(call(i))
			l.Record(Entry{When: time.Now(), Hit: true}) // not a call
		}
		got := l.Recent(3)
		if len(got) != 3 || got[0].Took != (keepEntries+6)*time.Millisecond || got[2].Took != (keepEntries+4)*time.Millisecond {
			t.Errorf("the last three took %v", got)
		}
		if got := l.Recent(10_000); len(got) != keepEntries || got[keepEntries-1].Took != 7*time.Millisecond {
			t.Errorf("there are %d", len(got))
		}
		if got := l.Recent(-1); len(got) != 0 {
			t.Errorf("of -1 there are %d", len(got))
		}
	})
}

func TestSeriesShowsRatesPercentilesAndGaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := open(t, newMemory())
		defer closeLog(t, l)
		begin := time.Now().Truncate(time.Minute)
		time.Sleep(time.Until(begin.Add(time.Minute)))
		begin = time.Now()
		for i := range 100 {
			e := call(i + 1)
			switch {
			case i >= 95:
				e.Code = CodeCallbackTimeout
			case i >= 90:
				e.Code, e.Status = CodeCallbackFailed, 500
			}
			l.Record(e)
		}
		for range 300 {
			l.Record(Entry{When: time.Now(), Hit: true})
		}
		time.Sleep(10 * time.Minute) // flushed meanwhile
		l.Record(call(1000))         // not flushed yet

		points := l.Series(begin, time.Now().Add(time.Minute), 5*time.Minute)
		if len(points) != 3 {
			t.Fatalf("%d points", len(points))
		}
		first := points[0]
		if first.Calls != 100 || first.Failed != 10 || first.Error != 0.1 || first.Failures.CallbackTimeout != 5 || first.Failures.CallbackFailed != 5 {
			t.Errorf("calls and failures: %+v", first)
		}
		if first.Hits != 300 || first.HitRate != 0.75 || first.Bytes != 10_000 {
			t.Errorf("hits and bytes: %+v", first)
		}
		for _, p := range []struct{ got, want time.Duration }{
			{first.P50, 50 * time.Millisecond}, {first.P95, 95 * time.Millisecond}, {first.P99, 99 * time.Millisecond},
		} {
			if p.got < p.want*9/10 || p.got > p.want*11/10 {
				t.Errorf("a percentile is %v, want about %v", p.got, p.want)
			}
		}
		if gap := points[1]; gap.Calls != 0 || gap.Hits != 0 || gap.P99 != 0 || !gap.Start.Equal(begin.Add(5*time.Minute)) {
			t.Errorf("the gap is %+v", gap)
		}
		if points[2].Calls != 1 {
			t.Errorf("the newest is missing: %+v", points[2])
		}
		if all := l.Summary(begin, time.Now().Add(time.Minute)); all.Calls != 101 || all.Hits != 300 {
			t.Errorf("all in one: %+v", all)
		}
		if totals := l.Totals(); totals.Calls != 101 || totals.Hits != 300 || totals.Failures.Sum() != 10 || totals.Latency.Count() != 101 {
			t.Errorf("totals: %+v", totals)
		}
	})
}

func TestASeriesIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := open(t, newMemory())
		defer closeLog(t, l)
		now := time.Now()
		for _, c := range []struct {
			name     string
			from, to time.Time
			step     time.Duration
			want     int
		}{
			{"nothing at all", now, now, time.Minute, 0},
			{"backwards", now, now.Add(-time.Hour), time.Minute, 0},
			{"since ever, step zero", time.Time{}, now, 0, 10_080},
			{"a negative step", now.Add(-time.Hour), now, -time.Hour, 60},
			{"the last step is not whole", now.Add(-time.Hour), now, 25 * time.Minute, 3},
			{"a step longer than all", now.Add(-time.Hour), now, 1000 * time.Hour, 1},
		} {
			if got := l.Series(c.from, c.to, c.step); len(got) != c.want {
				t.Errorf("%s: %d points, want %d", c.name, len(got), c.want)
			}
		}
	})
}

func TestWhatWasRecordedIsThereAfterAStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		l, _ := open(t, store)
		begin := time.Now()
		l.Record(call(1))
		time.Sleep(flushEvery + time.Second)
		if entries, calls := store.kept(); entries != 1 || calls != 1 {
			t.Errorf("after the first flush the store has %d entries and %d calls", entries, calls)
		}
		l.Record(call(2))
		closeLog(t, l)
		if entries, calls := store.kept(); entries != 2 || calls != 2 {
			t.Errorf("after Close the store has %d entries and %d calls", entries, calls)
		}

		l, _ = open(t, store)
		if got := l.Recent(10); len(got) != 2 || got[0].Took != 2*time.Millisecond {
			t.Errorf("after the start, recent are %+v", got)
		}
		if got := l.Summary(begin, begin.Add(time.Hour)); got.Calls != 2 {
			t.Errorf("after the start, %d calls", got.Calls)
		}
		if got := l.Totals(); got.Calls != 0 {
			t.Errorf("this process made %d calls already", got.Calls)
		}
		writes := store.writes
		time.Sleep(time.Minute)
		if store.writes != writes {
			t.Error("wrote though nothing was new")
		}
		closeLog(t, l)
	})
}

func TestAStoreThatFailsLosesNothingMeanwhileAndIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		l, said := open(t, store)
		store.breakDown(ErrUnavailable)
		for range 30 {
			l.Record(call(5))
			time.Sleep(10 * time.Second)
		}
		if got := len(l.Recent(100)); got != 30 {
			t.Errorf("%d are readable", got)
		}
		store.breakDown(nil)
		time.Sleep(flushEvery)
		synctest.Wait()
		if entries, calls := store.kept(); entries != 30 || calls != 30 {
			t.Errorf("the store has %d entries and %d calls of 30", entries, calls)
		}
		if n := strings.Count(said.String(), "could not be written"); n != 1 {
			t.Errorf("it was told %d times:\n%s", n, said)
		}
		closeLog(t, l)
	})
}

func TestALogOverAStoreThatCannotBeReadBeginsEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		store.breakDown(errors.New("broken"))
		l, said := open(t, store)
		l.Record(call(1))
		if len(l.Recent(5)) != 1 || !strings.Contains(said.String(), "begins anew") {
			t.Errorf("said %q", said)
		}
		closeLog(t, l)
	})
}

func TestRecordNeverWaitsForTheStoreAndCloseNoLongerThanItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		store.slow = 12 * time.Second
		l, _ := open(t, store)
		l.Record(call(1))
		time.Sleep(flushEvery + time.Second) // it writes, slowly
		before := time.Now()
		for range 1000 {
			l.Record(call(1))
		}
		l.Series(before.Add(-time.Hour), before, time.Minute)
		if took := time.Since(before); took != 0 { // the clock stands still unless somebody waits
			t.Errorf("waited %v", took)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := l.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close: %v", err)
		}
		<-l.done
	})
}

func TestWhatIsOlderThanAWeekIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		l, _ := open(t, store)
		begin := time.Now()
		for range 9 * 24 {
			l.Record(call(1))
			time.Sleep(time.Hour)
		}
		if got := l.Summary(begin, time.Now()).Calls; got < 7*24-1 || got > 7*24+1 {
			t.Errorf("%d calls are remembered of an hourly one", got)
		}
		if _, calls := store.kept(); calls < 7*24-1 || calls > 7*24+1 {
			t.Errorf("the store keeps %d", calls)
		}
		if got := len(l.Recent(keepEntries)); got < 7*24-1 || got > 7*24+1 {
			t.Errorf("%d calls are told one by one, with whom they were for", got)
		}
		if len(l.history) > 7*24+1 {
			t.Errorf("%d minutes in memory", len(l.history))
		}
		closeLog(t, l)
	})
}

func TestAnEntryWithoutATimeHarmsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := open(t, newMemory())
		l.Record(Entry{})
		time.Sleep(time.Hour)
		if got := l.Recent(1); len(got) != 0 {
			t.Errorf("of no week that is remembered: %+v", got)
		}
		closeLog(t, l)
	})
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		e    Entry
		want Outcome
	}{
		{Entry{}, OK}, {Entry{NotFound: true}, NotFound}, {Entry{Code: 48004, Status: 500}, Failed}, {Entry{Code: 1}, Failed},
	} {
		if got := c.e.Outcome(); got != c.want {
			t.Errorf("%+v is %s, want %s", c.e, got, c.want)
		}
	}
}

func BenchmarkRecord(b *testing.B) {
	l := Open(b.Context(), newMemory(), Options{})
	defer l.Close(context.Background())
	e := Entry{When: time.Now(), Took: 123 * time.Millisecond, Worker: "alice", Bytes: 5000, Status: 200}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Record(e)
		}
	})
}
