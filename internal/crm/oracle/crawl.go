package external

import (
	"cmp"
	"context"
	"maps"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

const (
	// crawlFresh is how young a whole copy must be to be good enough to search.
	crawlFresh = 10 * time.Minute
	// crawlLongest is how old the beginning of a copy may be that is crawled on.
	crawlLongest = time.Hour
)

// crawlOptions is how lists are crawled; zero values mean the defaults.
type crawlOptions struct {
	// AtOnce is how many workers' lists are crawled at the same time: 2, so that
	// nearly all of a service is left to who waits for it.
	AtOnce int
	// Within is how long one worker's crawl may go on: 10 minutes. The next visit
	// goes on from there.
	Within time.Duration
	// Turn is how long a crawl goes on while others wait: 30 s, after which it
	// queues behind them.
	Turn time.Duration
	// Waiting bounds the crawls that wait: 10,000, of a few KiB each.
	Waiting int
}

// A crawler fetches whole lists in the background, so that they can be searched.
// One worker's list is crawled once at a time. A call is followed by a pause as
// long as it took. After an error a crawl waits for a while and goes on from where
// it was; after some it gives up until the worker comes again.
type crawler struct {
	lists lists
	opts  crawlOptions
	now   func() time.Time
	turns *turns

	ctx  context.Context // of all crawls
	stop context.CancelFunc

	mu      sync.Mutex
	crawls  map[string]*crawl // by text.IdentityKey of the worker
	closed  bool
	running sync.WaitGroup
}

// A crawl is one worker's list being crawled.
type crawl struct {
	worker string
	cancel context.CancelFunc
	ended  chan struct{} // closed when it has

	mu     sync.Mutex
	err    error         // why it does not go on just now
	failed chan struct{} // closed at the next error, or at the end
	sought bool          // the worker searches
}

func newCrawler(lists lists, opts crawlOptions, now func() time.Time) *crawler {
	opts.AtOnce = cmp.Or(opts.AtOnce, 2)
	opts.Within = cmp.Or(opts.Within, 10*time.Minute)
	opts.Turn = cmp.Or(opts.Turn, 30*time.Second)
	opts.Waiting = cmp.Or(opts.Waiting, 10_000)
	c := &crawler{lists: lists, opts: opts, now: now, turns: newTurns(opts.AtOnce), crawls: make(map[string]*crawl)}
	c.ctx, c.stop = context.WithCancel(withPriority(context.Background(), crawling))
	return c
}

// visit begins to crawl a worker's list when that is wanted: there is no whole copy
// that is young enough, and it is not being crawled. Those who search go before
// those who may.
func (c *crawler) visit(ctx context.Context, worker string, searches bool) {
	if _, wanted := c.choose(c.lists.Book(ctx, worker)); !wanted {
		return
	}
	key := text.IdentityKey(worker)
	c.mu.Lock()
	defer c.mu.Unlock()
	cr := c.crawls[key]
	if cr == nil {
		if c.closed || len(c.crawls) >= c.opts.Waiting {
			return
		}
		cr = &crawl{worker: worker, ended: make(chan struct{}), failed: make(chan struct{})}
		ctx, cancel := context.WithCancel(c.ctx)
		cr.cancel = cancel
		c.crawls[key] = cr
		c.running.Add(1)
		go func() {
			defer c.running.Done()
			defer c.end(key, cr)
			c.run(ctx, cr)
		}()
	}
	if searches {
		cr.seek()
	}
}

// choose answers which version is to be crawled, nil for one that is yet to be
// begun; not wanted when what is held is good enough.
func (c *crawler) choose(book *book) (v *version, wanted bool) {
	current, best := book.Current(), book.Best()
	// Of a crawl that took long, it is the end that counts, up to an hour.
	recent := func(v *version) bool { return c.now().Sub(v.lastHeard()) < crawlFresh }
	within := func(v *version) bool { return c.now().Sub(v.AsOf()) < crawlLongest }
	switch {
	case best == nil:
		return nil, true
	case best.Done():
		if recent(best) {
			return nil, false
		}
	case recent(best) && within(best):
		return best, true // the longest, so the first to be whole
	case current != nil && within(current):
		return current, true // while nothing is whole, any whole copy is better
	}
	if current != nil && !current.Done() && recent(current) && within(current) {
		return current, true
	}
	return nil, true
}

// wait waits until a worker's crawl has ended or meets an error, which it answers;
// at once when the crawl is waiting after one.
func (c *crawler) wait(ctx context.Context, worker string) error {
	c.mu.Lock()
	cr := c.crawls[text.IdentityKey(worker)]
	c.mu.Unlock()
	if cr == nil {
		return nil
	}
	cr.mu.Lock()
	err, failed := cr.err, cr.failed
	cr.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case <-failed:
	case <-ctx.Done():
		return ctx.Err()
	}
	cr.mu.Lock()
	defer cr.mu.Unlock()
	return cr.err
}

func (c *crawler) end(key string, cr *crawl) {
	cr.cancel()
	c.mu.Lock()
	if c.crawls[key] == cr {
		delete(c.crawls, key)
	}
	c.mu.Unlock()
	cr.mu.Lock()
	close(cr.failed)
	cr.mu.Unlock()
	close(cr.ended)
}

// forget ends a worker's crawl, and waits until it has ended or ctx has.
func (c *crawler) forget(ctx context.Context, worker string) error {
	c.mu.Lock()
	cr := c.crawls[text.IdentityKey(worker)]
	c.mu.Unlock()
	if cr == nil {
		return nil
	}
	cr.cancel()
	select {
	case <-cr.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// retain ends the crawls of workers whom keep does not want.
func (c *crawler) retain(keep func(worker string) bool) {
	c.mu.Lock()
	crawls := maps.Clone(c.crawls)
	c.mu.Unlock()
	for worker, cr := range crawls {
		if !keep(worker) {
			cr.cancel()
		}
	}
}

// close ends all crawls, and waits until they have ended or ctx has.
func (c *crawler) close(ctx context.Context) error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.stop()
	return waitFor(ctx, &c.running)
}
