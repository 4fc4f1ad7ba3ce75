package importer

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/text"
)

// cardMapper maps vCards.
type cardMapper struct {
	cards        *source.Cards
	region       string
	withoutField nameSet
}

func newCardMapper(cards *source.Cards, opts Options) (*cardMapper, error) {
	c := &cardMapper{cards: cards, region: opts.Region}
	if len(opts.Map) > 0 {
		return c, &UsageError{"vCard files have no columns: remove the column mapping", NeedMap}
	}
	var fields fieldSet
	fields.add(fieldName)
	return c, requireFields(fields, nil, opts.Worker)
}

func (c *cardMapper) begin([]source.Row) error { return nil }
func (c *cardMapper) fields() fieldSet         { return 0 }
func (c *cardMapper) notes() []string          { return nil }
func (c *cardMapper) unusedColumns() []string  { return c.withoutField.sorted() }

func (c *cardMapper) convert(row source.Row) mappedRow {
	b := newRowBuilder(row, c.region)
	b.reject, b.unreadable = row.Malformed, false
	properties := c.cards.Properties(row)
	slices.SortStableFunc(properties, func(x, y source.Property) int { return x.Preference - y.Preference })
	var notes []string // a card may have several
	for _, p := range properties {
		value := p.Text()
		switch {
		case p.Name == "NOTE":
			b.fields.add(fieldNotes)
			notes = append(notes, strings.TrimSpace(value))
		case !b.addProperty(p):
			c.withoutField.add(p.Name)
			continue
		}
		b.unreadable = b.unreadable || strings.ContainsRune(value, utf8.RuneError)
	}
	b.notes.Content = strings.TrimSpace(strings.Join(notes, "\n\n"))
	return b.finish()
}

func (c *cardMapper) columns(first []source.Row) []Column {
	var list []Column
	for _, row := range first {
		for _, p := range c.cards.Properties(row) {
			b := newRowBuilder(source.Row{}, c.region)
			if !b.addProperty(p) {
				b.fields = 0
			} else if b.fields == 0 {
				continue // BEGIN and the like
			}
			i := slices.IndexFunc(list, func(c Column) bool { return c.Name == p.Name })
			if i < 0 && len(list) < maxColumns {
				i = len(list)
				list = append(list, Column{Name: p.Name, Fixed: true})
			}
			if i < 0 {
				continue
			}
			for f := fieldNone; f < fieldCount && list[i].Field == ""; f++ {
				if b.fields.has(f) {
					list[i].Field = targetOf(meaning{field: f, link: linkWebsite})
				}
			}
			list[i].addSample(cardText(p))
		}
	}
	return list
}

func (c *cardMapper) values(row source.Row, columns []Column) []string {
	texts := map[string]string{}
	for _, p := range c.cards.Properties(row) {
		switch before := texts[p.Name]; {
		case before == "":
			texts[p.Name] = cardText(p)
		case utf8.RuneCountInString(before) <= maxCell: // more is not shown
			texts[p.Name] = before + ", " + cardText(p)
		}
	}
	return valuesByName(texts, columns)
}

// cardText returns the value of a property as a preview shows it.
func cardText(p source.Property) string { return strings.ReplaceAll(p.Text(), ";", " ") }

// addProperty adds a property of a vCard; false when no field holds it.
func (b *rowBuilder) addProperty(p source.Property) bool {
	value, label := p.Text(), p.Label
	one := func(f field, rank int, value string) { b.add(meaning{field: f, rank: rank}, "", value) }
	switch p.Name {
	case "BEGIN", "END", "VERSION", "PRODID", "REV", "X-ABLABEL", "X-REJECTED-LINE", "X-REJECTED-REASON",
		"MEMBER", "X-ADDRESSBOOKSERVER-MEMBER":
	case "KIND", "X-ADDRESSBOOKSERVER-KIND":
		switch kind := strings.ToLower(value); kind {
		case "group", "location", "thing", "device", "application":
			b.skip = "a " + kind + ", not a customer"
		}
	case "UID":
		one(fieldID, 0, value)
	case "FN":
		one(fieldName, 0, value)
	case "N":
		for i, part := range p.Parts() {
			if f := []field{fieldLast, fieldFirst, fieldMiddle}; i < len(f) {
				one(f[i], 0, part)
			}
		}
	case "NICKNAME":
		one(fieldOtherName, 0, value)
	case "ORG":
		one(fieldCompany, 0, p.Parts()[0])
	case "TITLE":
		one(fieldJobTitle, 0, value)
	case "ROLE":
		one(fieldJobTitle, 1, value)
	case "NOTE":
		one(fieldNotes, 0, value)
	case "TEL":
		for _, t := range p.Types {
			if strings.Contains(t, "FAX") || t == "WHATSAPP" {
				label = t
			}
		}
		b.add(meaning{field: fieldPhone}, label, value)
	case "EMAIL":
		one(fieldEmail, 0, value)
	case "X-WHATSAPP":
		one(fieldWhatsApp, 0, value)
	case "IMPP":
		scheme, number, _ := strings.Cut(value, ":")
		if p.Service != "WHATSAPP" && !slices.Contains(p.Types, "WHATSAPP") && !strings.EqualFold(scheme, "whatsapp") {
			return false
		}
		one(fieldWhatsApp, 0, cmp.Or(number, value))
	case "URL":
		b.add(meaning{field: fieldLink, link: linkWebsite}, label, value)
	case "X-SOCIALPROFILE", "SOCIALPROFILE":
		site, page := socialSite(append(p.Types, p.Service))
		if user, ok := text.CutPrefixFold(value, "x-apple:"); ok {
			if page == "" {
				return false
			}
			value = page + user
		}
		b.add(meaning{field: fieldLink, link: site}, label, value)
	case "PHOTO":
		if text.IsWebURL(value) {
			one(fieldAvatar, 0, value)
		}
	default:
		return false
	}
	return true
}

// socialSite returns the type of a link to a social network that one of the types names,
// and how the address of a user's page there begins; for any other, a website.
func socialSite(types []string) (site, page string) {
	for _, t := range types {
		switch t {
		case "LINKEDIN":
			return "LinkedIn", "https://www.linkedin.com/in/"
		case "FACEBOOK":
			return "Facebook", "https://www.facebook.com/"
		case "INSTAGRAM":
			return "Instagram", "https://www.instagram.com/"
		case "TWITTER", "X":
			return "X", "https://x.com/"
		}
	}
	return linkWebsite, ""
}
