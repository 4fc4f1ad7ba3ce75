package console

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// People is who works here, and what can be done about them: *account.Service is
// one, and its documentation is the contract.
type People interface {
	Person(ctx context.Context, identity string) (account.Person, error)
	People(ctx context.Context) ([]account.Person, error)
	Sessions(ctx context.Context, identity string) ([]account.Session, error)
	Invite(ctx context.Context, identity string, role account.Role, mayExport bool) (password string, err error)
	SetRole(ctx context.Context, identity string, role account.Role) error
	SetMayExport(ctx context.Context, identity string, may bool) error
	ResetPassword(ctx context.Context, identity string) (password string, err error)
	EndSessions(ctx context.Context, identity string) error
	Unbind(ctx context.Context, identity string) error
	Deactivate(ctx context.Context, identity string) error
	Reactivate(ctx context.Context, identity string) error
	RemovePerson(ctx context.Context, identity string) error
}

// OwnerCounts tells how many customers are whose: customer.AdminReader is one.
type OwnerCounts interface {
	OwnerCount(ctx context.Context, worker string) (int, error)
}

// listPage is everyone, or those who were looked for.
type listPage struct {
	ui.Base
	Done, Problem string
	// Query and Show are the filter: Show is "", "worker", "admin" or "inactive".
	Query, Show string
	// Count says how many there are, or how many match.
	Count string
	// Counted tells that it is known how many customers each has.
	Counted bool
	Rows    []personRow
	// Before and After lead to the pages beside this one, "" for none.
	Before, After string
}

// personRow is one person of the list.
type personRow struct {
	Href, Name, Initials string
	Tint                 int
	Role                 string
	Self, Inactive       bool
	// LastSeen is when they were last here, "" when they never were.
	LastSeen template.HTML
	// Sessions is how many browsers they are signed in with.
	Sessions int
	// Customers is how many are theirs, -1 when they are not kept here, and Theirs
	// leads to them.
	Customers     int
	CustomersHref string
	SignInMethod  string
	MayExport     bool
}

// peoplePerPage is how many people one page lists.
const peoplePerPage = 50

// filters are the choices of the filter; "" is everyone.
var filters = []string{"", "worker", "admin", "inactive"}

func (c *console) ShowList(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := r.URL.Query()
	page := listPage{
		Base:  v.Base(v.Locale.Text("console.people.title"), "people"),
		Query: strings.TrimSpace(text.Visible(Clip(query.Get("q"), account.MaxIdentityBytes))), Show: query.Get("show"),
	}
	if !slices.Contains(filters, page.Show) {
		page.Show = ""
	}
	page.Done, page.Problem = c.notice(r, v)
	everyone, err := c.People.People(r.Context())
	if err != nil {
		return err
	}
	found := page.filter(everyone)
	if page.Count = v.Locale.Count("console.people.count", len(found)); page.Filtered() {
		page.Count = v.Locale.Count("list.matches", len(found))
	}
	found = page.paginate(found, query)
	for _, p := range found {
		row, err := c.personRow(r.Context(), p, v)
		if err != nil {
			return err
		}
		page.Counted = row.Customers >= 0
		page.Rows = append(page.Rows, row)
	}
	auth.SetPrivate(w)
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "people", page)
}

// Filtered tells that not everyone is asked for.
func (p listPage) Filtered() bool { return p.Query != "" || p.Show != "" }

// filter answers those who are asked for, whoever cannot sign in any more at the end.
func (p *listPage) filter(all []account.Person) (found []account.Person) {
	wanted := text.Fold(p.Query)
	var inactive []account.Person
	for _, who := range all {
		gone := !who.Deactivated.IsZero()
		switch {
		case !strings.Contains(text.Fold(who.Identity), wanted):
		case p.Show == "inactive" && !gone, p.Show == "worker" && who.Role != account.RoleWorker, p.Show == "admin" && who.Role != account.RoleAdmin:
		case gone:
			inactive = append(inactive, who)
		default:
			found = append(found, who)
		}
	}
	return append(found, inactive...)
}

// paginate leaves one page of those who were found, with the ways to those beside it.
func (p *listPage) paginate(found []account.Person, query url.Values) []account.Person {
	pages := max(1, (len(found)+peoplePerPage-1)/peoplePerPage)
	n, err := strconv.Atoi(query.Get("page"))
	if err != nil {
		n = 1
	}
	n = min(max(n, 1), pages)
	href := func(n int) string {
		keep := url.Values{}
		for name, value := range map[string]string{"q": p.Query, "show": p.Show} {
			if value != "" {
				keep.Set(name, value)
			}
		}
		if n > 1 {
			keep.Set("page", strconv.Itoa(n))
		}
		return "/console/people?" + keep.Encode()
	}
	if n > 1 {
		p.Before = href(n - 1)
	}
	if n < pages {
		p.After = href(n + 1)
	}
	return found[(n-1)*peoplePerPage : min(n*peoplePerPage, len(found))]
}

// personRow describes one person.
func (c *console) personRow(ctx context.Context, p account.Person, v *visit) (personRow, error) {
	row := personRow{
		Href: PersonHref(p.Identity), Name: text.Visible(p.Identity), Initials: text.Initials(p.Identity), Tint: tint(p.Identity),
		Role: v.Locale.Text("account.role." + string(p.Role)), Self: isSelf(p, v), Inactive: !p.Deactivated.IsZero(),
		CustomersHref: CustomersOfHref(p.Identity), SignInMethod: c.signInMethod(p, v), MayExport: p.MayExport,
	}
	sessions, err := c.People.Sessions(ctx, p.Identity)
	if err != nil {
		return row, err
	}
	row.Sessions, row.LastSeen = len(sessions), c.lastSeen(p, sessions, v)
	row.Customers, err = c.customerCount(ctx, p.Identity)
	return row, err
}

// customerCount is how many customers somebody has, -1 when the customers are not kept
// here.
func (c *console) customerCount(ctx context.Context, identity string) (int, error) {
	if c.OwnerCounts == nil || !c.Status().BuiltIn {
		return -1, nil
	}
	return c.OwnerCounts.OwnerCount(ctx, identity)
}
