package importer

import (
	"sort"
	"strings"
	"sync"
)

// cardSource is a file of vCards.
type cardSource struct {
	cards  cardReader
	region string

	mu      sync.Mutex
	nowhere map[string]bool // properties without a place in a customer
}

func newCardSource(w *window, opts Options) (*cardSource, error) {
	c := &cardSource{cards: cardReader{w: w}, region: opts.Region, nowhere: map[string]bool{}}
	if len(opts.Map) > 0 {
		return c, &UsageError{"this is a vCard file, which has no columns: leave --map away", NeedMap}
	}
	var fields fieldSet
	fields.add(fieldName)
	return c, checkPlan(fields, nil, opts.Worker)
}

func (c *cardSource) next() (item, bool)    { return c.cards.next() }
func (c *cardSource) failure() error        { return c.cards.w.failure() }
func (c *cardSource) begin([]item) error    { return nil }
func (c *cardSource) carries() fieldSet     { return 0 }
func (c *cardSource) rejects() rejectFormat { return cardRejects{} }

func (c *cardSource) unused() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for name := range c.nowhere {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (c *cardSource) convert(it item) record {
	b := newBuilder(it, c.region)
	b.reject = it.bad
	properties := cardProperties(it.raw)
	labels := map[string]string{}
	for _, p := range properties {
		if p.name == "X-ABLABEL" && p.group != "" {
			labels[p.group] = strings.TrimSuffix(strings.TrimPrefix(unescape(p.value), "_$!<"), ">!$_")
		}
	}
	for _, p := range properties {
		if !addProperty(b, p, labels[p.group]) {
			c.mu.Lock()
			if len(c.nowhere) < 100 {
				c.nowhere[strings.Clone(p.name)] = true
			}
			c.mu.Unlock()
		}
	}
	return b.finish()
}

// addProperty puts a property where it belongs; false when there is no place for it.
func addProperty(b *builder, p property, label string) bool {
	value := unescape(p.value)
	one := func(f field, rank int, value string) { b.add(meaning{field: f, rank: rank}, "", value) }
	switch p.name {
	case "BEGIN", "END", "VERSION", "PRODID", "REV", "X-ABLABEL", "X-REJECTED-LINE", "X-REJECTED-REASON":
	case "UID":
		one(fieldID, 0, value)
	case "FN":
		one(fieldName, 0, value)
	case "N":
		for i, part := range splitEscaped(p.value, ';') {
			if f := []field{fieldLast, fieldFirst, fieldMiddle}; i < len(f) {
				one(f[i], 0, part)
			}
		}
	case "NICKNAME":
		one(fieldOtherName, 0, value)
	case "ORG":
		one(fieldCompany, 0, splitEscaped(p.value, ';')[0])
	case "TITLE":
		one(fieldJobTitle, 0, value)
	case "ROLE":
		one(fieldJobTitle, 1, value)
	case "NOTE":
		if b.notes.Content != "" { // a card may have several
			value = b.notes.Content + "\n\n" + strings.TrimSpace(value)
			b.ranks[fieldNotes] = 0
		}
		one(fieldNotes, 0, value)
	case "TEL":
		for _, t := range p.types {
			if t == "FAX" {
				label = "fax"
			}
		}
		b.add(meaning{field: fieldPhone}, label, value)
	case "EMAIL":
		one(fieldEmail, 0, value)
	case "X-WHATSAPP":
		one(fieldWhatsApp, 0, value)
	case "IMPP":
		if p.params["X-SERVICE-TYPE"] != "WHATSAPP" && !strings.HasPrefix(strings.ToLower(value), whatsappPrefix) {
			return false
		}
		_, number, _ := strings.Cut(value, ":")
		one(fieldWhatsApp, 0, number)
	case "URL":
		b.add(meaning{field: fieldLink, link: linkWebsite}, label, value)
	case "X-SOCIALPROFILE", "SOCIALPROFILE":
		b.add(meaning{field: fieldLink, link: socialName(p.types)}, label, value)
	case "PHOTO":
		if webAddress(value) {
			one(fieldAvatar, 0, value)
		}
	default:
		return false
	}
	return true
}

// socialName is the type of a link to a page on a social network.
func socialName(types []string) string {
	for _, t := range types {
		for _, name := range []string{"LinkedIn", "Facebook", "Instagram"} {
			if strings.EqualFold(t, name) {
				return name
			}
		}
		if t == "TWITTER" || t == "X" {
			return "X"
		}
	}
	return linkWebsite
}
