package console

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
)

// maxCell is how much of a name or address a cell holds, in bytes: more than any
// screen is wide.
const maxCell = 240

// grouped writes a whole number with its thousands apart.
func grouped(n int, w *locale.Locale) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + w.Text("console.unit.group") + s[i:]
	}
	return s
}

// amount is the form of a message that n takes, its thousands apart.
func amount(w *locale.Locale, key string, n int) string {
	return strings.Replace(w.Count(key, n), strconv.Itoa(n), grouped(n, w), 1)
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

// nameOf is a name that can be read and touched, whatever it is made of.
func nameOf(c customer.Customer, v *visit) string {
	name := line(text.Visible(c.Name), maxCell)
	if strings.Trim(name, "\ufffd ") == "" {
		return v.Locale.Text("list.unnamed")
	}
	return name
}

// channelText writes the address of a channel for people.
func channelText(ch customer.Channel) string {
	value := strings.TrimPrefix(ch.Value, "whatsapp:")
	if ch.Type == customer.SMS || ch.Type == customer.WhatsApp {
		value = text.FormatPhone(value)
	}
	return line(text.Visible(value), maxCell)
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

// whoseText says whose a customer is.
func whoseText(workers []string, v *visit) (text string, nobodys, everyones bool) {
	switch n := len(workers); {
	case n == 0:
		return v.Locale.Text("console.customers.unassigned"), true, false
	case contains(workers, customer.Everyone):
		return v.Locale.Text("console.customers.everyone"), false, true
	case n <= 2:
		return line(strings.Join(workers, ", "), maxCell), false, false
	default:
		return v.Locale.Text("console.customers.more", "worker", line(workers[0], maxCell), "n", grouped(n-1, v.Locale)), false, false
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
