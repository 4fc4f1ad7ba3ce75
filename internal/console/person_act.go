package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// What can be done about a person, as forms name it.
const (
	doRole       = "role"
	doExport     = "export"
	doPassword   = "password"
	doSessions   = "sessions"
	doUnbind     = "unbind"
	doDeactivate = "deactivate"
	doActivate   = "activate"
	doRemove     = "remove"
)

// action is how one of them is done, and what is written and said of it.
type action struct {
	do     func(p People, ctx context.Context, identity string) error
	audit  audit.Action
	detail string
	done   string
}

// actions are those that need nothing but a person.
var actions = map[string]action{
	doSessions:   {People.EndSessions, audit.SessionEnded, DetailAllSessions, "sessions"},
	doUnbind:     {People.Unbind, audit.PersonChanged, DetailUnbound, "unbound"},
	doDeactivate: {People.Deactivate, audit.PersonChanged, DetailDeactivated, "deactivated"},
	doActivate:   {People.Reactivate, audit.PersonChanged, DetailActivated, "activated"},
	doRemove:     {People.RemovePerson, audit.PersonRemoved, "", "removed"},
}

// roleActions are the acts that give a role.
var roleActions = map[string]action{
	string(account.RoleAdmin): {func(p People, ctx context.Context, identity string) error {
		return p.SetRole(ctx, identity, account.RoleAdmin)
	}, audit.PersonChanged, DetailAdmin, doRole},
	string(account.RoleWorker): {func(p People, ctx context.Context, identity string) error {
		return p.SetRole(ctx, identity, account.RoleWorker)
	}, audit.PersonChanged, DetailWorker, doRole},
}

// exportActions are the acts that give and take the permission to export.
var exportActions = map[string]action{
	"on": {func(p People, ctx context.Context, identity string) error {
		return p.SetMayExport(ctx, identity, true)
	}, audit.PersonChanged, DetailMayExport, doExport},
	"off": {func(p People, ctx context.Context, identity string) error {
		return p.SetMayExport(ctx, identity, false)
	}, audit.PersonChanged, DetailMayNotExport, doExport},
}

// peopleDone are what pages say after a success, by the value of ?done=.
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

// notice is what a page says of what was just done.
func (c *console) notice(r *http.Request, v *visit) (done, problem string) {
	key, ok := peopleDone[r.URL.Query().Get("done")]
	switch {
	case !ok:
		return "", ""
	case r.URL.Query().Has("unwritten"):
		return "", v.Locale.Text(key) + " " + v.Locale.Text("console.audit.unwritten")
	}
	return v.Locale.Text(key), ""
}

// ChangePerson does one thing about a person.
func (c *console) ChangePerson(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	p, err := c.People.Person(r.Context(), r.PostForm.Get("id"))
	if err != nil {
		return err
	}
	do := Field(r, "do")
	if do == doPassword {
		return c.resetPassword(w, r, v, p)
	}
	what, ok := actions[do]
	switch do {
	case doRole:
		what, ok = roleActions[Field(r, "role")]
	case doExport:
		what, ok = exportActions[Field(r, "may")]
	}
	if !ok {
		return auth.ErrForm
	}
	if c.needsConfirmation(r, v, p, do) {
		http.Redirect(w, r, confirmHref(p.Identity, confirmationOf(do)), http.StatusSeeOther)
		return nil
	}
	if key := refusalKey(r, v, p, do); key != "" {
		return c.renderRefusal(w, r, v, p, http.StatusConflict, key)
	}
	if err := what.do(c.People, r.Context(), p.Identity); err != nil {
		return c.renderError(w, r, v, p, err)
	}
	written := c.Record(r, v, audit.Entry{Action: what.audit, Subject: p.Identity, Detail: what.detail})
	c.notifyChanged()
	http.Redirect(w, r, nextHref(p, v, do, what.done, written), http.StatusSeeOther)
	return nil
}

// refusalKey is the message that says why something is not done, "" when nothing is
// against it. What depends on others is decided where they are kept.
func refusalKey(r *http.Request, v *visit, p account.Person, do string) string {
	switch {
	case do == doExport && isSelf(p, v) && Field(r, "may") == "on":
		return "console.person.refused.export"
	case do == doExport && p.Role != account.RoleAdmin && Field(r, "may") == "on":
		return "console.person.refused.worker"
	case do == doRemove && p.Deactivated.IsZero():
		return "console.person.refused.remove"
	case do == doPassword && isSelf(p, v):
		return "console.person.refused.password"
	}
	return ""
}

// renderError tells why something could not be done, where that is the administrator's
// business; any other error is answered as it is.
func (c *console) renderError(w http.ResponseWriter, r *http.Request, v *visit, p account.Person, err error) error {
	switch {
	case errors.Is(err, account.ErrLastAdmin):
		return c.renderRefusal(w, r, v, p, http.StatusConflict, "console.person.refused.last")
	case errors.Is(err, account.ErrPasswordsOff):
		return c.renderRefusal(w, r, v, p, http.StatusConflict, "console.person.refused.off")
	}
	return err
}

// renderRefusal shows a person's page with why nothing was done.
func (c *console) renderRefusal(w http.ResponseWriter, r *http.Request, v *visit, p account.Person, status int, key string) error {
	return c.renderPerson(w, r, v, status, p, personPage{Problem: v.Locale.Text(key)})
}

// resetPassword makes up a password and shows it, this once. Sent again (a reload),
// the form makes no other one: it names the password that it replaced.
func (c *console) resetPassword(w http.ResponseWriter, r *http.Request, v *visit, p account.Person) error {
	if key := refusalKey(r, v, p, doPassword); key != "" {
		return c.renderRefusal(w, r, v, p, http.StatusConflict, key)
	}
	if was := Field(r, "was"); was != "" && was != Digest(p.PasswordHash) {
		return c.renderRefusal(w, r, v, p, http.StatusConflict, "console.person.password.again")
	}
	made, err := c.People.ResetPassword(r.Context(), p.Identity)
	if err != nil {
		return c.renderError(w, r, v, p, err)
	}
	page := personPage{NewPassword: made}
	if !c.Record(r, v, audit.Entry{Action: audit.PersonChanged, Subject: p.Identity, Detail: DetailPassword}) {
		page.Problem = v.Locale.Text("console.audit.unwritten")
	}
	c.notifyChanged()
	if p, err = c.People.Person(r.Context(), p.Identity); err != nil {
		return err
	}
	return c.renderPerson(w, r, v, http.StatusOK, p, page)
}

// notifyChanged tells open pages that their person may no longer be who they were.
func (c *console) notifyChanged() {
	if c.PeopleChanged != nil {
		c.PeopleChanged()
	}
}

// nextHref is where to go when something was done.
func nextHref(p account.Person, v *visit, do, done string, written bool) string {
	query := url.Values{"done": {done}}
	if !written {
		query.Set("unwritten", "1")
	}
	switch {
	case do == doRemove:
		return "/console/people?" + query.Encode()
	case isSelf(p, v) && (do == doDeactivate || do == doSessions) && written:
		return "/signin?ended=1"
	}
	query.Set("id", p.Identity)
	return "/console/people/person?" + query.Encode()
}
