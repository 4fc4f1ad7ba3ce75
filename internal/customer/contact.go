package customer

import (
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// minContactDigits is how many digits an unparsable number needs to tell people
// apart; "n/a", an extension or a lone "0" does not.
const minContactDigits = 5

// ContactKeys are the addresses by which two customers are told to be the same
// person: e-mail addresses in lower case, and numbers as E.164 or, when the
// number could not be normalised, its digits. The same number as sms and as
// whatsapp is one key. The keys are in byte order, without repeats; chat
// addresses have none.
func ContactKeys(c Customer) []string {
	var keys []string
	for _, ch := range c.Channels {
		if key := contactKey(ch); key != "" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func contactKey(ch Channel) string {
	switch ch.Type {
	case Email:
		return strings.ToLower(strings.TrimSpace(ch.Value))
	case SMS, WhatsApp:
		number := strings.TrimPrefix(ch.Value, "whatsapp:")
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
