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
	own := contactsOf(c.Channels)
	masked := frontline.Customer{Avatar: c.Avatar, DisplayName: own.maskName(c.DisplayName)}
	masked.ID = m.visibleID(worker, c.ID)
	if masked.ID == c.ID && own.maskName(c.ID) != c.ID {
		masked.ID = m.handle(worker, c.ID)
	}
	for i, ch := range c.Channels {
		masked.Channels = append(masked.Channels, frontline.Channel{
			Type:   own.maskName(ch.Type),
			Value:  maskAddress(ch.Value),
			Handle: m.channelHandle(worker, id, i, ch),
		})
	}
	for _, l := range c.Links {
		masked.Links = append(masked.Links, frontline.Link{
			Type: own.maskName(l.Type), Value: own.maskLink(l.Value), DisplayName: own.maskName(l.DisplayName),
		})
	}
	if c.Details != nil {
		masked.Details = &frontline.Detail{Title: own.maskName(c.Details.Title), Content: own.maskText(c.Details.Content)}
	}
	resp.Customer = masked
	resp.Meta.Masked = true
	resp.Meta.Stale = maskError(resp.Meta.Stale)
	return resp
}

// maskAddress hides the last digits of a channel's value, also where they are
// written as escapes.
func maskAddress(value string) string {
	return text.MaskAddress(decodeAll(value))
}

// contacts is what is known of one customer, beside what looks like a number.
type contacts struct {
	numbers text.Numbers
	// addresses are channels with letters in them, such as e-mail, that lose digits.
	addresses []string
}

// contactsOf answers what the channels of a customer tell.
func contactsOf(channels []frontline.Channel) contacts {
	var o contacts
	values := make([]string, 0, len(channels))
	for _, ch := range channels {
		value := decodeAll(ch.Value)
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

func (o contacts) maskName(s string) string {
	return maskDecoded(s, func(s string) string { return o.numbers.MaskName(o.maskAddresses(s)) })
}

func (o contacts) maskText(s string) string {
	return maskDecoded(s, func(s string) string { return o.numbers.MaskText(o.maskAddresses(s)) })
}

// maskLink masks where a link leads to: "" or with "XXXX" in it when something had to
// be hidden, and then it leads nowhere.
func (o contacts) maskLink(s string) string {
	if hasBase64Number(s) {
		return ""
	}
	out := maskDecoded(s, func(s string) string {
		s = o.numbers.MaskLine(o.maskAddresses(s))
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

// maskAddresses hides the digits of the customer's addresses where they stand whole.
func (o contacts) maskAddresses(s string) string {
	for _, a := range o.addresses {
		s = replaceFold(s, a, text.MaskAddress(a))
	}
	return s
}

// replaceFold replaces old, in whatever case its ASCII letters are, with another of
// the same length in characters.
func replaceFold(s, old, with string) string {
	lower, want := toLowerASCII(s), toLowerASCII(old)
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

// toLowerASCII has the ASCII letters of s in lower case, and is as long.
func toLowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}
