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

// newCall returns a call that starts now and takes ms milliseconds.
func newCall(ms int) Entry {
	return Entry{When: time.Now(), Took: time.Duration(ms) * time.Millisecond, Bytes: 100, Location: "GetCustomersList", Worker: "alice", Status: 200}
}

// openLog opens a Log over store; its log output is in the buffer.
func openLog(t *testing.T, store Store) (*Log, *bytes.Buffer) {
	t.Helper()
	var logged bytes.Buffer
	return Open(t.Context(), store, Options{Logger: slog.New(slog.NewTextHandler(&logged, nil))}), &logged
}

func closeLog(t *testing.T, l *Log) {
	t.Helper()
	if err := l.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestLog_Recent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := openLog(t, newMemoryStore())
		defer closeLog(t, l)
		if got := l.Recent(10); len(got) != 0 {
			t.Errorf("Recent(10) at first = %d entries", len(got))
		}
		for i := range maxEntries + 7 {
			l.Record(newCall(i))
			l.Record(Entry{When: time.Now(), Hit: true}) // not a call
		}
		got := l.Recent(3)
		if len(got) != 3 || got[0].Took != (maxEntries+6)*time.Millisecond || got[2].Took != (maxEntries+4)*time.Millisecond {
			t.Errorf("Recent(3) = %v", got)
		}
		if got := l.Recent(10_000); len(got) != maxEntries || got[maxEntries-1].Took != 7*time.Millisecond {
			t.Errorf("Recent(10000) = %d entries, want %d", len(got), maxEntries)
		}
		if got := l.Recent(-1); len(got) != 0 {
			t.Errorf("Recent(-1) = %d entries", len(got))
		}
	})
}

func TestLog_Series(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := openLog(t, newMemoryStore())
		defer closeLog(t, l)
		begin := time.Now().Truncate(time.Minute)
		time.Sleep(time.Until(begin.Add(time.Minute)))
		begin = time.Now()
		for i := range 100 {
			e := newCall(i + 1)
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
		l.Record(newCall(1000))      // not flushed yet

		points := l.Series(begin, time.Now().Add(time.Minute), 5*time.Minute)
		if len(points) != 3 {
			t.Fatalf("Series() = %d points, want 3", len(points))
		}
		first := points[0]
		if first.Calls != 100 || first.Failed != 10 || first.Error != 0.1 || first.Failures.CallbackTimeout != 5 || first.Failures.CallbackFailed != 5 {
			t.Errorf("calls and failures of the first point: %+v", first)
		}
		if first.Hits != 300 || first.HitRate != 0.75 || first.Bytes != 10_000 {
			t.Errorf("hits and bytes of the first point: %+v", first)
		}
		for _, p := range []struct{ got, want time.Duration }{
			{first.P50, 50 * time.Millisecond}, {first.P95, 95 * time.Millisecond}, {first.P99, 99 * time.Millisecond},
		} {
			if p.got < p.want*9/10 || p.got > p.want*11/10 {
				t.Errorf("percentile = %v, want about %v", p.got, p.want)
			}
		}
		if gap := points[1]; gap.Calls != 0 || gap.Hits != 0 || gap.P99 != 0 || !gap.Start.Equal(begin.Add(5*time.Minute)) {
			t.Errorf("point without activity = %+v", gap)
		}
		if points[2].Calls != 1 {
			t.Errorf("last point = %+v, want one call", points[2])
		}
		if all := l.Summary(begin, time.Now().Add(time.Minute)); all.Calls != 101 || all.Hits != 300 || all.Failed != 10 {
			t.Errorf("Summary() = %+v", all)
		}
	})
}

func TestLog_Series_Bounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := openLog(t, newMemoryStore())
		defer closeLog(t, l)
		now := time.Now()
		for _, c := range []struct {
			name     string
			from, to time.Time
			step     time.Duration
			want     int
		}{
			{"empty", now, now, time.Minute, 0},
			{"backwards", now, now.Add(-time.Hour), time.Minute, 0},
			{"from the zero time, step zero", time.Time{}, now, 0, 10_080},
			{"a negative step", now.Add(-time.Hour), now, -time.Hour, 60},
			{"an incomplete last step", now.Add(-time.Hour), now, 25 * time.Minute, 3},
			{"a step longer than the period", now.Add(-time.Hour), now, 1000 * time.Hour, 1},
		} {
			if got := l.Series(c.from, c.to, c.step); len(got) != c.want {
				t.Errorf("Series(%s) = %d points, want %d", c.name, len(got), c.want)
			}
		}
	})
}

