package console

import (
	"html/template"
	"net/url"
	"strconv"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// Row is one entry as a person reads it.
type Row struct {
	When template.HTML
	// Who did it, and WhoHref leads to all that they did; "" when that is not known.
	Who, WhoHref string
	// What was done, with the link to whom; Detail says more, "" for nothing.
	What   template.HTML
	Detail string
	Count  string
	// Where it was done, and from which address.
	Via, Address string
	Unusual      bool

	subject, href string // to whom, and where they are
}

// maxNameShown bounds a name or an id in a row, in bytes.
const maxNameShown = 120

// Describe puts an entry into words; whom it is about is not linked yet.
func Describe(e audit.Entry, v *visit) Row {
	row := Row{
		When: v.TimeHTML(e.When), Who: boundedName(e.Actor), Detail: detailText(e, v), Via: viaText(e.Via, v),
		Address: e.Address, Unusual: e.Unusual, subject: subjectText(e, v),
	}
	if e.Actor != "" {
		row.WhoHref = "/console/audit?" + url.Values{"actor": {e.Actor}}.Encode()
	}
	if e.Count > 0 {
		row.Count = countText(e, v)
	}
	row.setWhat(e, v)
	return row
}

// setWhat writes the sentence anew.
func (row *Row) setWhat(e audit.Entry, v *visit) {
	name := row.subject
	if name == "" {
		name = "—" // an older or a newer program told less
	}
	subject := template.HTML("<bdi>" + template.HTMLEscapeString(name) + "</bdi>")
	if row.href != "" {
		subject = template.HTML(`<a href="`+template.HTMLEscapeString(row.href)+`">`) + subject + "</a>"
	}
	key := "console.audit.what." + string(e.Action)
	switch {
	case e.Action == audit.Reassigned && e.Subject == customer.Everyone:
		row.What = v.Locale.HTML(key + ".everyone")
	case row.subject == "" && v.Locale.Has(key+".none"):
		row.What = v.Locale.HTML(key + ".none")
	case v.Locale.Has(key):
		row.What = v.Locale.HTML(key, "subject", subject)
	default: // of a newer program
		row.What = template.HTML(template.HTMLEscapeString(Line(string(e.Action), 60))) + " " + subject
	}
}

// link lets the row lead to whom it is about, where that is still to be found: known
// are the keys of the people who are, and builtIn tells that customers are kept here.
func (row *Row) link(e audit.Entry, known map[string]bool, builtIn bool, v *visit) {
	if e.Subject == "" {
		return
	}
	switch e.Action {
	case audit.SignedIn, audit.SignInFailed, audit.SignedOut, audit.SessionEnded, audit.PersonAdded, audit.PersonChanged, audit.PersonRemoved, audit.Reassigned:
		if known[text.IdentityKey(e.Subject)] {
			row.href = PersonHref(e.Subject)
		}
	case audit.Viewed, audit.CustomerAdded, audit.CustomerChanged, audit.CustomerRestored, audit.CustomersMerged:
		if builtIn {
			row.href = customerPage(e.Subject)
		}
	}
	if row.href != "" {
		row.setWhat(e, v)
	}
}

// customerPage is where a customer is edited.
func customerPage(id string) string {
	return CustomerPath + "?" + url.Values{"id": {id}}.Encode()
}

// boundedName is a name or an id as it can be shown amid other text.
func boundedName(s string) string {
	short := Clip(text.Visible(s), maxNameShown)
	if short != text.Visible(s) {
		short += "…"
	}
	return short
}

// subjectText is what an entry is about: settings and callbacks by the name that
// their screen gives them.
func subjectText(e audit.Entry, v *visit) string {
	if e.Action == audit.SettingChanged || e.Action == audit.ServiceTested {
		if key := subjectKeys[e.Subject]; key != "" {
			return v.Locale.Text(key)
		}
	}
	if e.Action == audit.Imported && e.Subject == "standard input" {
		return v.Locale.Text("console.audit.subject.stdin")
	}
	if e.Name != "" {
		return boundedName(e.Name)
	}
	return boundedName(e.Subject)
}

// subjectKeys are the messages of settings and callbacks.
var subjectKeys = map[string]string{
	SubjectAuditRules: "console.audit.subject.rules",
	SubjectSignIn:     "console.audit.subject.signin",
	SubjectMasking:    "console.audit.subject.masking",
	SubjectToken:      "console.token",
	"signing token":   "console.token", // of the command line
	crm:               "console.crm",
	outgoing:          "console.outgoing",
	templates:         "console.templates",
}

// countText says of how many an entry is.
func countText(e audit.Entry, v *visit) string {
	switch e.Action {
	case audit.Reassigned, audit.Exported, audit.CustomersMerged, audit.CustomerDeleted, audit.CustomerChanged:
		return v.Locale.Count("list.count", e.Count)
	case audit.Imported:
		return v.Locale.Count("console.audit.rows", e.Count)
	case audit.UnusualViews:
		return strconv.Itoa(e.Count)
	}
	if e.Count == 1 {
		return "" // as every other entry
	}
	return "× " + strconv.Itoa(e.Count)
}

// viaText says where something was done.
func viaText(via string, v *visit) string {
	switch via {
	case "app", "console", "callback", "command":
		return v.Locale.Text("console.audit.via." + via)
	}
	return Line(via, 30)
}
