package paging_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/flight"
	"github.com/clientele-project/clientele/internal/crm/paging"
	"github.com/clientele-project/clientele/internal/secret"
)

var alice = frontline.ListRequest{Worker: "alice"}

// memory is a Store that holds every snapshot until it is dropped.
type memory struct {
	mu        sync.Mutex
	snapshots map[string]*paging.Snapshot
	newest    map[string]*paging.Snapshot // by worker
	traits    paging.Traits
}

func (m *memory) Snapshot(_ context.Context, worker, query, id string) *paging.Snapshot {
	m.mu.Lock()
	defer m.mu.Unlock()
	if id == "" {
		return m.newest[worker]
	}
	return m.snapshots[worker+query+id]
}

func (m *memory) Put(_ context.Context, worker, query string, s *paging.Snapshot) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.snapshots[worker+query+s.ID()] == nil && query == "" {
		m.newest[worker] = s
	}
	m.snapshots[worker+query+s.ID()] = s
	return nil
}

func (m *memory) Traits(context.Context) paging.Traits {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.traits
}

func (m *memory) Learn(t paging.Traits) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.traits = t
}

// forget drops all snapshots but the newest.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.snapshots = map[string]*paging.Snapshot{}
	for worker, s := range m.newest {
		m.snapshots[worker+s.ID()] = s
	}
}

func newPager(next frontline.CRM) (*paging.Pager, *memory) {
	m := &memory{snapshots: map[string]*paging.Snapshot{}, newest: map[string]*paging.Snapshot{}}
	return paging.New(next, paging.Options{Flights: new(flight.Group), Store: m,
		Sealer: secret.NewKey().Sealer("test"), Service: "s", Now: time.Now}), m
}

// walk requests all pages from req on, and fails the test if a customer is repeated or
// the list has no end.
func walk(t *testing.T, crm frontline.CRM, req frontline.ListRequest) (ids []string, err error) {
	t.Helper()
	for range 1000 {
		resp, err := crm.CustomersList(t.Context(), req)
		if err != nil {
			return ids, err
		}
		for _, id := range crmfake.IDs(resp.Customers) {
			if slices.Contains(ids, id) {
				t.Fatalf("customer %s is repeated", id)
			}
			ids = append(ids, id)
		}
		if resp.NextPageToken == "" {
			return ids, nil
		}
		req.NextPageToken = resp.NextPageToken
	}
	t.Fatal("the walk has no end")
	return nil, nil
}

func mustList(t *testing.T, crm frontline.CRM, req frontline.ListRequest) frontline.ListResponse {
	t.Helper()
	resp, err := crm.CustomersList(t.Context(), req)
	if err != nil {
		t.Fatalf("CustomersList(%+v): %v", req, err)
	}
	return resp
}

// without returns all customers but those with the ids.
func without(all []frontline.Customer, ids ...string) []frontline.Customer {
	return slices.DeleteFunc(slices.Clone(all), func(c frontline.Customer) bool { return slices.Contains(ids, c.ID) })
}

