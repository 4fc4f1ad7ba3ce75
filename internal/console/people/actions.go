package people

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// What can be done to a person, as forms name it.
const (
	doRole       = "role"
	doExport     = "export"
	doAvailable  = "available"
	doPassword   = "password"
	doSessions   = "sessions"
	doUnlink     = "unbind"
	doDeactivate = "deactivate"
	doActivate   = "activate"
	doRemove     = "remove"
)

// action changes a person. audit and params describe it in the audit, done in the notice.
type action struct {
	do     func(Accounts, context.Context, string) error // the string is the identity
	audit  audit.Action
	params audit.Params
	done   string
}

// actions are those without a parameter.
var actions = map[string]action{
	doSessions:   {Accounts.EndSessions, audit.SessionEnded, audit.AllSessions, "sessions"},
	doUnlink:     {Accounts.Unlink, audit.PersonChanged, audit.Unlinked, "unbound"},
	doDeactivate: {Accounts.Deactivate, audit.PersonChanged, audit.Deactivated, "deactivated"},
	doActivate:   {Accounts.Reactivate, audit.PersonChanged, audit.Activated, "activated"},
	doRemove:     {Accounts.RemovePerson, audit.PersonRemoved, "", "removed"},
}

// roleAction sets a role.
func roleAction(role account.Role) action {
	set := func(p Accounts, ctx context.Context, identity string) error { return p.SetRole(ctx, identity, role) }
	return action{set, audit.PersonChanged, audit.Role(role == account.RoleAdmin), doRole}
}

// exportActions grant and remove the permission to export.
var exportActions = map[string]action{
	"on":  {set(Accounts.SetMayExport, true), audit.PersonChanged, audit.ExportOn, doExport},
	"off": {set(Accounts.SetMayExport, false), audit.PersonChanged, audit.ExportOff, doExport},
}

// availableActions decide whether a worker takes new conversations.
var availableActions = map[string]action{
	"on":  {set(Accounts.SetAvailable, true), audit.PersonChanged, audit.AvailableOn, doAvailable},
	"off": {set(Accounts.SetAvailable, false), audit.PersonChanged, audit.AvailableOff, doAvailable},
}

// set returns the action that calls method with on.
func set(method func(Accounts, context.Context, string, bool) error, on bool) func(Accounts, context.Context, string) error {
	return func(p Accounts, ctx context.Context, identity string) error { return method(p, ctx, identity, on) }
}

// peopleDone maps ?done= to the message of the notice.
var peopleDone = map[string]string{
	"added":       "console.person.done.added",
	doRole:        "console.person.done.role",
	doExport:      "console.person.done.export",
	doAvailable:   "console.saved",
	"sessions":    "console.person.done.sessions",
	"unbound":     "console.person.done.unbound",
	"deactivated": "console.person.done.deactivated",
	"activated":   "console.person.done.activated",
	"removed":     "console.person.done.removed",
}

// notice returns the notice for what was just done.
func (h *Handlers) notice(r *http.Request, v *auth.Viewer) string {
	if key, ok := peopleDone[r.URL.Query().Get("done")]; ok {
		return v.Locale.Text(key)
	}
	return ""
}

// ChangePerson does one thing to a person.
func (h *Handlers) ChangePerson(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	p, err := h.Accounts.Person(r.Context(), r.PostForm.Get("id"))
	if err != nil {
		return err
	}
	do := view.Field(r, "do")
	if do == doPassword {
		return h.resetPassword(w, r, v, p)
	}
	act, ok := actions[do]
	switch do {
	case doRole:
		role := account.Role(view.Field(r, "role"))
		act, ok = roleAction(role), account.ValidateRole(role) == nil
	case doExport:
		act, ok = exportActions[view.Field(r, "may")]
	case doAvailable:
		act, ok = availableActions[view.Field(r, "available")]
	}
	if !ok {
		return auth.ErrForm
	}
	if h.needsConfirmation(r, v, p, do) {
		return view.Redirect(w, r, confirmHref(p.Identity, confirmationOf(do)))
	}
	if key := refusalKey(r, v, p, do); key != "" {
		return h.renderRefusal(w, r, v, p, key)
	}
	err = h.Act(r, v, func(ctx context.Context) (audit.Entry, error) {
		return audit.Entry{Action: act.audit, Subject: p.Identity, Params: act.params}, act.do(h.Accounts, ctx, p.Identity)
	})
	if err != nil {
		return h.renderError(w, r, v, p, err)
	}
	h.OnPeopleChange()
	return view.Redirect(w, r, nextHref(p, v, do, act.done))
}

