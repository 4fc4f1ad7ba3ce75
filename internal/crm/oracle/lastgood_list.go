package external

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// pageFresh is how old a later page may be without saying so: who scrolls through a
// list that was fetched while it was looked at need not be told the time.
const pageFresh = time.Minute

// CustomersList answers a page of the worker's list.
//
// A first page is answered from the held copy, at once, if there is one, while a
// fresh one is fetched. When that is not there in a moment, the held one has
// Meta.AsOf: ask with NewerThan to get the fresh one. When the last try to fetch one
// failed, Meta.Stale tells.
//
// Later pages go on in the version that the first one was of. Where the service
// fails, they go on in an older version that reaches further, with Meta.AsOf and
// Meta.Stale; no customer comes twice. Where that is not whole either, the list
// ends with the service's error, not as if it were complete.
//
// Searches are passed on.
func (g *lastGood) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if err := checkList(&req); err != nil {
		return frontline.ListResponse{}, err
	}
	switch {
	case req.Query != "":
		return g.lists.CustomersList(ctx, req)
	case req.NextPageToken != "":
		return g.later(ctx, req)
	}
	return g.first(ctx, req)
}

func (g *lastGood) first(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	v := g.lists.Book(ctx, req.Worker).Current()
	if v == nil {
		v, err := g.lists.Begin(ctx, req.Worker)
		if err != nil {
			return frontline.ListResponse{}, err
		}
		return g.lists.Page(ctx, req.Worker, v, 0, req.PageSize)
	}
	if !req.NewerThan.IsZero() && !v.AsOf().After(req.NewerThan) {
		return g.newer(ctx, req, v)
	}
	age := g.opts.Now().Sub(v.AsOf())
	if age <= loadedTwice || !req.NewerThan.IsZero() && age <= g.opts.FreshFor {
		return g.old(req, v, frontline.Meta{}), nil
	}
	last := g.lastFailure(req.Worker, v)
	if last == nil || g.opts.Now().Sub(last.at) >= tryAgainAfter {
		r := g.refresh(ctx, req.Worker)
		switch done, err := r.glance(ctx, req.PageSize); {
		case err != nil:
			return frontline.ListResponse{}, err
		case done && r.err == nil:
			return g.lists.Held(req.Worker, r.version, 0, req.PageSize), nil
		case done && isGone(r.err):
			return frontline.ListResponse{}, r.err
		case done && isFailure(r.err):
			last = &failure{err: r.err}
		}
	}
	meta := frontline.Meta{AsOf: v.AsOf()}
	if last != nil {
		meta.Stale = last.err
	}
	return g.old(req, v, meta), nil
}

// newer waits for a version that is newer than v, which its caller has.
func (g *lastGood) newer(ctx context.Context, req frontline.ListRequest, v *version) (frontline.ListResponse, error) {
	if last := g.lastFailure(req.Worker, v); last != nil && g.opts.Now().Sub(last.at) < tryAgainAfter {
		return g.old(req, v, frontline.Meta{AsOf: v.AsOf(), Stale: last.err}), nil
	}
	r := g.refresh(ctx, req.Worker)
	select {
	case <-r.done:
	case <-ctx.Done():
		return frontline.ListResponse{}, ctx.Err()
	}
	switch {
	case r.err == nil:
		return g.lists.Page(ctx, req.Worker, r.version, 0, req.PageSize)
	case isFailure(r.err):
		return g.old(req, v, frontline.Meta{AsOf: v.AsOf(), Stale: r.err}), nil
	}
	return frontline.ListResponse{}, r.err
}

// old answers a first page as it is held.
func (g *lastGood) old(req frontline.ListRequest, v *version, meta frontline.Meta) frontline.ListResponse {
	resp := g.lists.Held(req.Worker, v, 0, req.PageSize)
	resp.Meta = meta
	g.hit(req.Worker)
	return resp
}

// later answers a page by its token.
func (g *lastGood) later(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	at, err := g.tokens.open(req.NextPageToken, req.Worker, "")
	if err != nil {
		return frontline.ListResponse{}, err
	}
	book := g.lists.Book(ctx, req.Worker)
	v := book.find(at.version)
	if v == nil || at.from > v.Len() {
		return frontline.ListResponse{}, errOldToken
	}
	if at.mended {
		older := book.find(at.older)
		if older == nil {
			return frontline.ListResponse{}, errOldToken
		}
		return g.mended(ctx, req, v, older, at)
	}
	had := v.Len()
	resp, err := g.lists.Page(ctx, req.Worker, v, at.from, req.PageSize)
	if err != nil {
		if older := reachesFurther(book, v, at.from); older != nil && isFailure(err) {
			return g.fromOlder(req, v, older, spot{version: v.id, from: at.from, mended: true, older: older.id}, err)
		}
		return frontline.ListResponse{}, err
	}
	if had >= at.from+len(resp.Customers) && len(resp.Customers) > 0 {
		g.hit(req.Worker)
	}
	// Who asks again with NewerThan gets the same, as a walk ends in the version that
	// it began in, and is not told to ask yet again.
	if had > at.from && g.opts.Now().Sub(v.AsOf()) > max(pageFresh, g.opts.FreshFor) && req.NewerThan.Before(v.AsOf()) {
		resp.Meta.AsOf = v.AsOf()
	}
	return resp, nil
}

// isFailure tells whether an error is the service's own failure, which the held copy
// may stand in for: 48003 to 48005, but no 404, which says that there is no list.
func isFailure(err error) bool { return fallsBack(err) && !isGone(err) }