func TestPager_ReturnsEveryCustomerOnce(t *testing.T) {
	for name, test := range map[string]struct {
		page  crmfake.PageFunc
		calls int // at most, for 100 customers
	}{
		"tokens":                         {crmfake.ByToken(0), 4},
		"anchors":                        {crmfake.ByAnchor(0), 5},
		"short pages by token":           {crmfake.ByToken(7), 15},
		"short pages by anchor":          {crmfake.ByAnchor(7), 16},
		"pages of one by anchor":         {crmfake.ByAnchor(1), 102},
		"oversize pages by token":        {crmfake.ByToken(45), 3},
		"oversize pages by anchor":       {crmfake.ByAnchor(45), 4},
		"one page":                       {crmfake.ByAnchor(1000), 3},
		"restarts at the end, by anchor": {crmfake.Wraps(0), 8},
		"repeats the anchor":             {crmfake.Inclusive(0), 6},
		"rejects unknown anchors":        {crmfake.Strict(0), 5},
		"token on the last page":         {crmfake.TokenThenNothing(0), 5},
		"tokens from page two":           {crmfake.LateToken(0), 4},
		"restarts at the end, by token":  {crmfake.Cycle(0), 13},
		"one token for all pages":        {crmfake.SameToken(0), 8},
		"overlapping pages":              {crmfake.Overlapping(0, 5), 5},
		"mostly overlapping pages":       {crmfake.Overlapping(10, 9), 100},
		"restarts midway, by anchor":     {crmfake.Forgetful(false, 3), 8},
		"restarts at once, by anchor":    {crmfake.Forgetful(false, 2), 8},
		"restarts twice, by anchor":      {crmfake.Forgetful(false, 2, 3), 9},
		"restarts midway, by token":      {crmfake.Forgetful(true, 3), 8},
		"restarts late, by token":        {crmfake.Forgetful(true, 4), 10},
	} {
		t.Run(name, func(t *testing.T) {
			f := crmfake.New(test.page, 100)
			p, _ := newPager(f)
			got, err := walk(t, p, alice)
			want := crmfake.IDs(crmfake.People("a", 100))
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
	}
}

func TestPager_EndsListWithoutNewCustomers(t *testing.T) {
	for name, test := range map[string]struct {
		page  crmfake.PageFunc
		want  int // customers
		calls int // at most
	}{
		"anchors ignored":                      {crmfake.SamePage(0), 30, 4},
		"one token and one page":               {crmfake.StuckToken(0), 30, 5},
		"new tokens and one page":              {crmfake.FreshTokens(0), 30, 6},
		"two tokens in turn":                   {crmfake.TokenLoop(0), 90, 8},
		"anchors ignored, pages of two":        {crmfake.SamePage(2), 2, 12},
		"anchors ignored, pages of one":        {crmfake.SamePage(1), 1, 12},
		"restarts at the end, pages of one":    {crmfake.Wraps(1), 100, 110},
		"restarts at the end, pages of two":    {crmfake.Wraps(2), 100, 60},
		"repeats the anchor, pages of one":     {crmfake.Inclusive(1), 1, 12},
		"one token and one customer":           {crmfake.StuckToken(1), 1, 6},
		"new tokens and one customer for ever": {crmfake.FreshTokens(1), 1, 6},
	} {
		t.Run(name, func(t *testing.T) {
			f := crmfake.New(test.page, 100)
			p, _ := newPager(f)
			if got, err := walk(t, p, alice); err != nil || len(got) != test.want {
				t.Errorf("walk returned %d customers, %v, want %d", len(got), err, test.want)
			}
			if n := len(f.ListRequests()); n > test.calls {
				t.Errorf("%d calls, want at most %d", n, test.calls)
			}
		})
	}
}

// A service that filters after paging has empty pages in the middle of its list, and
// rows without a name.
func TestPager_PassesEmptyPages(t *testing.T) {
	page := func(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
		if nth%8 != 1 {
			return frontline.ListResponse{NextPageToken: "empty" + strings.Repeat("!", nth)}, nil
		}
		resp, err := crmfake.ByToken(10)(all, frontline.ListRequest{NextPageToken: "after-" + strconv.Itoa(nth/8*10)}, nth)
		if resp.NextPageToken != "" {
			resp.NextPageToken += strings.Repeat("!", nth)
		}
		return resp, err
	}
	f := crmfake.New(page, 50)
	list := crmfake.People("a", 50)
	list[12].DisplayName = ""
	f.Set("alice", list)
	p, _ := newPager(f)
	if got, err := walk(t, p, alice); err != nil || !slices.Equal(got, crmfake.IDs(list)) {
		t.Errorf("walk returned %d customers, %v, want 50", len(got), err)
	}
}

// TestPager_AnchorDeleted deletes the last customers of each page while it is looked at.
func TestPager_AnchorDeleted(t *testing.T) {
	for name, page := range map[string]crmfake.PageFunc{
		"starts over": crmfake.ByAnchor(0), "refuses": crmfake.Strict(0), "has nothing behind it": crmfake.Mute(0),
		"fails": func(all []frontline.Customer, req frontline.ListRequest, nth int) (frontline.ListResponse, error) {
			if resp, err := crmfake.Strict(0)(all, req, nth); err == nil {
				return resp, nil
			}
			return frontline.ListResponse{}, crmfake.ErrStatus500
		},
	} {
		for _, deleted := range [][]string{{"a60"}, {"a59", "a60"}} {
			t.Run(name+" "+strings.Join(deleted, ","), func(t *testing.T) {
				all := crmfake.People("a", 100)
				f := crmfake.New(page, 100)
				p, _ := newPager(f)
				got := mustList(t, p, alice)
				seen := crmfake.IDs(got.Customers)
				got = mustList(t, p, frontline.ListRequest{Worker: "alice", NextPageToken: got.NextPageToken})
				seen = append(seen, crmfake.IDs(got.Customers)...)
				f.Set("alice", without(all, deleted...))
				next := frontline.ListRequest{Worker: "alice", NextPageToken: got.NextPageToken}
				rest, err := walk(t, p, next)
				for tries := 0; err != nil && tries < 3; tries++ { // a failure is told, and asked again
					rest, err = walk(t, p, next)
				}
				if seen = append(seen, rest...); err != nil || !slices.Equal(seen, crmfake.IDs(all)) {
					t.Errorf("walk returned %d customers, %v, want 100 in order", len(seen), err)
				}
			})
		}
	}
}

func TestPager_ErrorsAreNoEnd(t *testing.T) {
	for _, failure := range []error{crmfake.ErrTimeout, crmfake.ErrStatus500, crmfake.ErrBadAnswer, crmfake.ErrStatus403} {
		f := crmfake.New(crmfake.ByToken(0), 100)
		p, _ := newPager(f)
		first := mustList(t, p, alice)
		f.FailOn(1, failure)
		next := frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken}
		if _, err := p.CustomersList(t.Context(), next); !errors.Is(err, failure) {
			t.Errorf("page after %v = %v", failure, err)
		}
		if rest, err := walk(t, p, next); err != nil || len(rest) != 70 {
			t.Errorf("walk after %v = %d customers, %v, want 70", failure, len(rest), err)
		}
	}
}

func TestPager_OvertakenWalkGoesOn(t *testing.T) {
	f := crmfake.New(crmfake.ByToken(0), 100)
	p, m := newPager(f)
	first := mustList(t, p, alice)
	second := mustList(t, p, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken})
	mustList(t, p, alice) // another device
	m.forget()
	rest, err := walk(t, p, frontline.ListRequest{Worker: "alice", NextPageToken: second.NextPageToken})
	if err != nil || len(rest) != 40 || rest[0] != "a61" {
		t.Errorf("overtaken walk = %v, %v, want a61 to a100", rest, err)
	}

	f.Set("alice", without(crmfake.People("a", 100), "a60"))
	mustList(t, p, alice)
	m.forget()
	var invalid *frontline.InvalidRequestError
	_, err = p.CustomersList(t.Context(), frontline.ListRequest{Worker: "alice", NextPageToken: second.NextPageToken})
	if !errors.As(err, &invalid) || !strings.Contains(invalid.Reason, "start again") {
		t.Errorf("walk behind a deleted customer = %v", err)
	}
}

