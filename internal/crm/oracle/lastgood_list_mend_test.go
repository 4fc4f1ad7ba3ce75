package external

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// twoVersions leaves alice with an older version of which rows were walked, and a
// newest one of which only the first page is known. It answers the newest's first
// page and when the older one was true.
func twoVersions(t *testing.T, f *fakeService, g *lastGood, rows int, now []frontline.Customer) (first frontline.ListResponse, asOf time.Time) {
	t.Helper()
	asOf = time.Now()
	resp := firstPage(t, g, time.Time{})
	for n := 30; n < rows; n += 30 {
		var err error
		if resp, err = g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: resp.NextPageToken}); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Hour)
	f.set("alice", now)
	old := firstPage(t, g, time.Time{})
	first = firstPage(t, g, old.Meta.AsOf)
	if first.Meta != (frontline.Meta{}) || first.NextPageToken == "" {
		t.Fatalf("the newest version begins with %+v", first)
	}
	return first, asOf
}

func TestAListGoesOnInAnOlderVersionWhereTheServiceFails(t *testing.T) {
	all := people("a", 100)
	for name, test := range map[string]struct {
		walked int
		now    []frontline.Customer
		// want is all that is shown, in the end, and whether the list ends.
		want  []frontline.Customer
		whole bool
	}{
		"the same list":                {100, all, all, true},
		"a list with new ones":         {100, slices.Concat(people("new", 5), all), slices.Concat(people("new", 5), all), true},
		"one that lost its first page": {100, all[30:], slices.Concat(all[30:60], all[:30], all[60:]), true},
		"an older one that ends early": {60, all, all[:60], false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(byToken{}, 100)
				g, _ := lastGoodOver(t, f, nil, nil)
				defer closing(t, g)
				first, asOf := twoVersions(t, f, g, test.walked, test.now)
				best := g.lists.Book(t.Context(), "alice").Best()
				f.breakDown(errTimeout)

				second, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
				if err != nil || !second.Meta.AsOf.Equal(asOf) || !errors.Is(second.Meta.Stale, errTimeout) {
					t.Fatalf("the page from the older version: %+v, %v", second.Meta, err)
				}
				rest, err := scrollOn(t, g, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
				if (err == nil) != test.whole || err != nil && !errors.Is(err, errTimeout) {
					t.Errorf("it ended with %v", err)
				}
				if got := append(ids(first.Customers), rest...); !slices.Equal(got, ids(test.want)) {
					t.Errorf("%d customers came, want %d:\n%v", len(got), len(test.want), got)
				}
				if g.lists.Book(t.Context(), "alice").Best() != best {
					t.Error("what was mended counts as the version that reaches furthest")
				}
			})
		})
	}
}

func TestAMendedListGoesOnWithTheServiceWhenThatIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 100)
		g, _ := lastGoodOver(t, f, nil, nil)
		defer closing(t, g)
		now := slices.Concat(people("new", 5), people("a", 70), people("end", 40))
		first, _ := twoVersions(t, f, g, 100, now)
		f.breakDown(errStatus500)
		second, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
		if err != nil {
			t.Fatal(err)
		}
		f.breakDown(nil)
		third, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: second.NextPageToken})
		if err != nil || third.Meta != (frontline.Meta{}) || len(third.Customers) == 0 {
			t.Fatalf("the service is back: %+v, %v", third, err)
		}
		rest, err := scrollOn(t, g, frontline.ListRequest{Worker: "alice", NextPageToken: second.NextPageToken})
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Concat(ids(first.Customers), ids(second.Customers), rest); !slices.Equal(got, ids(now)) {
			t.Errorf("%d customers came, want %d once each:\n%v", len(got), len(now), got)
		}
	})
}

func TestWhatDoesNotMendAList(t *testing.T) {
	for name, test := range map[string]struct {
		walked int
		err    error
	}{
		"no version that reaches further": {30, errTimeout},
		"a list that is gone":             {100, errStatus404},
		"a mistake of ours":               {100, errNoURL},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(byToken{}, 100)
				g, _ := lastGoodOver(t, f, nil, nil)
				defer closing(t, g)
				first, _ := twoVersions(t, f, g, test.walked, people("a", 100))
				f.breakDown(test.err)
				resp, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
				if !errors.Is(err, test.err) {
					t.Errorf("the answer is %d customers, %v", len(resp.Customers), err)
				}
			})
		})
	}
}

func TestAMendedListSurvivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(byToken{}, 100)
		keeper, sealer := newMemoryKeeper(), testSealer()
		g, _ := lastGoodOver(t, f, keeper, sealer)
		first, _ := twoVersions(t, f, g, 100, people("a", 100))
		f.breakDown(errTimeout)
		second, err := g.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
		if err != nil {
			t.Fatal(err)
		}
		closing(t, g)

		g, _ = lastGoodOver(t, f, keeper, sealer)
		defer closing(t, g)
		rest, err := scrollOn(t, g, frontline.ListRequest{Worker: "alice", NextPageToken: second.NextPageToken})
		if err != nil || !slices.Equal(rest, ids(people("a", 100)[60:])) {
			t.Errorf("after the restart: %d customers, %v", len(rest), err)
		}
	})
}
