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
		kept := store.stored()
		if len(kept) != 1 || kept[0].Subject != "masking" || !kept[0].When.Equal(time.Now()) {
			t.Errorf("kept %+v", kept)
		}
		when := time.Now().Add(-time.Hour)
		if err := l.Write(t.Context(), Entry{Action: SettingChanged, When: when}); err != nil || !store.stored()[1].When.Equal(when) {
			t.Errorf("kept %+v, %v; want it of %v", store.stored(), err, when)
		}
		store.setError(ErrUnavailable)
		if err := l.Write(t.Context(), Entry{Action: SettingChanged}); !errors.Is(err, ErrUnavailable) {
			t.Errorf("with the store down: %v", err)
		}
		store.setError(nil)
		time.Sleep(time.Minute)
		if kept := store.stored(); len(kept) != 2 {
			t.Errorf("what was not done is kept: %+v", kept)
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
			t.Errorf("%d were written before their time", n)
		}
		time.Sleep(flushInterval)
		synctest.Wait()
		if fmt.Sprint(store.writes) != "[3]" {
			t.Errorf("written in parts of %v, want one of 3", store.writes)
		}
		for i := range 2*batchSize + 7 {
			l.Viewed("ada", fmt.Sprint(i), "", "")
		}
		synctest.Wait()
		if n := len(store.stored(Viewed)); n < batchSize {
			t.Errorf("%d views are written: full batches do not wait", n)
		}
		time.Sleep(flushInterval)
		synctest.Wait()
		if n := len(store.stored(Viewed)); n != 2*batchSize+7 {
			t.Errorf("%d views are written, want %d", n, 2*batchSize+7)
		}
		for _, n := range store.writes {
			if n > batchSize {
				t.Errorf("a batch of %d", n)
			}
		}
		writes := len(store.writes)
		time.Sleep(time.Hour)
		if len(store.writes) != writes {
			t.Error("wrote though nothing was new")
		}
	})
}

func TestLog_DoesNotWaitForASlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memoryStore{delay: 12 * time.Second}
		l, _ := openLog(store)
		l.Viewed("ada", "1", "", "")
		time.Sleep(flushInterval + time.Second/2) // it writes, slowly
		before := time.Now()
		for i := range 3000 {
			l.Viewed("ada", fmt.Sprint(i), "", "")
			l.Record(Entry{Action: SignInFailed, Subject: fmt.Sprint(i)})
		}
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

func TestLog_RetriesAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, said := openLog(store)
		store.setError(ErrUnavailable)
		for i := range 2000 {
			l.Record(Entry{Action: SignedIn, Subject: fmt.Sprint(i)})
			time.Sleep(100 * time.Millisecond)
		}
		store.setError(nil)
		time.Sleep(2 * flushInterval)
		synctest.Wait()
		kept := store.stored()
		if len(kept) != 2000 {
			t.Fatalf("%d are kept of 2000", len(kept))
		}
		for i, e := range kept {
			if e.Subject != fmt.Sprint(i) {
				t.Fatalf("entry %d is %s: not in order, or twice", i, e.Subject)
			}
		}
		if n := strings.Count(said.String(), "could not be written"); n != 1 {
			t.Errorf("it was told %d times:\n%s", n, said)
		}
		closeLog(t, l)
	})
}

func TestLog_ReportsLostEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, said := openLog(store)
		store.setError(ErrUnavailable)
		const lost = 123
		for i := range maxPending + lost {
			l.Record(Entry{Action: SignedIn, Subject: fmt.Sprint(i)})
		}
		time.Sleep(10 * flushInterval)
		synctest.Wait()
		for i := range batchSize { // the batch that waits to be written is out of the way
			l.Record(Entry{Action: SignedIn, Subject: fmt.Sprint("later", i)})
		}
		store.setError(nil)
		time.Sleep(2 * flushInterval)
		synctest.Wait()
		told := store.stored(EntriesLost)
		if len(told) != 1 || told[0].Count != lost || !told[0].Unusual {
			t.Errorf("the audit says %+v, want that %d are lost", told, lost)
		}
		if n := len(store.stored(SignedIn)); n != maxPending+batchSize {
			t.Errorf("%d are kept", n)
		}
		if !strings.Contains(said.String(), fmt.Sprint("entries=", lost)) {
			t.Errorf("the log says\n%s", said)
		}
		// Once is enough.
		l.Record(Entry{Action: SignedIn})
		time.Sleep(time.Minute)
		if n := len(store.stored(EntriesLost)); n != 1 {
			t.Errorf("it is told %d times", n)
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
			t.Errorf("%d views", n)
		}
		if failed := store.stored(SignInFailed); len(failed) != 2 || failed[0].Count+failed[1].Count != 2 {
			t.Errorf("what was held back: %+v", failed)
		}
	})
}

func TestLog_Close_LogsLostEntries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, said := openLog(store)
		store.setError(errors.New("broken"))
		for i := range 7 {
			l.Viewed("ada", fmt.Sprint(i), "", "")
		}
		closeLog(t, l)
		if !strings.Contains(said.String(), "entries=7") {
			t.Errorf("it says\n%s", said)
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
			t.Errorf("%d entries, %v", len(page.Entries), err)
		}
		if page, err := l.Find(t.Context(), Query{Limit: 1 << 40}); err != nil || len(page.Entries) != MaxLimit {
			t.Errorf("%d entries, %v", len(page.Entries), err)
		}
		n, last := 0, int64(1<<60)
		for e, err := range l.All(t.Context(), Query{After: 5, Limit: 1}) {
			if err != nil || e.ID >= last {
				t.Fatalf("%+v, %v", e, err)
			}
			n, last = n+1, e.ID
		}
		if n != 2*MaxLimit+5 {
			t.Errorf("all are %d", n)
		}
		for range l.All(t.Context(), Query{}) {
			break // who stops early is not asked again
		}
		store.setError(ErrUnavailable)
		for _, err := range l.All(t.Context(), Query{}) {
			if !errors.Is(err, ErrUnavailable) {
				t.Errorf("with the store down: %v", err)
			}
		}
	})
}

func TestLog_Maintain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memoryStore{droppable: 3*dropBatch + 1}
		l, _ := openLog(store, Rules{KeepDays: 30})
		defer closeLog(t, l)
		if err := l.Maintain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(store.drops) != 4 || store.droppable != 0 {
			t.Errorf("dropped in %d parts, %d are left", len(store.drops), store.droppable)
		}
		if want := time.Now().Add(-30 * 24 * time.Hour); store.drops[3].Sub(want).Abs() > time.Second+3*dropPause {
			t.Errorf("dropped what is before %v, want %v", store.drops[3], want)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		store.droppable = 5 * dropBatch
		if err := l.Maintain(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("told to stop: %v", err)
		}
		store.setError(ErrUnavailable)
		if err := l.Maintain(t.Context()); !errors.Is(err, ErrUnavailable) {
			t.Errorf("with the store down: %v", err)
		}
	})
}

func TestLog_Maintain_KeepsAllWithoutALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memoryStore{droppable: 10}
		l, _ := openLog(store, Rules{KeepDays: 0})
		defer closeLog(t, l)
		if err := l.Maintain(t.Context()); err != nil || len(store.drops) != 0 {
			t.Errorf("dropped %v, %v", store.drops, err)
		}
	})
}
