package external_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
)

// manners are the ways of paging. Those that are lossy do not give all of a list.
var manners = []struct {
	name  string
	make  func(seed uint64) crmfake.PageFunc
	lossy bool
}{
	{"token", still(crmfake.ByToken(0)), false},
	{"token7", still(crmfake.ByToken(7)), false},
	{"token45", still(crmfake.ByToken(45)), false},
	{"anchor", still(crmfake.ByAnchor(0)), false},
	{"anchor7", still(crmfake.ByAnchor(7)), false},
	{"anchor45", still(crmfake.ByAnchor(45)), false},
	{"wraps", still(crmfake.Wraps(0)), false},
	{"wraps7", still(crmfake.Wraps(7)), false},
	{"inclusive", still(crmfake.Inclusive(0)), false},
	{"strict", still(crmfake.Strict(0)), false},
	{"strict7", still(crmfake.Strict(7)), false},
	{"mute", still(crmfake.Mute(0)), false},
	{"mute7", still(crmfake.Mute(7)), false},
	{"tokenThenNothing", still(crmfake.TokenThenNothing(0)), false},
	{"lateToken", still(crmfake.LateToken(0)), false},
	{"cycle", still(crmfake.Cycle(0)), false},
	{"overlapping", still(crmfake.Overlapping(0, 5)), false},
	{"overlapping10", still(crmfake.Overlapping(10, 9)), false},
	{"forgetful", func(uint64) crmfake.PageFunc { return crmfake.Forgetful(false, 3, 8) }, false},
	{"forgetfulTokens", func(uint64) crmfake.PageFunc { return crmfake.Forgetful(true, 4, 9) }, false},
	{"random", func(seed uint64) crmfake.PageFunc { return newRandom(seed).page }, false},
	{"random2", func(seed uint64) crmfake.PageFunc { return newRandom(seed + 1000).page }, false},
	{"random3", func(seed uint64) crmfake.PageFunc { return newRandom(seed + 2000).page }, false},
	{"samePage", still(crmfake.SamePage(0)), true},
	{"samePage2", still(crmfake.SamePage(2)), true},
	{"tokenLoop", still(crmfake.TokenLoop(0)), true},
	{"stuckToken", still(crmfake.StuckToken(0)), true},
	{"freshTokens", still(crmfake.FreshTokens(0)), true},
	{"sameToken", func(uint64) crmfake.PageFunc { return crmfake.SameToken(0) }, true},
}

func still(page crmfake.PageFunc) func(uint64) crmfake.PageFunc {
	return func(uint64) crmfake.PageFunc { return page }
}

// random pages at random; see paging.
type random struct {
	*rand.Rand
	tokens, overlaps, fails, wraps bool
	restarts                       int // left
	size                           int
}

func newRandom(seed uint64) *random {
	r := rand.New(rand.NewPCG(seed, 1))
	bits := r.Uint32()
	return &random{Rand: r, tokens: bits&1 != 0, overlaps: bits&2 != 0, fails: bits&4 != 0, wraps: bits&8 != 0, restarts: int(bits>>4) % 3, size: 1 + r.IntN(60)}
}

func (r *random) restart() bool {
	if r.restarts == 0 || r.size == 1 || r.IntN(10) > 0 {
		return false
	}
	r.restarts--
	return true
}

func (r *random) page(all []frontline.Customer, req frontline.ListRequest, _ int) (frontline.ListResponse, error) {
	if r.fails && r.IntN(8) == 0 {
		return frontline.ListResponse{}, []error{crmfake.ErrTimeout, crmfake.ErrStatus500, crmfake.ErrBadAnswer, crmfake.ErrStatus403}[r.IntN(4)]
	}
	from := crmfake.PlaceOf(all, req.Anchor) + 1
	if req.NextPageToken != "" {
		from, _ = strconv.Atoi(req.NextPageToken)
	}
	later := req.Anchor != "" || req.NextPageToken != ""
	if later && r.restart() {
		from = 0
	}
	if r.wraps && from >= len(all) {
		from = 0
	}
	back := 0
	if r.overlaps && from > 0 {
		back = r.IntN(min(from, 3))
	}
	from -= back
	resp := crmfake.AnchorPage(all, from, back+r.size+r.IntN(1+r.size/2))
	if end := from + len(resp.Customers); r.tokens && (end < len(all) || r.IntN(4) == 0) {
		resp.NextPageToken = strconv.Itoa(end)
	}
	return resp, nil
}

