package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/dbtest"
)

// minute makes the figures of one minute with so many calls of 20 ms, two of
// which failed.
func minute(at time.Time, calls int) activity.Minute {
	m := activity.Minute{Start: at}
	m.Calls, m.Hits, m.Bytes, m.Took = int64(calls), 7, 1000, time.Duration(calls)*20*time.Millisecond
	m.Failures = activity.Failures{InvalidPayload: 1, NoCallbackURL: 2, InvalidResponse: 3, CallbackFailed: 4, CallbackTimeout: 5, Other: 6}
	for range calls {
		m.Latency.Add(20 * time.Millisecond)
	}
	return m
}

func TestActivity_IsReturnedAsItWasAdded(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		a := dbtest.Open(t, database, store.Options{}).Activity()
		at := time.Unix(1_700_000_040, 123_000)
		entries := []activity.Entry{
			{When: at, Took: 1234 * time.Microsecond, Queued: 5 * time.Second, Location: "GetCustomersList", Search: true,
				Worker: "alice@example.com", Bytes: 65537, Status: 200, Code: 48003, Crawl: true, BuiltIn: true},
			{When: at.Add(time.Second), Location: "GetCustomerDetailsByCustomerId", Worker: "bob", Status: 404, NotFound: true},
		}
		minutes := []activity.Minute{minute(time.Unix(1_700_000_040, 0), 3), minute(time.Unix(1_700_000_100, 0), 4)}
		if err := a.AddActivity(ctx, entries, minutes); err != nil {
			t.Fatal(err)
		}
		got, err := a.RecentActivity(ctx, 10)
		if diff := cmp.Diff(entries, got); diff != "" || err != nil {
			t.Errorf("RecentActivity(10) (-want +got):\n%s%v", diff, err)
		}
		if got, err := a.RecentActivity(ctx, 1); err != nil || len(got) != 1 || got[0].Worker != "bob" {
			t.Errorf("RecentActivity(1) = %+v, %v, want the entry of bob", got, err)
		}
		gotMinutes, err := a.ActivitySince(ctx, time.Unix(0, 0))
		if diff := cmp.Diff(minutes, gotMinutes); diff != "" || err != nil {
			t.Errorf("ActivitySince(0) (-want +got):\n%s%v", diff, err)
		}
		if got, err := a.ActivitySince(ctx, time.Unix(1_700_000_100, 0)); err != nil || len(got) != 1 {
			t.Errorf("ActivitySince(second minute) = %d minutes, %v, want 1", len(got), err)
		}
	})
}

func TestActivity_MinutesOfTwoProcessesAddUp(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		first, second := openTwice(t, database, store.Options{}, store.Options{})
		at := time.Unix(1_700_000_040, 0)
		const each = 10
		var writing sync.WaitGroup
		for _, d := range []*store.DB{first, second} {
			writing.Go(func() {
				for range each {
					if err := d.Activity().AddActivity(ctx, []activity.Entry{{When: at}}, []activity.Minute{minute(at, 3)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		writing.Wait()
		got, err := first.Activity().ActivitySince(ctx, at)
		if err != nil || len(got) != 1 {
			t.Fatalf("ActivitySince() = %d minutes, %v, want 1", len(got), err)
		}
		one := minute(at, 3)
		var want activity.Figures
		for range 2 * each {
			want.Merge(&one.Figures)
		}
		if diff := cmp.Diff(want, got[0].Figures); diff != "" {
			t.Errorf("ActivitySince() is not the sum of both (-want +got):\n%s", diff)
		}
		if got, err := second.Activity().RecentActivity(ctx, 100); err != nil || len(got) != 2*each {
			t.Errorf("RecentActivity(100) = %d entries, %v, want %d", len(got), err, 2*each)
		}
	})
}

func TestActivity_PruningLeavesTheLastAndTheNewest(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		a := dbtest.Open(t, database, store.Options{}).Activity()
		if err := a.DeleteActivity(ctx, 3, time.Unix(0, 0)); err != nil {
			t.Errorf("PruneActivity() of an empty table = %v", err)
		}
		at := time.Unix(1_700_000_040, 0)
		for i := range 10 {
			when := at.Add(time.Duration(i) * time.Minute)
			if err := a.AddActivity(ctx, []activity.Entry{{When: when, Status: 200 + i}}, []activity.Minute{minute(when, 1)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.DeleteActivity(ctx, 3, at.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		entries, err := a.RecentActivity(ctx, 10)
		if err != nil || len(entries) != 3 || entries[0].Status != 207 {
			t.Errorf("RecentActivity(10) after pruning = %+v, %v", entries, err)
		}
		// Old entries go, however few there are: they name people.
		if err := a.DeleteActivity(ctx, 3, at.Add(8*time.Minute)); err != nil {
			t.Fatal(err)
		}
		entries, err = a.RecentActivity(ctx, 10)
		if err != nil || len(entries) != 2 || entries[0].Status != 208 {
			t.Errorf("RecentActivity(10) after pruning = %+v, %v", entries, err)
		}
		minutes, err := a.ActivitySince(ctx, time.Unix(0, 0))
		if err != nil || len(minutes) != 2 || !minutes[0].Start.Equal(at.Add(8*time.Minute)) {
			t.Errorf("ActivitySince(0) after pruning = %+v, %v", minutes, err)
		}
	})
}

func TestActivity_UnreadableLatenciesAreDropped(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		at := time.Unix(1_700_000_040, 0)
		if err := d.Activity().AddActivity(ctx, nil, []activity.Minute{minute(at, 2)}); err != nil {
			t.Fatal(err)
		}
		if _, err := dbtest.Raw(t, database).Exec("UPDATE activity_minute SET latency = x'FF00'"); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Activity().ActivitySince(ctx, at); err != nil || len(got) != 1 || got[0].Calls != 2 || got[0].Latency.Count() != 0 {
			t.Errorf("ActivitySince() = %+v, %v", got, err)
		}
		if err := d.Activity().AddActivity(ctx, nil, []activity.Minute{minute(at, 3)}); err != nil {
			t.Fatal(err)
		}
		if got, err := d.Activity().ActivitySince(ctx, at); err != nil || len(got) != 1 || got[0].Calls != 5 || got[0].Latency.Count() != 3 {
			t.Errorf("ActivitySince() = %+v, %v", got, err)
		}
	})
}

func TestActivity_DatabaseErrorsAreUnavailable(t *testing.T) {
	dbtest.ForEach(t, func(t *testing.T, database string) {
		d := dbtest.Open(t, database, store.Options{})
		a := d.Activity()
		if _, err := dbtest.Raw(t, database).Exec("DROP TABLE activity_call; DROP TABLE activity_minute"); err != nil {
			t.Fatal(err)
		}
		_, recent := a.RecentActivity(ctx, 1)
		_, since := a.ActivitySince(ctx, time.Unix(0, 0))
		for name, err := range map[string]error{
			"AddActivity":    a.AddActivity(ctx, []activity.Entry{{}}, nil),
			"RecentActivity": recent,
			"ActivitySince":  since,
			"PruneActivity":  a.DeleteActivity(ctx, 1, time.Unix(0, 0)),
		} {
			if !errors.Is(err, activity.ErrUnavailable) {
				t.Errorf("%s() = %v, want ErrUnavailable", name, err)
			}
		}
	})
}
