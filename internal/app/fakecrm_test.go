package app_test

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// fakeCRM is a frontline.CRM over slices, sorted by name.
type fakeCRM struct {
	mu           sync.Mutex
	customers    map[string][]frontline.Customer // by worker
	fail         error
	failList     error
	failPage     error // for pages after the first
	meta         frontline.Meta
	asIs         bool // do not sort
	pendingCount int  // how many responses are pending first
	searches     frontline.Searchable
	panics       bool
	requests     []string // each in one line
}

func (c *fakeCRM) add(worker string, customers ...frontline.Customer) {
	if c.customers == nil {
		c.customers = make(map[string][]frontline.Customer)
	}
	all := append(c.customers[worker], customers...)
	if !c.asIs {
		sort.SliceStable(all, func(i, j int) bool {
			return text.SortKey(all[i].DisplayName) < text.SortKey(all[j].DisplayName)
		})
	}
	c.customers[worker] = all
}

func (c *fakeCRM) record(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests = append(c.requests, fmt.Sprintf(format, args...))
}

// pending returns the error of a pending response, pendingCount times.
func (c *fakeCRM) pending() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pendingCount == 0 {
		return nil
	}
	c.pendingCount--
	return fmt.Errorf("wrapped: %w", &frontline.UnavailableError{Pending: true, RetryAfter: 1200 * time.Millisecond})
}

// newer describes NewerThan of a request.
func newer(than time.Time) string {
	if than.IsZero() {
		return ""
	}
	return " newer than " + than.UTC().Format("15:04:05.000")
}

func (c *fakeCRM) CustomersList(_ context.Context, r frontline.ListRequest) (frontline.ListResponse, error) {
	c.record("list %s %q %q%s", r.Worker, r.Query, r.NextPageToken, newer(r.NewerThan))
	if c.panics {
		panic("list")
	}
	if c.fail != nil || c.failList != nil {
		return frontline.ListResponse{}, errors.Join(c.fail, c.failList)
	}
	if err := c.pending(); err != nil {
		return frontline.ListResponse{}, err
	}
	all := c.customers[r.Worker]
	if r.Query != "" {
		var found []frontline.Customer
		for _, cu := range all {
			if len(text.Matches(cu.DisplayName, r.Query)) > 0 {
				found = append(found, cu)
			}
		}
		all = found
	}
	from := 0
	if r.NextPageToken != "" {
		if c.failPage != nil {
			return frontline.ListResponse{}, c.failPage
		}
		n, err := strconv.Atoi(strings.TrimPrefix(r.NextPageToken, "after-"))
		if err != nil || n > len(all) {
			return frontline.ListResponse{}, &frontline.InvalidRequestError{Reason: "not our token"}
		}
		from = n
	}
	to := min(from+r.PageSize, len(all))
	resp := frontline.ListResponse{Searchable: c.searches, Meta: c.meta}
	for _, cu := range all[from:to] {
		resp.Customers = append(resp.Customers, frontline.Customer{ID: cu.ID, DisplayName: cu.DisplayName, Avatar: cu.Avatar})
	}
	if to < len(all) {
		resp.NextPageToken = fmt.Sprintf("after-%d", to)
	}
	return resp, nil
}

func (c *fakeCRM) CustomerDetails(_ context.Context, r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	c.record("details %s %q%s", r.Worker, r.CustomerID, newer(r.NewerThan))
	if c.panics {
		panic("details")
	}
	if c.fail != nil {
		return frontline.DetailsResponse{}, c.fail
	}
	if err := c.pending(); err != nil {
		return frontline.DetailsResponse{}, err
	}
	for _, cu := range c.customers[r.Worker] {
		if cu.ID == r.CustomerID {
			return frontline.DetailsResponse{Customer: cu, Meta: c.meta}, nil
		}
	}
	return frontline.DetailsResponse{}, frontline.ErrNotFound
}
