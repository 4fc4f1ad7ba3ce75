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

// listPane is My Customers as a worker sees a page of it.
type listPane struct {
	// Title is the page's: the script sets it when it puts a fragment in place.
	Query string
	// Heading tells that the pane's title is the page's own heading.
	Heading bool
	// CanImport tells that an empty list is read by somebody who can bring in customers.
	CanImport bool
	// Count is written only when it is really known; Shown says it for those who
	// hear the page.
	Count, Spoken string
	// Wait is in how many seconds to ask again for a page that is being fetched, 0
	// when this is it.
	Wait int
	freshness
	// Partial says how much of the list was searched so far, "" when all of it.
	Partial string
	// Note tells quietly what the search left out.
	Note string
	// Searches is what a search looks at: "all", "names", or "" when nobody told.
	Searches string
	// Ordered tells that sections are shown: the rows are in name order. From and
	// To are the sort keys of the first and last row, for the script to see
	// whether the page after this one goes on in order.
	Ordered  bool
	From, To string
	Groups   []group
	// Next and First are addresses, "" when there is no such page.
	Next, First string
	// Empty is "", "empty", "nothing" (found), "sofar" (nothing found so far), "digits"
	// (that are not searched for) or "end". Nothing and EmptyText say so.
	Empty      string
	EmptyTitle template.HTML
	EmptyText  string
	Failure    *ui.Failure
	// Self is the address of this page of the list.
	Self string
}

// loadList asks for a page of the list and makes it ready to be seen. A failure is a
// state of the pane; its error is answered besides, for the status and the log.
// A page that is still being fetched is no failure.
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
	words, partial := v.Locale, resp.Meta.Partial
	if resp.Meta.Digits == frontline.DigitsLeftOut {
		pane.Note = words.Text("list.digits.leftout")
	}
	switch {
	case n == 0 && ref.page != "":
		pane.Empty = "end"
	case n == 0 && resp.Meta.Digits > frontline.DigitsLeftOut:
		pane.setDigitsMessage(resp.Meta.Digits, words)
	case n > 0 || pane.Next != "":
	case partial:
		pane.Empty = "sofar"
		pane.EmptyTitle = emptyTitle(words, "list.sofar.title", "list.sofar.untold", ref)
	case ref.query != "":
		pane.Empty = "nothing"
		pane.EmptyTitle = emptyTitle(words, "list.nothing.title", "list.nothing.untold", ref)
	default:
		pane.Empty, pane.CanImport = "empty", v.IsAdmin()
	}
	switch known := ref.page == "" && pane.Next == "" && !partial; {
	case n == 0:
	case known && ref.query != "":
		pane.Count = words.Count("list.matches", n)
	case known:
		pane.Count = words.Count("list.count", n)
	case partial:
		pane.Spoken = words.Count("list.matches", n)
	default:
		pane.Spoken = words.Count("list.more", n)
	}
	newerHref := ""
	if ref.page == "" { // only a walk that begins anew brings something newer
		newerHref = ref.newerHref(resp.Meta.AsOf)
	}
	pane.freshness = freshnessOf(v, resp.Meta, "list.stale.title", newerHref)
	switch {
	case partial && resp.Meta.Covered > 0:
		pane.Partial = words.Count("list.partial", resp.Meta.Covered)
	case partial:
		pane.Partial = words.Text("list.partial.begin")
	}
	switch resp.Searchable {
	case frontline.SearchableYes:
		pane.Searches = "all"
	case frontline.SearchableNo:
		pane.Searches = "names"
	}
}

// emptyTitle says something of what was searched for, or of that which is not repeated.
func emptyTitle(words *locale.Locale, key, privateKey string, ref pageRef) template.HTML {
	if ref.private {
		return words.HTML(privateKey)
	}
	return words.HTML(key, "query", text.Visible(ref.query))
}

// setDigitsMessage says why digits were not searched for, and what to do instead.
func (pane *listPane) setDigitsMessage(why frontline.DigitSearch, words *locale.Locale) {
	pane.Empty = "digits"
	switch why {
	case frontline.DigitsWholeOnly:
		pane.EmptyTitle, pane.EmptyText = words.HTML("list.digits.whole"), words.Text("list.digits.whole.text")
	case frontline.DigitsTooOften:
		pane.EmptyTitle, pane.EmptyText = words.HTML("list.digits.often"), words.Text("list.digits.often.text")
	default:
		pane.EmptyTitle, pane.EmptyText = words.HTML("list.digits.refused"), words.Text("list.digits.refused.text")
	}
}