func TestOpen_ReadsTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		l, _ := openLog(t, store)
		begin := time.Now()
		l.Record(newCall(1))
		time.Sleep(flushInterval + time.Second)
		if entries, calls := store.stored(); entries != 1 || calls != 1 {
			t.Errorf("stored after the first flush: %d entries, %d calls, want 1 and 1", entries, calls)
		}
		l.Record(newCall(2))
		closeLog(t, l)
		if entries, calls := store.stored(); entries != 2 || calls != 2 {
			t.Errorf("stored after Close: %d entries, %d calls, want 2 and 2", entries, calls)
		}

		l, _ = openLog(t, store)
		if got := l.Recent(10); len(got) != 2 || got[0].Took != 2*time.Millisecond {
			t.Errorf("Recent() after a restart = %+v", got)
		}
		if got := l.Summary(begin, begin.Add(time.Hour)); got.Calls != 2 {
			t.Errorf("Summary() after a restart = %d calls, want 2", got.Calls)
		}
		writes := store.writes
		time.Sleep(time.Minute)
		if store.writes != writes {
			t.Error("the Log writes without new activity")
		}
		closeLog(t, l)
	})
}

func TestLog_RetriesAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		l, logged := openLog(t, store)
		store.setError(ErrUnavailable)
		for range 30 {
			l.Record(newCall(5))
			time.Sleep(10 * time.Second)
		}
		if got := len(l.Recent(100)); got != 30 {
			t.Errorf("Recent() = %d entries, want 30", got)
		}
		store.setError(nil)
		time.Sleep(flushInterval)
		synctest.Wait()
		if entries, calls := store.stored(); entries != 30 || calls != 30 {
			t.Errorf("stored: %d entries, %d calls, want 30 of each", entries, calls)
		}
		if n := strings.Count(logged.String(), "writing the activity failed"); n != 1 {
			t.Errorf("failure logged %d times, want once:\n%s", n, logged)
		}
		closeLog(t, l)
	})
}

func TestOpen_StoreUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		store.setError(errors.New("broken"))
		l, logged := openLog(t, store)
		l.Record(newCall(1))
		if len(l.Recent(5)) != 1 || !strings.Contains(logged.String(), "starting empty") {
			t.Errorf("Recent() = %v, log %q", l.Recent(5), logged)
		}
		closeLog(t, l)
	})
}

func TestLog_DoesNotWaitForASlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		store.delay = 12 * time.Second
		l, _ := openLog(t, store)
		l.Record(newCall(1))
		time.Sleep(flushInterval + time.Second) // a slow write is in progress
		before := time.Now()
		for range 1000 {
			l.Record(newCall(1))
		}
		l.Series(before.Add(-time.Hour), before, time.Minute)
		if took := time.Since(before); took != 0 { // the fake clock advances only while all wait
			t.Errorf("Record and Series waited %v", took)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := l.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close() = %v, want DeadlineExceeded", err)
		}
		<-l.done
	})
}

func TestLog_DropsOldActivity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemoryStore()
		l, _ := openLog(t, store)
		begin := time.Now()
		for range 9 * 24 {
			l.Record(newCall(1))
			time.Sleep(time.Hour)
		}
		if got := l.Summary(begin, time.Now()).Calls; got < 7*24-1 || got > 7*24+1 {
			t.Errorf("Summary() = %d calls of an hourly one, want a week's", got)
		}
		if _, calls := store.stored(); calls < 7*24-1 || calls > 7*24+1 {
			t.Errorf("stored: %d calls, want a week's", calls)
		}
		if got := len(l.Recent(maxEntries)); got < 7*24-1 || got > 7*24+1 {
			t.Errorf("Recent() = %d calls, want a week's", got)
		}
		if len(l.history) > 7*24+1 {
			t.Errorf("history = %d minutes in memory, want a week's", len(l.history))
		}
		closeLog(t, l)
	})
}

func TestLog_Record_ZeroTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := openLog(t, newMemoryStore())
		l.Record(Entry{})
		time.Sleep(time.Hour)
		if got := l.Recent(1); len(got) != 0 {
			t.Errorf("Recent() = %+v, want none", got)
		}
		closeLog(t, l)
	})
}

func TestEntry_Outcome(t *testing.T) {
	for _, c := range []struct {
		e    Entry
		want Outcome
	}{
		{Entry{}, OK}, {Entry{NotFound: true}, NotFound}, {Entry{Code: 48004, Status: 500}, Failed}, {Entry{Code: 1}, Failed},
	} {
		if got := c.e.Outcome(); got != c.want {
			t.Errorf("Outcome(%+v) = %s, want %s", c.e, got, c.want)
		}
	}
}

func BenchmarkLog_Record(b *testing.B) {
	l := Open(b.Context(), newMemoryStore(), Options{})
	defer l.Close(context.Background())
	e := Entry{When: time.Now(), Took: 123 * time.Millisecond, Worker: "alice", Bytes: 5000, Status: 200}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Record(e)
		}
	})
}
