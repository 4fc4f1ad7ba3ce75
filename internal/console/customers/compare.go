package customers

import (
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// comparedField is one field of a customer as people compare it.
type comparedField struct {
	label string
	lines []string
}

// comparedFields returns all fields of a customer, in the order of the form.
func comparedFields(c customer.Customer, v *auth.Viewer) []comparedField {
	loc := v.Locale
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{view.Line(text.Visible(s), view.MaxCell)}
	}
	all := []comparedField{
		{loc.Text("console.customer.name"), one(c.Name)},
		{loc.Text("console.customer.company"), one(c.Company)},
		{loc.Text("console.customer.job"), one(c.JobTitle)},
	}
	var contacts, links []string
	for _, ch := range c.Channels {
		contacts = append(contacts, channelName(ch.Type, v)+": "+contactText(ch, v))
	}
	for _, l := range c.Links {
		links = append(links, view.Line(text.Visible(strings.TrimSpace(l.Type+" "+l.DisplayName+" "+l.Value)), view.MaxCell))
	}
	var notes []string
	if c.Details.Title != "" {
		notes = one(c.Details.Title)
	}
	for l := range strings.Lines(c.Details.Content) {
		if len(notes) == maxNoteLines {
			notes = append(notes, "…")
			break
		}
		notes = append(notes, one(strings.TrimRight(l, "\n"))...)
	}
	owners, _, _ := ownersText(c.Workers, v)
	if len(c.Workers) > 2 && !text.ContainsIdentity(c.Workers, customer.Everyone) {
		owners = view.Line(strings.Join(c.Workers, ", "), 2*view.MaxCell)
	}
	return append(all,
		comparedField{loc.Text("console.customer.channels"), contacts},
		comparedField{loc.Text("console.customer.links"), links},
		comparedField{loc.Text("console.customer.notes"), notes},
		comparedField{loc.Text("console.customer.avatar"), one(c.Avatar)},
		comparedField{loc.Text("console.customers.owner"), []string{owners}},
	)
}

// maxNoteLines is how many lines of the notes are compared.
const maxNoteLines = 8

// channelName returns the name of a channel type.
func channelName(kind string, v *auth.Viewer) string {
	switch kind {
	case customer.SMS:
		return v.Locale.Text("channel.sms")
	case customer.WhatsApp:
		return v.Locale.Text("channel.whatsapp")
	case customer.Email:
		return v.Locale.Text("channel.email")
	case customer.Chat:
		return v.Locale.Text("channel.chat")
	}
	return view.Line(kind, 40)
}

// differences returns the fields of current that differ from submitted.
func differences(submitted customer.Customer, current view.Shown, v *auth.Viewer) (out []difference) {
	mine, theirs := comparedFields(submitted, v), comparedFields(current.Customer(), v)
	for i := range theirs {
		if slices.Equal(mine[i].lines, theirs[i].lines) {
			continue
		}
		lines := theirs[i].lines
		if len(lines) == 0 {
			lines = []string{v.Locale.Text("console.customer.empty")}
		}
		out = append(out, difference{theirs[i].label, lines})
	}
	return out
}
