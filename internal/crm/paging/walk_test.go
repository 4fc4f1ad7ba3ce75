package paging_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/paging"
)

// TestPager_AnchorGone has the first page looked at while the customers around its end
// are deleted or moved.
func TestPager_AnchorGone(t *testing.T) {
	all := crmfake.People("a", 100)
	for name, test := range map[string]struct {
		page crmfake.PageFunc
		now  []frontline.Customer
	}{
		"three deleted":                       {crmfake.ByAnchor(0), without(all, "a30", "a29", "a28")},
		"ten deleted":                         {crmfake.ByAnchor(0), without(all, crmfake.IDs(all[20:30])...)},
		"page deleted":                        {crmfake.ByAnchor(0), all[30:]},
		"moved to the middle":                 {crmfake.ByAnchor(0), slices.Concat(all[:10], all[29:30], all[10:29], all[30:])},
		"moved to the front":                  {crmfake.ByAnchor(0), slices.Concat(all[29:30], all[:29], all[30:])},
		"deleted, others new in front":        {crmfake.ByAnchor(0), slices.Concat(crmfake.People("new", 3), without(all, "a30"))},
		"three deleted, refused":              {crmfake.Strict(0), without(all, "a30", "a29", "a28")},
		"page deleted, refused":               {crmfake.Strict(0), all[30:]},
		"ten deleted, with nothing behind it": {crmfake.Mute(0), without(all, crmfake.IDs(all[20:30])...)},
	} {
		t.Run(name, func(t *testing.T) {
			f := crmfake.New(test.page, 100)
			p, m := newPager(f)
			if _, err := p.Begin(t.Context(), "alice", ""); err != nil {
				t.Fatal(err)
			}
			s := m.newest["alice"]
			f.Set("alice", test.now)
			if err := p.Grow(t.Context(), "alice", "", s, 1000); err != nil {
				t.Fatal(err)
			}
			for _, c := range test.now {
				if _, ok := s.Index(c.ID); !ok && !strings.HasPrefix(c.ID, "new") {
					t.Errorf("customer %s is missing", c.ID)
				}
			}
			if n := len(f.ListRequests()); n > 16 {
				t.Errorf("%d calls, want at most 16", n)
			}
		})
	}
}

// A page with nothing behind an anchor is the end, if the page before was short. Behind
// a full one the anchor may have been deleted, and one more call tells.
func TestPager_OneCallMoreBehindFullPage(t *testing.T) {
	for _, test := range []struct{ size, customers, calls int }{
		{0, 0, 1}, {0, 20, 2}, {0, 60, 4}, {0, 70, 4}, {100, 70, 3}, {100, 200, 4}, {7, 20, 4}, {7, 21, 5},
	} {
		f := crmfake.New(crmfake.Mute(test.size), test.customers)
		p, _ := newPager(f)
		if got, err := walk(t, p, alice); err != nil || len(got) != test.customers {
			t.Errorf("walk of pages of %d returned %d customers, %v, want %d", test.size, len(got), err, test.customers)
		}
		if n := len(f.ListRequests()); n != test.calls {
			t.Errorf("walk of %d customers in pages of %d: %d calls, want %d", test.customers, test.size, n, test.calls)
		}
	}
}

// expiring is a service by token that refuses the tokens of a walk that began before a
// certain call.
func expiring(status int, before *int) crmfake.PageFunc {
	return func(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
		began := nth
		if req.NextPageToken != "" {
			place, since, _ := strings.Cut(req.NextPageToken, "/")
			req.NextPageToken = place
			if began, _ = strconv.Atoi(since); began < *before {
				return frontline.ListResponse{}, &frontline.CallbackError{Code: frontline.CodeCallbackFailed, Status: status}
			}
		}
		resp, err := crmfake.ByToken(0)(all, req, nth)
		if resp.NextPageToken != "" {
			resp.NextPageToken += "/" + strconv.Itoa(began)
		}
		return resp, err
	}
}

