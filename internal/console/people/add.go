package people

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
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
	// Passwords reports whether the new person gets a password.
	Passwords bool
	// The errors of the fields. Existing is the address of the person who has the
	// identity.
	IdentityError, RoleError, Existing string
}

// ShowAdd shows the form that adds a person, with the identity of the query.
func (h *Handlers) ShowAdd(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	return h.renderAdd(w, r, v, http.StatusOK, addPage{
		Identity: text.Visible(view.Clip(r.URL.Query().Get("identity"), account.MaxIdentityBytes)), Role: string(account.RoleWorker),
	})
}

func (h *Handlers) renderAdd(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, page addPage) error {
	var err error
	if page.Passwords, err = h.passwordsAllowed(r.Context()); err != nil {
		return err
	}
	page.Base = v.Base(v.Locale.Text("console.add.title"), "people")
	return h.Render(w, r, v, status, "add", page)
}

// Add adds a person. Only this response shows the temporary password.
func (h *Handlers) Add(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	identity, role := view.Field(r, "identity"), account.Role(view.Field(r, "role"))
	page := addPage{Identity: view.Line(identity, account.MaxIdentityBytes), Role: string(role), MayExport: view.Field(r, "export") == "on"}
	if account.ValidateIdentity(identity) != nil {
		page.IdentityError = identityProblem(identity, v.Locale)
	}
	if account.ValidateRole(role) != nil {
		page.RoleError = v.Locale.Text("console.add.role.unknown")
	}
	if page.IdentityError != "" || page.RoleError != "" {
		return h.renderAdd(w, r, v, http.StatusUnprocessableEntity, page)
	}
	mayExport := page.MayExport && role == account.RoleAdmin
	var password string
	err := h.Act(r, v, func(ctx context.Context) (e audit.Entry, err error) {
		password, err = h.Accounts.AddWithTemporaryPassword(ctx, identity, role, mayExport)
		return audit.Entry{Action: audit.PersonAdded, Subject: identity, Params: audit.Added(role == account.RoleAdmin, mayExport)}, err
	})
	var invalid *account.InvalidError
	switch {
	case errors.Is(err, account.ErrExists):
		page.IdentityError, page.Existing = v.Locale.Text("console.add.exists"), view.PersonHref(identity)
		return h.renderAdd(w, r, v, http.StatusConflict, page)
	case errors.As(err, &invalid):
		page.IdentityError = identityProblem(identity, v.Locale)
		return h.renderAdd(w, r, v, http.StatusUnprocessableEntity, page)
	case err != nil:
		return err
	}
	p, err := h.Accounts.Person(r.Context(), identity)
	if err != nil {
		return err
	}
	if password == "" {
		return view.Redirect(w, r, nextHref(p, v, "", "added"))
	}
	return h.renderPerson(w, r, v, http.StatusOK, p, personPage{Done: v.Locale.Text("console.person.done.added"), NewPassword: password})
}

// identityProblem returns in the viewer's language why an identity is invalid.
func identityProblem(identity string, loc *locale.Locale) string {
	switch {
	case identity == "":
		return loc.Text("console.add.identity.missing")
	case len(identity) > account.MaxIdentityBytes:
		return loc.Text("console.add.identity.long", "max", account.MaxIdentityBytes)
	case identity == "*":
		return loc.Text("console.add.identity.everyone")
	case !utf8.ValidString(identity) || text.Visible(identity) != identity || strings.TrimSpace(identity) != identity:
		return loc.Text("console.add.identity.hidden")
	}
	return loc.Text("console.add.identity.else")
}
