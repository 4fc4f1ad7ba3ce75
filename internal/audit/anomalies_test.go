package audit

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLog_Viewed_OncePerMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		wantViews := func(want int, after string) {
			t.Helper()
			time.Sleep(2 * flushInterval)
			synctest.Wait()
			if got := len(store.stored(Viewed)); got != want {
				t.Errorf("after %s: %d views, want %d", after, got, want)
			}
		}
		l.Viewed("Ada@example.com", "1", "Zoë", "::1")
		l.Viewed("ada@example.com", "1", "Zoë", "::1")
		wantViews(1, "two views of a customer")
		l.Viewed("ada@example.com", "2", "", "")
		wantViews(2, "another customer")
		l.Viewed("bob", "1", "", "")
		wantViews(3, "another worker")
		for range 12 { // every ten seconds, for two minutes
			time.Sleep(10 * time.Second)
			l.Viewed("ada@example.com", "1", "", "")
		}
		wantViews(5, "views every ten seconds")
		got := store.stored(Viewed)[0]
		if got.Actor != "Ada@example.com" || got.Subject != "1" || got.Name != "Zoë" || got.Address != "::1" || got.Via != "app" || got.Unusual {
			t.Errorf("stored view = %+v", got)
		}
		closeLog(t, l)
	})
}

func TestLog_Viewed_ReportsUnusualViewsWhenTheyDouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store, Rules{Views: 10, Within: 15 * time.Minute})
		customer := 0
		view := func(times int, every time.Duration) {
			for range times {
				customer++
				l.Viewed("ada", fmt.Sprint(customer), "", "")
				time.Sleep(every)
			}
		}
		wantUnusual := func(after string, want ...int) {
			t.Helper()
			time.Sleep(flushInterval)
			synctest.Wait()
			var got []int
			for _, e := range store.stored(UnusualViews) {
				if got = append(got, e.Count); !e.Unusual || e.Actor != "ada" || !strings.HasPrefix(string(e.Params), "minutes=") {
					t.Errorf("after %s: entry %+v", after, e)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("after %s: counts %v, want %v", after, got, want)
			}
		}
		view(10, time.Second)
		for range 5 {
			l.Viewed("ada", "3", "", "") // not a new customer
		}
		wantUnusual("the limit")
		view(1, time.Second)
		wantUnusual("one more", 11)
		view(10, time.Second)
		wantUnusual("not twice as many", 11)
		view(1, time.Second)
		wantUnusual("twice as many", 11, 22)
		view(66, 40*time.Second) // above the limit throughout: still the same run
		wantUnusual("a longer run", 11, 22, 44, 88)
		time.Sleep(time.Hour)
		view(10, time.Second)
		wantUnusual("an hour of quiet", 11, 22, 44, 88)
		view(1, time.Second)
		wantUnusual("a new run", 11, 22, 44, 88, 11)
		closeLog(t, l)
		if n := len(store.stored(Viewed)); n != customer {
			t.Errorf("stored(Viewed) = %d views, want %d", n, customer)
		}
	})
}

func TestLog_Viewed_AroundTheLimitIsOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store, Rules{Views: 10, Within: 15 * time.Minute})
		customer := 0
		for range 10 {
			for range 12 { // up to twelve within the time, and down to eight
				customer++
				l.Viewed("ada", fmt.Sprint(customer), "", "")
				time.Sleep(75 * time.Second)
			}
			time.Sleep(3 * time.Minute)
		}
		closeLog(t, l)
		var counts []int
		for _, e := range store.stored(UnusualViews) {
			counts = append(counts, e.Count)
		}
		if got := fmt.Sprint(counts); got != "[11 22 44 88]" {
			t.Errorf("counts = %v, want [11 22 44 88]", got)
		}
	})
}

func TestLog_Viewed_CountsPerWorkerAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store, Rules{Views: 10, Within: 15 * time.Minute})
		for i := range 500 {
			l.Viewed(fmt.Sprint("worker", i%50), fmt.Sprint(i), "", "")
		}
		for i := range 100 { // ten within 15 minutes
			l.Viewed("slow", fmt.Sprint(i), "", "")
			time.Sleep(90 * time.Second)
		}
		closeLog(t, l)
		if unusual := store.stored(UnusualViews); len(unusual) != 0 {
			t.Errorf("UnusualViews = %+v", unusual)
		}
	})
}

