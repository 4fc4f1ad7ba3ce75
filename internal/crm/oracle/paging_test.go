package external_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/oracle"
)

var alice = frontline.ListRequest{Worker: "alice"}

// without returns all customers but those with the ids.
func without(all []frontline.Customer, ids ...string) []frontline.Customer {
	return slices.DeleteFunc(slices.Clone(all), func(c frontline.Customer) bool { return slices.Contains(ids, c.ID) })
}

func TestService_ReturnsEveryCustomerOnce(t *testing.T) {
	for name, test := range map[string]struct {
		page  external.PageFunc
		calls int // at most, for 100 customers
	}{
		"tokens":                         {external.ByToken(0), 4},
		"anchors":                        {external.ByAnchor(0), 5},
		"short pages by token":           {external.ByToken(7), 15},
		"short pages by anchor":          {external.ByAnchor(7), 16},
		"pages of one by anchor":         {external.ByAnchor(1), 102},
		"oversize pages by token":        {external.ByToken(45), 3},
		"oversize pages by anchor":       {external.ByAnchor(45), 4},
		"one page":                       {external.ByAnchor(1000), 3},
		"restarts at the end, by anchor": {external.Wraps(0), 8},
		"repeats the anchor":             {external.Inclusive(0), 6},
		"rejects unknown anchors":        {external.Strict(0), 5},
		"token on the last page":         {external.TokenThenNothing(0), 5},
		"tokens from page two":           {external.LateToken(0), 4},
		"restarts at the end, by token":  {external.Cycle(0), 13},
		"one token for all pages":        {external.SameToken(0), 8},
		"overlapping pages":              {external.Overlapping(0, 5), 5},
		"mostly overlapping pages":       {external.Overlapping(10, 9), 100},
		"restarts midway, by anchor":     {external.Forgetful(false, 3), 8},
		"restarts at once, by anchor":    {external.Forgetful(false, 2), 8},
		"restarts twice, by anchor":      {external.Forgetful(false, 2, 3), 9},
		"restarts midway, by token":      {external.Forgetful(true, 3), 8},
		"restarts late, by token":        {external.Forgetful(true, 4), 10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := external.NewFake(test.page, 100)
				s := newUnlimited(f)
				defer closeService(t, s)
				got, err := walkIDs(t, s, alice)
				want := external.IDs(external.People("a", 100))
				slices.Sort(got)
				slices.Sort(want)
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("walk returned %d customers, %v, want 100", len(got), err)
				}
				if n := len(f.ListRequests()); n > test.calls {
					t.Errorf("%d calls, want at most %d", n, test.calls)
				}
				for i, req := range f.ListRequests() {
					if req.PageSize != 30 || req.Anchor != "" && req.NextPageToken != "" {
						t.Errorf("call %d = %+v, want PageSize 30 and not both Anchor and NextPageToken", i+1, req)
					}
				}
			})
		})
	}
}

func TestService_EndsListWithoutNewCustomers(t *testing.T) {
	for name, test := range map[string]struct {
		page  external.PageFunc
		want  int // customers
		calls int // at most
	}{
		"anchors ignored":                      {external.SamePage(0), 30, 4},
		"one token and one page":               {external.StuckToken(0), 30, 5},
		"new tokens and one page":              {external.FreshTokens(0), 30, 6},
		"two tokens in turn":                   {external.TokenLoop(0), 90, 8},
		"anchors ignored, pages of two":        {external.SamePage(2), 2, 12},
		"anchors ignored, pages of one":        {external.SamePage(1), 1, 12},
		"restarts at the end, pages of one":    {external.Wraps(1), 100, 110},
		"restarts at the end, pages of two":    {external.Wraps(2), 100, 60},
		"repeats the anchor, pages of one":     {external.Inclusive(1), 1, 12},
		"one token and one customer":           {external.StuckToken(1), 1, 6},
		"new tokens and one customer for ever": {external.FreshTokens(1), 1, 6},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := external.NewFake(test.page, 100)
				s := newUnlimited(f)
				defer closeService(t, s)
				if got, err := walkIDs(t, s, alice); err != nil || len(got) != test.want {
					t.Errorf("walk returned %d customers, %v, want %d", len(got), err, test.want)
				}
				if n := len(f.ListRequests()); n > test.calls {
					t.Errorf("%d calls, want at most %d", n, test.calls)
				}
			})
		})
	}
}

func TestService_FirstPageIsOneCall(t *testing.T) {
	for name, page := range map[string]external.PageFunc{"by token": external.ByToken(0), "by anchor": external.ByAnchor(0)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := external.NewFake(page, 3000)
				s := newUnlimited(f)
				defer closeService(t, s)
				first := mustOpen(t, s, alice)
				time.Sleep(time.Minute)
				if n := len(f.ListRequests()); len(first.Customers) != 30 || first.NextPageToken == "" || n > 2 {
					t.Errorf("first page: %d customers, %d calls, want 30, one call and at most one to look ahead", len(first.Customers), n)
				}
				mustOpen(t, s, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
				if n := len(f.ListRequests()); n > 3 {
					t.Errorf("two pages: %d calls, want at most 3", n)
				}
			})
		})
	}
}

