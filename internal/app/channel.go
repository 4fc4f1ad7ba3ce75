package app

import (
	"strings"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
)

// channelLine is a channel of a customer as a line of the contact card.
type channelLine struct {
	Type  string // as in the CRM, for data-channel
	Icon  string
	Label string
	// Shown is the readable value; Copy is the text for the copy button, "" without one.
	Shown, Copy string
	// number is in E.164, "" if it is not known what to dial; extension reports whether
	// one follows it, which receives no messages.
	number    string
	extension bool
	// address is an email address.
	address string
	// Handle identifies the channel to the CRM where its digits are masked.
	Handle string
	// masked is set when the line can only be read.
	masked bool
}

// channelOf returns the line of a channel, false for a channel without value. With
// masked, it is shown as it is, without actions that need its digits.
func channelOf(ch frontline.Channel, loc *locale.Locale, masked bool) (channelLine, bool) {
	kind := strings.ToLower(strings.TrimSpace(ch.Type))
	value := text.Visible(ch.Value)
	line := channelLine{Type: text.Visible(ch.Type), Icon: "at", Label: labelOf(ch.Type, loc), Handle: ch.Handle}
	number := false
	switch kind {
	case frontline.ChannelSMS:
		line.Icon, number = "message", true
	case frontline.ChannelWhatsApp:
		line.Icon, number = "whatsapp", true
		if after, ok := text.CutPrefixFold(value, text.WhatsAppPrefix); ok {
			value = strings.TrimSpace(after)
		}
	case frontline.ChannelEmail:
		line.Icon = "mail"
	case frontline.ChannelChat:
		line.Icon = "chat"
	}
	line.Shown = value
	if number {
		line.Shown = shownNumber(value, loc)
	}
	if masked && (number || hasMaskedDigits(value)) {
		line.masked = true
		return line, value != ""
	}
	line.Copy = value
	switch {
	case number:
		line.number, _ = text.ObservedForm(value, "")
		line.extension = strings.Contains(line.number, text.ExtensionMark)
	case kind == frontline.ChannelEmail && text.IsEmail(value):
		line.address = value
	}
	return line, value != ""
}

// hasMaskedDigits reports whether a masked value may have masked digits, which are
// shown as X. An X of the value itself counts too. So does a digit: masking leaves
// none in values that it does not hide.
func hasMaskedDigits(value string) bool { return strings.ContainsRune(value, 'X') || hasDigits(value) }

// hasDigits reports whether s contains digits of any script.
func hasDigits(s string) bool { return text.WithoutDigits(s) != s }

// shownNumber returns a phone number in groups, with its extension in words. What cannot be
// dialed, and what is masked, is shown as it is.
func shownNumber(value string, loc *locale.Locale) string {
	if dialed, ok := text.ObservedForm(value, ""); ok {
		value = dialed
	}
	number, extension, ok := strings.Cut(value, text.ExtensionMark)
	if !ok {
		return text.FormatPhone(number)
	}
	return loc.Text("channel.extension", "number", text.FormatPhone(number), "extension", extension)
}

// labelOf returns the name of a channel type; an unknown type is its own name.
func labelOf(kind string, loc *locale.Locale) string {
	if key := "channel." + strings.ToLower(strings.TrimSpace(kind)); loc.Has(key) && key != "channel.none" {
		return loc.Text(key)
	}
	if name := text.Visible(kind); name != "" {
		return clip(name, 40)
	}
	return loc.Text("channel.none")
}
