package console

import (
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// comparedField is one field of a customer as people compare it: what it is called, and its
// lines.
type comparedField struct {
	label string
	lines []string
}

// comparedFields are all fields of a customer, in the order of the form.
func comparedFields(c customer.Customer, v *visit) []comparedField {
	w := v.Locale
	one := func(s string) []string {
		if s == "" {
			return nil
		}
		return []string{Line(text.Visible(s), MaxCell)}
	}
	all := []comparedField{
		{w.Text("console.customer.name"), one(c.Name)},
		{w.Text("console.customer.company"), one(c.Company)},
		{w.Text("console.customer.job"), one(c.JobTitle)},
	}
	var reach, links []string
	for _, ch := range c.Channels {
		reach = append(reach, channelName(ch.Type, v)+": "+contactText(ch))
	}
	for _, l := range c.Links {
		links = append(links, Line(text.Visible(strings.TrimSpace(l.Type+" "+l.DisplayName+" "+l.Value)), MaxCell))
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
	whose, _, _ := ownersText(c.Workers, v)
	if len(c.Workers) > 2 && !contains(c.Workers, customer.Everyone) {
		whose = Line(strings.Join(c.Workers, ", "), 2*MaxCell)
	}
	return append(all,
		comparedField{w.Text("console.customer.channels"), reach},
		comparedField{w.Text("console.customer.links"), links},
		comparedField{w.Text("console.customer.notes"), notes},
		comparedField{w.Text("console.customer.avatar"), one(c.Avatar)},
		comparedField{w.Text("console.customers.whose"), []string{whose}},
	)
}

// maxNoteLines is how many lines of the notes are compared before the eye.
const maxNoteLines = 8

// channelName names a channel's type.
func channelName(kind string, v *visit) string {
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
	return Line(kind, 40)
}

// differences are the fields of now that are not as in typed.
func differences(typed, now customer.Customer, v *visit) (out []difference) {
	mine, theirs := comparedFields(typed, v), comparedFields(now, v)
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
