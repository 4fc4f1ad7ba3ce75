package external

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// walkOptions is how a walk is set up; zero values mean the defaults.
type walkOptions struct {
	// Sealer makes page tokens; it must be set.
	Sealer Sealer
	// TopUp is how long an answer that has something to show may wait to be made
	// whole: for more rows when the service's pages are short, and to tell whether
	// anything follows; 500 ms. The call under way is not given up then.
	TopUp time.Duration
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// A walk is a CRM that makes clean pages of whatever a service answers: no customer
// twice, all of them, and an end. Its page tokens name a held version of the list
// and a place in it, so that a walk finishes in the version it began, also after a
// restart. No token or anchor of the service is in them.
//
// A list without a token, and a search, begin a new version. What fails in the
// middle fails with the service's own error; asking again goes on from there. A
// token that is not ours, not this worker's or not this query's, or whose version is
// held no more, is a *frontline.InvalidRequestError, and so is any Anchor.
//
// It is safe for concurrent use.
type walk struct {
	crm    frontline.CRM
	shelf  *shelf
	opts   walkOptions
	tokens pageTokens
	begins joints[*version]
	steps  joints[struct{}]
	topUps errands

	ctx     context.Context // of what goes on by itself
	stop    context.CancelFunc
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

var _ pages = (*walk)(nil)

// newWalk makes a walk that asks crm and holds what it answers on shelf.
func newWalk(crm frontline.CRM, shelf *shelf, opts walkOptions) *walk {
	opts.TopUp = orElse(opts.TopUp, 500*time.Millisecond)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	w := &walk{crm: crm, shelf: shelf, opts: opts, tokens: pageTokens{opts.Sealer, shelf.opts.Service}, topUps: errands{most: maxTopUps}}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// Close gives up what goes on by itself, and waits until it has ended, or ctx has.
// The walk still answers afterwards.
func (w *walk) Close(ctx context.Context) error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.stop()
	return waitFor(ctx, &w.running)
}

// CustomersList answers a page of the worker's list, or of what the service found.
func (w *walk) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if err := checkList(&req); err != nil {
		return frontline.ListResponse{}, err
	}
	if req.NextPageToken != "" {
		at, v, err := w.at(ctx, req)
		if err != nil {
			return frontline.ListResponse{}, err
		}
		if at.mended { // lastGood's: without it there is no way on
			return frontline.ListResponse{}, errOldToken
		}
		return w.page(ctx, req.Worker, req.Query, v, at.from, req.PageSize)
	}
	v, err := w.begin(ctx, req.Worker, req.Query)
	if err != nil {
		return frontline.ListResponse{}, err
	}
	return w.page(ctx, req.Worker, req.Query, v, 0, req.PageSize)
}

// CustomerDetails passes on.
func (w *walk) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return w.crm.CustomerDetails(ctx, req)
}

// goOn notes that something begins that may go on by itself, until end; nil tells
// that nothing may any more. Whoever began it leaves it.
func (w *walk) goOn(worker string, giveUp func()) *errand {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.running.Add(1)
	return w.topUps.begin(worker, giveUp)
}

func (w *walk) leave(e *errand) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.topUps.leave(e)
}

func (w *walk) end(e *errand) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.topUps.end(e)
	w.running.Done()
}

// checkList refuses what cannot be answered, and puts in what is meant by nothing.
func checkList(req *frontline.ListRequest) error {
	switch {
	case req.Worker == "":
		return &frontline.InvalidRequestError{Reason: "Worker is missing"}
	case req.PageSize < 0:
		return &frontline.InvalidRequestError{Reason: "PageSize must be a positive whole number"}
	case req.Anchor != "" && req.NextPageToken == "":
		return &frontline.InvalidRequestError{Reason: "Anchor is not used here: send the NextPageToken of the page before"}
	}
	if req.PageSize == 0 {
		req.PageSize = frontline.DefaultPageSize
	}
	req.PageSize = min(req.PageSize, frontline.MaxPageSize)
	if strings.TrimSpace(req.Query) == "" {
		req.Query = ""
	}
	return nil
}

// at answers where a token leads to.
func (w *walk) at(ctx context.Context, req frontline.ListRequest) (at spot, v *version, err error) {
	if at, err = w.tokens.open(req.NextPageToken, req.Worker, req.Query); err != nil {
		return spot{}, nil, err
	}
	if req.Query == "" {
		v = w.Book(ctx, req.Worker).find(at.version)
	} else {
		v, _ = w.shelf.searches.Get(searchKey{text.IdentityKey(req.Worker), at.version})
	}
	if v == nil || at.from > v.Len() {
		return spot{}, nil, errOldToken
	}
	return at, v, nil
}

// Book implements lists.
func (w *walk) Book(ctx context.Context, worker string) *book { return w.shelf.Book(ctx, worker) }

// Forget implements lists.
func (w *walk) Forget(ctx context.Context, worker string) error { return w.shelf.Forget(ctx, worker) }

// Searchable is what the service last said about searching, in any answer.
func (w *walk) Searchable() frontline.Searchable { return w.shelf.Searchable() }
