package auditlog

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// entriesPage lists audit entries, newest first.
type entriesPage struct {
	ui.Base
	Done, Problem string
	Filter        filter
	Kinds         []view.Option
	// Zone is the time zone that days are in.
	Zone string
	// Unusual is how many unusual entries there are, "" for none.
	Unusual string
	// All and OnlyUnusual are the addresses of these, with the rest of the filter.
	All, OnlyUnusual string
	Rows             []Row
	// Older and Newest are the addresses of the next page and the first, "" for none.
	Older, Newest string
	Rules         rulesForm
}

// How many entries a page lists, how many unusual ones are counted, and how many queries
// one page makes until it is full: see audit.Page.More.
const (
	entriesPerPage = 50
	maxUnusual     = 99
	maxQueries     = 2
)

// ShowEntries shows the audit.
func (h *Handlers) ShowEntries(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	var page entriesPage
	if key, ok := auditDone[r.URL.Query().Get("done")]; ok {
		page.Done = v.Locale.Text(key)
	}
	return h.render(w, r, v, http.StatusOK, page)
}

// render writes the page. The caller has set the rules form and the notice.
func (h *Handlers) render(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, page entriesPage) error {
	page.Base = v.Base(v.Locale.Text("console.audit.title"), "audit")
	if page.Filter = readFilter(r.URL.Query(), v); page.Filter.invalid() {
		status = http.StatusUnprocessableEntity
	}
	page.Kinds, page.Zone = kindOptions(page.Filter.Kind, v), zoneName(v)
	var err error
	if page.Unusual, err = h.countUnusual(r.Context()); err != nil {
		return err
	}
	page.All, page.OnlyUnusual = page.Filter.href(false, 0), page.Filter.href(true, 0)
	if !page.Filter.invalid() {
		err = h.list(r.Context(), &page, v)
		if errors.Is(err, audit.ErrCursor) {
			return view.Redirect(w, r, page.Filter.href(page.Filter.Unusual, 0))
		}
		if err != nil {
			return err
		}
	}
	if err := h.fillRules(r.Context(), &page.Rules); err != nil {
		return err
	}
	return h.Render(w, r, v, status, "audit", page)
}

// list adds one page of entries.
func (h *Handlers) list(ctx context.Context, page *entriesPage, v *auth.Viewer) error {
	q := page.Filter.query()
	q.Limit = entriesPerPage
	var found []audit.Entry
	for range maxQueries {
		got, err := h.Audit.Find(ctx, q)
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
	known, err := h.knownPeople(ctx, found)
	if err != nil {
		return err
	}
	for _, e := range found {
		row := Describe(e, v)
		row.link(e, known, h.UsesBuiltIn(), v)
		page.Rows = append(page.Rows, row)
	}
	return nil
}

// countUnusual counts the unusual entries, up to maxUnusual.
func (h *Handlers) countUnusual(ctx context.Context) (string, error) {
	found, err := h.Audit.Find(ctx, audit.Query{Unusual: true, Limit: maxUnusual + 1})
	switch n := len(found.Entries); {
	case err != nil || n == 0:
		return "", err
	case n > maxUnusual:
		return strconv.Itoa(maxUnusual) + "+", nil
	default:
		return strconv.Itoa(n), nil
	}
}

// knownPeople returns a function that reports whether the subject of one of the entries is
// a person who has an account.
func (h *Handlers) knownPeople(ctx context.Context, entries []audit.Entry) (func(subject string) bool, error) {
	subjects := make([]string, len(entries))
	for i, e := range entries {
		subjects[i] = e.Subject
	}
	known, err := h.Accounts.HaveAccounts(ctx, subjects)
	if errors.Is(err, account.ErrUnavailable) { // only the links are missing
		return func(string) bool { return false }, nil
	}
	return known, err
}
