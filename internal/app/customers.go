package app

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// showCustomers answers the list, and on wide screens an empty place beside it.
func (a *app) showCustomers(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if r.URL.Query().Has("id") {
		return a.showCustomer(w, r, v)
	}
	pane, err := a.loadList(r.Context(), v, a.pageRefOf(r), "")
	if auth.ClientGone(r, err) {
		return nil
	}
	status := a.listStatus(w, r, pane, err)
	auth.SetPrivate(w)
	if pane.Wait > 0 {
		status = setPending(w, r, pane.Wait)
	}
	if auth.Fragment(r) == "list" {
		return a.pages.Render(w, r, status, v.Locale, "part", pane)
	}
	pane.Heading = true
	page := customersPage{Base: v.Base(v.Locale.Text("list.title"), "customers"), List: pane}
	page.Refresh = pane.Wait
	return a.pages.Render(w, r, status, v.Locale, "customers", page)
}

// listStatus is the status that the list's state goes with; a failure is noted.
func (a *app) listStatus(w http.ResponseWriter, r *http.Request, pane listPane, err error) int {
	if err == nil {
		return http.StatusOK
	}
	a.reportFailure(w, r, err)
	return pane.Failure.Status
}

// setPending tells a client when to ask again for what is being fetched, and answers
// the status: a page is one, with bones on it; a part of one is yet to come.
func setPending(w http.ResponseWriter, r *http.Request, seconds int) int {
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	if auth.Fragment(r) != "" {
		return http.StatusAccepted
	}
	return http.StatusOK
}

// showCustomer answers one customer's details, with the list beside them for wide
// screens. The two are asked for at once; what becomes of the list does not
// matter to the details. Nobody is shown in advance: it is written down who was shown.
func (a *app) showCustomer(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if isPrefetch(r) {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusForbidden)
		return nil
	}
	id, ref := customerID(r), a.pageRefOf(r)
	list := make(chan listPane, 1)
	if auth.Fragment(r) != "detail" {
		// What is newer is asked of the details alone.
		go a.loadListBeside(r, v, pageRef{query: ref.query, page: ref.page, private: ref.private}, id, list)
	}
	detail, err := a.loadDetail(r.Context(), v, ref, id)
	if auth.ClientGone(r, err) {
		return nil
	}
	status := http.StatusOK
	if err != nil {
		status = detail.Failure.Status
		a.reportFailure(w, r, err)
		a.recordDenied(r, v, id, err)
	}
	auth.SetPrivate(w)
	if detail.Wait > 0 {
		status = setPending(w, r, detail.Wait)
	} else if err == nil {
		a.recordView(r, v, id, detail)
	}
	if auth.Fragment(r) == "detail" {
		return a.pages.Render(w, r, status, v.Locale, "detail", detail)
	}
	page := customersPage{Base: v.Base(detail.Title, "customers"), List: <-list, Detail: detail}
	if detail.ID != id {
		page.List.selectRow(detail.ID)
	}
	page.View = "detail"
	page.Refresh = detail.Wait // for the list alone, nobody's reading is interrupted
	return a.pages.Render(w, r, status, v.Locale, "customers", page)
}

// loadListBeside asks for the list while somebody else asks for the details. A panic
// is kept to the pane: it happens where no middleware would catch it.
func (a *app) loadListBeside(r *http.Request, v *viewer, ref pageRef, id string, to chan<- listPane) {
	pane := listPane{Self: ref.selfHref(), Query: ref.query, Failure: failureOf(auth.ErrPanic, v.Locale, ref.selfHref())}
	defer func() {
		if p := recover(); p != nil {
			a.Logger.Error("panic", "route", web.Route(r), "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
		}
		to <- pane
	}()
	loaded, err := a.loadList(r.Context(), v, ref, id)
	pane = loaded
	if err != nil && !auth.ClientGone(r, err) {
		a.LogError(r, err)
	}
}