func TestLog_MemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := openLog(new(memoryStore), Rules{Views: 10, Within: time.Hour})
		for i := range 10_000 {
			l.Viewed("ada", fmt.Sprint(i), "", "")
		}
		l.mu.Lock()
		if n := len(l.anomalies.views["ada"].seen); n > 2*10+1 {
			t.Errorf("views of one worker = %d customers, want at most %d", n, 2*10+1)
		}
		l.mu.Unlock()
		for i := range maxWatched + 1000 {
			l.Viewed(fmt.Sprint(i), "1", "", "")
			l.Record(Entry{Action: SignInFailed, Subject: fmt.Sprint(i), Address: fmt.Sprint(i)})
		}
		l.mu.Lock()
		if v, i, a := len(l.anomalies.views), len(l.anomalies.identities), len(l.anomalies.addresses); v > maxWatched || i > maxWatched || a > maxWatched {
			t.Errorf("anomalies = %d workers, %d identities and %d addresses, want at most %d of each", v, i, a, maxWatched)
		}
		if n := len(l.repeats.pending); n > maxRepetitions {
			t.Errorf("repeats = %d pending, want at most %d", n, maxRepetitions)
		}
		l.mu.Unlock()
		time.Sleep(26 * time.Hour)
		synctest.Wait()
		l.mu.Lock()
		if n := len(l.anomalies.views) + len(l.anomalies.identities) + len(l.anomalies.addresses) + len(l.repeats.pending); n != 0 {
			t.Errorf("anomalies and repeats after a day of quiet = %d entries, want 0", n)
		}
		l.mu.Unlock()
		closeLog(t, l)
	})
}

func TestLog_Record_MarksManyFailedSignIns(t *testing.T) {
	for name, c := range map[string]struct {
		of    func(i int) Entry
		every time.Duration
		times int
		want  int // marked entries
	}{
		"nine for one identity":        {func(i int) Entry { return Entry{Subject: "ada", Address: fmt.Sprint(i)} }, time.Second, 9, 0},
		"ten for one identity":         {func(i int) Entry { return Entry{Subject: "ada", Address: fmt.Sprint(i)} }, time.Second, 10, 1},
		"ten, slowly":                  {func(i int) Entry { return Entry{Subject: "ada", Address: fmt.Sprint(i)} }, 67 * time.Second, 10, 0},
		"ten from one address":         {func(i int) Entry { return Entry{Subject: fmt.Sprint(i), Address: "::1"} }, time.Second, 10, 1},
		"the same again and again":     {func(i int) Entry { return Entry{Subject: "ada", Address: "::1"} }, time.Second, 19, 1},
		"twice as many":                {func(i int) Entry { return Entry{Subject: "ada", Address: "::1"} }, time.Second, 20, 2},
		"without identity and address": {func(i int) Entry { return Entry{} }, time.Second, 30, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := new(memoryStore)
				l, _ := openLog(store)
				for i := range c.times {
					e := c.of(i)
					e.Action = SignInFailed
					l.Record(e)
					time.Sleep(c.every)
				}
				closeLog(t, l)
				marked, all := 0, 0
				for _, e := range store.stored(SignInFailed) {
					if all += max(e.Count, 1); e.Unusual {
						marked++
						if !strings.Contains(string(e.Params), "many=") {
							t.Errorf("Params do not say why: %+v", e)
						}
					}
				}
				if marked != c.want || all != c.times {
					t.Errorf("stored(SignInFailed) = %d unusual of %d counted, want %d of %d", marked, all, c.want, c.times)
				}
			})
		})
	}
}

func TestLog_MarksExportsAndManyNumberSearches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		if err := l.Write(t.Context(), Entry{Action: Exported, Count: 5}); err != nil || !store.stored(Exported)[0].Unusual {
			t.Errorf("Write(Exported) = %v, stored %+v, want it unusual", err, store.stored(Exported))
		}
		for range maxSearches {
			l.Record(Entry{Action: NumberSearched, Actor: "ada"})
			l.Record(Entry{Action: NumberSearched, Actor: "bob"})
			time.Sleep(30 * time.Second)
			if len(store.stored(NumberSearched)) == 0 {
				t.Error("the first search is not written at once")
			}
		}
		closeLog(t, l)
		marked, all := 0, 0
		for _, e := range store.stored(NumberSearched) {
			if all += max(e.Count, 1); e.Unusual {
				marked++
			}
		}
		if marked != 2 || all != 2*maxSearches {
			t.Errorf("stored(NumberSearched) = %d unusual of %d counted, want 2 of %d", marked, all, 2*maxSearches)
		}
	})
}
