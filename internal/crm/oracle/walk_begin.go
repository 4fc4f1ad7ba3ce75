package external

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// Begin implements lists.
func (w *walk) Begin(ctx context.Context, worker string) (*version, error) {
	return w.begin(ctx, worker, "")
}

// begin asks for the first page of the list or of a search, as a new version.
// Identical calls at the same time are one.
func (w *walk) begin(ctx context.Context, worker, query string) (*version, error) {
	if worker == "" {
		return nil, &frontline.InvalidRequestError{Reason: "Worker is missing"}
	}
	return w.begins.do(ctx, sealContext("", worker, query), func(ctx context.Context) (*version, error) {
		before := w.Book(ctx, worker)
		resp, err := w.crm.CustomersList(ctx, frontline.ListRequest{
			Worker: worker, Query: query, PageSize: frontline.DefaultPageSize})
		if err != nil {
			if query == "" && isGone(err) {
				err = errors.Join(err, w.Forget(context.WithoutCancel(ctx), worker))
			}
			return nil, err
		}
		if before.forgotten() {
			return nil, errForgotten
		}
		book := w.Book(ctx, worker) // it may have been off the shelf meanwhile
		now := w.opts.Now()
		v := newVersion(rand.Text(), now)
		w.shelf.learn(resp.Searchable, v.take(rowsFrom(resp, book.Best()), resp.NextPageToken, now, w.shelf.known().deaf))
		w.hold(book, v, query)
		if query == "" {
			book.begin(v)
			w.shelf.changed(book, true)
		}
		return v, nil
	})
}

// errForgotten is for what was on its way when the worker's list was forgotten.
var errForgotten = &frontline.UnavailableError{Err: errors.New("cached list was deleted meanwhile")}

// isGone tells that the service knows no such worker or list: what is held of it
// must not be shown any more.
func isGone(err error) bool {
	var failed *frontline.CallbackError
	return errors.Is(err, frontline.ErrNotFound) ||
		errors.As(err, &failed) && failed.Status == http.StatusNotFound
}

// rowsFrom answers the usable rows of an answer. What a known version has as well
// shares its memory.
func rowsFrom(resp frontline.ListResponse, known *version) []row {
	rows := make([]row, 0, len(resp.Customers))
	for _, c := range resp.Customers {
		r := row{ID: c.ID, Name: c.DisplayName, Avatar: c.Avatar}
		if r.ID == "" || r.Name == "" {
			continue
		}
		if known != nil {
			if same, ok := known.row(r.ID); ok && same == r {
				r = same
			}
		}
		rows = append(rows, r)
	}
	return rows
}

// hold notes what a search brought, and keeps its version for those who scroll.
func (w *walk) hold(book *book, v *version, query string) {
	if query == "" {
		return
	}
	book.meet(v.Rows(0, maxMet), v.AsOf())
	w.shelf.searches.Put(searchKey{text.IdentityKey(book.worker), v.id}, v, v.size())
}
