package console

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// addPage is the form that adds a person.
type addPage struct {
	ui.Base
	Identity  string
	Role      string
	MayExport bool
	// Passwords tells that the new person will be given one.
	Passwords bool
	// What is wrong, beside its field; Existing leads to whoever has the identity.
	IdentityError, RoleError, Existing string
}

func (c *console) ShowAdd(w http.ResponseWriter, r *http.Request, v *visit) error {
	return c.renderAdd(w, r, v, http.StatusOK, addPage{Role: string(account.RoleWorker)})
}

func (c *console) renderAdd(w http.ResponseWriter, r *http.Request, v *visit, status int, page addPage) error {
	var err error
	if page.Passwords, err = c.passwordsAllowed(r.Context()); err != nil {
		return err
	}
	page.Base = v.Base(v.Locale.Text("console.add.title"), "people")
	auth.SetPrivate(w)
	return c.pages.Render(w, r, status, v.Locale, "add", page)
}

// Add adds somebody, and shows the password that was made up for them: their
// page in this answer is the only one that does.
func (c *console) Add(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	identity, role := Field(r, "identity"), account.Role(Field(r, "role"))
	page := addPage{Identity: Line(identity, account.MaxIdentityBytes), Role: string(role), MayExport: Field(r, "export") == "on"}
	if account.ValidateIdentity(identity) != nil {
		page.IdentityError = identityProblem(identity, v.Locale)
	}
	if account.ValidateRole(role) != nil {
		page.RoleError = v.Locale.Text("console.add.role.unknown")
	}
	if page.IdentityError != "" || page.RoleError != "" {
		return c.renderAdd(w, r, v, http.StatusUnprocessableEntity, page)
	}
	mayExport := page.MayExport && role == account.RoleAdmin
	password, err := c.People.Invite(r.Context(), identity, role, mayExport)
	var invalid *account.InvalidError
	switch {
	case errors.Is(err, account.ErrExists):
		page.IdentityError, page.Existing = v.Locale.Text("console.add.exists"), PersonHref(identity)
		return c.renderAdd(w, r, v, http.StatusConflict, page)
	case errors.As(err, &invalid):
		page.IdentityError = identityProblem(identity, v.Locale)
		return c.renderAdd(w, r, v, http.StatusUnprocessableEntity, page)
	case err != nil:
		return err
	}
	written := c.Record(r, v, audit.Entry{Action: audit.PersonAdded, Subject: identity, Detail: addedDetail(role, mayExport)})
	p, err := c.People.Person(r.Context(), identity)
	if err != nil {
		return err
	}
	if password == "" {
		http.Redirect(w, r, nextHref(p, v, "", "added", written), http.StatusSeeOther)
		return nil
	}
	added := personPage{Done: v.Locale.Text("console.person.done.added"), NewPassword: password}
	if !written {
		added.Done, added.Problem = "", added.Done+" "+v.Locale.Text("console.audit.unwritten")
	}
	return c.renderPerson(w, r, v, http.StatusOK, p, added)
}

// identityProblem says in words of the visitor's why nobody can be called so.
func identityProblem(identity string, w *locale.Locale) string {
	switch {
	case identity == "":
		return w.Text("console.add.identity.missing")
	case len(identity) > account.MaxIdentityBytes:
		return w.Text("console.add.identity.long", "max", account.MaxIdentityBytes)
	case identity == "*":
		return w.Text("console.add.identity.everyone")
	case !utf8.ValidString(identity) || text.Visible(identity) != identity || strings.TrimSpace(identity) != identity:
		return w.Text("console.add.identity.hidden")
	}
	return w.Text("console.add.identity.else")
}
