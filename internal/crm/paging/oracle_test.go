package paging_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/crm/crmfake"
	"github.com/clientele-project/clientele/internal/crm/oracle"
	"github.com/clientele-project/clientele/internal/secret"
)

// count walks a list, with up to 20 errors, and returns how many customers and calls.
func count(t *testing.T, crm frontline.CRM, f *crmfake.Service) (customers, calls int, ended bool) {
	req := frontline.ListRequest{Worker: "alice"}
	for errs := 0; errs < 20; {
		resp, err := crm.CustomersList(t.Context(), req)
		var u *frontline.UnavailableError
		if errors.As(err, &u) && u.Pending {
			time.Sleep(u.RetryAfter)
			continue
		}
		if err != nil {
			errs++
			time.Sleep(15 * time.Second)
			continue
		}
		customers += len(resp.Customers)
		if resp.NextPageToken == "" {
			return customers, len(f.ListRequests()), true
		}
		req.NextPageToken = resp.NextPageToken
	}
	return customers, len(f.ListRequests()), false
}

// TestPager_AsBefore compares a Pager with the stack that it replaces.
func TestPager_AsBefore(t *testing.T) {
	oldCalls, newCalls, oldMissing, newMissing := 0, 0, 0, 0
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			n := int(seed*7) % 256
			f := crmfake.New(newRandom(seed).page, n)
			old := external.New(external.Options{Client: f, Sealer: secret.NewKey().Sealer("test"), Limits: external.QueueOptions{Calls: 1000, PerSecond: 1e6, Burst: 1e6}})
			oldRows, calls, _ := count(t, old, f)
			oldCalls += calls
			old.Close(context.Background())
			f = crmfake.New(newRandom(seed).page, n)
			p, _ := newPager(f)
			rows, calls, _ := count(t, p, f)
			newCalls += calls
			oldMissing += n - oldRows
			newMissing += n - rows
		})
	}
	t.Logf("calls: %d before, %d now; rows missing: %d before, %d now", oldCalls, newCalls, oldMissing, newMissing)
}
