package upstream

import (
	"context"

	"github.com/clientele-project/clientele/frontline"
)

// CustomerDetails answers one customer.
func (g *LastGood) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return g.lists.CustomerDetails(ctx, req)
}
