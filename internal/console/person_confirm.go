package console

import (
	"net/http"
	"net/url"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// confirmPage asks once more before something that others will feel.
type confirmPage struct {
	ui.Base
	ID, Name, Href string
	// Do is what is done, and Role with it where a role is given.
	Do, Role string
	Heading  string
	Text     string
	// Self says what it means for whoever does it to themselves, "" for others.
	Self string
	// Customers is what becomes of the customers, "" when there are none, and
	// ReassignHref leads to giving them to somebody else first.
	Customers, ReassignHref string
	// Action is what the button says.
	Action string
	// Was stands for the password that a new one replaces.
	Was string
}

// confirmations are the acts that are asked about, with the messages that tell of them.
var confirmations = map[string]struct{ heading, text, action string }{
	doPassword:   {"console.confirm.password", "console.confirm.password.text", "console.confirm.password.action"},
	doUnbind:     {"console.confirm.unbind", "console.confirm.unbind.text", "console.confirm.unbind.action"},
	doDeactivate: {"console.confirm.deactivate", "console.confirm.deactivate.text", "console.confirm.deactivate.action"},
	doRemove:     {"console.confirm.remove", "console.confirm.remove.text", "console.confirm.remove.action"},
	doDemote:     {"console.confirm.demote", "console.confirm.demote.text", "console.confirm.demote.action"},
}

// doDemote is to take the administrator's role from oneself.
const doDemote = "demote"

func confirmHref(identity, do string) string {
	return "/console/people/confirm?" + url.Values{"id": {identity}, "do": {do}}.Encode()
}

// confirmationOf is under which name an act is asked about.
func confirmationOf(do string) string {
	if do == doRole {
		return doDemote
	}
	return do
}

// needsConfirmation tells that something is to be asked about first. Forms that were asked
// about say so; one that was sent without being asked is no reason to do harm.
func (c *console) needsConfirmation(r *http.Request, v *visit, p account.Person, do string) bool {
	if Field(r, "sure") != "" {
		return false
	}
	switch do {
	case doDeactivate, doRemove, doUnbind:
		return true
	case doRole:
		return isSelf(p, v) && p.Role == account.RoleAdmin && Field(r, "role") != string(account.RoleAdmin)
	}
	return false
}

func (c *console) ShowConfirm(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := r.URL.Query()
	asked, ok := confirmations[query.Get("do")]
	if !ok {
		return auth.ErrNoPage
	}
	p, err := c.People.Person(r.Context(), query.Get("id"))
	if err != nil {
		return err
	}
	name := text.Visible(p.Identity)
	page := confirmPage{
		ID: p.Identity, Name: name, Href: PersonHref(p.Identity), Do: query.Get("do"),
		Heading: v.Locale.Text(asked.heading, "name", name), Text: v.Locale.Text(asked.text), Action: v.Locale.Text(asked.action),
		Was: Digest(p.PasswordHash),
	}
	if page.Do == doRemove && c.Provider != nil {
		rules, _, err := c.signInRules(r.Context())
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
		n, err := c.customerCount(r.Context(), p.Identity)
		if err != nil {
			return err
		}
		if n > 0 {
			page.Customers = v.Locale.Count("console.confirm.customers", n)
			page.ReassignHref = ReassignFromHref(p.Identity)
		}
	}
	page.Base = v.Base(page.Heading, "people")
	auth.SetPrivate(w)
	return c.pages.Render(w, r, http.StatusOK, v.Locale, "confirm", page)
}

// ReassignFromHref is where somebody's customers are given to another.
func ReassignFromHref(identity string) string {
	return "/console/customers/reassign?" + url.Values{"from": {identity}}.Encode()
}
