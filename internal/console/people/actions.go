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
	doPassword   = "password"
	doSessions   = "sessions"
	doUnlink     = "unbind"
	doDeactivate = "deactivate"
	doActivate   = "activate"
	doRemove     = "remove"
)

// action changes a person. audit and detail describe it in the audit, done in the notice.
type action struct {
	do     func(Accounts, context.Context, string) error // the string is the identity
	audit  audit.Action
	detail string
	done   string
}

// actions are those without a parameter.
var actions = map[string]action{
	doSessions:   {Accounts.EndSessions, audit.SessionEnded, audit.DetailAllSessions, "sessions"},
	doUnlink:     {Accounts.Unlink, audit.PersonChanged, audit.DetailUnlinked, "unbound"},
	doDeactivate: {Accounts.Deactivate, audit.PersonChanged, audit.DetailDeactivated, "deactivated"},
	doActivate:   {Accounts.Reactivate, audit.PersonChanged, audit.DetailActivated, "activated"},
	doRemove:     {Accounts.RemovePerson, audit.PersonRemoved, "", "removed"},
}

// roleActions set a role.
var roleActions = map[string]action{
	string(account.RoleAdmin):  {setRole(account.RoleAdmin), audit.PersonChanged, audit.DetailAdmin, doRole},
	string(account.RoleWorker): {setRole(account.RoleWorker), audit.PersonChanged, audit.DetailWorker, doRole},
}

func setRole(role account.Role) func(Accounts, context.Context, string) error {
	return func(p Accounts, ctx context.Context, identity string) error { return p.SetRole(ctx, identity, role) }
}

// exportActions grant and remove the permission to export.
var exportActions = map[string]action{
	"on":  {setMayExport(true), audit.PersonChanged, audit.DetailMayExport, doExport},
	"off": {setMayExport(false), audit.PersonChanged, audit.DetailMayNotExport, doExport},
}

func setMayExport(may bool) func(Accounts, context.Context, string) error {
	return func(p Accounts, ctx context.Context, identity string) error {
		return p.SetMayExport(ctx, identity, may)
	}
}

// peopleDone maps ?done= to the message of the notice.
var peopleDone = map[string]string{
	"added":       "console.person.done.added",
	doRole:        "console.person.done.role",
	doExport:      "console.person.done.export",
	"sessions":    "console.person.done.sessions",
	"unbound":     "console.person.done.unbound",
	"deactivated": "console.person.done.deactivated",
	"activated":   "console.person.done.activated",
	"removed":     "console.person.done.removed",
}

// notice returns the notice for what was just done.
func (h *Handlers) notice(r *http.Request, v *auth.Viewer) (done, problem string) {
	key, ok := peopleDone[r.URL.Query().Get("done")]
	switch {
	case !ok:
		return "", ""
	case r.URL.Query().Has("unwritten"):
		return "", view.AuditFailedNotice(v.Locale.Text(key), v)
	}
	return v.Locale.Text(key), ""
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
		act, ok = roleActions[view.Field(r, "role")]
	case doExport:
		act, ok = exportActions[view.Field(r, "may")]
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
	if err := act.do(h.Accounts, r.Context(), p.Identity); err != nil {
		return h.renderError(w, r, v, p, err)
	}
	recorded := h.Record(r, v, audit.Entry{Action: act.audit, Subject: p.Identity, Detail: act.detail})
	h.OnPeopleChange()
	return view.Redirect(w, r, nextHref(p, v, do, act.done, recorded))
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
	password, err := h.Accounts.ResetPassword(r.Context(), p.Identity)
	if err != nil {
		return h.renderError(w, r, v, p, err)
	}
	h.OnPasswordReset(p.Identity)
	page := personPage{NewPassword: password}
	if !h.Record(r, v, audit.Entry{Action: audit.PersonChanged, Subject: p.Identity, Detail: audit.DetailTemporaryPassword}) {
		page.Problem = v.Locale.Text("console.audit_failed")
	}
	h.OnPeopleChange()
	if p, err = h.Accounts.Person(r.Context(), p.Identity); err != nil {
		return err
	}
	return h.renderPerson(w, r, v, http.StatusOK, p, page)
}

// nextHref returns the address of the page to show after an action.
func nextHref(p account.Person, v *auth.Viewer, do, done string, recorded bool) string {
	query := url.Values{"done": {done}}
	if !recorded {
		query.Set("unwritten", "1")
	}
	switch {
	case do == doRemove:
		return view.PeoplePath + "?" + query.Encode()
	case isSelf(p, v) && (do == doDeactivate || do == doSessions) && recorded:
		return "/signin?ended=1"
	}
	query.Set("id", p.Identity)
	return view.PersonPath + "?" + query.Encode()
}
