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
	// MayFill tells that an empty list is read by somebody who can bring in customers.
	MayFill bool
	// Count is written only when it is really known; Shown says it for those who
	// hear the page.
	Count, Shown string
	// Wait is in how many seconds to ask again for a page that is being fetched, 0
	// when this is it.
	Wait int
	age
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
	// (that are not searched for) or "end". Nothing and NothingText say so.
	Empty       string
	Nothing     template.HTML
	NothingText string
	Failure     *ui.Failure
	// Self is the address of this page of the list.
	Self string
}

// list asks for a page of the list and makes it ready to be seen. A failure is a
// state of the pane; its error is answered besides, for the status and the log.
// A page that is still being fetched is no failure.
func (a *app) list(ctx context.Context, v *visit, at place, selected string) (listPane, error) {
	pane := listPane{Query: at.query, Self: at.self()}
	if at.page != "" {
		pane.First = at.begin().href()
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
		pane.Failure = failureOf(err, v.Locale, at.self())
		if pane.Failure.Status == http.StatusBadRequest && at.page != "" {
			pane.Failure.Title, pane.Failure.Text = v.Locale.Text("fail.page-gone.title"), v.Locale.Text("fail.page-gone.text")
			pane.Failure.Href, pane.Failure.Action = pane.First, v.Locale.Text("fail.page-gone.action")
		}
		pane.First = ""
		return pane, err
	}
	a.fillList(&pane, v, at, answer, selected)
	return pane, nil
}

func (a *app) fillList(pane *listPane, v *visit, at place, answer frontline.ListResponse, selected string) {
	n := a.addRows(pane, v, at, answer.Customers, answer.Meta.Masked, selected)
	if answer.NextPageToken != "" {
		pane.Next = at.next(answer.NextPageToken)
	}
	words, partial := v.Locale, answer.Meta.Partial
	if answer.Meta.Digits == frontline.DigitsLeftOut {
		pane.Note = words.Text("list.digits.leftout")
	}
	switch {
	case n == 0 && at.page != "":
		pane.Empty = "end"
	case n == 0 && answer.Meta.Digits > frontline.DigitsLeftOut:
		pane.sayDigits(answer.Meta.Digits, words)
	case n > 0 || pane.Next != "":
	case partial:
		pane.Empty = "sofar"
		pane.Nothing = about(words, "list.sofar.title", "list.sofar.untold", at)
	case at.query != "":
		pane.Empty = "nothing"
		pane.Nothing = about(words, "list.nothing.title", "list.nothing.untold", at)
	default:
		pane.Empty, pane.MayFill = "empty", v.IsAdmin()
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

// about says something of what was searched for, or of that which is not repeated.
func about(words *locale.Locale, told, untold string, at place) template.HTML {
	if at.untold {
		return words.HTML(untold)
	}
	return words.HTML(told, "query", text.Visible(at.query))
}

// sayDigits says why digits were not searched for, and what to do instead.
func (pane *listPane) sayDigits(why frontline.DigitSearch, words *locale.Locale) {
	pane.Empty = "digits"
	switch why {
	case frontline.DigitsWholeOnly:
		pane.Nothing, pane.NothingText = words.HTML("list.digits.whole"), words.Text("list.digits.whole.text")
	case frontline.DigitsTooOften:
		pane.Nothing, pane.NothingText = words.HTML("list.digits.often"), words.Text("list.digits.often.text")
	default:
		pane.Nothing, pane.NothingText = words.HTML("list.digits.refused"), words.Text("list.digits.refused.text")
	}
}
