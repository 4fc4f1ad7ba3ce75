package importer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/aliases"
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
	if strings.Trim(label, "+() 0123456789") == "" && !strings.HasPrefix(value, "+") && !strings.HasPrefix(value, label) {
		label, value = "", label+" "+value // an area code or country code
	}
	if text.IsEmail(value) {
		b.addEmails(value)
	} else if channelType, ok := b.channelOf(customer.SMS, text.Fold(label), value); ok {
		b.addNumbers(channelType, value)
	}
}

// channelOf returns the type of the channel that a number with a folded label is, one of
// channelType otherwise, and false for a fax.
func (b *rowBuilder) channelOf(channelType, label, value string) (string, bool) {
	switch {
	case value == "":
		return "", false
	case label == "":
		return channelType, true
	case isFax(label):
		b.remark("fax number left out")
		return "", false
	case strings.Contains(label, "whatsapp"):
		b.fields.add(fieldWhatsApp)
		return customer.WhatsApp, true
	}
	return channelType, true
}

// isFax reports whether a folded label means a fax, in any language.
func isFax(label string) bool {
	for word := range aliases.Words("fax") {
		if label == word || len(word) > 1 && strings.Contains(label, word) {
			return true
		}
	}
	return false
}

// beforePlus matches the end of a number, and what comes before the plus of another.
var beforePlus = regexp.MustCompile(`(\d)[\s–-]*\+`)

// addNumbers adds the numbers in a cell as channels of a type. They are separated by
// semicolons, line breaks, Google's " ::: ", or as SplitPhones says.
func (b *rowBuilder) addNumbers(channelType, value string) {
	value = strings.ReplaceAll(value, ":::", "\n")
	value = strings.ReplaceAll(value, ";ext=", " ext. ")
	if strings.LastIndexByte(value, '+') > 0 {
		value = beforePlus.ReplaceAllString(value, "$1\n+")
	}
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' }) {
		if name, _, ok := strings.Cut(part, "="); ok && part != value && !strings.ContainsAny(name, "0123456789 ") {
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
	for _, prefix := range [...]string{"tel:", "p:"} { // p: is of an advertisement's answers
		if rest, ok := text.CutPrefixFold(raw, prefix); ok {
			raw = strings.TrimSpace(rest)
		}
	}
	if digits, ok := text.CutPrefixFold(raw, "https://wa.me/"); ok {
		channelType, raw = customer.WhatsApp, "+"+digits
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
	if !ok && b.addLabeled(channelType, raw, dialForm) {
		return
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

// addLabeled adds the numbers in a text with words, such as "Mobile: 555 704 0102 (Ann)". It
// returns false when something in it is no number.
func (b *rowBuilder) addLabeled(channelType, raw string, dialForm func(string, string) (string, bool)) bool {
	found := text.LabeledPhones(raw)
	values := make([]string, len(found))
	for i, one := range found {
		var ok bool
		if values[i], ok = dialForm(one.Number, b.region); !ok {
			return false
		}
	}
	for i, one := range found {
		channelType, ok := b.channelOf(channelType, one.Label, values[i])
		if !ok {
			continue
		}
		if usualNames().lookup(one.Label+" phone").field != fieldPhone && usualNames().lookup(one.Label).field == fieldNone && one.Label != "" {
			b.remark("%s beside a number is left out", quote(one.Label))
		}
		if channelType == customer.WhatsApp {
			values[i] = text.WhatsAppPrefix + values[i]
		}
		b.addChannel(channelType, values[i])
	}
	if len(found) > 0 { // an earlier build kept it as it was written
		b.asWritten = append(b.asWritten, customer.Channel{Type: customer.SMS, Value: raw})
	}
	return len(found) > 0
}

// addEmails adds the email addresses in a cell.
func (b *rowBuilder) addEmails(value string) {
	value = strings.ReplaceAll(value, ":::", "\n")
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(";,\r\n", r) }) {
		part = strings.TrimSpace(part)
		if text.IsEmail(part) && !strings.ContainsAny(part, ":/|'") {
			b.addChannel(customer.Email, part)
			continue
		}
		var addresses []string
		for word := range strings.FieldsFuncSeq(part, isBesideEmail) {
			if word = strings.Trim(word, "'"); text.IsEmail(word) {
				addresses = append(addresses, word)
			}
		}
		isNumber := false
		if !strings.Contains(part, "@") {
			_, isNumber = text.DialForm(part, b.region)
		}
		switch {
		case !strings.ContainsFunc(part, isWordRune):
			continue
		case len(addresses) > 0:
			for _, address := range addresses {
				b.addChannel(customer.Email, address)
			}
			continue
		case isNumber:
			b.addNumbers(customer.SMS, part)
			continue
		case !strings.Contains(part, "@"):
			b.remark("%s isn't an email address; kept unchanged", quote(part))
		}
		b.addChannel(customer.Email, part)
	}
}

// isBesideEmail reports whether a character separates an email address from what is
// beside it: "Ann <ann@example.com>", "mailto:ann@example.com / ann@example.org (private)".
func isBesideEmail(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("<>()[]:/|\"", r)
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
		b.appendLink(customer.Link{Type: linkType, Value: text.CompleteURL(part), DisplayName: name})
	}
}

func (b *rowBuilder) appendLink(l customer.Link) {
	if len(b.links) < maxValues && !slices.Contains(b.links, l) {
		b.links = append(b.links, l)
	}
}
