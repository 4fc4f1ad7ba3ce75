package console

import (
	"context"
	"errors"
	"hash/fnv"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// personPage is one person, and all that can be done about them.
type personPage struct {
	ui.Base
	Done, Problem string
	// NewPassword was just made up: it is shown this once.
	NewPassword string
	// Address is where they sign in.
	Address string
	ID      string // as it is kept
	personRow
	IsAdmin     bool
	Added       template.HTML
	Deactivated template.HTML
	// Temporary tells that the password was given by an administrator.
	HasPassword, Temporary bool
	// PasswordWas stands for the password that a new one would replace.
	PasswordWas string
	// Passwords tells that passwords are taken at all; Bound is the identity
	// provider's issuer, "" when the account is bound to none.
	Passwords bool
	Bound     string
	// ByClaim tells that the provider says which role they have.
	ByClaim bool
	// Last tells that nobody else could administrate.
	Last bool
	// ReassignHref leads to giving their customers to somebody else.
	ReassignHref string
	// AuditHref leads to what they did, Traces are the last of it.
	AuditHref string
	Recent    []Row
}

// recentShown is how many of the last things that somebody did their page shows.
const recentShown = 5

func (c *console) ShowPerson(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := c.People.Person(r.Context(), r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	var page personPage
	page.Done, page.Problem = c.notice(r, v)
	return c.renderPerson(w, r, v, http.StatusOK, p, page)
}

// renderPerson answers with somebody's page; what happened is on it already.
func (c *console) renderPerson(w http.ResponseWriter, r *http.Request, v *visit, status int, p account.Person, page personPage) (err error) {
	ctx := r.Context()
	if page.personRow, err = c.personRow(ctx, p, v); err != nil {
		return err
	}
	if page.Passwords, err = c.passwordsAllowed(ctx); err != nil {
		return err
	}
	rules, _, err := c.signInRules(ctx)
	if err != nil {
		return err
	}
	everyone, err := c.People.People(ctx)
	if err != nil {
		return err
	}
	page.Base = v.Base(page.Name, "people")
	page.ID, page.IsAdmin = p.Identity, p.Role == account.RoleAdmin
	if page.Address = c.PublicURL; page.Address == "" {
		page.Address = r.Host
	}
	page.Added = v.TimeHTML(p.Created)
	if page.Inactive {
		page.Deactivated = v.TimeHTML(p.Deactivated)
	}
	page.HasPassword, page.Temporary, page.PasswordWas = p.PasswordHash != "", p.Temporary, Digest(p.PasswordHash)
	page.Bound, page.ByClaim = p.Issuer, c.Provider != nil && p.Bound() && rules.RoleClaim != ""
	page.Last = isLast(p, everyone)
	page.ReassignHref = ReassignFromHref(p.Identity)
	page.AuditHref = "/console/audit?" + url.Values{"actor": {p.Identity}}.Encode()
	if page.Recent, err = c.recentEntries(ctx, p.Identity, v); err != nil {
		return err
	}
	auth.SetPrivate(w)
	if page.NewPassword != "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	return c.pages.Render(w, r, status, v.Locale, "person", page)
}

// recentEntries are the last things that somebody did. That the audit cannot be read keeps
// nobody from their page.
func (c *console) recentEntries(ctx context.Context, identity string, v *visit) (rows []Row, err error) {
	found, err := c.Audit.Find(ctx, audit.Query{Actor: identity, Limit: recentShown})
	if errors.Is(err, audit.ErrUnavailable) {
		return nil, nil
	}
	for _, e := range found.Entries {
		rows = append(rows, Describe(e, v))
	}
	return rows, err
}

// lastSeen is when somebody was last here: by their open sessions, which are exact, or
// by what is kept of those that ended.
func (c *console) lastSeen(p account.Person, sessions []account.Session, v *visit) template.HTML {
	last := p.LastSeen
	for _, s := range sessions {
		if s.LastSeen.After(last) {
			last = s.LastSeen
		}
	}
	if last.IsZero() {
		return ""
	}
	return v.TimeHTML(last)
}

// signInMethod says how somebody can prove who they are.
func (c *console) signInMethod(p account.Person, v *visit) string {
	switch {
	case p.Issuer != "":
		return v.Locale.Text("console.people.by.provider")
	case p.PasswordHash == "":
		return v.Locale.Text("console.people.by.nothing")
	case p.Temporary:
		return v.Locale.Text("console.people.by.temporary")
	}
	return v.Locale.Text("console.people.by.password")
}

// isLast tells whether p is the only administrator who can sign in.
func isLast(p account.Person, everyone []account.Person) bool {
	active := func(p account.Person) bool { return p.Role == account.RoleAdmin && p.Deactivated.IsZero() }
	if !active(p) {
		return false
	}
	for _, other := range everyone {
		if active(other) && text.IdentityKey(other.Identity) != text.IdentityKey(p.Identity) {
			return false
		}
	}
	return true
}

// isSelf tells whether p is the visitor.
func isSelf(p account.Person, v *visit) bool {
	return text.IdentityKey(p.Identity) == text.IdentityKey(v.Person.Identity)
}

// PersonHref is where somebody's page is. An identity may be anything, so it is never
// a part of a path.
func PersonHref(identity string) string {
	return "/console/people/person?" + url.Values{"id": {identity}}.Encode()
}

// CustomersOfHref is where the customers of a worker are listed.
func CustomersOfHref(identity string) string {
	return "/console/customers?" + url.Values{"worker": {identity}}.Encode()
}

// tint chooses the colour of an avatar, the same for a name everywhere.
func tint(name string) int {
	h := fnv.New32a()
	h.Write([]byte(name)) // a hash takes everything
	sum := h.Sum32()
	sum = (sum ^ sum>>16) * 0x85ebca6b
	return int((sum ^ sum>>13) % 8)
}

// Clip cuts s to at most n bytes, whole characters.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
