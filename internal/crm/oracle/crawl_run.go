package external

import (
	"context"
	"time"
)

// crawlStep is how many rows more are asked for at a time: a page.
const crawlStep = 30

// crawlWaits is how long a crawl waits after one error, the second in a row, and so
// on. After one more it gives up.
var crawlWaits = [...]time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute}

// The pause after a call is as long as the call took, within these bounds.
const (
	leastPause = 50 * time.Millisecond
	mostPause  = 2 * time.Second
)

// run crawls until the list is whole, too much failed, or its time is up.
func (c *crawler) run(ctx context.Context, cr *crawl) {
	var v *version
	var ends time.Time
	for failures := 0; ; {
		if !c.turns.take(ctx, cr) {
			return
		}
		if ends.IsZero() {
			ends = c.now().Add(c.opts.Within)
		}
		before := v
		lenBefore := rowsOf(v)
		finished, err := c.turn(ctx, cr, &v, ends)
		c.turns.give()
		switch {
		case finished || ctx.Err() != nil:
			return
		case err == nil: // others wait
			failures = 0
			continue
		}
		if v != before || rowsOf(v) > lenBefore {
			failures = 0
		}
		cr.fail(err)
		if failures == len(crawlWaits) || !sleep(ctx, crawlWaits[failures]) {
			return
		}
		failures++
	}
}

func rowsOf(v *version) int {
	if v == nil {
		return 0
	}
	return v.Len()
}

// turn crawls *v, which it chooses when there is none yet, until others want to.
func (c *crawler) turn(ctx context.Context, cr *crawl, v **version, ends time.Time) (finished bool, err error) {
	if *v == nil {
		chosen, wanted := c.choose(c.lists.Book(ctx, cr.worker))
		if !wanted {
			return true, nil
		}
		if chosen == nil {
			asked := c.now()
			if chosen, err = c.lists.Begin(ctx, cr.worker); err != nil {
				return false, err
			}
			cr.goOn()
			if *v = chosen; !c.pause(ctx, asked) {
				return true, nil
			}
		}
		*v = chosen
	}
	for began := c.now(); !(*v).Done(); {
		before, asked := (*v).Len(), c.now()
		if before >= maxSearched || asked.After(ends) {
			return true, nil
		}
		if err := c.lists.Fill(ctx, cr.worker, *v, before+crawlStep); err != nil {
			return false, err
		}
		cr.goOn()
		if (*v).Done() {
			break
		}
		if (*v).Len() == before {
			return true, nil // the walk has reached its own bounds
		}
		if !c.pause(ctx, asked) {
			return true, nil
		}
		if c.now().Sub(began) > c.opts.Turn && c.turns.wanted() {
			return false, nil
		}
	}
	// It may have been replaced as the newest meanwhile, but reaches furthest now.
	c.lists.Book(ctx, cr.worker).adopt(*v)
	return true, nil
}

// pause waits as long as the call took that was made at asked, within bounds; false
// when ctx ended first.
func (c *crawler) pause(ctx context.Context, asked time.Time) bool {
	return sleep(ctx, max(leastPause, min(c.now().Sub(asked), mostPause)))
}

// sleep tells whether ctx lasted as long.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// fail notes an error, and tells those who wait.
func (cr *crawl) fail(err error) {
	cr.mu.Lock()
	defer cr.mu.Unlock()
	cr.err = err
	close(cr.failed)
	cr.failed = make(chan struct{})
}

// goOn notes that the last call went well.
func (cr *crawl) goOn() {
	cr.mu.Lock()
	defer cr.mu.Unlock()
	cr.err = nil
}

// seek notes that the worker searches.
func (cr *crawl) seek() {
	cr.mu.Lock()
	defer cr.mu.Unlock()
	cr.sought = true
}

func (cr *crawl) isSought() bool {
	cr.mu.Lock()
	defer cr.mu.Unlock()
	return cr.sought
}

// adopt makes a whole version the one that reaches furthest, unless a newer one does.
func (b *book) adopt(v *version) {
	if best := b.Best(); !v.Done() || best != nil && best.Done() && best.AsOf().After(v.AsOf()) {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.best = v
}
