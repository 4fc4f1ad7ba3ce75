package external_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/oracle"
	"github.com/clientele-project/clientele/internal/secret"
)

// noLimits lets every call through at once.
var noLimits = external.QueueOptions{Calls: 1000, PerSecond: 1e6, Burst: 1e6}

// newService returns a service that calls crm. The test closes it: in a synctest bubble
// nothing may be left running.
func newService(crm frontline.CRM, o external.Options) *external.Service {
	o.Client = crm
	if o.Service == "" {
		o.Service = "a service"
	}
	if o.Sealer == nil {
		o.Sealer = secret.NewKey().Sealer("test")
	}
	return external.New(o)
}

// newUnlimited is newService without limits on calls.
func newUnlimited(crm frontline.CRM) *external.Service {
	return newService(crm, external.Options{Limits: noLimits})
}

func closeService(t *testing.T, s *external.Service) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func openOnce(ctx context.Context, crm frontline.CRM, worker string) error {
	_, err := crm.CustomersList(ctx, frontline.ListRequest{Worker: worker})
	return err
}

// openList requests a page as the app does, polling while it is pending.
func openList(ctx context.Context, crm frontline.CRM, req frontline.ListRequest) (resp frontline.ListResponse, polls int, err error) {
	for polls = 1; ; polls++ {
		resp, err = crm.CustomersList(ctx, req)
		isPending, after := external.Pending(err)
		if !isPending {
			return resp, polls, err
		}
		time.Sleep(after)
	}
}

// mustOpen is openList that fails the test on an error.
func mustOpen(t *testing.T, crm frontline.CRM, req frontline.ListRequest) frontline.ListResponse {
	t.Helper()
	resp, _, err := openList(t.Context(), crm, req)
	if err != nil {
		t.Fatalf("CustomersList(%+v): %v", req, err)
	}
	return resp
}

// openDetails is openList for details.
func openDetails(ctx context.Context, crm frontline.CRM, worker, id string) (frontline.DetailsResponse, error) {
	for {
		resp, err := crm.CustomerDetails(ctx, frontline.DetailsRequest{Worker: worker, CustomerID: id})
		isPending, after := external.Pending(err)
		if !isPending {
			return resp, err
		}
		time.Sleep(after)
	}
}

// walkPages requests all pages from req on, and fails the test if a customer is
// repeated or the list has no end.
func walkPages(t *testing.T, crm frontline.CRM, req frontline.ListRequest) (pages [][]string, err error) {
	t.Helper()
	seen := map[string]bool{}
	for range 2000 {
		resp, _, err := openList(t.Context(), crm, req)
		if err != nil {
			return pages, err
		}
		for _, c := range resp.Customers {
			if seen[c.ID] {
				t.Errorf("customer %s is repeated", c.ID)
			}
			seen[c.ID] = true
		}
		pages = append(pages, external.IDs(resp.Customers))
		if resp.NextPageToken == "" {
			return pages, nil
		}
		req.NextPageToken = resp.NextPageToken
	}
	t.Fatal("the list has no end")
	return nil, nil
}

// walkIDs is walkPages in one slice.
func walkIDs(t *testing.T, crm frontline.CRM, req frontline.ListRequest) ([]string, error) {
	t.Helper()
	pages, err := walkPages(t, crm, req)
	return slices.Concat(pages...), err
}

// A recorder collects calls.
type recorder struct {
	mu    sync.Mutex
	calls []external.Call
}

func (r *recorder) Record(c external.Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
}

func (r *recorder) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.calls)
}
