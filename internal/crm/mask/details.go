package mask

import (
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// maskDetails masks the details of a customer. id is the service's id.
func (m *CRM) maskDetails(worker, id string, resp frontline.DetailsResponse) frontline.DetailsResponse {
	c := resp.Customer
	known := contactsOf(c.Channels)
	masked := frontline.Customer{Avatar: c.Avatar, DisplayName: known.maskName(c.DisplayName)}
	masked.ID = m.VisibleID(worker, c.ID)
	if masked.ID == c.ID && known.maskName(c.ID) != c.ID {
		masked.ID = m.handle(worker, c.ID)
	}
	for i, ch := range c.Channels {
		masked.Channels = append(masked.Channels, frontline.Channel{
			Type:   known.maskName(ch.Type),
			Value:  maskAddress(ch.Value),
			Handle: m.channelHandle(worker, id, i, ch),
		})
	}
	for _, l := range c.Links {
		masked.Links = append(masked.Links, frontline.Link{
			Type: known.maskName(l.Type), Value: known.maskLink(l.Value), DisplayName: known.maskName(l.DisplayName),
		})
	}
	if c.Details != nil {
		masked.Details = &frontline.Detail{Title: known.maskName(c.Details.Title), Content: known.maskText(c.Details.Content)}
	}
	resp.Customer = masked
	resp.Meta.Masked = true
	resp.Meta.Stale = maskError(resp.Meta.Stale)
	return resp
}

// maskAddress masks the value of a channel, decoded first.
func maskAddress(value string) string {
	return text.MaskAddress(decodeAll(value))
}

// contacts are the numbers and addresses of one customer. They are masked wherever
// they appear, also where they do not look like a number.
type contacts struct {
	numbers   text.Numbers
	addresses []string // values with letters, such as email addresses, that have digits
}

// contactsOf returns the contacts in the channels of a customer.
func contactsOf(channels []frontline.Channel) contacts {
	var c contacts
	values := make([]string, 0, len(channels))
	for _, ch := range channels {
		value := decodeAll(ch.Value)
		values = append(values, value)
		if value = strings.TrimSpace(value); isAddress(value) && text.MaskAddress(value) != value {
			c.addresses = append(c.addresses, value)
		}
	}
	c.numbers = text.NumbersOf(values...)
	return c
}

// isAddress reports whether value is an address of letters and long enough not to be
// part of other words.
func isAddress(value string) bool {
	if strings.ContainsRune(value, '@') {
		return true
	}
	return len(value) >= 6 && strings.ContainsFunc(value, unicode.IsLetter) && !strings.ContainsRune(value, ':')
}

func (c contacts) maskName(s string) string {
	return maskDecoded(s, func(s string) string { return c.numbers.MaskName(c.maskAddresses(s)) })
}

func (c contacts) maskText(s string) string {
	return maskDecoded(s, func(s string) string { return c.numbers.MaskText(c.maskAddresses(s)) })
}

// maskLink masks the target of a link. The result is "" or contains "XXXX" if anything
// was masked.
func (c contacts) maskLink(s string) string {
	if hasBase64Number(s) {
		return ""
	}
	out := maskDecoded(s, func(s string) string {
		s = c.numbers.MaskLine(c.maskAddresses(s))
		if blank := strings.ReplaceAll(s, "+", " "); c.numbers.In(blank) { // as forms write blanks
			return c.numbers.MaskLine(blank)
		}
		return s
	})
	if out != s && !strings.Contains(out, "XXXX") {
		return ""
	}
	return out
}

// maskAddresses masks the customer's addresses in s.
func (c contacts) maskAddresses(s string) string {
	for _, a := range c.addresses {
		s = replaceFold(s, a, text.MaskAddress(a))
	}
	return s
}

// replaceFold replaces old by with, ignoring the case of ASCII letters.
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

// toLowerASCII returns s, of the same length, with ASCII letters in lower case.
func toLowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] += 'a' - 'A'
		}
	}
	return string(b)
}
