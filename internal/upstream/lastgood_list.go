package upstream

import (
	"context"

	"github.com/clientele-project/clientele/frontline"
)

// CustomersList answers a page of the worker's customers.
func (g *LastGood) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	return g.lists.CustomersList(ctx, req)
}
