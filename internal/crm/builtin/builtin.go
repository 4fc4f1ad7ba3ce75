// Package builtin is the built-in integration service: a frontline.CRM over the
// customer store.
//
// It pages by token and by anchor. A token is a sealed cursor, bound to one worker's
// list or search. An anchor is only a customer's id; the last rows of recent pages are
// remembered with their cursors, so that a walk continues from where a customer was
// even if it was renamed meanwhile.
package builtin

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/lru"
)

// A Sealer encrypts short values and binds them to a context. Open returns an error
// for a value that was not sealed for that context. *secret.Sealer is one.
type Sealer interface {
	Seal(plain []byte, context string) string
	Open(sealed, context string) ([]byte, error)
}

const (
	// maxAnchors is how many anchors are remembered with their cursors, over all
	// workers, of about 200 bytes each.
	maxAnchors = 10_000
	// retryAfter is when a caller should retry while the store is down.
	retryAfter = 5 * time.Second
)

// CRM is a frontline.CRM over a customer.Reader. It is safe for concurrent use.
type CRM struct {
	reader customer.Reader
	tokens tokens
	// anchors holds the cursors of the last rows of recent pages, of all walks.
	anchors *lru.Cache[anchorKey, customer.Cursor]
}

var _ frontline.CRM = (*CRM)(nil)

// New returns a CRM over reader.
func New(reader customer.Reader, sealer Sealer) *CRM {
	return &CRM{
		reader:  reader,
		tokens:  tokens{sealer},
		anchors: lru.New[anchorKey, customer.Cursor](maxAnchors, maxAnchors, nil),
	}
}

// CustomersList returns a page of the worker's list, or of the customers that match
// the query. A token takes precedence over an anchor. An anchor in a search continues
// after that customer's position among the results, now or when it was returned.
func (crm *CRM) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if err := checkWorker(req.Worker); err != nil {
		return frontline.ListResponse{}, err
	}
	limit := req.PageSize
	if limit <= 0 {
		limit = frontline.DefaultPageSize
	}
	limit = min(limit, frontline.MaxPageSize)
	if strings.TrimSpace(req.Query) == "" {
		req.Query = ""
	}
	tokenCtx := tokenContext(req.Worker, req.Query)

	var after customer.Cursor
	anchor := ""
	if req.NextPageToken != "" {
		var err error
		if after, err = crm.tokens.open(req.NextPageToken, tokenCtx); err != nil {
			return frontline.ListResponse{}, err
		}
	} else if req.Anchor != "" {
		var known bool
		if after, known = crm.anchors.Get(newAnchorKey(tokenCtx, req.Anchor)); !known {
			anchor = req.Anchor
		}
	}
	page, err := crm.page(ctx, req, after, anchor, limit)
	if err != nil {
		return frontline.ListResponse{}, crm.protocolError(err, req.NextPageToken == "")
	}
	resp := frontline.ListResponse{Searchable: frontline.SearchableYes, Customers: make([]frontline.Customer, len(page.Rows))}
	for i, row := range page.Rows {
		resp.Customers[i] = frontline.Customer{ID: row.ID, DisplayName: row.Name, Avatar: row.Avatar}
	}
	if n := len(page.Rows); n > 0 {
		last := page.Rows[n-1]
		crm.anchors.Put(newAnchorKey(tokenCtx, last.ID), last.Cursor, 1)
		if page.More {
			resp.NextPageToken = crm.tokens.seal(last.Cursor, tokenCtx)
		}
	}
	return resp, nil
}

func (crm *CRM) page(ctx context.Context, req frontline.ListRequest, after customer.Cursor, anchor string, limit int) (customer.Page, error) {
	if req.Query == "" {
		return crm.reader.List(ctx, customer.ListQuery{Worker: req.Worker, After: after, Anchor: anchor, Limit: limit})
	}
	return crm.reader.Search(ctx, customer.SearchQuery{Worker: req.Worker, Query: req.Query, After: after, Anchor: anchor, Limit: limit})
}

// CustomerDetails returns one of the worker's own customers.
func (crm *CRM) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	if err := checkWorker(req.Worker); err != nil {
		return frontline.DetailsResponse{}, err
	}
	c, err := crm.reader.Customer(ctx, req.Worker, req.CustomerID)
	if err != nil {
		return frontline.DetailsResponse{}, crm.protocolError(err, false)
	}
	return frontline.DetailsResponse{Customer: toWire(c)}, nil
}

// protocolError converts an error of the store.
func (crm *CRM) protocolError(err error, byAnchor bool) error {
	switch {
	case errors.Is(err, customer.ErrNotFound):
		return frontline.ErrNotFound
	case errors.Is(err, customer.ErrUnknownAnchor) && byAnchor:
		return &frontline.InvalidRequestError{Reason: "Anchor is not the id of a customer of this worker"}
	case errors.Is(err, customer.ErrUnknownAnchor):
		return &frontline.InvalidRequestError{Reason: "NextPageToken is too old: start again at the first page"}
	case errors.Is(err, customer.ErrUnavailable):
		return &frontline.UnavailableError{RetryAfter: retryAfter, Err: err}
	}
	return err
}

// toWire converts a customer to its wire form. Company and job title have no field
// there; they become the first line of the details.
func toWire(c customer.Customer) frontline.Customer {
	w := frontline.Customer{ID: c.ID, DisplayName: c.Name, Avatar: c.Avatar}
	if len(c.Channels) > 0 {
		w.Channels = make([]frontline.Channel, len(c.Channels))
		for i, ch := range c.Channels {
			w.Channels[i] = frontline.Channel{Type: ch.Type, Value: ch.Value}
		}
	}
	if len(c.Links) > 0 {
		w.Links = make([]frontline.Link, len(c.Links))
		for i, l := range c.Links {
			w.Links[i] = frontline.Link(l)
		}
	}
	if text := c.FreeText(); text.Content != "" {
		w.Details = &frontline.Detail{Title: text.Title, Content: text.Content}
	}
	return w
}