func TestPager_BeginsAgainWhereTokenIsRefused(t *testing.T) {
	for status, calls := range map[int]int{400: 6, 404: 6, 410: 6, 422: 6, 403: 1, 500: 1} { // twice the token, and four pages
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			before := 0
			f := crmfake.New(expiring(status, &before), 100)
			p, _ := newPager(f)
			first := mustList(t, p, alice)
			second := mustList(t, p, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
			before = 2
			asked := len(f.ListRequests())
			rest, err := walk(t, p, frontline.ListRequest{Worker: "alice", NextPageToken: second.NextPageToken})
			if calls == 1 && crm.Status(err) != status || calls > 1 && (err != nil || !slices.Equal(rest, crmfake.IDs(crmfake.People("a", 100)[60:]))) {
				t.Errorf("walk = %d customers, %v", len(rest), err)
			}
			if n := len(f.ListRequests()) - asked; n != calls {
				t.Errorf("%d calls, want %d", n, calls)
			}
		})
	}
}

// Where the first page has no token, a walk that begins again must not end there.
func TestPager_BeginsAgainWithoutToken(t *testing.T) {
	f := crmfake.New(crmfake.LateToken(0), 130)
	p, _ := newPager(f)
	third := frontline.ListRequest{Worker: "alice", PageSize: 90}
	third.NextPageToken = mustList(t, p, third).NextPageToken
	f.FailOn(1, crmfake.ErrStatus404)
	f.FailOn(2, crmfake.ErrStatus404)
	if rest, err := walk(t, p, third); err != nil || len(rest) != 40 {
		t.Errorf("walk = %d customers, %v, want 40", len(rest), err)
	}
}

func TestPager_DoesNotBeginAgainForEver(t *testing.T) {
	before := 1000 // no token is ever good
	f := crmfake.New(expiring(400, &before), 100)
	p, _ := newPager(f)
	first := mustList(t, p, alice)
	for range 3 {
		asked := len(f.ListRequests())
		resp, err := p.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
		if crm.Status(err) != 400 {
			t.Errorf("CustomersList = %d customers, %v, want the refusal", len(resp.Customers), err)
		}
		if n := len(f.ListRequests()) - asked; n > 8 {
			t.Errorf("%d calls, want at most 8", n)
		}
	}
}

// Only an answer to the anchor, twice, is a reason to ask with another one.
func TestPager_AsksOnWithAnchorAfterFailures(t *testing.T) {
	for _, failure := range []error{crmfake.ErrTimeout, crmfake.ErrBadAnswer, crmfake.ErrStatus403} {
		f := crmfake.New(crmfake.ByAnchor(0), 100)
		p, _ := newPager(f)
		s, err := p.Begin(t.Context(), "alice", "")
		if err != nil {
			t.Fatal(err)
		}
		f.Fail(failure)
		for range 5 {
			if err := p.Grow(t.Context(), "alice", "", s, 60); !errors.Is(err, failure) {
				t.Errorf("Grow = %v, want %v", err, failure)
			}
		}
		for _, req := range f.ListRequests()[1:] {
			if req.Anchor != "a30" {
				t.Errorf("after %v the anchor is %q, want a30", failure, req.Anchor)
			}
		}
	}
}

// A walk that went back after failures, and meets a restart on its way through what is
// known, does not end there.
func TestPager_GoesOnAfterFailuresAndRestart(t *testing.T) {
	f := crmfake.New(func(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
		if nth == 9 {
			req.Anchor = ""
		}
		return crmfake.ByAnchor(8)(all, req, nth)
	}, 60)
	p, _ := newPager(f)
	s, err := p.Begin(t.Context(), "alice", "")
	if err == nil {
		err = p.Grow(t.Context(), "alice", "", s, 16)
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		f.FailOn(1, crmfake.ErrStatus500)
		if err := p.Grow(t.Context(), "alice", "", s, 60); !errors.Is(err, crmfake.ErrStatus500) {
			t.Errorf("Grow = %v, want the failure", err)
		}
	}
	if err := p.Grow(t.Context(), "alice", "", s, 60); err != nil || s.Len() != 60 {
		t.Errorf("Grow = %v, %d customers, want all 60", err, s.Len())
	}
}

