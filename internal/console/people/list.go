package people

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// listPage lists people, or those that the filter finds.
type listPage struct {
	ui.Base
	Done, Problem string
	// OwnersHint says how many owners have no account, "" for none.
	OwnersHint string
	// Query and Show are the filter. Show is "", "worker", "admin" or "inactive".
	Query, Show string
	// Count says how many people there are, or how many match.
	Count string
	// Counted reports whether each row has a number of customers.
	Counted bool
	Rows    []personRow
	// Previous and Next are the addresses of the previous and next page, "" for none.
	Previous, Next string
}

// personRow is one person of the list.
type personRow struct {
	Href, Name, Initials string
	Tint                 int
	Role                 string
	Self, Inactive       bool
	// LastSeen is when they were last active, "" for never.
	LastSeen template.HTML
	// Sessions is the number of browsers that they are signed in with.
	Sessions int
	// Customers is the number of their customers, -1 when they are not counted.
	// CustomersHref is the address of their list.
	Customers     int
	CustomersHref string
	SignInMethod  string
	MayExport     bool
}

// peoplePerPage is how many people a page lists.
const peoplePerPage = 50

// filters are the values of listPage.Show; "" is everyone.
var filters = []string{"", "worker", "admin", "inactive"}

// ShowList shows the list of people.
func (h *Handlers) ShowList(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	query := r.URL.Query()
	page := listPage{
		Base:  v.Base(v.Locale.Text("console.people.title"), "people"),
		Query: strings.TrimSpace(text.Visible(view.Clip(query.Get("q"), account.MaxIdentityBytes))), Show: query.Get("show"),
	}
	if !slices.Contains(filters, page.Show) {
		page.Show = ""
	}
	page.Done = h.notice(r, v)
	found, err := h.find(r.Context(), &page, query.Get("page"))
	if err != nil {
		return err
	}
	if page.Count = v.Locale.Count("console.people.count", found.Count); page.Filtered() {
		page.Count = v.Locale.Count("list.matches", found.Count)
	}
	for _, p := range found.People {
		row, err := h.personRow(r.Context(), p, v)
		if err != nil {
			return err
		}
		page.Counted = row.Customers >= 0
		page.Rows = append(page.Rows, row)
	}
	if h.UsesBuiltIn() {
		if page.OwnersHint, err = h.OwnersHint(r.Context(), v.Locale); err != nil {
			return err
		}
	}
	return h.Render(w, r, v, http.StatusOK, "people", page)
}

// Filtered reports whether a filter is set.
func (p listPage) Filtered() bool { return p.Query != "" || p.Show != "" }

// find returns a page of the people that match, and sets Previous and Next.
func (h *Handlers) find(ctx context.Context, p *listPage, page string) (account.PeoplePage, error) {
	q := account.PeopleQuery{Text: p.Query, Limit: peoplePerPage}
	if q.Inactive = p.Show == "inactive"; !q.Inactive {
		q.Role = account.Role(p.Show)
	}
	if n, err := strconv.Atoi(page); err == nil {
		q.Page = n
	}
	found, err := h.Accounts.FindPeople(ctx, q)
	if found.Page > 1 {
		p.Previous = p.href(found.Page - 1)
	}
	if found.Page*peoplePerPage < found.Count {
		p.Next = p.href(found.Page + 1)
	}
	return found, err
}

// href returns the address of page n.
func (p *listPage) href(n int) string {
	keep := url.Values{}
	for name, value := range map[string]string{"q": p.Query, "show": p.Show} {
		if value != "" {
			keep.Set(name, value)
		}
	}
	if n > 1 {
		keep.Set("page", strconv.Itoa(n))
	}
	return view.PeoplePath + "?" + keep.Encode()
}

func (h *Handlers) personRow(ctx context.Context, p account.Person, v *auth.Viewer) (personRow, error) {
	row := personRow{
		Href: view.PersonHref(p.Identity), Name: text.Visible(p.Identity), Initials: text.Initials(p.Identity), Tint: ui.Tint(p.Identity),
		Role: v.Locale.Text("account.role." + string(p.Role)), Self: isSelf(p, v), Inactive: !p.Deactivated.IsZero(),
		CustomersHref: view.CustomersOfHref(p.Identity), SignInMethod: h.signInMethod(p, v), MayExport: p.MayExport,
	}
	sessions, err := h.Accounts.Sessions(ctx, p.Identity)
	if err != nil {
		return row, err
	}
	row.Sessions, row.LastSeen = len(sessions), h.lastSeen(p, sessions, v)
	row.Customers, err = h.customerCount(ctx, p.Identity)
	return row, err
}

// customerCount returns how many customers a person has, -1 when they are not counted.
func (h *Handlers) customerCount(ctx context.Context, identity string) (int, error) {
	if !h.UsesBuiltIn() {
		return -1, nil
	}
	return h.OwnerCounts.OwnerCount(ctx, identity)
}
