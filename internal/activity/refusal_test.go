package activity

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestLog_Refusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, _ := openLog(t, newMemoryStore())
		defer closeLog(t, l)
		l.Record(newCall(1))
		url := Refusal{When: time.Now(), Callback: "/crm", Cause: OtherURL, Signed: "a", Expected: "b"}
		l.RecordRefusal(url)
		var last Refusal
		for range 2 * maxEntries { // a flood displaces its own kind only
			time.Sleep(time.Second)
			last = Refusal{When: time.Now(), Callback: "/crm", Cause: OtherToken}
			l.RecordRefusal(last)
		}
		other := Refusal{When: time.Now(), Callback: "/templates", Cause: OtherToken}
		l.RecordRefusal(other)
		if diff := cmp.Diff([]Refusal{other, last, url}, l.Refusals()); diff != "" {
			t.Errorf("Refusals(), -want +got:\n%s", diff)
		}
		if got := l.Recent(10); len(got) != 1 {
			t.Errorf("Recent(10) = %d entries, want the call", len(got))
		}
		time.Sleep(retention - 500*time.Second)
		if diff := cmp.Diff([]Refusal{other, last}, l.Refusals()); diff != "" {
			t.Errorf("Refusals() a week after the first, -want +got:\n%s", diff)
		}
	})
}
