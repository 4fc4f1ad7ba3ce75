package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// entriesPage is who did what, newest first, or those things that were looked for.
type entriesPage struct {
	ui.Base
	Done, Problem string
	Filter        filter
	Kinds         []choice
	// Zone is where days begin and end.
	Zone string
	// Unusual is how many unusual things are kept, "" for none.
	Unusual string
	// All and OnlyUnusual lead to these, with the rest of the filter.
	All, OnlyUnusual string
	Rows             []Row
	// Older and Newest lead to the page that follows and to the first, "" for none.
	Older, Newest string
	Rules         rulesForm
}

// choice is one of several to choose from.
type choice struct {
	Value, Name string
	Chosen      bool
}

// How many entries a page lists, how many unusual ones are counted, and how often a
// page is asked for until something is found: see audit.Page.More.
const (
	entriesPerPage = 50
	maxUnusual     = 99
	maxQueries     = 4
)

func (c *console) ShowEntries(w http.ResponseWriter, r *http.Request, v *visit) error {
	var page entriesPage
	if key, ok := auditDone[r.URL.Query().Get("done")]; ok {
		page.Done = v.Locale.Text(key)
		if r.URL.Query().Has("unwritten") {
			page.Done, page.Problem = "", page.Done+" "+v.Locale.Text("console.audit.unwritten")
		}
	}
	return c.render(w, r, v, http.StatusOK, page)
}

// render answers with the screen; what was typed into its settings, and what is
// wrong with that, is there already.
func (c *console) render(w http.ResponseWriter, r *http.Request, v *visit, status int, page entriesPage) error {
	page.Base = v.Base(v.Locale.Text("console.audit.title"), "audit")
	if page.Filter = readFilter(r.URL.Query(), v); page.Filter.invalid() {
		status = http.StatusUnprocessableEntity
	}
	page.Kinds, page.Zone = groupChoices(page.Filter.Kind, v), zoneName(v)
	var err error
	if page.Unusual, err = c.countUnusual(r.Context()); err != nil {
		return err
	}
	page.All, page.OnlyUnusual = page.Filter.href(false, 0), page.Filter.href(true, 0)
	if !page.Filter.invalid() {
		err = c.list(r.Context(), &page, v)
		if errors.Is(err, audit.ErrCursor) {
			http.Redirect(w, r, page.Filter.href(page.Filter.Unusual, 0), http.StatusSeeOther)
			return nil
		}
		if err != nil {
			return err
		}
	}
	if err := c.fillRules(r.Context(), &page.Rules); err != nil {
		return err
	}
	auth.SetPrivate(w)
	return c.pages.Render(w, r, status, v.Locale, "audit", page)
}

// list finds a page of entries.
func (c *console) list(ctx context.Context, page *entriesPage, v *visit) error {
	q := page.Filter.query()
	q.Limit = entriesPerPage
	var found []audit.Entry
	for range maxQueries {
		got, err := c.Audit.Find(ctx, q)
		if err != nil {
			return err
		}
		found = append(found, got.Entries...)
		page.Older = ""
		if got.More {
			page.Older = page.Filter.href(page.Filter.Unusual, got.Next)
		}
		q.After, q.Limit = got.Next, entriesPerPage-len(found)
		if !got.More || q.Limit == 0 {
			break
		}
	}
	if page.Filter.After != 0 {
		page.Newest = page.Filter.href(page.Filter.Unusual, 0)
	}
	known, err := c.knownPeople(ctx, found)
	if err != nil {
		return err
	}
	for _, e := range found {
		row := Describe(e, v)
		row.link(e, known, c.Status().BuiltIn, v)
		page.Rows = append(page.Rows, row)
	}
	return nil
}

// countUnusual counts what is unusual, as far as anybody would.
func (c *console) countUnusual(ctx context.Context) (string, error) {
	found, err := c.Audit.Find(ctx, audit.Query{Unusual: true, Limit: maxUnusual + 1})
	switch n := len(found.Entries); {
	case err != nil || n == 0:
		return "", err
	case n > maxUnusual:
		return strconv.Itoa(maxUnusual) + "+", nil
	default:
		return strconv.Itoa(n), nil
	}
}

// knownPeople are the keys of those who still have a page of their own.
func (c *console) knownPeople(ctx context.Context, entries []audit.Entry) (map[string]bool, error) {
	known := make(map[string]bool)
	if len(entries) == 0 {
		return known, nil
	}
	everyone, err := c.People.People(ctx)
	for _, p := range everyone {
		known[text.IdentityKey(p.Identity)] = true
	}
	if errors.Is(err, account.ErrUnavailable) {
		return known, nil // links are missing, not what happened
	}
	return known, err
}
