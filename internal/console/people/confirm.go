package people

import (
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// confirmPage asks before an action that affects others.
type confirmPage struct {
	ui.Base
	ID, Name, Href string
	// Do is the action, and Role its parameter where it sets a role.
	Do, Role string
	Heading  string
	Text     string
	// Self says what it means for the viewer's own account, "" for others.
	Self string
	// Customers says what happens to the customers, "" when there are none. ReassignHref
	// is the address of the form that reassigns them.
	Customers, ReassignHref string
	// Action is the label of the button.
	Action string
	// Was is the digest of the password that a new one replaces.
	Was string
}

// confirmations are the messages for the actions that need one.
var confirmations = map[string]struct{ heading, text, action string }{
	doPassword:   {"console.confirm.password", "console.confirm.password.text", "console.confirm.password.action"},
	doUnlink:     {"console.confirm.unbind", "console.confirm.unbind.text", "console.confirm.unbind.action"},
	doDeactivate: {"console.confirm.deactivate", "console.confirm.deactivate.text", "console.confirm.deactivate.action"},
	doRemove:     {"console.confirm.remove", "console.confirm.remove.text", "console.confirm.remove.action"},
	doDemote:     {"console.confirm.give_up_admin", "console.confirm.give_up_admin.text", "console.confirm.give_up_admin.action"},
}

// doDemote is the removal of one's own administrator role.
const doDemote = "demote"

func confirmHref(identity, do string) string {
	return view.ConfirmPersonPath + "?" + url.Values{"id": {identity}, "do": {do}}.Encode()
}

// confirmationOf returns the key of an action in confirmations.
func confirmationOf(do string) string {
	if do == doRole {
		return doDemote
	}
	return do
}

// needsConfirmation reports whether an action needs confirmation and the form does not
// have it.
func (h *Handlers) needsConfirmation(r *http.Request, v *auth.Viewer, p account.Person, do string) bool {
	if view.Field(r, "sure") != "" {
		return false
	}
	switch do {
	case doDeactivate, doRemove, doUnlink:
		return true
	case doRole:
		return isSelf(p, v) && p.Role == account.RoleAdmin && view.Field(r, "role") != string(account.RoleAdmin)
	}
	return false
}

// ShowConfirm asks to confirm an action.
func (h *Handlers) ShowConfirm(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	query := r.URL.Query()
	confirmation, ok := confirmations[query.Get("do")]
	if !ok {
		return auth.ErrNoPage
	}
	p, err := h.Accounts.Person(r.Context(), query.Get("id"))
	if err != nil {
		return err
	}
	name := text.Visible(p.Identity)
	page := confirmPage{
		ID: p.Identity, Name: name, Href: view.PersonHref(p.Identity), Do: query.Get("do"),
		Heading: v.Locale.Text(confirmation.heading, "name", name), Text: v.Locale.Text(confirmation.text), Action: v.Locale.Text(confirmation.action),
		Was: view.Digest(p.PasswordHash),
	}
	if page.Do == doRemove && h.Provider != nil {
		rules, _, err := h.signInRules(r.Context())
		if err != nil {
			return err
		}
		if rules.Provision {
			page.Text += " " + v.Locale.Text("console.confirm.remove.provision")
		}
	}
	if page.Do == doDemote {
		page.Do, page.Role = doRole, string(account.RoleWorker)
	}
	if isSelf(p, v) && page.Do == doDeactivate {
		page.Self = v.Locale.Text("console.confirm.self")
	}
	if page.Do == doDeactivate || page.Do == doRemove {
		n, err := h.customerCount(r.Context(), p.Identity)
		if err != nil {
			return err
		}
		if n > 0 {
			page.Customers = v.Locale.Count("console.confirm.customers", n)
			page.ReassignHref = view.ReassignFromHref(p.Identity)
		}
	}
	page.Base = v.Base(page.Heading, "people")
	return h.Render(w, r, v, http.StatusOK, "confirm", page)
}
