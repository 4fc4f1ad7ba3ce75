package audit

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestLog_Record_CountsRepetitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		begin := time.Now()
		for range 6 { // one every ten seconds, for a minute
			l.Record(Entry{Action: Denied, Actor: "ada", Subject: "x"})
			l.Record(Entry{Action: Denied, Actor: "ada", Subject: "y"})
			time.Sleep(10 * time.Second)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		var x []Entry
		for _, e := range store.stored() {
			if e.Subject == "x" {
				x = append(x, e)
			}
		}
		if len(x) != 2 || x[0].Count != 0 || x[1].Count != 5 || len(store.stored()) != 4 {
			t.Fatalf("stored = %+v, want two entries of x and two of y", store.stored())
		}
		if !x[0].When.Equal(begin) || !x[1].When.Equal(begin.Add(50*time.Second)) {
			t.Errorf("times = %v and %v, want the first and the last", x[0].When, x[1].When)
		}
		l.Record(Entry{Action: Denied, Actor: "ada", Subject: "x"})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if n := len(store.stored()); n != 5 {
			t.Errorf("stored() after the minute = %d entries, want 5", n)
		}
		closeLog(t, l)
	})
}

func TestLog_Record_EntriesWithACountAreNoRepetitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		for range 3 {
			l.Record(Entry{Action: Imported, Subject: "a.csv", Count: 7})
		}
		closeLog(t, l)
		if n := len(store.stored()); n != 3 {
			t.Errorf("stored() = %d entries, want 3", n)
		}
	})
}

func TestLog_Record_BoundsAFloodOfAttempts(t *testing.T) {
	for name, of := range map[string]func(i int) Entry{
		"one identity":            func(i int) Entry { return Entry{Subject: "ada", Address: "::1"} },
		"many identities":         func(i int) Entry { return Entry{Subject: fmt.Sprint(i), Address: "::1"} },
		"many addresses":          func(i int) Entry { return Entry{Subject: "ada", Address: fmt.Sprint(i)} },
		"many of both":            func(i int) Entry { return Entry{Subject: fmt.Sprint(i), Address: fmt.Sprint(i)} },
		"many from few addresses": func(i int) Entry { return Entry{Subject: fmt.Sprint(i), Address: fmt.Sprint(i % 10)} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := new(memoryStore)
				l, _ := openLog(store)
				const attempts, minutes = 30_000, 5
				for i := range attempts {
					e := of(i)
					e.Action, e.Via = SignInFailed, "app"
					l.Record(e)
					time.Sleep(minutes * time.Minute / attempts)
				}
				closeLog(t, l)
				all := 0
				for _, e := range store.stored() {
					all += max(e.Count, 1)
				}
				if all != attempts {
					t.Errorf("stored() counts %d attempts, want %d", all, attempts)
				}
				if n := len(store.stored()); n > (minutes+1)*2*maxAttempts {
					t.Errorf("stored() = %d entries of %d minutes, want at most %d", n, minutes, (minutes+1)*2*maxAttempts)
				}
			})
		})
	}
}

func TestLog_Record_MarksATargetedIdentityInAFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		for i := range 5000 {
			l.Record(Entry{Action: SignInFailed, Subject: fmt.Sprint(i), Address: fmt.Sprint("2001:db8::", i)})
			if i%100 == 99 {
				l.Record(Entry{Action: SignInFailed, Subject: "root", Address: fmt.Sprint("2001:db8::", i)})
			}
		}
		closeLog(t, l)
		for _, e := range store.stored() {
			if e.Subject == "root" && e.Unusual {
				return
			}
		}
		t.Error("fifty attempts for root are not marked unusual")
	})
}

func TestLog_Record_AFloodFromOneAddressHidesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := new(memoryStore)
		l, _ := openLog(store)
		for i := range 1000 {
			l.Record(Entry{Action: SignInFailed, Subject: fmt.Sprint(i), Address: "2001:db8::1"})
		}
		const others = maxAttempts - maxAttemptsPerAddress
		for i := range others {
			l.Record(Entry{Action: SignInFailed, Subject: "target", Address: fmt.Sprint("192.0.2.", i)})
		}
		closeLog(t, l)
		seen := 0
		for _, e := range store.stored() {
			if e.Subject == "target" {
				seen++
			}
		}
		if seen != others {
			t.Errorf("stored() = %d attempts from other addresses, want %d", seen, others)
		}
	})
}
