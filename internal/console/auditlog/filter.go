package auditlog

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// filter is the posted filter.
type filter struct {
	Actor, Subject string
	Kind           string // the name of one of actionGroups, "" for all
	From, To       string // days, as date fields send them
	Unusual        bool
	After          int64
	// The errors of the days, "" for none.
	FromError, ToError string

	from, to time.Time
}

// actionGroup is a kind of entries that people look for together.
type actionGroup struct {
	name    string
	actions []audit.Action
}

// actionGroups are in the order of the page. Every action is in one.
var actionGroups = []actionGroup{
	{"signin", []audit.Action{audit.SignedIn, audit.SignInFailed, audit.SignedOut, audit.SessionEnded, audit.Denied}},
	{"view", []audit.Action{audit.Viewed, audit.UnusualViews, audit.NumberSearched}},
	{"customer", []audit.Action{audit.CustomerAdded, audit.CustomerChanged, audit.CustomerDeleted, audit.ImportAllowed, audit.CustomersMerged, audit.Reassigned, audit.OwnerMatched, audit.OwnerUnmatched}},
	{"conversation", []audit.Action{audit.ConversationStarted, audit.ConversationLinked, audit.ConversationTransferred, audit.ConversationClosed}},
	{"file", []audit.Action{audit.Imported, audit.Exported, audit.AuditExported, audit.Restored}},
	{"people", []audit.Action{audit.PersonAdded, audit.PersonChanged, audit.PersonRemoved}},
	{"setting", []audit.Action{audit.SettingChanged, audit.ServiceTested, audit.EntriesLost}},
}

func kindOptions(chosen string, v *auth.Viewer) []view.Option {
	all := []view.Option{{Text: v.Locale.Text("console.audit.kind.all"), Selected: chosen == ""}}
	for _, group := range actionGroups {
		all = append(all, view.Option{Value: group.name, Text: v.Locale.Text("console.audit.kind." + group.name), Selected: chosen == group.name})
	}
	return all
}

// maxTextBytes bounds the text to find, in bytes: no stored field is longer.
const maxTextBytes = audit.MaxField

// formText returns the text of a field, safe to show again.
func formText(q url.Values, name string) string {
	return strings.TrimSpace(view.Plain(view.Clip(q.Get(name), maxTextBytes), ""))
}

// readFilter reads a filter from a query or a form.
func readFilter(q url.Values, v *auth.Viewer) filter {
	f := filter{
		Actor: formText(q, "actor"), Subject: formText(q, "subject"), Kind: q.Get("kind"),
		From: view.Clip(formText(q, "from"), 10), To: view.Clip(formText(q, "to"), 10), Unusual: q.Get("unusual") == "1",
	}
	if !slices.ContainsFunc(actionGroups, func(k actionGroup) bool { return k.name == f.Kind }) {
		f.Kind = ""
	}
	f.After, _ = strconv.ParseInt(q.Get("after"), 10, 64)
	f.After = max(f.After, 0)
	var err error
	if f.from, err = parseDay(f.From, v.Zone); err != nil {
		f.FromError = v.Locale.Text("console.audit.day.unknown")
	}
	if f.to, err = parseDay(f.To, v.Zone); err != nil {
		f.ToError = v.Locale.Text("console.audit.day.unknown")
	}
	if !f.to.IsZero() {
		if f.to.Before(f.from) {
			f.ToError = v.Locale.Text("console.audit.day.order")
		}
		f.to = f.to.AddDate(0, 0, 1) // include that day
	}
	return f
}

// parseDay returns the beginning of a day, zero for "".
func parseDay(day string, zone *time.Location) (time.Time, error) {
	if day == "" {
		return time.Time{}, nil
	}
	return time.ParseInLocation(time.DateOnly, day, zone)
}

// Set reports whether anything but Unusual is set.
func (f filter) Set() bool {
	return f.Actor != "" || f.Subject != "" || f.Kind != "" || f.From != "" || f.To != ""
}

func (f filter) invalid() bool { return f.FromError != "" || f.ToError != "" }

func (f filter) query() audit.Query {
	q := audit.Query{Actor: f.Actor, Subject: f.Subject, From: f.from, To: f.to, Unusual: f.Unusual, After: f.After}
	for _, group := range actionGroups {
		if group.name == f.Kind {
			q.Actions = group.actions
		}
	}
	return q
}

// href returns the address of the filter, with or without usual entries, after an id.
func (f filter) href(unusual bool, after int64) string {
	q := url.Values{}
	for name, value := range map[string]string{"actor": f.Actor, "subject": f.Subject, "kind": f.Kind, "from": f.From, "to": f.To} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if unusual {
		q.Set("unusual", "1")
	}
	if after != 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	if len(q) == 0 {
		return view.AuditPath
	}
	return view.AuditPath + "?" + q.Encode()
}

// zoneName names the viewer's time zone, by its offset when it has no name.
func zoneName(v *auth.Viewer) string {
	if name := v.Zone.String(); name != "Local" && name != "" {
		return name
	}
	return v.Now.In(v.Zone).Format("UTC-07:00")
}