// shifty is a service that changes while it runs.
type shifty struct {
	calm       bool
	mu         sync.Mutex
	page       crmfake.PageFunc
	lists      map[string][]frontline.Customer
	down       error
	flaps      bool // it fails in every second period of two seconds
	failNext   []error
	slow       time.Duration
	searchable frontline.Searchable
	inQuery    frontline.Searchable
	searches   bool
	refuses    error // a Query
	calls      int
	asked      map[string]bool // worker + id
}

func (s *shifty) begin(ctx context.Context) (time.Duration, error) {
	s.calls++
	err := s.down
	if s.flaps && time.Now().Unix()/2%2 == 0 {
		err = crmfake.ErrStatus500
	}
	if len(s.failNext) > 0 {
		if s.failNext[0] != nil {
			err = s.failNext[0]
		}
		s.failNext = s.failNext[1:]
	}
	return s.slow, err
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *shifty) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	s.mu.Lock()
	slow, err := s.begin(ctx)
	all := s.lists[req.Worker]
	nth := s.calls
	var resp frontline.ListResponse
	if err == nil && req.Query != "" {
		err = s.refuses
	}
	if err == nil {
		if req.Query != "" && s.searches {
			all = slices.DeleteFunc(slices.Clone(all), func(c frontline.Customer) bool {
				return !strings.Contains(c.DisplayName, req.Query)
			})
		}
		resp, err = s.page(all, req, nth)
		if os.Getenv("FUZZ_VERBOSE") == "2" {
			fmt.Println(nth, req.Worker, req.Anchor, req.NextPageToken, req.Query, crmfake.IDs(resp.Customers), resp.NextPageToken, err)
		}
		for s.calm && err != nil && crm.Status(err) != 400 && crm.Status(err) != 404 { // random fails
			resp, err = s.page(all, req, nth)
		}
		resp.Customers = slices.Clone(resp.Customers)
		resp.Searchable = s.searchable
		if req.Query != "" {
			resp.Searchable = s.inQuery
		}
	}
	s.mu.Unlock()
	if e := wait(ctx, slow); e != nil {
		return frontline.ListResponse{}, e
	}
	return resp, err
}

func (s *shifty) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	s.mu.Lock()
	slow, err := s.begin(ctx)
	s.asked[req.Worker+" "+req.CustomerID] = true
	var found *frontline.Customer
	for _, list := range s.lists { // whosever it is
		if i := slices.IndexFunc(list, func(c frontline.Customer) bool { return c.ID == req.CustomerID }); i >= 0 {
			c := list[i]
			found = &c
		}
	}
	s.mu.Unlock()
	if e := wait(ctx, slow); e != nil {
		return frontline.DetailsResponse{}, e
	}
	switch {
	case err != nil:
		return frontline.DetailsResponse{}, err
	case found == nil:
		return frontline.DetailsResponse{}, frontline.ErrNotFound
	}
	return frontline.DetailsResponse{Customer: *found}, nil
}

// change is what happens to a list of worker w.
func change(list []frontline.Customer, w string, how, at byte, serial int) []frontline.Customer {
	n := len(list)
	i := 0
	if n > 0 {
		i = int(at) % n
	}
	fresh := crmfake.People(fmt.Sprintf("%s%d-", w, serial), 1+int(at)%5)
	switch how % 8 {
	case 0: // one is deleted
		if n > 0 {
			return slices.Delete(slices.Clone(list), i, i+1)
		}
	case 1: // the last of a page, and the one before
		if n > 30 {
			return slices.Delete(slices.Clone(list), 28, 30)
		}
	case 2:
		return slices.Concat(fresh, list)
	case 3:
		return slices.Concat(list, fresh)
	case 4:
		return slices.Insert(slices.Clone(list), i, fresh...)
	case 5: // one is renamed, and moves
		if n > 0 {
			c := list[i]
			c.DisplayName = "Renamed " + c.DisplayName
			return slices.Insert(slices.Delete(slices.Clone(list), i, i+1), int(at)*7%n, c)
		}
	case 6:
		if at%4 == 0 {
			return nil
		}
		list = slices.Clone(list)
		for j := range list {
			if (j+int(at))%9 == 0 {
				list[j].DisplayName = ""
			}
		}
	case 7: // many come
		if n < 400 {
			return slices.Concat(list, crmfake.People(fmt.Sprintf("%s%d-", w, serial), 100))
		}
	}
	return list
}

// oldBlobs is Blobs as the old stack wants them.
type oldBlobs struct{ *crmfake.Blobs }

func (b oldBlobs) DeleteBlob(ctx context.Context, service, worker, name string) error {
	return b.DeleteBlobs(ctx, service, worker, name, 0)
}
func (oldBlobs) DeleteOtherServices(context.Context, string) error { return nil }
func (oldBlobs) DeleteExpired(context.Context, time.Time) error    { return nil }
