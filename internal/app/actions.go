package app

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/locale"
)

// contactAction is a button above the contact card: a link for one target, a menu for
// several, and disabled when its targets are masked numbers.
type contactAction struct {
	Kind  string // message, whatsapp, call, mail
	Icon  string
	Label string
	// Heading is the heading of the menu.
	Heading string
	Targets []target
	// Disabled is set when numbers are masked. Handles are the space-separated handles
	// of their channels.
	Disabled bool
	Handles  string
}

// HasChoice reports whether the action needs a menu.
func (c contactAction) HasChoice() bool { return len(c.Targets) > 1 }

// Target returns the only target of an action without a menu.
func (c contactAction) Target() target { return c.Targets[0] }

// target is an address that an action can go to.
type target struct {
	Href template.URL // made by this file only: sms:, tel:, mailto:, https://wa.me/
	// Start opens a conversation instead, unless it is zero.
	Start startForm
	// Shown and Label are the text in the menu.
	Shown, Label string
}

// startForm are the fields of a form that opens a conversation: the handle of a channel, or
// its type and value.
type startForm struct{ Customer, Channel, Value, Handle string }

// External reports whether the target is a website, which opens in a new tab.
func (t target) External() bool { return strings.HasPrefix(string(t.Href), "https:") }

// actionTargets collects the targets of one kind of action.
type actionTargets struct {
	targets  []target
	disabled bool
	handles  []string
}

// add adds an address to go to, unless it is there.
func (a *actionTargets) add(href string, line channelLine) {
	a.addTarget(target{Href: template.URL(href), Shown: line.Shown, Label: line.Label})
}

// addStart adds a form that opens a conversation, unless it is there.
func (a *actionTargets) addStart(customer string, line channelLine) {
	a.addTarget(target{Start: startForm{customer, line.Type, line.number, line.Handle}, Shown: line.Shown, Label: line.Label})
}

func (a *actionTargets) addTarget(new target) {
	for _, t := range a.targets {
		if t.Href == new.Href && t.Start == new.Start {
			return
		}
	}
	a.targets = append(a.targets, new)
}

// addMasked adds a line with a masked number.
func (a *actionTargets) addMasked(line channelLine) {
	a.disabled = true
	if line.Handle != "" && !slices.Contains(a.handles, line.Handle) {
		a.handles = append(a.handles, line.Handle)
	}
}

// actionsFor returns the actions that the channels of a customer allow, with disabled ones
// for masked numbers. With conversations, messages are written in these.
func actionsFor(customer string, channels []channelLine, conversations bool, loc *locale.Locale) []contactAction {
	var message, whatsapp, call, mail actionTargets
	for _, line := range channels {
		starts := conversations && line.canStart()
		switch {
		case starts && line.Icon == "message":
			message.addStart(customer, line)
		case starts:
			whatsapp.addStart(customer, line)
		}
		switch {
		case starts && line.masked:
			call.addMasked(line)
		case starts:
			call.add("tel:"+line.number, line)
		case line.masked && line.Icon == "message":
			message.addMasked(line)
			call.addMasked(line)
		case line.masked && line.Icon == "whatsapp":
			whatsapp.addMasked(line)
			call.addMasked(line)
		case line.masked && line.Icon == "mail":
			mail.addMasked(line)
		case line.address != "":
			mail.add("mailto:"+mailPath(line.address), line)
		case line.number == "":
		case line.extension:
			call.add("tel:"+line.number, line)
		case line.Icon == "message":
			message.add("sms:"+line.number, line)
			call.add("tel:"+line.number, line)
		case line.Icon == "whatsapp":
			whatsapp.add("https://wa.me/"+strings.TrimPrefix(line.number, "+"), line)
			call.add("tel:"+line.number, line)
		}
	}
	var actions []contactAction
	add := func(r actionTargets, kind, label, heading string) {
		c := contactAction{Kind: kind, Icon: kind, Label: loc.Text(label), Heading: loc.Text(heading), Targets: r.targets}
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

// canStart reports whether a conversation can begin over the channel.
func (line channelLine) canStart() bool {
	if line.Icon != "message" && line.Icon != "whatsapp" {
		return false
	}
	if line.masked {
		return line.Handle != ""
	}
	return line.number != "" && !line.extension
}

// mailPath escapes an address so that it cannot add headers to the message.
func mailPath(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	return strings.ReplaceAll(url.QueryEscape(local), "+", "%20") + "@" + url.QueryEscape(domain)
}