// A service that gives the anchor once more gives its first page behind the first
// customer. That is no sign that it ignores anchors, if those before were not answered.
func TestPager_GoesOnAfterFailuresWhereAnchorIsRepeated(t *testing.T) {
	f := crmfake.New(crmfake.Inclusive(0), 100)
	p, m := newPager(f)
	s, err := p.Begin(t.Context(), "alice", "")
	if err != nil {
		t.Fatal(err)
	}
	f.FailOn(1, crmfake.ErrStatus400)
	f.FailOn(2, crmfake.ErrStatus500)
	if err := p.Grow(t.Context(), "alice", "", s, 100); !errors.Is(err, crmfake.ErrStatus500) {
		t.Errorf("Grow = %v, want the failure", err)
	}
	if err := p.Grow(t.Context(), "alice", "", s, 100); err != nil || s.Len() != 100 || m.traits.IgnoresAnchors {
		t.Errorf("Grow = %v, %d customers, ignores anchors %v, want all 100 and that it does not", err, s.Len(), m.traits.IgnoresAnchors)
	}
}

func TestPager_GoesOnFromEmptyFirstPage(t *testing.T) {
	f := crmfake.New(func(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
		if req.NextPageToken == "" {
			return frontline.ListResponse{NextPageToken: "0"}, nil
		}
		return crmfake.TokenThenNothing(0)(all, req, nth)
	}, 40)
	p, _ := newPager(f)
	if got, err := walk(t, p, alice); err != nil || len(got) != 40 {
		t.Errorf("walk = %d customers, %v, want 40", len(got), err)
	}
}

func TestPager_EndsEndlessList(t *testing.T) {
	f := crmfake.New(func(_ []frontline.Customer, _ frontline.ListRequest, nth int) (frontline.ListResponse, error) {
		return frontline.ListResponse{Customers: crmfake.People(strconv.Itoa(nth)+"-", 1000), NextPageToken: strconv.Itoa(nth)}, nil
	}, 0)
	p, _ := newPager(f)
	s, err := p.Begin(t.Context(), "alice", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Grow(t.Context(), "alice", "", s, 1<<30); err != nil || s.Len() != paging.MaxRows || !s.Done() || s.Complete() {
		t.Errorf("Grow = %v, %d rows, done %v, complete %v, want %d rows and more to follow", err, s.Len(), s.Done(), s.Complete(), paging.MaxRows)
	}
}

func TestPager_KeepsRowsWithoutName(t *testing.T) {
	for name, page := range map[string]crmfake.PageFunc{"token": crmfake.ByToken(0), "anchor": crmfake.ByAnchor(0)} {
		f := crmfake.New(page, 0)
		list := crmfake.People("a", 40)
		list[0].DisplayName, list[5].ID, list[28].ID, list[29].DisplayName, list[39].DisplayName = "", "", "", "", ""
		f.Set("alice", list)
		p, _ := newPager(f)
		if got, err := walk(t, p, alice); err != nil || len(got) != 38 || got[0] != "a1" {
			t.Errorf("walk by %s = %d customers, %v, want all 38 with an id", name, len(got), err)
		}
	}
}

func TestPager_WalksSearches(t *testing.T) {
	f := crmfake.New(crmfake.ByToken(0), 200)
	f.SetSearchable(frontline.SearchableYes, true)
	p, m := newPager(f)
	req := frontline.ListRequest{Worker: "alice", Query: "a 001"}
	if got, err := walk(t, p, req); err != nil || len(got) != 100 { // 100 to 199
		t.Errorf("walk of a search = %d customers, %v, want 100", len(got), err)
	}
	for _, req := range f.ListRequests() {
		if req.Query != "a 001" {
			t.Errorf("service was asked for %q, want the query on every page", req.Query)
		}
	}
	if m.newest["alice"] != nil {
		t.Error("results of a search are held as the list")
	}
	f.FailOn(1, crmfake.ErrStatus404)
	if _, err := p.CustomersList(t.Context(), req); !errors.Is(err, crmfake.ErrStatus404) {
		t.Errorf("search that fails = %v", err)
	}
}