// refusalKey returns the message that says why something is refused, "" when it is not.
// account.Service checks what depends on other people.
func refusalKey(r *http.Request, v *auth.Viewer, p account.Person, do string) string {
	switch {
	case do == doExport && isSelf(p, v) && view.Field(r, "may") == "on":
		return "console.person.refused.export"
	case do == doExport && p.Role != account.RoleAdmin && view.Field(r, "may") == "on":
		return "console.person.refused.worker"
	case do == doRemove && p.Deactivated.IsZero():
		return "console.person.refused.remove"
	case do == doPassword && isSelf(p, v):
		return "console.person.refused.password"
	}
	return ""
}

// renderError shows the errors that the administrator can act on, and returns any other.
func (h *Handlers) renderError(w http.ResponseWriter, r *http.Request, v *auth.Viewer, p account.Person, err error) error {
	switch {
	case errors.Is(err, account.ErrLastAdmin):
		return h.renderRefusal(w, r, v, p, "console.person.refused.last")
	case errors.Is(err, account.ErrPasswordsOff):
		return h.renderRefusal(w, r, v, p, "console.person.refused.off")
	}
	return err
}

// renderRefusal shows a person's page with why nothing was changed.
func (h *Handlers) renderRefusal(w http.ResponseWriter, r *http.Request, v *auth.Viewer, p account.Person, key string) error {
	return h.renderPerson(w, r, v, http.StatusConflict, p, personPage{Problem: v.Locale.Text(key)})
}

// resetPassword generates a password and shows it once. A reload does not generate
// another: the form names the password that it replaced.
func (h *Handlers) resetPassword(w http.ResponseWriter, r *http.Request, v *auth.Viewer, p account.Person) error {
	if key := refusalKey(r, v, p, doPassword); key != "" {
		return h.renderRefusal(w, r, v, p, key)
	}
	if was := view.Field(r, "was"); was != "" && was != view.Digest(p.PasswordHash) {
		return h.renderRefusal(w, r, v, p, "console.person.password.again")
	}
	var page personPage
	err := h.Act(r, v, func(ctx context.Context) (e audit.Entry, err error) {
		page.NewPassword, err = h.Accounts.ResetPassword(ctx, p.Identity)
		return audit.Entry{Action: audit.PersonChanged, Subject: p.Identity, Params: audit.TemporaryPassword}, err
	})
	if err != nil {
		return h.renderError(w, r, v, p, err)
	}
	_ = h.OnPasswordReset(r.Context(), p.Identity) // else they may have to wait; the password must be shown
	h.OnPeopleChange()
	if p, err = h.Accounts.Person(r.Context(), p.Identity); err != nil {
		return err
	}
	return h.renderPerson(w, r, v, http.StatusOK, p, page)
}

// nextHref returns the address of the page to show after an action.
func nextHref(p account.Person, v *auth.Viewer, do, done string) string {
	query := url.Values{"done": {done}}
	switch {
	case do == doRemove:
		return view.PeoplePath + "?" + query.Encode()
	case isSelf(p, v) && (do == doDeactivate || do == doSessions):
		return "/signin?ended=1"
	}
	query.Set("id", p.Identity)
	return view.PersonPath + "?" + query.Encode()
}
