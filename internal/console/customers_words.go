package console

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
)

// MaxCell is how much of a name or address a cell holds, in bytes: more than any
// screen is wide.
const MaxCell = 240

// Grouped writes a whole number with its thousands apart.
func Grouped(n int, w *locale.Locale) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + w.Text("console.unit.group") + s[i:]
	}
	return s
}

// Count is the form of a message that n takes, its thousands apart.
func Count(w *locale.Locale, key string, n int) string {
	return strings.Replace(w.Count(key, n), strconv.Itoa(n), Grouped(n, w), 1)
}

// numberOf reads a number out of an address, 0 when it is none.
func numberOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1_000_000_000 {
		return 0
	}
	return n
}

func escapeQuery(s string) string { return url.QueryEscape(s) }

// displayName is a name that can be read and touched, whatever it is made of.
func displayName(c customer.Customer, v *visit) string {
	name := Line(text.Visible(c.Name), MaxCell)
	if strings.Trim(name, "\ufffd ") == "" {
		return v.Locale.Text("list.unnamed")
	}
	return name
}

// contactText writes the address of a channel for people.
func contactText(ch customer.Channel) string {
	value := strings.TrimPrefix(ch.Value, "whatsapp:")
	if ch.Type == customer.SMS || ch.Type == customer.WhatsApp {
		value = text.FormatPhone(value)
	}
	return Line(text.Visible(value), MaxCell)
}

// channelIcon names the icon of a channel's type.
func channelIcon(kind string) string {
	switch kind {
	case customer.WhatsApp:
		return "whatsapp"
	case customer.Email:
		return "mail"
	case customer.Chat:
		return "chat"
	}
	return "message"
}

// ownersText says whose a customer is.
func ownersText(workers []string, v *visit) (text string, nobodys, everyones bool) {
	switch n := len(workers); {
	case n == 0:
		return v.Locale.Text("console.customers.unassigned"), true, false
	case contains(workers, customer.Everyone):
		return v.Locale.Text("console.customers.everyone"), false, true
	case n <= 2:
		return Line(strings.Join(workers, ", "), MaxCell), false, false
	default:
		return v.Locale.Text("console.customers.more", "worker", Line(workers[0], MaxCell), "n", Grouped(n-1, v.Locale)), false, false
	}
}

// contains tells whether an identity is among workers.
func contains(workers []string, identity string) bool {
	key := text.IdentityKey(identity)
	for _, w := range workers {
		if text.IdentityKey(w) == key {
			return true
		}
	}
	return false
}
