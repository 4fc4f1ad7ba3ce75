package app

import (
	"context"
	"html/template"
	"net/http"
	"unicode/utf8"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// listPane is a page of My Customers.
type listPane struct {
	Query string
	// Heading is set when the pane's title is the page's own heading.
	Heading bool
	// CanImport is set for administrators, who can import customers into an empty list.
	CanImport bool
	// Count is the number of customers, "" when it is not known. Spoken is for screen
	// readers, where Count is not shown.
	Count, Spoken string
	// Wait is the number of seconds until the retry for a page that is being fetched,
	// else 0.
	Wait int
	freshness
	// Partial says how much of the list was searched so far, "" for all of it.
	Partial string
	// Note says what the search left out.
	Note string
	// Searches is what a search covers: "all", "names", or "" for unknown.
	Searches string
	// Ordered is set when the rows are sorted by name and have section headings. From
	// and To are the sort keys of the first and last row, for a script to compare with
	// the next page.
	Ordered  bool
	From, To string
	Groups   []group
	// Next and First are the addresses of those pages, or "".
	Next, First string
	// Empty is why there are no rows: "empty", "nothing" (found), "sofar" (nothing found
	// so far), "digits" (are not searched for) or "end"; "" with rows. EmptyTitle and
	// EmptyText are the messages.
	Empty      string
	EmptyTitle template.HTML
	EmptyText  string
	Failure    *ui.Failure
	// Self is the address of this page.
	Self string
}

// loadList returns a page of the list. After a failure, the pane describes it and the
// error is for the status and the log. A page that is still being fetched is no failure.
func (a *app) loadList(ctx context.Context, v *viewer, ref pageRef, selected string) (listPane, error) {
	pane := listPane{Query: ref.query, Self: ref.selfHref()}
	if ref.page != "" {
		pane.First = ref.firstPage().href()
	}
	var err error
	var resp frontline.ListResponse
	if len(ref.page) > frontline.MaxTokenBytes || !utf8.ValidString(ref.page) {
		err = &frontline.InvalidRequestError{Reason: "not a page token"}
	} else {
		resp, err = a.CRM.CustomersList(ctx, frontline.ListRequest{
			Worker: v.Person.Identity, PageSize: frontline.DefaultPageSize,
			NextPageToken: ref.page, Query: ref.query, NewerThan: ref.newer,
		})
	}
	if pane.Wait = pendingSeconds(err); pane.Wait > 0 {
		return pane, nil
	}
	if err != nil {
		pane.Failure = failureOf(err, v.Locale, ref.selfHref())
		if pane.Failure.Status == http.StatusBadRequest && ref.page != "" {
			pane.Failure.Title, pane.Failure.Text = v.Locale.Text("fail.page-gone.title"), v.Locale.Text("fail.page-gone.text")
			pane.Failure.Href, pane.Failure.Action = pane.First, v.Locale.Text("fail.page-gone.action")
		}
		pane.First = ""
		return pane, err
	}
	a.fillList(&pane, v, ref, resp, selected)
	return pane, nil
}

func (a *app) fillList(pane *listPane, v *viewer, ref pageRef, resp frontline.ListResponse, selected string) {
	n := a.addRows(pane, v, ref, resp.Customers, resp.Meta.Masked, selected)
	if resp.NextPageToken != "" {
		pane.Next = ref.nextHref(resp.NextPageToken)
	}
	loc, partial := v.Locale, resp.Meta.Partial
	if resp.Meta.Digits == frontline.DigitsLeftOut {
		pane.Note = loc.Text("list.digits.ignored")
	}
	switch {
	case n == 0 && ref.page != "":
		pane.Empty = "end"
	case n == 0 && resp.Meta.Digits > frontline.DigitsLeftOut:
		pane.setDigitsMessage(resp.Meta.Digits, loc)
	case n > 0 || pane.Next != "":
	case partial:
		pane.Empty = "sofar"
		pane.EmptyTitle = emptyTitle(loc, "list.partial.title", "list.partial.masked", ref)
	case ref.query != "":
		pane.Empty = "nothing"
		pane.EmptyTitle = emptyTitle(loc, "list.nothing.title", "list.nothing.masked", ref)
	default:
		pane.Empty, pane.CanImport = "empty", v.IsAdmin()
	}
	switch known := ref.page == "" && pane.Next == "" && !partial; {
	case n == 0:
	case known && ref.query != "":
		pane.Count = loc.Count("list.matches", n)
	case known:
		pane.Count = loc.Count("list.count", n)
	case partial:
		pane.Spoken = loc.Count("list.matches", n)
	default:
		pane.Spoken = loc.Count("list.more", n)
	}
	newerHref := ""
	if ref.page == "" { // later pages belong to the same snapshot
		newerHref = ref.newerHref(resp.Meta.AsOf)
	}
	pane.freshness = freshnessOf(v, resp.Meta, "list.stale.title", newerHref)
	switch {
	case partial && resp.Meta.Covered > 0:
		pane.Partial = loc.Count("list.partial", resp.Meta.Covered)
	case partial:
		pane.Partial = loc.Text("list.partial.begin")
	}
	switch resp.Searchable {
	case frontline.SearchableYes:
		pane.Searches = "all"
	case frontline.SearchableNo:
		pane.Searches = "names"
	}
}

// emptyTitle returns the message of key with the query, or that of privateKey for a
// private query.
func emptyTitle(loc *locale.Locale, key, privateKey string, ref pageRef) template.HTML {
	if ref.private {
		return loc.HTML(privateKey)
	}
	return loc.HTML(key, "query", text.Visible(ref.query))
}

// setDigitsMessage sets the message on why digits were not searched for.
func (pane *listPane) setDigitsMessage(why frontline.DigitSearch, loc *locale.Locale) {
	pane.Empty = "digits"
	switch why {
	case frontline.DigitsWholeOnly:
		pane.EmptyTitle, pane.EmptyText = loc.HTML("list.digits.full"), loc.Text("list.digits.full.text")
	case frontline.DigitsTooOften:
		pane.EmptyTitle, pane.EmptyText = loc.HTML("list.digits.too_many"), loc.Text("list.digits.too_many.text")
	default:
		pane.EmptyTitle, pane.EmptyText = loc.HTML("list.digits.refused"), loc.Text("list.digits.refused.text")
	}
}
