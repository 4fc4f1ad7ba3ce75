package builtin

import (
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/customer/storetest"
)

// TestWalks walks by token and by anchor, as phones do, while customers are
// added, renamed, reassigned and deleted.
func TestWalks(t *testing.T) {
	for name, byToken := range map[string]bool{"by token": true, "by anchor": false} {
		for what, query := range map[string]string{"the list": "", "a search": "keeps"} {
			t.Run(name+" through "+what, func(t *testing.T) {
				store := newStore(t)
				crm := newCRM(store)
				storetest.Walks(t, store, func(worker string, limit int) storetest.Walk {
					req := frontline.ListRequest{Worker: worker, PageSize: limit, Query: query}
					return func() (page []string, more bool, err error) {
						resp, err := crm.CustomersList(ctx, req)
						if err != nil {
							return nil, false, err
						}
						for _, c := range resp.Customers {
							page = append(page, c.ID)
						}
						if byToken {
							req.NextPageToken = resp.NextPageToken
							return page, resp.NextPageToken != "", nil
						}
						if len(page) > 0 {
							req.Anchor = page[len(page)-1]
						}
						return page, len(page) > 0, nil
					}
				})
			})
		}
	}
}
