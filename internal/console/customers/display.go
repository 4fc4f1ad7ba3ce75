package customers

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// numberOf parses a number from an address, 0 when it is invalid.
func numberOf(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1_000_000_000 {
		return 0
	}
	return n
}

// displayName returns a customer's name as pages show it. It is never blank.
func displayName(name string, v *auth.Viewer) string {
	return view.Line(text.DisplayName(name, v.Locale.Text("list.unnamed")), view.MaxCell)
}

// contactText returns the address of a channel as pages show it.
func contactText(ch customer.Channel, v *auth.Viewer) string {
	value := strings.TrimPrefix(ch.Value, text.WhatsAppPrefix)
	if ch.Type == customer.SMS || ch.Type == customer.WhatsApp {
		number, extension, ok := strings.Cut(value, text.ExtensionMark)
		if value = text.FormatPhone(number); ok {
			value = v.Locale.Text("channel.extension", "number", value, "extension", extension)
		}
	}
	return view.Line(text.Visible(value), view.MaxCell)
}

// channelIcon returns the icon of a channel type.
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

// ownersText describes the owners of a customer.
func ownersText(workers []string, v *auth.Viewer) (owners string, unassigned, everyone bool) {
	switch n := len(workers); {
	case n == 0:
		return v.Locale.Text("console.customers.unassigned"), true, false
	case text.ContainsIdentity(workers, customer.Everyone):
		return v.Locale.Text("console.customers.everyone"), false, true
	case n <= 2:
		return view.Line(strings.Join(workers, ", "), view.MaxCell), false, false
	default:
		return v.Locale.Text("console.customers.more", "worker", view.Line(workers[0], view.MaxCell), "n", view.Grouped(n-1, v.Locale)), false, false
	}
}

// newest returns the n latest of all, newest first.
func newest[T any](all []T, n int, when func(T) time.Time) []T {
	sorted := slices.SortedStableFunc(slices.Values(all), func(a, b T) int { return when(b).Compare(when(a)) })
	return sorted[:min(n, len(sorted))]
}
