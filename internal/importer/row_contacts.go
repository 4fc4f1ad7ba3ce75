package importer

import (
	"slices"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/cell"
	"github.com/clientele-project/clientele/internal/text"
)

// addChannel adds an address unless it is blank or a duplicate.
func (b *rowBuilder) addChannel(channelType, value string) {
	ch := customer.Channel{Type: channelType, Value: value}
	if value != "" && len(b.channels) < maxValues && !slices.Contains(b.channels, ch) {
		b.channels = append(b.channels, ch)
	}
}

// addPhones adds the phone numbers in a cell. label says what sort they are.
func (b *rowBuilder) addPhones(label, value string) {
	if value == "" {
		return
	}
	switch label = text.Fold(label); {
	case isFax(label):
		b.remark("fax number left out")
	case strings.Contains(label, "whatsapp"):
		b.fields.add(fieldWhatsApp)
		b.addNumbers(customer.WhatsApp, value)
	default:
		b.addNumbers(customer.SMS, value)
	}
}

// isFax reports whether a folded label means a fax, in any language.
func isFax(label string) bool {
	for _, word := range [...]string{"fax", "faks", "faksi", "факс", "φαξ", "فاكس", "פקס", "ファックス", "ファクス", "传真", "傳真", "팩스"} {
		if strings.Contains(label, word) {
			return true
		}
	}
	return false
}

// addNumbers adds the numbers in a cell as channels of a type. They are separated by
// semicolons, line breaks, Google's " ::: ", or as SplitPhones says.
func (b *rowBuilder) addNumbers(channelType, value string) {
	value = strings.ReplaceAll(value, ":::", "\n")
	value = strings.ReplaceAll(value, ";ext=", " ext. ")
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
		if name, _, ok := strings.Cut(part, "="); ok && !strings.ContainsFunc(name, unicode.IsDigit) {
			continue // a parameter of the number before, as in tel:+15551234567;isub=5
		}
		numbers, endings := text.SplitPhones(part)
		for _, one := range numbers {
			b.addNumber(channelType, one)
		}
		for _, ending := range endings {
			b.remark("%s after a number isn't a phone number of its own; kept unchanged", quote(ending))
			b.addChannel(customer.SMS, ending)
		}
		if len(numbers)+len(endings) > 1 {
			b.asWritten = append(b.asWritten, customer.Channel{Type: customer.SMS, Value: part})
		}
	}
}

// maxNumber is longer than any phone number is written, in bytes.
const maxNumber = 100

// addNumber adds a number: normalized, or else as it is written.
func (b *rowBuilder) addNumber(channelType, raw string) {
	raw = strings.TrimSpace(raw)
	dialForm := text.DialForm
	if rest, ok := text.CutPrefixFold(raw, text.WhatsAppPrefix); ok {
		if channelType == customer.SMS && !b.allChannels {
			b.fields.add(fieldWhatsApp)
		}
		channelType, raw = customer.WhatsApp, strings.TrimSpace(rest)
		dialForm = text.ObservedForm // in a conversation
	}
	if rest, ok := text.CutPrefixFold(raw, "tel:"); ok {
		raw = strings.TrimSpace(rest)
	}
	if len(raw) > 2 && raw[1] == ':' && unicode.IsLetter(rune(raw[0])) {
		raw = strings.TrimSpace(raw[2:]) // of an advertisement's answers: p:+15557040102
	}
	raw = cell.WithoutFraction(raw)
	switch {
	case !strings.ContainsFunc(raw, isWordRune):
		return // such as "-"
	case cell.LostDigits(raw):
		b.lostNumbers = true
		b.remark("the number %s lost its last digits in a spreadsheet and is left out: export the file again and open it with this column as text", quote(raw))
		return
	}
	value, ok := "", false
	if len(raw) <= maxNumber && len(b.channels) < maxValues {
		value, ok = dialForm(raw, b.region)
	}
	if !ok {
		value = oneLine(raw)
		if text.Digits(raw) == "" {
			b.remark("%s isn't a phone number; kept unchanged", quote(raw))
		} else {
			b.unknownNumbers++
		}
	} else if !strings.HasPrefix(raw, "+") || value != "+"+text.Digits(raw) {
		// An earlier import may have had no region, or kept it as it was written.
		b.asWritten = append(b.asWritten, customer.Channel{Type: customer.SMS, Value: raw})
	}
	if channelType == customer.WhatsApp {
		value = text.WhatsAppPrefix + value
	}
	b.addChannel(channelType, value)
}

// addEmails adds the email addresses in a cell.
func (b *rowBuilder) addEmails(value string) {
	value = strings.ReplaceAll(value, ":::", "\n")
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(";,\r\n", r) }) {
		part = strings.TrimSpace(part)
		if rest, ok := text.CutPrefixFold(part, "mailto:"); ok {
			part = rest
		}
		if i := strings.LastIndexByte(part, '<'); i >= 0 && strings.HasSuffix(part, ">") && strings.Contains(part[i:], "@") {
			part = strings.TrimSpace(part[i+1 : len(part)-1])
		}
		if !strings.ContainsFunc(part, isWordRune) {
			continue
		}
		if !strings.Contains(part, "@") {
			b.remark("%s isn't an email address; kept unchanged", quote(part))
		}
		b.addChannel(customer.Email, part)
	}
}

// addLink adds the links in a cell. label is the name to show, "" for the type.
func (b *rowBuilder) addLink(linkType, label, value string) {
	if !b.providesLink(linkType) {
		b.linkTypes = append(b.linkTypes, linkType)
	}
	value = strings.ReplaceAll(value, ":::", "\n")
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\n' || r == '\r' }) {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		name := oneLine(strings.Trim(strings.TrimSpace(label), "* "))
		if name == "" {
			name = linkType
		}
		b.appendLink(customer.Link{Type: linkType, Value: completeURL(part), DisplayName: name})
	}
}

func (b *rowBuilder) appendLink(l customer.Link) {
	if len(b.links) < maxValues && !slices.Contains(b.links, l) {
		b.links = append(b.links, l)
	}
}

// completeURL adds a scheme to an address such as "www.example.com/x". Anything that has
// one, or does not begin like a host, stays as it is.
func completeURL(s string) string {
	if strings.ContainsAny(s, " \t") || strings.Contains(s, "://") {
		return s
	}
	host, _, _ := strings.Cut(s, "/")
	if strings.ContainsAny(host, ":@") || !strings.Contains(strings.Trim(host, "."), ".") {
		return s
	}
	return "https://" + s
}