func TestPager_FirstPageIsOneCall(t *testing.T) {
	for name, page := range map[string]crmfake.PageFunc{"token": crmfake.ByToken(0), "anchor": crmfake.ByAnchor(0)} {
		synctest.Test(t, func(t *testing.T) {
			f := crmfake.New(page, 3000)
			p, _ := newPager(f)
			first := mustList(t, p, alice)
			time.Sleep(time.Minute)
			if n := len(f.ListRequests()); len(first.Customers) != 30 || first.NextPageToken == "" || n > 2 {
				t.Errorf("by %s: first page has %d customers after %d calls, want 30, and at most one call to look ahead", name, len(first.Customers), n)
			}
		})
	}
}

func TestPager_ShortPageDoesNotWaitLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := crmfake.New(crmfake.ByToken(7), 100)
		f.SetDelay(400 * time.Millisecond)
		p, _ := newPager(f)
		began := time.Now()
		first := mustList(t, p, alice)
		if took := time.Since(began); took > 900*time.Millisecond || len(first.Customers) < 7 || first.NextPageToken == "" {
			t.Errorf("first page has %d customers after %v", len(first.Customers), took)
		}
		time.Sleep(time.Minute) // the calls go on
		before := len(f.ListRequests())
		next := mustList(t, p, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken, PageSize: 10})
		if len(next.Customers) != 10 || len(f.ListRequests()) != before {
			t.Errorf("second page has %d customers after %d more calls, want 10 and none", len(next.Customers), len(f.ListRequests())-before)
		}
		time.Sleep(time.Minute)
	})
}

