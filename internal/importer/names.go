package importer

import (
	"slices"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// isAddress reports whether a name is an email address or a phone number.
func isAddress(name string) bool {
	return text.IsEmail(name) || len(text.Digits(name)) > 4 && !strings.ContainsFunc(name, unicode.IsLetter)
}

// addressName returns what a customer without a name is called: an email address, or else
// a phone number; "" when there is neither.
func addressName(channels []customer.Channel) string {
	for _, types := range [][]string{{customer.Email}, {customer.SMS, customer.WhatsApp}} {
		for _, ch := range channels {
			if name := channelName(ch); slices.Contains(types, ch.Type) && isAddress(name) {
				return name
			}
		}
	}
	return ""
}

// channelName returns an address as people read it.
func channelName(ch customer.Channel) string {
	return strings.TrimPrefix(text.FormatPhone(ch.Value), text.WhatsAppPrefix)
}

// hasNoName reports whether a customer is called by an address.
func hasNoName(c customer.Customer) bool {
	return isAddress(c.Name) && slices.ContainsFunc(c.Channels, func(ch customer.Channel) bool { return channelName(ch) == c.Name })
}
