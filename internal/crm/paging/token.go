package paging

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// Place is where a page begins: an index in a snapshot, and the customer before it. A
// token is a sealed place, good for one service, worker and query. Snapshot is "" in one
// of a search that the service did not do.
type Place struct {
	Snapshot string `json:"s"`
	From     int    `json:"i"`
	Last     string `json:"c,omitempty"`
}

var (
	errWrongToken = &frontline.InvalidRequestError{Reason: "NextPageToken was not made by this service for this Worker and Query"}
	errOldToken   = &frontline.InvalidRequestError{Reason: "NextPageToken is too old: start again at the first page"}
)

// Seal returns the token of a place for the worker and query of req. last is the customer
// before it.
func (p *Pager) Seal(req frontline.ListRequest, at Place, last string) string {
	if len(last) <= maxLast {
		at.Last = last
	}
	plain, err := json.Marshal(at)
	if err != nil {
		panic(err) // strings and a number
	}
	return p.opts.Sealer.Seal(plain, p.context(req.Worker, req.Query))
}

// context binds a token. No two have the same, as the length of each part is in it.
func (p *Pager) context(worker, query string) string {
	return SealContext("list page", p.opts.Service, text.IdentityKey(worker), query)
}

// SealContext returns a context for a Sealer that no other use or parts have.
func SealContext(use string, parts ...string) string {
	for _, p := range parts {
		use += "\x00" + strconv.Itoa(len(p)) + ":" + p
	}
	return use
}

// Open returns the snapshot and the index that the token of req leads to.
func (p *Pager) Open(ctx context.Context, req frontline.ListRequest) (s *Snapshot, from int, err error) {
	at, err := p.Unseal(req)
	if err != nil {
		return nil, 0, err
	}
	s = p.opts.Store.Snapshot(ctx, req.Worker, req.Query, at.Snapshot)
	if s != nil && at.From <= s.Len() {
		return s, at.From, nil
	}
	if at.Last == "" || req.Query != "" { // a search is not repeated
		return nil, 0, errOldToken
	}
	if s == nil { // or else it was restored from an earlier copy
		s = p.opts.Store.Snapshot(ctx, req.Worker, "", "")
	}
	for s != nil {
		if i, ok := s.Index(at.Last); ok {
			return s, i + 1, nil
		}
		n := s.Len()
		if s.Done() || n >= maxSought {
			break
		}
		if err := p.Grow(ctx, req.Worker, "", s, n+1); err != nil {
			return nil, 0, err
		}
	}
	return nil, 0, errOldToken
}

// Unseal returns the place of the token of req. One of an earlier version is too old.
func (p *Pager) Unseal(req frontline.ListRequest) (at Place, err error) {
	if len(req.NextPageToken) > frontline.MaxTokenBytes {
		return Place{}, errWrongToken
	}
	plain, err := p.opts.Sealer.Open(req.NextPageToken, p.context(req.Worker, req.Query))
	if err != nil {
		return Place{}, errWrongToken
	}
	if json.Unmarshal(plain, &at) != nil || at.From < 0 {
		return Place{}, errOldToken
	}
	return at, nil
}
