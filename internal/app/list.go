package app

import (
	"context"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"strings"
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
	AsOf         template.HTML // "as of 09:14", or ""
	AsOfISO      string
	StaleTitle   template.HTML // set when the list is old
	Partial      bool
	// Ordered tells that sections are shown: the rows are in name order. From and
	// To are the sort keys of the first and last row, for the script to see
	// whether the page after this one goes on in order.
	Ordered  bool
	From, To string
	Groups   []group
	// Next and First are addresses, "" when there is no such page.
	Next, First string
	// Empty is "", "empty", "nothing" (found) or "end".
	Empty   string
	Nothing template.HTML
	Failure *look.Failure
	// Self is the address of this page of the list.
	Self string
}

// group is a run of rows under one section heading; Section is "" without one.
type group struct {
	Section string
	Rows    []row
}

// row is one customer in the list.
type row struct {
	ID       string
	Href     string
	Name     []piece
	Initials string
	Tint     int
	Selected bool
}

// piece is a part of a name, marked when it matches what was searched for.
type piece struct {
	Text string
	Mark bool
}

// place is where in the list a worker is.
type place struct{ query, page string }

// maxQuery bounds what is searched for: nobody types more.
const maxQuery = 200

func placeOf(r *http.Request) place {
	values := r.URL.Query()
	q := strings.ToValidUTF8(values.Get("q"), "")
	q = strings.TrimSpace(strings.ReplaceAll(q, "\x00", ""))
	return place{query: clip(q, maxQuery), page: values.Get("page")}
}

// values writes the place as query parameters.
func (p place) values() url.Values {
	v := url.Values{}
	if p.query != "" {
		v.Set("q", p.query)
	}
	if p.page != "" {
		v.Set("page", p.page)
	}
	return v
}

func (p place) href() string {
	if v := p.values(); len(v) > 0 {
		return "/customers?" + v.Encode()
	}
	return "/customers"
}

// list asks for a page of the list and makes it ready to be seen. A failure is a
// state of the pane; its error is answered besides, for the status and the log.
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
			NextPageToken: at.page, Query: at.query,
		})
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
	pane.fill(v, at, answer, selected)
	return pane, nil
}

func (pane *listPane) fill(v *visit, at place, answer frontline.ListResponse, selected string) {
	n := pane.addRows(v, at, answer.Customers, selected)
	if answer.NextPageToken != "" {
		pane.Next = place{at.query, answer.NextPageToken}.href()
	}
	words := v.Words
	switch {
	case n == 0 && at.page != "":
		pane.Empty = "end"
	case n == 0 && pane.Next == "" && at.query != "":
		pane.Empty = "nothing"
		pane.Nothing = words.HTML("list.nothing.title", "query", text.Visible(at.query))
	case n == 0 && pane.Next == "":
		pane.Empty = "empty"
	}
	switch known := at.page == "" && pane.Next == "" && !answer.Meta.Partial; {
	case n == 0:
	case known && at.query != "":
		pane.Count = words.Count("list.matches", n)
	case known:
		pane.Count = words.Count("list.count", n)
	default:
		pane.Shown = words.Count("list.more", n)
	}
	if meta := answer.Meta; !meta.AsOf.IsZero() {
		at := v.TimeHTML(meta.AsOf)
		pane.AsOfISO = meta.AsOf.UTC().Format("2006-01-02T15:04:05Z")
		pane.AsOf = words.HTML("list.asof", "time", at)
		if meta.Stale != nil {
			pane.StaleTitle = words.HTML("list.stale.title", "time", at)
		}
	}
	pane.Partial = answer.Meta.Partial
}

// addRows groups the customers, under section headings when they are in name
// order and this is no search, and answers how many there are.
func (pane *listPane) addRows(v *visit, at place, customers []frontline.Customer, selected string) int {
	pane.Ordered = at.query == "" && inOrder(customers)
	keep := at.values()
	n := 0
	for _, c := range customers {
		if c.ID == "" {
			continue // nothing leads to it
		}
		section := ""
		if pane.Ordered {
			section = text.Section(c.DisplayName)
		}
		if last := len(pane.Groups) - 1; last < 0 || pane.Groups[last].Section != section {
			pane.Groups = append(pane.Groups, group{Section: section})
		}
		g := &pane.Groups[len(pane.Groups)-1]
		g.Rows = append(g.Rows, row{
			ID: c.ID, Href: customerHref(c.ID, keep),
			Name:     pieces(clip(shownName(c.DisplayName, v.Words), maxRowName), at.query),
			Initials: text.Initials(c.DisplayName), Tint: tint(c.ID),
			Selected: c.ID == selected,
		})
		n++
	}
	if pane.Ordered && n > 0 {
		pane.From = orderKey(customers[0].DisplayName)
		pane.To = orderKey(customers[len(customers)-1].DisplayName)
	}
	return n
}

func inOrder(customers []frontline.Customer) bool {
	for i := 1; i < len(customers); i++ {
		if text.SortKey(customers[i-1].DisplayName) > text.SortKey(customers[i].DisplayName) {
			return false
		}
	}
	return true
}

// orderKey is the beginning of a name's sort key, in letters that a script can
// compare: enough to see that one page does not follow the other.
func orderKey(name string) string {
	key := text.SortKey(name)
	return hex.EncodeToString([]byte(key[:min(len(key), 24)]))
}
