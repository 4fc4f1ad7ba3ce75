package app

import (
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
	// Handle names the channel where its digits are hidden, to whoever hid them.
	Handle string
	// hidden tells that the line can be read, and nothing else can be done with it.
	hidden bool
}

// channelOf makes a line of a channel; false when it has no value. With masked, digits
// of it were hidden before it came here, and it is shown exactly as it came.
func channelOf(ch frontline.Channel, words *locale.Locale, masked bool) (channelLine, bool) {
	kind := strings.ToLower(strings.TrimSpace(ch.Type))
	value := text.Visible(ch.Value)
	line := channelLine{Type: text.Visible(ch.Type), Icon: "at", Label: labelOf(ch.Type, words), Handle: ch.Handle}
	number := false
	switch kind {
	case frontline.ChannelSMS:
		line.Icon, number = "message", true
	case frontline.ChannelWhatsApp:
		line.Icon, number = "whatsapp", true
		if len(value) >= len("whatsapp:") && strings.EqualFold(value[:len("whatsapp:")], "whatsapp:") {
			value = strings.TrimSpace(value[len("whatsapp:"):])
		}
	case frontline.ChannelEmail:
		line.Icon = "mail"
	case frontline.ChannelChat:
		line.Icon = "chat"
	}
	line.Shown = value
	if masked && (number || hidden(value)) {
		line.hidden = true
		return line, value != ""
	}
	line.Copy = value
	switch {
	case number:
		line.setNumber(value)
	case kind == frontline.ChannelEmail && isMail(value):
		line.address = value
	}
	return line, value != ""
}

// hidden tells whether digits of a value were hidden: each is an X then. Somebody's
// own X counts as well, for nobody can tell them apart; so does a digit, for none is
// left in what had nothing to hide.
func hidden(value string) bool { return strings.ContainsRune(value, 'X') || hasDigits(value) }

// hasDigits tells whether there are digits in s, of whatever script.
func hasDigits(s string) bool { return text.WithoutDigits(s) != s }

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

// labelOf is what a type of channel is called; a type that is not known is shown
// as it came.
func labelOf(kind string, words *locale.Locale) string {
	if key := "channel." + strings.ToLower(strings.TrimSpace(kind)); words.Has(key) && key != "channel.none" {
		return words.Text(key)
	}
	if name := text.Visible(kind); name != "" {
		return clip(name, 40)
	}
	return words.Text("channel.none")
}
