package people

import (
	"context"
	"errors"
	"html/template"
	"net/http"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/auditlog"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// personPage is one person, with everything that can be changed.
type personPage struct {
	ui.Base
	Done, Problem string
	// NewPassword was just generated. No other page shows it.
	NewPassword string
	// Address is where they sign in.
	Address string
	ID      string // the identity as it is stored
	personRow
	IsAdmin     bool
	Added       template.HTML
	Deactivated template.HTML
	// Temporary reports whether an administrator set the password.
	HasPassword, Temporary bool
	// PasswordWas is the digest of the password that a new one would replace.
	PasswordWas string
	// Passwords reports whether passwords are allowed. LinkedTo is the issuer of the identity
	// provider that the person is linked to, "" for none.
	Passwords bool
	LinkedTo  string
	// ByClaim reports whether the provider decides their role.
	ByClaim bool
	// TakesConversations reports whether new conversations may go to the person, and
	// Available whether they do.
	TakesConversations, Available bool
	// Last reports whether no other administrator is active.
	Last bool
	// ReassignHref is the address of the form that reassigns their customers.
	ReassignHref string
	// AuditHref is the address of what they did; Recent is the latest of it.
	AuditHref string
	Recent    []auditlog.Row
}

// recentShown is how many of a person's audit entries their page shows.
const recentShown = 5

// ShowPerson shows one person.
func (h *Handlers) ShowPerson(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	p, err := h.Accounts.Person(r.Context(), r.URL.Query().Get("id"))
	if err != nil {
		return err
	}
	var page personPage
	page.Done = h.notice(r, v)
	return h.renderPerson(w, r, v, http.StatusOK, p, page)
}

// renderPerson writes a person's page. The caller has set the notice and the new
// password.
func (h *Handlers) renderPerson(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, p account.Person, page personPage) (err error) {
	ctx := r.Context()
	if page.personRow, err = h.personRow(ctx, p, v); err != nil {
		return err
	}
	if page.Passwords, err = h.passwordsAllowed(ctx); err != nil {
		return err
	}
	rules, _, err := h.signInRules(ctx)
	if err != nil {
		return err
	}
	if page.Last, err = h.isLast(ctx, p); err != nil {
		return err
	}
	page.Base = v.Base(page.Name, "people")
	page.ID, page.IsAdmin = p.Identity, p.Role == account.RoleAdmin
	if page.Address = h.PublicURL; page.Address == "" {
		page.Address = r.Host
	}
	page.Added = v.TimeHTML(p.Created)
	if page.Inactive {
		page.Deactivated = v.TimeHTML(p.Deactivated)
	}
	page.HasPassword, page.Temporary, page.PasswordWas = p.PasswordHash != "", p.Temporary(), view.Digest(p.PasswordHash)
	page.LinkedTo, page.ByClaim = p.Issuer, h.Provider != nil && p.Linked() && rules.RoleClaim != ""
	page.TakesConversations, page.Available = h.ConversationsOn() && p.Role == account.RoleWorker && p.Active(), p.Available
	page.ReassignHref = view.ReassignFromHref(p.Identity)
	page.AuditHref = view.AuditOfActorHref(p.Identity)
	if page.Recent, err = h.recentEntries(ctx, p.Identity, v); err != nil {
		return err
	}
	return h.Render(w, r, v, status, "person", page)
}

// recentEntries returns the last things that a person did, and nothing when the audit is
// unavailable.
func (h *Handlers) recentEntries(ctx context.Context, identity string, v *auth.Viewer) (rows []auditlog.Row, err error) {
	found, err := h.Audit.Find(ctx, audit.Query{Actor: identity, Limit: recentShown})
	if errors.Is(err, audit.ErrUnavailable) {
		return nil, nil
	}
	for _, e := range found.Entries {
		rows = append(rows, auditlog.Describe(e, v))
	}
	return rows, err
}

// lastSeen returns when a person was last active: by their open sessions, or by the
// stored time of those that ended.
func (h *Handlers) lastSeen(p account.Person, sessions []account.Session, v *auth.Viewer) template.HTML {
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

func (h *Handlers) signInMethod(p account.Person, v *auth.Viewer) string {
	switch {
	case p.Issuer != "":
		return v.Locale.Text("console.people.signin_method.provider")
	case p.PasswordHash == "":
		return v.Locale.Text("console.people.signin_method.none")
	case p.Temporary():
		return v.Locale.Text("console.people.signin_method.temporary")
	}
	return v.Locale.Text("console.people.signin_method.password")
}

// isLast reports whether p is the only active administrator.
func (h *Handlers) isLast(ctx context.Context, p account.Person) (bool, error) {
	if p.Role != account.RoleAdmin || !p.Active() {
		return false, nil
	}
	admins, err := h.Accounts.FindPeople(ctx, account.PeopleQuery{Role: account.RoleAdmin, Limit: 2}) // active ones first
	return len(admins.People) < 2 || !admins.People[1].Active(), err
}

// isSelf reports whether p is the viewer.
func isSelf(p account.Person, v *auth.Viewer) bool {
	return text.SameIdentity(p.Identity, v.Person.Identity)
}
