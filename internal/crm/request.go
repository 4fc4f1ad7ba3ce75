package crm

import (
	"context"
	"fmt"

	"github.com/clientele-project/clientele/frontline"
)

// A Request is one of the two questions of the CRM callback: Details if Details is set,
// and the list otherwise. It lets a decorator treat both alike.
type Request struct {
	List    frontline.ListRequest
	Details *frontline.DetailsRequest
}

// A Response is what a Request brings: Details or List, as was asked.
type Response struct {
	List    frontline.ListResponse
	Details frontline.DetailsResponse
}

// Worker returns whose request it is.
func (r Request) Worker() string {
	if r.Details != nil {
		return r.Details.Worker
	}
	return r.List.Worker
}

// Location returns the Location of the request.
func (r Request) Location() string {
	if r.Details != nil {
		return frontline.LocationCustomerDetails
	}
	return frontline.LocationCustomersList
}

// Key returns what tells the request from all others.
func (r Request) Key() string {
	l, since := r.List, r.List.NewerThan
	key := fmt.Sprintf("list %q %d %q %q %q", l.Worker, l.PageSize, l.Anchor, l.NextPageToken, l.Query)
	if d := r.Details; d != nil {
		key, since = fmt.Sprintf("details %q %q", d.Worker, d.CustomerID), d.NewerThan
	}
	if !since.IsZero() {
		key += fmt.Sprintf(" %d", since.UnixNano()) // the same in every time zone
	}
	return key
}

// Do sends the request to crm.
func (r Request) Do(ctx context.Context, crm frontline.CRM) (resp Response, err error) {
	if r.Details != nil {
		resp.Details, err = crm.CustomerDetails(ctx, *r.Details)
	} else {
		resp.List, err = crm.CustomersList(ctx, r.List)
	}
	return resp, err
}

// Func is a frontline.CRM that answers both questions with one function.
type Func func(ctx context.Context, req Request) (Response, error)

// CustomersList implements frontline.CRM.
func (f Func) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	resp, err := f(ctx, Request{List: req})
	return resp.List, err
}

// CustomerDetails implements frontline.CRM.
func (f Func) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	resp, err := f(ctx, Request{Details: &req})
	return resp.Details, err
}
