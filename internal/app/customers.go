package app

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"

	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// showCustomers renders the list.
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
	page := customersPage{Base: a.base(r, v, v.Locale.Text("list.title"), "customers"), List: pane}
	page.Refresh = pane.Wait
	return a.pages.Render(w, r, status, v.Locale, "customers", page)
}

// listStatus returns the status of a page with the list and reports its failure.
func (a *app) listStatus(w http.ResponseWriter, r *http.Request, pane listPane, err error) int {
	if err == nil {
		return http.StatusOK
	}
	a.reportFailure(w, r, err)
	return pane.Failure.Status
}

// setPending sets Retry-After for data that is being fetched and returns the status:
// 200 for a page, which shows a skeleton, and 202 for a part of one.
func setPending(w http.ResponseWriter, r *http.Request, seconds int) int {
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	if auth.Fragment(r) != "" {
		return http.StatusAccepted
	}
	return http.StatusOK
}

// showCustomer renders a customer's details, with the list next to them for wide
// screens. Both are loaded at the same time; a failure of the list does not affect the
// details. Prefetches are refused, because views are audited.
func (a *app) showCustomer(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if isPrefetch(r) {
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusForbidden)
		return nil
	}
	id, ref := customerID(r), a.pageRefOf(r)
	list := make(chan listPane, 1)
	if auth.Fragment(r) != "detail" {
		// newer applies to the details only.
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
	page := customersPage{Base: a.base(r, v, detail.Title, "customers"), List: <-list, Detail: detail}
	if detail.ID != id {
		page.List.selectRow(detail.ID)
	}
	page.View = "detail"
	page.Refresh = detail.Wait // a pending list alone does not reload the details
	return a.pages.Render(w, r, status, v.Locale, "customers", page)
}

// loadListBeside loads the list in its own goroutine and sends it to to. A panic, which
// no middleware recovers there, becomes a failure of the pane.
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