func TestPager_RefusesTokensOfOthers(t *testing.T) {
	f := crmfake.New(crmfake.ByToken(0), 100)
	p, _ := newPager(f)
	token := mustList(t, p, alice).NextPageToken
	for name, req := range map[string]frontline.ListRequest{
		"another worker":  {Worker: "bob", NextPageToken: token},
		"another query":   {Worker: "alice", Query: "x", NextPageToken: token},
		"changed":         {Worker: "alice", NextPageToken: token[1:]},
		"cut":             {Worker: "alice", NextPageToken: token[:len(token)-1]},
		"the service's":   {Worker: "alice", NextPageToken: "after-30"},
		"long":            {Worker: "alice", NextPageToken: strings.Repeat("x", 2000)},
		"an anchor":       {Worker: "alice", Anchor: "a1"},
		"no worker":       {},
		"a negative size": {Worker: "alice", PageSize: -1},
	} {
		before := len(f.ListRequests())
		var invalid *frontline.InvalidRequestError
		if _, err := p.CustomersList(t.Context(), req); !errors.As(err, &invalid) || len(f.ListRequests()) > before {
			t.Errorf("%s: error %v after %d calls, want an InvalidRequestError and none", name, err, len(f.ListRequests())-before)
		}
	}
}

func TestSnapshot_Codec(t *testing.T) {
	f := crmfake.New(crmfake.ByToken(0), 100)
	p, m := newPager(f)
	first := mustList(t, p, alice)
	stored, err := json.Marshal(m.newest["alice"])
	if err != nil {
		t.Fatal(err)
	}
	s := new(paging.Snapshot)
	if err := json.Unmarshal(stored, s); err != nil || s.Len() != m.newest["alice"].Len() || !s.AsOf().Equal(m.newest["alice"].AsOf()) {
		t.Fatalf("Unmarshal: %v, %d rows", err, s.Len())
	}
	m.Put(t.Context(), "alice", "", s) // goes on where it was
	if rest, err := walk(t, p, frontline.ListRequest{Worker: "alice", NextPageToken: first.NextPageToken}); err != nil || len(rest) != 70 {
		t.Errorf("walk in the copy = %d customers, %v, want 70", len(rest), err)
	}
	for name, broken := range map[string]string{
		"no id":               `{"rows":[{"i":"1"}]}`,
		"a customer twice":    `{"id":"x","rows":[{"i":"1"},{"i":"1"}]}`,
		"a row without an id": `{"id":"x","rows":[{"n":"y"}]}`,
		"cut":                 string(stored[:len(stored)-1]),
	} {
		if err := json.Unmarshal([]byte(broken), new(paging.Snapshot)); err == nil {
			t.Errorf("Unmarshal of a snapshot with %s succeeds", name)
		}
	}
}

// A service that has forgotten its tokens starts over. A walk that goes on in a copy, after
// a restart, takes that for the beginning it is, not for the end of the list.
func TestSnapshot_CopyIsWalkedOnAfterTokensAreForgotten(t *testing.T) {
	for name, restore := range map[string]func(*paging.Snapshot) *paging.Snapshot{
		"stored": func(s *paging.Snapshot) *paging.Snapshot {
			b, err := json.Marshal(s)
			c := new(paging.Snapshot)
			if err := errors.Join(err, json.Unmarshal(b, c)); err != nil {
				t.Fatal(err)
			}
			return c
		},
		"continued": func(s *paging.Snapshot) *paging.Snapshot { return s.Continued(30, s) },
	} {
		f := crmfake.New(crmfake.Forgetful(true, 8), 300)
		p, m := newPager(f)
		if err := p.Grow(t.Context(), "alice", "", mustBegin(t, p), 210); err != nil {
			t.Fatal(err)
		}
		s := restore(m.newest["alice"])
		if err := p.Grow(t.Context(), "alice", "", s, 1000); err != nil || s.Len() != 300 || !s.Complete() {
			t.Errorf("%s: Grow to %d customers, complete %v, %v, want 300", name, s.Len(), s.Complete(), err)
		}
	}
}

func mustBegin(t *testing.T, p *paging.Pager) *paging.Snapshot {
	t.Helper()
	s, err := p.Begin(t.Context(), "alice", "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
