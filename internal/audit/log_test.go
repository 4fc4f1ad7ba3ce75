package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLog_Write(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		defer closeLog(t, l)
		if err := l.Write(t.Context(), Entry{Action: SettingChanged, Subject: "masking"}); err != nil {
			t.Fatal(err)
		}
		entries := store.stored()
		if len(entries) != 1 || entries[0].Subject != "masking" || !entries[0].When.Equal(time.Now()) {
			t.Errorf("stored after Write = %+v", entries)
		}
		when := time.Now().Add(-time.Hour)
		if err := l.Write(t.Context(), Entry{Action: SettingChanged, When: when}); err != nil || !store.stored()[1].When.Equal(when) {
			t.Errorf("Write() = %v, stored %+v, want the entry of %v", err, store.stored(), when)
		}
		store.setError(ErrUnavailable)
		if err := l.Write(t.Context(), Entry{Action: SettingChanged}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Write() with a failing store = %v, want ErrUnavailable", err)
		}
		store.setError(nil)
		time.Sleep(time.Minute)
		if entries := store.stored(); len(entries) != 2 {
			t.Errorf("a failed Write stored an entry: %+v", entries)
		}
	})
}

func TestLog_Record_WritesInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		defer closeLog(t, l)
		time.Sleep(flushInterval / 2)
		for i := range 3 {
			l.Record(Entry{Action: SignedIn, Subject: fmt.Sprint(i)})
		}
		synctest.Wait()
		if n := len(store.stored()); n != 0 {
			t.Errorf("stored() before flushInterval = %d entries, want 0", n)
		}
		time.Sleep(flushInterval)
		synctest.Wait()
		if fmt.Sprint(store.writes) != "[3]" {
			t.Errorf("batches = %v, want one of 3", store.writes)
		}
		for i := range 2*batchSize + 7 {
			l.Viewed("ada", fmt.Sprint(i), "", "")
		}
		synctest.Wait()
		if n := len(store.stored(Viewed)); n < batchSize {
			t.Errorf("stored(Viewed) = %d views, want %d at least: full batches must not wait", n, batchSize)
		}
		time.Sleep(flushInterval)
		synctest.Wait()
		if n := len(store.stored(Viewed)); n != 2*batchSize+7 {
			t.Errorf("stored(Viewed) after flushInterval = %d views, want %d", n, 2*batchSize+7)
		}
		for _, n := range store.writes {
			if n > batchSize {
				t.Errorf("batch of %d entries, the limit is %d", n, batchSize)
			}
		}
		writes := len(store.writes)
		time.Sleep(time.Hour)
		if len(store.writes) != writes {
			t.Error("the Log writes without new entries")
		}
	})
}

func TestLog_DoesNotWaitForASlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memoryStore{delay: 12 * time.Second}
		l, _ := openLog(store)
		l.Viewed("ada", "1", "", "")
		time.Sleep(flushInterval + time.Second/2) // a slow write is in progress
		before := time.Now()
		for i := range 3000 {
			l.Viewed("ada", fmt.Sprint(i), "", "")
			l.Record(Entry{Action: SignInFailed, Subject: fmt.Sprint(i)})
		}
		if took := time.Since(before); took > viewWait {
			t.Errorf("Viewed and Record waited %v, want at most %v in all", took, viewWait)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := l.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close() = %v, want DeadlineExceeded", err)
		}
		<-l.done
	})
}

func TestLog_RetriesAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, logged := openLog(store)
		store.setError(ErrUnavailable)
		for i := range 2000 {
			l.Record(Entry{Action: SignedIn, Subject: fmt.Sprint(i)})
			time.Sleep(100 * time.Millisecond)
		}
		store.setError(nil)
		time.Sleep(2 * flushInterval)
		synctest.Wait()
		entries := store.stored()
		if len(entries) != 2000 {
			t.Fatalf("stored() = %d entries, want 2000", len(entries))
		}
		for i, e := range entries {
			if e.Subject != fmt.Sprint(i) {
				t.Fatalf("entry %d is %s: out of order or duplicated", i, e.Subject)
			}
		}
		if n := strings.Count(logged.String(), "writing the audit failed"); n != 1 {
			t.Errorf("failure logged %d times, want once:\n%s", n, logged)
		}
		closeLog(t, l)
	})
}

func TestLog_ReportsLostEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, logged := openLog(store)
		store.setError(ErrUnavailable)
		const lost = 123
		for i := range maxPending + lost {
			l.Record(Entry{Action: SignedIn, Subject: fmt.Sprint(i)})
		}
		time.Sleep(10 * flushInterval)
		synctest.Wait()
		for i := range batchSize { // the unsaved batch left room in pending
			l.Record(Entry{Action: SignedIn, Subject: fmt.Sprint("later", i)})
		}
		store.setError(nil)
		time.Sleep(2 * flushInterval)
		synctest.Wait()
		lostEntries := store.stored(EntriesLost)
		if len(lostEntries) != 1 || lostEntries[0].Count != lost || !lostEntries[0].Unusual {
			t.Errorf("EntriesLost = %+v, want a count of %d", lostEntries, lost)
		}
		if n := len(store.stored(SignedIn)); n != maxPending+batchSize {
			t.Errorf("stored(SignedIn) = %d entries, want %d", n, maxPending+batchSize)
		}
		if !strings.Contains(logged.String(), fmt.Sprint("entries=", lost)) {
			t.Errorf("log = %s, want entries=%d", logged, lost)
		}
		l.Record(Entry{Action: SignedIn})
		time.Sleep(time.Minute)
		if n := len(store.stored(EntriesLost)); n != 1 {
			t.Errorf("EntriesLost written %d times, want once", n)
		}
		closeLog(t, l)
	})
}