func TestService_ReturnsNoTokenForAnEmptyPage(t *testing.T) {
	for _, n := range []int{0, 1, 29, 30, 31, 59, 60, 61, 90} {
		for name, page := range map[string]external.PageFunc{
			"by token": external.ByToken(0), "by anchor": external.ByAnchor(0), "anchors ignored": external.SamePage(0),
			"restarts": external.Wraps(0), "repeats the anchor": external.Inclusive(0), "short pages": external.ByAnchor(10),
		} {
			t.Run(fmt.Sprintf("%d customers, %s", n, name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					want := n
					if name == "anchors ignored" {
						want = min(n, 30)
					}
					s := newUnlimited(external.NewFake(page, n))
					defer closeService(t, s)
					pages, err := walkPages(t, s, alice)
					if err != nil {
						t.Fatal(err)
					}
					if got := len(slices.Concat(pages...)); got != want {
						t.Errorf("walk returned %d customers, want %d", got, want)
					}
					if len(pages) > 1 && len(pages[len(pages)-1]) == 0 {
						t.Error("the last page is empty, but the one before had a token")
					}
				})
			})
		}
	}
}

func TestService_SendsNewestTokenAndNoAnchor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := external.NewFake(external.ByToken(0), 70)
		s := newUnlimited(f)
		defer closeService(t, s)
		if _, err := walkIDs(t, s, alice); err != nil {
			t.Fatal(err)
		}
		var sent []string
		for _, req := range f.ListRequests() {
			sent = append(sent, req.NextPageToken+req.Anchor)
		}
		if got := strings.Join(sent, " "); got != " after-30 after-60" {
			t.Errorf("tokens and anchors sent = %q, want none, after-30, after-60", got)
		}
	})
}

func TestService_FillsShortPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newUnlimited(external.NewFake(external.ByToken(7), 100))
		defer closeService(t, s)
		if resp := mustOpen(t, s, alice); len(resp.Customers) != 30 || resp.NextPageToken == "" {
			t.Errorf("first page = %d customers, token %q, want 30 and a token", len(resp.Customers), resp.NextPageToken)
		}
	})
}

func TestService_ErrorInTheMiddleIsAnError(t *testing.T) {
	for name, page := range map[string]external.PageFunc{"by token": external.ByToken(0), "by anchor": external.ByAnchor(0)} {
		for _, failure := range []error{external.ErrBadAnswer, external.ErrStatus500, external.ErrStatus403, external.ErrTimeout, external.ErrNoURL} {
			t.Run(name+", "+failure.Error(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := external.NewFake(page, 100)
					s := newUnlimited(f)
					defer closeService(t, s)
					first := mustOpen(t, s, frontline.ListRequest{Worker: "alice", PageSize: 40})
					next := frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken}
					f.Fail(failure)
					before, err := walkIDs(t, s, next) // rows that were fetched already, then the error
					if !errors.Is(err, failure) {
						t.Fatalf("walk ended with %v, want %v", err, failure)
					}
					f.Fail(nil)
					time.Sleep(time.Minute)
					rest, err := walkIDs(t, s, next)
					if got := append(external.IDs(first.Customers), rest...); err != nil || !slices.Equal(got, external.IDs(external.People("a", 100))) {
						t.Errorf("walk after the error returned %d customers in all, %v, want 100", len(got), err)
					}
					if len(before) > len(rest) || !slices.Equal(before, rest[:len(before)]) {
						t.Errorf("rows before the error = %v, after it %v, want the same", before, rest)
					}
				})
			})
		}
	}
}

func TestService_AnchorIsDeletedDuringWalk(t *testing.T) {
	all := external.People("a", 100)
	for name, page := range map[string]external.PageFunc{"restarts": external.ByAnchor(0), "is rejected": external.Strict(0), "returns nothing": external.Mute(0)} {
		for _, deleted := range [][]string{{"a30"}, {"a30", "a29"}, {"a60"}, {"a30", "a60"}, {"a60", "a59"}} {
			t.Run(fmt.Sprint(name, deleted), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := external.NewFake(page, 100)
					s := newUnlimited(f)
					defer closeService(t, s)
					first := mustOpen(t, s, alice)
					now := without(all, deleted...)
					f.Set("alice", now)
					rest, err := walkIDs(t, s, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
					if err != nil {
						t.Fatal(err)
					}
					got := append(external.IDs(first.Customers), rest...)
					for _, id := range external.IDs(now) {
						if !slices.Contains(got, id) {
							t.Errorf("customer %s is missing", id)
						}
					}
				})
			})
		}
	}
}

// A second device, or going back, fetches a newer first page during a walk.
func TestService_WalkOvertakenByNewerFirstPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := external.NewFake(external.ByToken(0), 100)
		s := newUnlimited(f)
		defer closeService(t, s)
		first := mustOpen(t, s, alice)
		f.Set("alice", slices.Concat(external.People("new", 100), external.People("a", 100)))
		time.Sleep(time.Minute)
		second := mustOpen(t, s, frontline.ListRequest{Worker: "alice", NewerThan: time.Now()})
		if got := second.Customers[0].ID; got != "new1" {
			t.Fatalf("newer first page begins with %s, want new1", got)
		}
		f.Set("alice", external.People("a", 100))
		rest, err := walkIDs(t, s, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
		if got := append(external.IDs(first.Customers), rest...); err != nil || !slices.Equal(got, external.IDs(external.People("a", 100))) {
			t.Errorf("walk continued to %d customers, %v, want the 100 of its own list", len(got), err)
		}
	})
}

func TestService_RemembersThatAnchorsAreIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := external.NewFake(external.SamePage(0), 100)
		f.Set("bob", external.People("b", 100))
		s := newUnlimited(f)
		defer closeService(t, s)
		for _, worker := range []string{"alice", "bob"} {
			before := len(f.ListRequests())
			if _, err := walkIDs(t, s, frontline.ListRequest{Worker: worker}); err != nil {
				t.Fatal(err)
			}
			if n := len(f.ListRequests()) - before; worker == "bob" && n > 2 {
				t.Errorf("second walk made %d calls, want the page and at most one with an anchor", n)
			}
		}
	})
}
