package mask

import (
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// maskDetails hides what must not be seen of a customer. id is the service's own.
func (m *CRM) maskDetails(worker, id string, resp frontline.DetailsResponse) frontline.DetailsResponse {
	c := resp.Customer
	own := ownOf(c.Channels)
	masked := frontline.Customer{Avatar: c.Avatar, DisplayName: own.name(c.DisplayName)}
	masked.ID = m.shownID(worker, c.ID)
	if masked.ID == c.ID && own.name(c.ID) != c.ID {
		masked.ID = m.handle(worker, c.ID)
	}
	for i, ch := range c.Channels {
		masked.Channels = append(masked.Channels, frontline.Channel{
			Type:   own.name(ch.Type),
			Value:  maskedAddress(ch.Value),
			Handle: m.channelHandle(worker, id, i, ch),
		})
	}
	for _, l := range c.Links {
		masked.Links = append(masked.Links, frontline.Link{
			Type: own.name(l.Type), Value: own.target(l.Value), DisplayName: own.name(l.DisplayName),
		})
	}
	if c.Details != nil {
		masked.Details = &frontline.Detail{Title: own.name(c.Details.Title), Content: own.text(c.Details.Content)}
	}
	resp.Customer = masked
	resp.Meta.Masked = true
	resp.Meta.Stale = unnumbered(resp.Meta.Stale)
	return resp
}

// maskedAddress hides the last digits of a channel's value, also where they are
// written as escapes.
func maskedAddress(value string) string {
	return text.MaskAddress(deepest(value))
}

// own is what is known of one customer, beside what looks like a number.
type own struct {
	numbers text.Numbers
	// addresses are channels with letters in them, such as e-mail, that lose digits.
	addresses []string
}

// ownOf answers what the channels of a customer tell.
func ownOf(channels []frontline.Channel) own {
	var o own
	values := make([]string, 0, len(channels))
	for _, ch := range channels {
		value := deepest(ch.Value)
		values = append(values, value)
		if value = strings.TrimSpace(value); isAddress(value) && text.MaskAddress(value) != value {
			o.addresses = append(o.addresses, value)
		}
	}
	o.numbers = text.NumbersOf(values...)
	return o
}

// isAddress tells an address from a number, and from a name that is part of much else.
func isAddress(value string) bool {
	if strings.ContainsRune(value, '@') {
		return true
	}
	return len(value) >= 6 && strings.ContainsFunc(value, unicode.IsLetter) && !strings.ContainsRune(value, ':')
}

func (o own) name(s string) string {
	return written(s, func(s string) string { return o.numbers.MaskName(o.without(s)) })
}

func (o own) text(s string) string {
	return written(s, func(s string) string { return o.numbers.MaskText(o.without(s)) })
}

// target masks where a link leads to: "" or with "XXXX" in it when something had to
// be hidden, and then it leads nowhere.
func (o own) target(s string) string {
	if inBase64(s) {
		return ""
	}
	out := written(s, func(s string) string {
		s = o.numbers.MaskLine(o.without(s))
		if blank := strings.ReplaceAll(s, "+", " "); o.numbers.In(blank) { // as forms write blanks
			return o.numbers.MaskLine(blank)
		}
		return s
	})
	if out != s && !strings.Contains(out, "XXXX") {
		return ""
	}
	return out
}

// without hides the digits of the customer's addresses where they stand whole.
func (o own) without(s string) string {
	for _, a := range o.addresses {
		s = replaceFold(s, a, text.MaskAddress(a))
	}
	return s
}

// replaceFold replaces old, in whatever case its ASCII letters are, with another of
// the same length in characters.
func replaceFold(s, old, with string) string {
	lower, want := lowered(s), lowered(old)
	var b strings.Builder
	at := 0
	for {
		i := strings.Index(lower[at:], want)
		if i < 0 {
			break
		}
		b.WriteString(s[at:at+i] + with)
		at += i + len(want)
	}
	if at == 0 {
		return s
	}
	return b.String() + s[at:]
}

// lowered has the ASCII letters of s in lower case, and is as long.
func lowered(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}
