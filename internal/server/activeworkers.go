package server

import (
	"context"

	"github.com/clientele-project/clientele/frontline"
)

// activeWorkers is a frontline.CRM that returns nothing to deactivated workers. Workers
// without an account pass: callers may have people of their own.
type activeWorkers struct {
	frontline.CRM
	isDeactivated func(ctx context.Context, worker string) (bool, error)
}

// CustomersList implements frontline.CRM.
func (a activeWorkers) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	off, err := a.isDeactivated(ctx, req.Worker)
	switch {
	case err != nil:
		return frontline.ListResponse{}, &frontline.UnavailableError{Err: err}
	case off:
		return frontline.ListResponse{Customers: []frontline.Customer{}, Searchable: frontline.SearchableYes}, nil
	}
	return a.CRM.CustomersList(ctx, req)
}

// CustomerDetails implements frontline.CRM.
func (a activeWorkers) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	off, err := a.isDeactivated(ctx, req.Worker)
	switch {
	case err != nil:
		return frontline.DetailsResponse{}, &frontline.UnavailableError{Err: err}
	case off:
		return frontline.DetailsResponse{}, frontline.ErrNotFound
	}
	return a.CRM.CustomerDetails(ctx, req)
}
