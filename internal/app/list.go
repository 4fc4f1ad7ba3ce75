package app

import (
	"context"
	"html/template"
	"net/http"
	"unicode/utf8"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/look"
	"github.com/clientele-project/clientele/internal/text"
)

// listPane is My Customers as a worker sees a page of it.
type listPane struct {
	// Title is the page's: the script sets it when it puts a fragment in place.
	Query string
	// Heading tells that the pane's title is the page's own heading.
	Heading bool
	// Count is written only when it is really known; Shown says it for those who
	// hear the page.
	Count, Shown string
	// Wait is in how many seconds to ask again for a page that is being fetched, 0
	// when this is it.
	Wait int
	age
	// Partial says how much of the list was searched so far, "" when all of it.
	Partial string
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
	// Empty is "", "empty", "nothing" (found), "sofar" (nothing found so far) or
	// "end".
	Empty   string
	Nothing template.HTML
	Failure *look.Failure
	// Self is the address of this page of the list.
	Self string
}

// list asks for a page of the list and makes it ready to be seen. A failure is a
// state of the pane; its error is answered besides, for the status and the log.
// A page that is still being fetched is no failure.
func (a *app) list(ctx context.Context, v *visit, at place, selected string) (listPane, error) {
	pane := listPane{Query: at.query, Self: at.href()}
	if at.page != "" {
		pane.First = place{query: at.query}.href()
	}
	var err error
	var answer frontline.ListResponse
	if len(at.page) > frontline.MaxTokenBytes || !utf8.ValidString(at.page) {
		err = &frontline.InvalidRequestError{Reason: "not a page token"}
	} else {
		answer, err = a.CRM.CustomersList(ctx, frontline.ListRequest{
			Worker: v.Person.Identity, PageSize: frontline.DefaultPageSize,
			NextPageToken: at.page, Query: at.query, NewerThan: at.newer,
		})
	}
	if pane.Wait = waitFor(err); pane.Wait > 0 {
		return pane, nil
	}
	if err != nil {
		pane.Failure = failureOf(err, v.Words, at.href())
		if pane.Failure.Status == http.StatusBadRequest && at.page != "" {
			pane.Failure.Title, pane.Failure.Text = v.Words.Text("fail.page-gone.title"), v.Words.Text("fail.page-gone.text")
			pane.Failure.Href, pane.Failure.Action = pane.First, v.Words.Text("fail.page-gone.action")
		}
		pane.First = ""
		return pane, err
	}
	a.fillList(&pane, v, at, answer, selected)
	return pane, nil
}

func (a *app) fillList(pane *listPane, v *visit, at place, answer frontline.ListResponse, selected string) {
	n := a.addRows(pane, v, at, answer.Customers, selected)
	if answer.NextPageToken != "" {
		pane.Next = place{query: at.query, page: answer.NextPageToken}.href()
	}
	words, partial := v.Words, answer.Meta.Partial
	switch {
	case n == 0 && at.page != "":
		pane.Empty = "end"
	case n > 0 || pane.Next != "":
	case partial:
		pane.Empty = "sofar"
		pane.Nothing = words.HTML("list.sofar.title", "query", text.Visible(at.query))
	case at.query != "":
		pane.Empty = "nothing"
		pane.Nothing = words.HTML("list.nothing.title", "query", text.Visible(at.query))
	default:
		pane.Empty = "empty"
	}
	switch known := at.page == "" && pane.Next == "" && !partial; {
	case n == 0:
	case known && at.query != "":
		pane.Count = words.Count("list.matches", n)
	case known:
		pane.Count = words.Count("list.count", n)
	case partial:
		pane.Shown = words.Count("list.matches", n)
	default:
		pane.Shown = words.Count("list.more", n)
	}
	again := ""
	if at.page == "" { // only a walk that begins anew brings something newer
		again = at.newerHref(answer.Meta.AsOf)
	}
	pane.age = ageOf(v, answer.Meta, "list.stale.title", again)
	switch {
	case partial && answer.Meta.Covered > 0:
		pane.Partial = words.Count("list.partial", answer.Meta.Covered)
	case partial:
		pane.Partial = words.Text("list.partial.begin")
	}
	switch answer.Searchable {
	case frontline.SearchableYes:
		pane.Searches = "all"
	case frontline.SearchableNo:
		pane.Searches = "names"
	}
}
