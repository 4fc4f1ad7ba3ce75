package external

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/lru"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/search"
	"github.com/clientele-project/clientele/internal/text"
)

// searchOptions is how a localSearch is set up; zero values mean the defaults.
type searchOptions struct {
	// Crawl is how lists are crawled.
	Crawl crawlOptions
	// Memory bounds the bytes taken by folded names, and those by results that have
	// further pages: 32 MiB each, some 700,000 names and 200,000 results. What was
	// given up is made again.
	Memory int
	// Recorder is told of answers that came from the held copy; may be nil.
	Recorder Recorder
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// localSearch is a CRM that searches the held copy of a worker's list when the
// service does not do the searching, by the rules of the built-in service: names,
// and the digits in them, are all that a list has. It learns from every answer
// whether the service searches; a Query is never sent to one that said no.
//
// While the worker's list is not held as a whole, it is crawled in the background,
// and answers are Meta.Partial with what they cover. A search that the service
// failed to answer (48003 to 48005) is answered from the held copy too, with
// Meta.Stale telling why. It is safe for concurrent use.
type localSearch struct {
	crm      frontline.CRM
	lists    lists
	tokens   searchTokens
	opts     searchOptions
	learnt   learnt
	crawler  *crawler
	folded   *lru.Cache[foldedKey, *folded]
	findings *lru.Cache[findingKey, finding]
}

var _ frontline.CRM = (*localSearch)(nil)

// newLocalSearch makes a localSearch around crm, over what lists holds.
func newLocalSearch(crm frontline.CRM, lists lists, sealer Sealer, opts searchOptions) *localSearch {
	opts.Memory = cmp.Or(opts.Memory, 32<<20)
	if opts.Now == nil {
		opts.Now = time.Now
	}
	return &localSearch{
		crm: crm, lists: lists, tokens: searchTokens{sealer}, opts: opts,
		learnt:   learnt{now: opts.Now},
		crawler:  newCrawler(lists, opts.Crawl, opts.Now),
		folded:   lru.New[foldedKey, *folded](10_000, opts.Memory, nil),
		findings: lru.New[findingKey, finding](10_000, opts.Memory, nil),
	}
}

// CustomersList answers a page of the worker's list, or of the customers that match
// the query. Of an answer that was searched for here, Searchable is SearchableNo.
func (s *localSearch) CustomersList(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	if strings.TrimSpace(req.Query) == "" {
		req.Query = "" // who typed a blank has not searched yet
		return s.list(ctx, req)
	}
	if req.NextPageToken != "" {
		if at, ok := s.tokens.open(req.NextPageToken, req.Worker, req.Query); ok {
			return s.more(ctx, req, at)
		}
		// Begun with the service, so it ends there: the walk refuses what it did not seal.
		return s.ask(ctx, req)
	}
	var failed error
	if s.searchable() != frontline.SearchableNo {
		resp, err := s.ask(ctx, req)
		switch {
		case err == nil && s.searchable() == frontline.SearchableYes:
			return resp, nil
		case err != nil && !fallsBack(err):
			return resp, err
		}
		failed = err
	}
	return s.local(ctx, req, failed)
}

// CustomerDetails passes on.
func (s *localSearch) CustomerDetails(ctx context.Context, req frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	return s.crm.CustomerDetails(ctx, req)
}

// list answers a page of the list, and has the list crawled that will be searched
// here: who opened it is likely to search next.
func (s *localSearch) list(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	resp, err := s.ask(ctx, req)
	known := s.searchable()
	if err == nil && known != frontline.SearchableUnknown {
		resp.Searchable = known // whatever this answer says, this is what a search will be
	}
	if known == frontline.SearchableNo && req.NextPageToken == "" && req.Anchor == "" {
		s.crawler.visit(ctx, req.Worker, false)
	}
	return resp, err
}

// ask asks the service, and learns from its answer.
func (s *localSearch) ask(ctx context.Context, req frontline.ListRequest) (frontline.ListResponse, error) {
	resp, err := s.crm.CustomersList(ctx, req)
	if err == nil && resp.Meta.AsOf.IsZero() { // what was kept tells of an earlier day
		s.learnt.note(resp.Searchable, req.Query != "")
	}
	return resp, err
}

// A searchTeller is lists that know what the service said last about searching, in
// any answer: also in those that do not come through localSearch, of crawls, and
// before a restart. Unknown when it never said. *walk is one.
type searchTeller interface{ Searchable() frontline.Searchable }

// searchable is what the service is to be taken for.
func (s *localSearch) searchable() frontline.Searchable {
	heard := frontline.SearchableUnknown
	if t, ok := s.lists.(searchTeller); ok {
		heard = t.Searchable()
	}
	return s.learnt.value(heard)
}

// errNotNewer is why an old copy is answered to who asked for a newer one.
var errNotNewer = &frontline.UnavailableError{Err: errors.New("list was not refreshed in time")}

// local answers the first page from the held copy; failed is why the service,
// asked before, did not answer.
func (s *localSearch) local(ctx context.Context, req frontline.ListRequest, failed error) (frontline.ListResponse, error) {
	if search.ParseQuery(req.Query).IsEmpty() {
		return frontline.ListResponse{Searchable: frontline.SearchableNo}, nil
	}
	book := s.lists.Book(ctx, req.Worker)
	if book.Best() == nil {
		if failed != nil {
			return frontline.ListResponse{}, failed
		}
		if _, err := s.lists.Begin(ctx, req.Worker); err != nil {
			return frontline.ListResponse{}, err
		}
	}
	if s.searchable() != frontline.SearchableYes {
		s.crawler.visit(ctx, req.Worker, true)
	}
	snap, ok := takeSnapshot(book)
	if ok && failed == nil && !req.NewerThan.IsZero() && !snap.asOf.After(req.NewerThan) {
		err := s.crawler.wait(ctx, req.Worker)
		if ctx.Err() != nil {
			return frontline.ListResponse{}, ctx.Err()
		}
		if snap, ok = takeSnapshot(s.lists.Book(ctx, req.Worker)); ok && !snap.asOf.After(req.NewerThan) && s.isOld(snap.heard) {
			if failed = err; err == nil {
				failed = errNotNewer
			}
		}
	}
	if !ok { // forgotten meanwhile
		return frontline.ListResponse{}, &frontline.UnavailableError{Err: errors.New("cached list was deleted during a search")}
	}
	from := 0
	key := findingKey{text.IdentityKey(req.Worker), req.Query, snap.extent, snap.whole}
	f, err := s.find(ctx, key, snap)
	if err == nil && req.Anchor != "" {
		from, err = f.after(req.Anchor)
	}
	if err != nil {
		return frontline.ListResponse{}, err
	}
	resp := s.page(req, f, key, from)
	resp.Meta.Stale = failed
	if failed != nil {
		resp.Meta.AsOf = f.asOf
	}
	return resp, nil
}
