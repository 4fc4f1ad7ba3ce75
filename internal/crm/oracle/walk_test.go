package external

import (
	"slices"
	"testing"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/secret"
)

// walkOver makes a walk over a service, with nothing kept.
func walkOver(t *testing.T, f frontline.CRM) *walk {
	t.Helper()
	sealer := secret.NewKey().Sealer("test")
	return newWalk(f, newShelf(shelfOptions{Service: "s"}), walkOptions{Sealer: sealer})
}

// scroll reads a list to its end, page by page.
func scroll(t *testing.T, crm frontline.CRM, worker string) []string {
	t.Helper()
	ids, err := scrollOn(t, crm, frontline.ListRequest{Worker: worker})
	if err != nil {
		t.Fatalf("after %d customers: %v", len(ids), err)
	}
	return ids
}

// scrollOn is scroll from a request on, up to an error.
func scrollOn(t *testing.T, crm frontline.CRM, req frontline.ListRequest) (ids []string, err error) {
	t.Helper()
	pages, err := pagesOf(t, crm, req)
	return slices.Concat(pages...), err
}

// pagesOf reads on to the end of a list, or to an error, and fails the test when a
// customer comes twice or there is no end.
func pagesOf(t *testing.T, crm frontline.CRM, req frontline.ListRequest) (pages [][]string, err error) {
	t.Helper()
	seen := map[string]bool{}
	for range 2000 {
		resp, err := crm.CustomersList(t.Context(), req)
		if err != nil {
			return pages, err
		}
		for _, c := range resp.Customers {
			if seen[c.ID] {
				t.Errorf("%s comes twice", c.ID)
			}
			seen[c.ID] = true
		}
		pages = append(pages, ids(resp.Customers))
		if resp.NextPageToken == "" {
			return pages, nil
		}
		req.NextPageToken = resp.NextPageToken
	}
	t.Fatal("the list has no end")
	return nil, nil
}

func ids(all []frontline.Customer) []string {
	ids := make([]string, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	return ids
}
