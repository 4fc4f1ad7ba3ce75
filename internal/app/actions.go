package app

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/locale"
)

// contactAction is a button above the contact card: a link when there is one
// address, a chooser when several could be meant, and neither when it needs digits
// that are hidden.
type contactAction struct {
	Kind  string // message, whatsapp, call, mail
	Icon  string
	Label string
	// Question is the chooser's question.
	Question string
	Targets  []target
	// Disabled tells that the button shows what there would be, and does nothing. Handles
	// name the channels it would go to, with blanks between.
	Disabled bool
	Handles  string
}

// HasChoice tells that there is something to choose.
func (c contactAction) HasChoice() bool { return len(c.Targets) > 1 }

// Target is the target when there is nothing to choose.
func (c contactAction) Target() target { return c.Targets[0] }

// target is an address that an action can go to.
type target struct {
	Href template.URL // made by this file only: sms:, tel:, mailto:, https://wa.me/
	// Shown and Label tell targets apart in a chooser.
	Shown, Label string
}

// External tells that the target is another site, not another app.
func (t target) External() bool { return strings.HasPrefix(string(t.Href), "https:") }

// actionTargets is what one kind of action can go to, and what it could if it were not
// hidden.
type actionTargets struct {
	targets  []target
	disabled bool
	handles  []string
}

// add adds a target. A number that several lines have is one.
func (r *actionTargets) add(href string, line channelLine) {
	for _, t := range r.targets {
		if string(t.Href) == href {
			return
		}
	}
	r.targets = append(r.targets, target{template.URL(href), line.Shown, line.Label})
}

// addHidden adds a line that is hidden.
func (r *actionTargets) addHidden(line channelLine) {
	r.disabled = true
	if line.Handle != "" && !slices.Contains(r.handles, line.Handle) {
		r.handles = append(r.handles, line.Handle)
	}
}

// actionsFor answers the actions that these channels make possible, or would.
func actionsFor(channels []channelLine, words *locale.Locale) []contactAction {
	var message, whatsapp, call, mail actionTargets
	for _, line := range channels {
		switch {
		case line.hidden && line.Icon == "message":
			message.addHidden(line)
			call.addHidden(line)
		case line.hidden && line.Icon == "whatsapp":
			whatsapp.addHidden(line)
			call.addHidden(line)
		case line.hidden && line.Icon == "mail":
			mail.addHidden(line)
		case line.address != "":
			mail.add("mailto:"+mailPath(line.address), line)
		case line.number == "":
		case line.Icon == "message":
			message.add("sms:"+line.number, line)
			call.add("tel:"+line.number, line)
		case line.Icon == "whatsapp" && line.whole: // wa.me knows no other form
			whatsapp.add("https://wa.me/"+strings.TrimPrefix(line.number, "+"), line)
			call.add("tel:"+line.number, line)
		}
	}
	var actions []contactAction
	add := func(r actionTargets, kind, label, question string) {
		c := contactAction{Kind: kind, Icon: kind, Label: words.Text(label), Question: words.Text(question), Targets: r.targets}
		if len(r.targets) == 0 {
			if !r.disabled {
				return
			}
			c.Disabled, c.Handles = true, strings.Join(r.handles, " ")
		}
		actions = append(actions, c)
	}
	add(message, "message", "action.message", "action.choose.message")
	add(whatsapp, "whatsapp", "action.whatsapp", "action.choose.whatsapp")
	add(call, "call", "action.call", "action.choose.call")
	add(mail, "mail", "action.mail", "action.choose.mail")
	return actions
}

// mailPath escapes an address so that nothing in it can add a header.
func mailPath(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	return strings.ReplaceAll(url.QueryEscape(local), "+", "%20") + "@" + url.QueryEscape(domain)
}
