package external

import (
	"context"
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/frontline"
)

// Fill implements lists.
func (w *walk) Fill(ctx context.Context, worker string, v *version, n int) error {
	return w.fill(ctx, worker, "", v, n, 0)
}

// fill walks on until v has n rows or has ended, or until calls were made (0 is no
// bound).
func (w *walk) fill(ctx context.Context, worker, query string, v *version, n, calls int) error {
	for made := 1; ; made++ {
		rows, done, steps := v.state()
		if rows >= n || done {
			return nil
		}
		_, err := w.steps.do(ctx, v.id, func(ctx context.Context) (struct{}, error) {
			if _, done, now := v.state(); done || now != steps {
				return struct{}{}, nil // another walk came first
			}
			return struct{}{}, w.step(ctx, worker, query, v)
		})
		if err != nil || made == calls {
			return err
		}
	}
}

// step makes one call and takes what it brings.
func (w *walk) step(ctx context.Context, worker, query string, v *version) error {
	req := frontline.ListRequest{Worker: worker, Query: query, PageSize: frontline.DefaultPageSize}
	req.NextPageToken, req.Anchor = v.ask()
	later := req.NextPageToken != "" || req.Anchor != ""
	before := w.Book(ctx, worker)
	resp, err := w.crm.CustomersList(ctx, req)
	switch {
	case err != nil && later && isRefusal(err) && v.refuse():
		return nil // and try what it decided
	case err != nil && !later && query == "" && isGone(err):
		return errors.Join(err, w.Forget(context.WithoutCancel(ctx), worker))
	case err != nil:
		if later && isBroken(err) {
			v.stumble()
		}
		return err
	case before.forgotten():
		return errForgotten
	}
	book := w.Book(ctx, worker) // it may have been off the shelf meanwhile
	o := v.take(rowsFrom(resp, book.Best()), resp.NextPageToken, w.opts.Now(), w.shelf.known().deaf)
	w.shelf.learn(resp.Searchable, o)
	w.hold(book, v, query)
	if query == "" {
		book.grew(v)
		w.shelf.changed(book, v.Done())
	}
	return nil
}

// ask is what to ask with; neither for the first page.
func (v *version) ask() (token, anchor string) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if v.walk.token != "" {
		return v.walk.token, ""
	}
	return "", v.walk.anchor
}

// isRefusal tells that the service does not take a token or an anchor. 403 is about
// the signature or the worker, and would be the same for any.
func isRefusal(err error) bool {
	var invalid *frontline.InvalidRequestError
	var failed *frontline.CallbackError
	if errors.As(err, &invalid) || errors.Is(err, frontline.ErrNotFound) {
		return true
	}
	if !errors.As(err, &failed) {
		return false
	}
	switch failed.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// isBroken tells that the service was asked and failed with an error of its own.
func isBroken(err error) bool {
	var failed *frontline.CallbackError
	var unasked *breakerOpenError
	return errors.As(err, &failed) && failed.Status >= http.StatusInternalServerError && !errors.As(err, &unasked)
}
