// Package directory answers the CRM callback from our own store of customers: it
// is the built-in integration service, as a frontline.CRM.
//
// It pages by tokens of its own and by anchors alike. A token is a sealed place
// in one worker's list or search, so it cannot be read, changed or used by
// another. An anchor is only a customer's id; the directory remembers where the
// last rows of recent pages stood when they were served, so that a customer that
// was renamed in between leads on from there.
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

// A Sealer encrypts short values and binds them to a context. Open refuses what
// it did not seal for that context. *secret.Sealer is one.
type Sealer interface {
	Seal(plain []byte, context string) string
	Open(sealed, context string) ([]byte, error)
}

// Options are the choices of New; the zero value is right.
type Options struct {
	// MaxAnchors is how many last rows of pages are remembered for anchors, over
	// all workers; 10,000 when 0. Each takes about 200 bytes.
	MaxAnchors int
	// RetryAfter is when a caller should ask again while the store is down; 5 s
	// when 0.
	RetryAfter time.Duration
}

// CRM is a frontline.CRM over a customer.Reader. It is safe for concurrent use.
type CRM struct {
	reader customer.Reader
	tokens tokens
	// anchors holds where the last rows of recent pages stood, over all walks.
	anchors    *lru.Cache[anchorKey, customer.Cursor]
	retryAfter time.Duration
}

var _ frontline.CRM = (*CRM)(nil)

// New returns a CRM over reader.
func New(reader customer.Reader, sealer Sealer, opts Options) *CRM {
	if opts.MaxAnchors <= 0 {
		opts.MaxAnchors = 10_000
	}
	if opts.RetryAfter <= 0 {
		opts.RetryAfter = 5 * time.Second
	}
	return &CRM{
		reader:     reader,
		tokens:     tokens{sealer},
		anchors:    lru.New[anchorKey, customer.Cursor](opts.MaxAnchors, opts.MaxAnchors, nil),
		retryAfter: opts.RetryAfter,
	}
}

// CustomersList answers a page of the worker's list, or of the customers that
// match the query. A token wins over an anchor; an anchor in a search leads on
// from where that customer stands, or stood, among the results.
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
		req.Query = "" // who typed a blank has not searched yet
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

// CustomerDetails answers one of the worker's own customers, whole.
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

// protocolError makes an error of the store one of the protocol.
func (crm *CRM) protocolError(err error, byAnchor bool) error {
	switch {
	case errors.Is(err, customer.ErrNotFound):
		return frontline.ErrNotFound
	case errors.Is(err, customer.ErrUnknownAnchor) && byAnchor:
		return &frontline.InvalidRequestError{Reason: "Anchor is not the id of a customer of this worker"}
	case errors.Is(err, customer.ErrUnknownAnchor):
		return &frontline.InvalidRequestError{Reason: "NextPageToken is too old: begin again at the first page"}
	case errors.Is(err, customer.ErrUnavailable):
		return &frontline.UnavailableError{RetryAfter: crm.retryAfter, Err: err}
	}
	return err
}
