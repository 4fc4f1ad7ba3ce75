package external

import (
	"context"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// maxPageCalls bounds the calls made to fill up a page that has something to show.
const maxPageCalls = 12

// maxTopUps bounds the pages of one worker that are filled up at once: a list and a
// search or two. Who types on has no more use for the earlier ones.
const maxTopUps = 4

// Page implements pages.
func (w *walk) Page(ctx context.Context, worker string, v *version, from, size int) (frontline.ListResponse, error) {
	return w.page(ctx, worker, "", v, from, size)
}

// page answers rows of v from index from on, and walks on for them. It waits for
// the first of them, or for the end, however long that takes, and then a moment for
// the page to be full and for it to be known whether another follows: what fails in
// that time is for the next page to tell.
func (w *walk) page(ctx context.Context, worker, query string, v *version, from, size int) (frontline.ListResponse, error) {
	if err := w.fill(ctx, worker, query, v, from+1, 0); err != nil {
		return frontline.ListResponse{}, err
	}
	// A service that just said that it does not search is not sent the query again.
	vain := query != "" && w.shelf.Searchable() == frontline.SearchableNo
	if !vain && w.lacks(v, from+size) {
		w.topUp(ctx, worker, query, v, from+size)
		if err := ctx.Err(); err != nil {
			return frontline.ListResponse{}, err
		}
	}
	return w.slice(worker, query, v, from, size), nil
}

// lacks tells whether there are fewer than n rows, or just as many and no sign of
// what follows: a token promises more, where there is none one call must tell.
func (w *walk) lacks(v *version, n int) bool {
	rows, done, _ := v.state()
	token, _ := v.ask()
	return !done && (rows < n || rows == n && token == "")
}

// topUp walks on for a moment. The work goes on by itself until what was wanted is
// there, within its bound of calls, so that no call is made in vain; a worker who
// has something to look at does not wait for it as urgently.
func (w *walk) topUp(ctx context.Context, worker, query string, v *version, n int) {
	detached, cancel := context.WithCancel(withPriority(context.WithoutCancel(ctx), max(priorityOf(ctx), refreshing)))
	goesOn := w.goOn(worker, cancel)
	if goesOn == nil {
		cancel()
		return
	}
	defer w.leave(goesOn)
	stop := context.AfterFunc(w.ctx, cancel)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer w.end(goesOn)
		defer cancel()
		defer stop()
		for calls := 0; calls < maxPageCalls && w.lacks(v, n); calls++ {
			if w.fill(detached, worker, query, v, n+1, 1) != nil {
				return
			}
		}
	}()
	timer := time.NewTimer(w.opts.TopUp)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Held implements pages.
func (w *walk) Held(worker string, v *version, from, size int) frontline.ListResponse {
	return w.slice(worker, "", v, from, size)
}

// slice answers rows of v as they are held, and a token unless they are the last.
func (w *walk) slice(worker, query string, v *version, from, size int) frontline.ListResponse {
	// In this order: once the end is known, there are no more rows to come.
	done := v.Done()
	rows := v.Rows(from, size)
	resp := frontline.ListResponse{Customers: customersOf(rows), Searchable: w.shelf.Searchable()}
	if to := from + len(rows); !done || to < v.Len() {
		resp.NextPageToken = w.tokens.seal(spot{version: v.id, from: to}, worker, query)
	}
	return resp
}

func customersOf(rows []row) []frontline.Customer {
	customers := make([]frontline.Customer, len(rows))
	for i, r := range rows {
		customers[i] = frontline.Customer{ID: r.ID, DisplayName: r.Name, Avatar: r.Avatar}
	}
	return customers
}
