package auditlog

import (
	"html/template"
	"strconv"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/audit/words"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// Row is one entry as a page shows it.
type Row struct {
	When template.HTML
	// Who did it. WhoHref is the address of everything they did, "" when the actor is
	// unknown.
	Who, WhoHref string
	// What was done, with a link to the subject. Detail says more, "" for nothing.
	What   template.HTML
	Detail string
	Count  string
	// Via is where it was done, and Address from which IP address.
	Via, Address string
	Unusual      bool

	subject, href string // the subject's name and address
}

// maxNameShown bounds a name or an id in a row, in bytes.
const maxNameShown = 120

// Describe returns the row of an entry, without a link to its subject.
func Describe(e audit.Entry, v *auth.Viewer) Row {
	row := Row{
		When: v.TimeHTML(e.When), Who: boundedName(e.Actor), Detail: boundedName(words.Detail(e, v.Locale)), Via: viaText(e.Via, v),
		Address: e.Address, Unusual: e.Unusual, subject: subjectText(e, v),
	}
	if e.Actor != "" {
		row.WhoHref = view.AuditOfActorHref(e.Actor)
	}
	if e.Count > 0 {
		row.Count = countText(e, v)
	}
	row.setWhat(e, v)
	return row
}

// setWhat sets What from the subject and its address.
func (row *Row) setWhat(e audit.Entry, v *auth.Viewer) {
	name := row.subject
	if name == "" {
		name = "—" // another version of the program has stored none
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
	default: // an action of a newer version
		row.What = template.HTML(template.HTMLEscapeString(view.Line(string(e.Action), 60))) + " " + subject
	}
}

// link adds a link to the subject, if it still has a page. known reports whether the subject
// has an account; builtIn, whether customers are stored here.
func (row *Row) link(e audit.Entry, known func(subject string) bool, builtIn bool, v *auth.Viewer) {
	if e.Subject == "" {
		return
	}
	switch e.Action {
	case audit.SignedIn, audit.SignInFailed, audit.SignedOut, audit.SessionEnded, audit.PersonAdded, audit.PersonChanged, audit.PersonRemoved, audit.Reassigned, audit.OwnerMatched, audit.OwnerUnmatched:
		if known(e.Subject) {
			row.href = view.PersonHref(e.Subject)
		}
	case audit.Viewed, audit.CustomerAdded, audit.CustomerChanged, audit.ImportAllowed, audit.CustomersMerged,
		audit.ConversationStarted, audit.ConversationLinked:
		if builtIn {
			row.href = view.CustomerHref(e.Subject)
		}
	}
	if row.href != "" {
		row.setWhat(e, v)
	}
}

// boundedName returns a name or an id as it is shown inside other text.
func boundedName(s string) string {
	short := view.Clip(text.Visible(s), maxNameShown)
	if short != text.Visible(s) {
		short += "…"
	}
	return short
}

// subjectText returns what an entry is about. Settings and callbacks have the name of
// their page.
func subjectText(e audit.Entry, v *auth.Viewer) string {
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
	audit.SubjectAuditRules: "console.audit.subject.rules",
	audit.SubjectSignIn:     "console.audit.subject.signin",
	audit.SubjectMasking:    "console.audit.subject.masking",
	audit.SubjectToken:      "console.token",
	"signing token":         "console.token", // of older versions
	audit.SubjectCRM:        "console.crm",
	audit.SubjectOutgoing:   "console.outgoing",
	audit.SubjectTemplates:  "console.templates",

	audit.SubjectConversations:    "console.conversations.title",
	audit.SubjectMessageTemplates: "console.message_templates.title",
}

// countText describes an entry's count.
func countText(e audit.Entry, v *auth.Viewer) string {
	switch e.Action {
	case audit.Reassigned, audit.Exported, audit.CustomersMerged, audit.CustomerDeleted, audit.CustomerChanged:
		return v.Locale.Count("list.count", e.Count)
	case audit.Imported:
		return v.Locale.Count("console.audit.rows", e.Count)
	case audit.UnusualViews:
		return strconv.Itoa(e.Count)
	}
	if e.Count == 1 {
		return "" // like most entries
	}
	return "× " + strconv.Itoa(e.Count)
}

// viaText describes where something was done.
func viaText(via string, v *auth.Viewer) string {
	switch via {
	case "app", "console", "callback", "command":
		return v.Locale.Text("console.audit.via." + via)
	}
	return view.Line(via, 30)
}
