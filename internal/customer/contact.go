package customer

import (
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// minContactDigits is the number of digits that an unparsable phone number needs to
// identify a person; "n/a", an extension or a lone "0" does not.
const minContactDigits = 5

// ContactKeys returns the addresses that identify the customer: email addresses in lower
// case, and phone numbers as E.164 or, if not normalized, as digits. A number has the same
// key for sms and whatsapp; chat addresses have none. The keys are sorted and unique. The
// other forms of numbers that have several follow them.
func ContactKeys(c Customer) []string {
	var keys []string
	for _, ch := range c.Channels {
		if key := contactKey(ch); key != "" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for _, key := range keys {
		for _, form := range text.OtherForms(key) {
			if !slices.Contains(keys, form) {
				keys = append(keys, form)
			}
		}
	}
	return keys
}

func contactKey(ch Channel) string {
	switch ch.Type {
	case Email:
		return strings.ToLower(strings.TrimSpace(ch.Value))
	case SMS, WhatsApp:
		number := strings.TrimPrefix(ch.Value, text.WhatsAppPrefix)
		digits := text.Digits(number)
		if len(digits) < minContactDigits {
			return ""
		}
		if number == "+"+digits {
			return number
		}
		return digits
	}
	return ""
}

// AddressKeys returns the contact keys of customers at an address as a messaging service
// writes it: "+15557040102", "whatsapp:+15557040102", with blanks, or without the plus.
// Numbers with one of the keys in national have no country code: they are of a customer at
// this address only if none has one of the keys in international. Both are nil when the
// address is no phone number.
func AddressKeys(address string) (international, national []string) {
	address = strings.Join(strings.Fields(address), "")
	number, _ := text.CutPrefixFold(address, text.WhatsAppPrefix)
	return text.PhoneForms("+" + strings.TrimPrefix(number, "+"))
}

// NormalizeChannel returns a channel as it is stored, with a phone number in E.164 if it
// has its country code.
func NormalizeChannel(ch Channel) Channel {
	ch.Value = strings.TrimSpace(ch.Value)
	if ch.Type != SMS && ch.Type != WhatsApp {
		return ch
	}
	number, isWhatsApp := text.CutPrefixFold(ch.Value, text.WhatsAppPrefix)
	if isWhatsApp {
		ch.Type, number = WhatsApp, strings.TrimSpace(number)
	}
	if normal, ok := text.ObservedForm(number, ""); ok {
		number = normal
	}
	if ch.Value = number; ch.Type == WhatsApp && number != "" {
		ch.Value = text.WhatsAppPrefix + number
	}
	return ch
}
