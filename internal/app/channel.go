package app

import (
	"html/template"
	"net/url"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
)

// channelLine is one way to reach a customer, as a line of the contact card.
type channelLine struct {
	Type  string // as it came, for data-channel
	Icon  string
	Label string
	// Shown is the readable value; Copy is what the copy button takes, "" when
	// there is nothing whole to copy.
	Shown, Copy string
	// number is E.164 or, for a number that could not be normalised, what can be
	// dialled; whole tells that it is in international form.
	number string
	whole  bool
	// address is an e-mail address.
	address string
}

// channelOf makes a line of a channel; false when it has no value.
func channelOf(ch frontline.Channel, words *locale.Locale, masked bool) (channelLine, bool) {
	kind := strings.ToLower(strings.TrimSpace(ch.Type))
	value := text.Visible(ch.Value)
	line := channelLine{Type: text.Visible(ch.Type), Icon: "at", Label: labelOf(ch.Type, words), Shown: value, Copy: value}
	switch kind {
	case frontline.ChannelSMS:
		line.Icon = "message"
		line.setNumber(value)
	case frontline.ChannelWhatsApp:
		line.Icon = "whatsapp"
		if len(value) >= len("whatsapp:") && strings.EqualFold(value[:len("whatsapp:")], "whatsapp:") {
			value = strings.TrimSpace(value[len("whatsapp:"):])
		}
		line.Shown, line.Copy = value, value
		line.setNumber(value)
	case frontline.ChannelEmail:
		line.Icon = "mail"
		if isMail(value) {
			line.address = value
		}
	case frontline.ChannelChat:
		line.Icon = "chat"
	}
	if masked && (kind == frontline.ChannelSMS || kind == frontline.ChannelWhatsApp || hidden(value)) {
		// Whatever is left of the digits: nothing to call, nothing to copy.
		line.Copy, line.number, line.address, line.whole = "", "", "", false
	}
	return line, value != ""
}

// hidden tells whether a value reads as one whose last digits were masked.
func hidden(value string) bool { return strings.Contains(value, "XXXX") }

func (line *channelLine) setNumber(value string) {
	if e164, ok := text.NormalizePhone(value, ""); ok {
		line.number, line.whole = e164, true
		line.Shown = text.FormatPhone(e164)
		return
	}
	if dialable(value) {
		line.number = text.Digits(value)
		if strings.HasPrefix(value, "+") {
			// In international form, though no numbering plan that we know has it.
			line.number, line.whole = "+"+line.number, true
			line.Shown = text.FormatPhone(line.number)
		}
	}
}

// dialable tells whether a number that is not E.164 can be dialled as it stands:
// digits and what people put between them.
func dialable(value string) bool {
	for i, r := range value {
		if !unicode.IsDigit(r) && !strings.ContainsRune(" -./()\u00a0\u2010\u2011\u2012\u2013", r) && !(r == '+' && i == 0) {
			return false
		}
	}
	return len(text.Digits(value)) >= 3
}

// isMail tells whether a value is one plain e-mail address.
func isMail(value string) bool {
	local, domain, ok := strings.Cut(value, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(value, " \t,;<>\"()[]\\") && !strings.Contains(domain, "@")
}

// contactAction is a button above the contact card: a link when there is one
// address, a chooser when several could be meant.
type contactAction struct {
	Kind  string // message, whatsapp, call, mail
	Icon  string
	Label string
	// Ask is the chooser's question.
	Ask     string
	Targets []target
}

// Choice tells that there is something to choose.
func (c contactAction) Choice() bool { return len(c.Targets) > 1 }

// Only is the target when there is nothing to choose.
func (c contactAction) Only() target { return c.Targets[0] }

// target is an address that an action can go to.
type target struct {
	Href template.URL // made by this file only: sms:, tel:, mailto:, https://wa.me/
	// Shown and Label tell targets apart in a chooser.
	Shown, Label string
}

// Away tells that the target is another site, not another app.
func (t target) Away() bool { return strings.HasPrefix(string(t.Href), "https:") }

// actionsFor answers the actions that these channels make possible. A number
// that several lines have is one target.
func actionsFor(channels []channelLine, words *locale.Locale) []contactAction {
	var message, whatsapp, call, mail []target
	add := func(to *[]target, href string, line channelLine) {
		for _, t := range *to {
			if string(t.Href) == href {
				return
			}
		}
		*to = append(*to, target{template.URL(href), line.Shown, line.Label})
	}
	for _, line := range channels {
		switch {
		case line.address != "":
			add(&mail, "mailto:"+mailPath(line.address), line)
		case line.number == "":
		case line.Icon == "message":
			add(&message, "sms:"+line.number, line)
			add(&call, "tel:"+line.number, line)
		case line.Icon == "whatsapp" && line.whole: // wa.me knows no other form
			add(&whatsapp, "https://wa.me/"+strings.TrimPrefix(line.number, "+"), line)
			add(&call, "tel:"+line.number, line)
		}
	}
	var actions []contactAction
	for _, c := range []contactAction{
		{Kind: "message", Icon: "message", Targets: message, Label: words.Text("action.message"), Ask: words.Text("action.choose.message")},
		{Kind: "whatsapp", Icon: "whatsapp", Targets: whatsapp, Label: words.Text("action.whatsapp"), Ask: words.Text("action.choose.whatsapp")},
		{Kind: "call", Icon: "call", Targets: call, Label: words.Text("action.call"), Ask: words.Text("action.choose.call")},
		{Kind: "mail", Icon: "mail", Targets: mail, Label: words.Text("action.mail"), Ask: words.Text("action.choose.mail")},
	} {
		if len(c.Targets) > 0 {
			actions = append(actions, c)
		}
	}
	return actions
}

// mailPath escapes an address so that nothing in it can add a header.
func mailPath(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	return strings.ReplaceAll(url.QueryEscape(local), "+", "%20") + "@" + url.QueryEscape(domain)
}
