package server

import (
	"context"
	"errors"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
)

// activeWorkers is a frontline.CRM that returns nothing to deactivated workers. Workers
// without an account pass: callers may have people of their own.
type activeWorkers struct {
	frontline.CRM
	person func(ctx context.Context, identity string) (account.Person, error)
}

// CustomersList implements frontline.CRM.
func (a activeWorkers) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	ok, err := a.mayAsk(ctx, req.Worker)
	switch {
	case err != nil:
		return frontline.ListResponse{}, err
	case !ok:
		return frontline.ListResponse{Customers: []frontline.Customer{}, Searchable: frontline.SearchableYes}, nil
	}
	return a.CRM.CustomersList(ctx, req)
}

// CustomerDetails implements frontline.CRM.
func (a activeWorkers) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	ok, err := a.mayAsk(ctx, req.Worker)
	switch {
	case err != nil:
		return frontline.DetailsResponse{}, err
	case !ok:
		return frontline.DetailsResponse{}, frontline.ErrNotFound
	}
	return a.CRM.CustomerDetails(ctx, req)
}

// mayAsk reports whether a worker is not deactivated.
func (a activeWorkers) mayAsk(ctx context.Context, worker string) (bool, error) {
	p, err := a.person(ctx, worker)
	switch {
	case errors.Is(err, account.ErrNotFound):
		return true, nil
	case err != nil:
		return false, &frontline.UnavailableError{Err: err}
	}
	return p.Active(), nil
}