func TestLog_Close_WritesRemainingEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		for range 3 {
			l.Record(Entry{Action: SignInFailed, Subject: "ada"})
		}
		for i := range 2 * batchSize {
			l.Viewed("ada", fmt.Sprint(i), "", "")
		}
		closeLog(t, l)
		if n := len(store.stored(Viewed)); n != 2*batchSize {
			t.Errorf("stored(Viewed) after Close = %d views, want %d", n, 2*batchSize)
		}
		if failed := store.stored(SignInFailed); len(failed) != 2 || failed[0].Count+failed[1].Count != 2 {
			t.Errorf("held back sign-ins after Close = %+v", failed)
		}
	})
}

func TestLog_Close_LogsLostEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, logged := openLog(store)
		store.setError(errors.New("broken"))
		for i := range 7 {
			l.Viewed("ada", fmt.Sprint(i), "", "")
		}
		closeLog(t, l)
		if !strings.Contains(logged.String(), "entries=7") {
			t.Errorf("log = %s, want entries=7", logged)
		}
	})
}

func TestLog_FindAndAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		defer closeLog(t, l)
		for i := range 2*MaxLimit + 5 {
			store.entries = append(store.entries, Entry{ID: int64(i + 1)})
		}
		if page, err := l.Find(t.Context(), Query{}); err != nil || len(page.Entries) != DefaultLimit || !page.More {
			t.Errorf("Find() = %d entries, %v, want %d", len(page.Entries), err, DefaultLimit)
		}
		if page, err := l.Find(t.Context(), Query{Limit: 1 << 40}); err != nil || len(page.Entries) != MaxLimit {
			t.Errorf("Find(limit 1<<40) = %d entries, %v, want %d", len(page.Entries), err, MaxLimit)
		}
		n, last := 0, int64(1<<60)
		for e, err := range l.All(t.Context(), Query{After: 5, Limit: 1}) {
			if err != nil || e.ID >= last {
				t.Fatalf("All() yields %+v, %v after ID %d", e, err, last)
			}
			n, last = n+1, e.ID
		}
		if n != 2*MaxLimit+5 {
			t.Errorf("All() yields %d entries, want %d", n, 2*MaxLimit+5)
		}
		for range l.All(t.Context(), Query{}) {
			break // stopping early is allowed
		}
		store.setError(ErrUnavailable)
		for _, err := range l.All(t.Context(), Query{}) {
			if !errors.Is(err, ErrUnavailable) {
				t.Errorf("All() with a failing store yields %v", err)
			}
		}
	})
}

func TestLog_Maintain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memoryStore{clock: Clock{Trusted: time.Now()}}
		for range 2*dropBatch + 1 {
			store.entries = append(store.entries, Entry{When: time.Now().AddDate(0, 0, -31)})
		}
		store.entries = append(store.entries, Entry{When: time.Now().AddDate(0, 0, -29)})
		l, _ := openLog(store, Rules{KeepDays: 30})
		defer closeLog(t, l)
		maintain := func() error {
			t.Helper()
			time.Sleep(time.Hour)
			return l.Maintain(t.Context())
		}
		if err := l.Maintain(t.Context()); err != nil || len(store.drops) != 0 {
			t.Errorf("Maintain() at the start = %v, dropped %v, want nothing", err, store.drops)
		}
		if err := maintain(); err != nil || len(store.drops) != 3 || len(store.entries) != 1 {
			t.Errorf("Maintain() after an hour = %v, dropped %d batches, %d entries left, want 3 and 1", err, len(store.drops), len(store.entries))
		}
		time.Sleep(time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 2 * dropBatch {
			store.entries = append(store.entries, Entry{When: time.Now().AddDate(0, 0, -31)})
		}
		if err := l.Maintain(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Maintain(canceled) = %v, want Canceled", err)
		}
		store.setError(ErrUnavailable)
		if err := maintain(); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Maintain() with a failing store = %v", err)
		}
		store.setError(nil)
	})
}

func TestLog_Maintain_KeepsAllWithoutALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memoryStore{entries: []Entry{{}}, clock: Clock{Trusted: time.Now()}}
		l, _ := openLog(store, Rules{KeepDays: 0})
		defer closeLog(t, l)
		_ = l.Maintain(t.Context())
		time.Sleep(time.Hour)
		if err := l.Maintain(t.Context()); err != nil || len(store.drops) != 0 {
			t.Errorf("Maintain() with KeepDays 0 = %v, dropped %v", err, store.drops)
		}
	})
}
