package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/cell"
	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/text"
)

// rowBuilder builds a mapped row from the values of a row of any format.
type rowBuilder struct {
	mappedRow
	region string
	ranks  [fieldCount]int // of the value used, plus 2; 0 for none
	parts  [fieldCount]string
	// unreadable reports whether a character could not be decoded.
	unreadable bool
	// asWritten are the national numbers that were normalized, as they are written.
	asWritten []customer.Channel
}

// maxValues bounds the channels, the links, the owners and the remarks of a row. No
// customer with so many fits into customer.MaxWireBytes.
const maxValues = 4000

func newRowBuilder(row source.Row, region string) *rowBuilder {
	return &rowBuilder{mappedRow: mappedRow{Row: row}, region: region, unreadable: strings.ContainsRune(row.Raw, utf8.RuneError)}
}

func (b *rowBuilder) remark(format string, args ...any) {
	if len(b.remarks) < maxValues {
		b.remarks = append(b.remarks, fmt.Sprintf(format, args...))
	}
}

// add adds a value. label says what sort of address it is, or is "".
func (b *rowBuilder) add(m meaning, label, value string) {
	if m.field == fieldNone || m.field == fieldIgnored || m.field == fieldLabel {
		return
	}
	b.fields.add(m.field)
	value = strings.TrimSpace(plainText(m.field, strings.TrimSpace(value)))
	switch m.field {
	case fieldPhone:
		b.addPhones(label, value)
	case fieldWhatsApp:
		b.addNumbers(customer.WhatsApp, value)
	case fieldEmail:
		b.addEmails(value)
	case fieldChat:
		b.addChannel(customer.Chat, value)
	case fieldLink:
		b.addLink(m.link, label, value)
	case fieldOwner:
		if !strings.Contains(value, "@") {
			m.rank += 2 * worse // than what people sign in with
		}
		if b.prefer(m, value) {
			b.workers = splitOwners(cell.WithoutFraction(value))
		}
	case fieldNotes:
		if b.prefer(m, value) {
			b.notes.Content = value
		}
	case fieldOtherName:
		if isAddress(value) && strings.Trim(value, "0123456789") != "" { // such as Contact: anna@example.com
			b.addPhones(label, value)
		} else if b.prefer(m, value) {
			b.parts[m.field] = oneLine(value)
		}
	default:
		if b.prefer(m, value) {
			b.parts[m.field] = oneLine(value)
		}
	}
}

// plainText returns what a cell says: cell.Text, and "" for a word for nothing, such as NULL,
// or in names for a dash or the like.
func plainText(f field, s string) string {
	s = cell.Text(s)
	if f.ofName() && strings.Trim(s, "-–—?.,/*_ ") == "" || !f.ofName() && cell.IsNothing(s) {
		return ""
	}
	return s
}

// prefer reports whether to use value for a field that has one value.
func (b *rowBuilder) prefer(m meaning, value string) bool {
	rank := &b.ranks[m.field]
	if *rank != 0 && (value == "" || m.rank+2 >= *rank) {
		return false
	}
	if value != "" {
		*rank = m.rank + 2
	}
	return true
}

// oneLine joins the lines of a value.
func oneLine(s string) string {
	if strings.ContainsAny(s, "\r\n\v\f\u0085\u2028\u2029") {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("\r\n\v\f\u0085\u2028\u2029", r) }), " ")
	}
	return s
}

// splitOwners returns the identities in a cell, in byte order. Semicolons and lines
// separate them. Commas do too where each part is an email address, a user name in small
// letters, or has several words: "Adams, Alice" is one owner, "Alice Adams, Bob Brown" are
// two.
func splitOwners(value string) []string {
	var owners []string
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == '\n' }) {
		list := []string{part}
		if strings.Contains(part, ",") && !slices.ContainsFunc(strings.Split(part, ","), isPartOfName) {
			list = strings.Split(part, ",")
		}
		for _, owner := range list {
			if owner = ownerIdentity(owner); owner != "" && len(owners) < maxValues && !text.ContainsIdentity(owners, owner) {
				owners = append(owners, owner)
			}
		}
	}
	slices.Sort(owners)
	return owners
}

// isPartOfName reports whether a text between commas is one word that begins with a capital,
// and so belongs to what is beyond the comma.
func isPartOfName(s string) bool {
	s = strings.TrimSpace(s)
	return !strings.ContainsAny(s, "@ ") && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") != ""
}

// ownerIdentity returns the address in "Bob Baker <bob@example.com>", or with brackets,
// and anything else without the blanks around it.
func ownerIdentity(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "<("); i >= 0 && strings.ContainsAny(s[len(s)-1:], ">)") {
		if inner := strings.TrimSpace(s[i+1 : len(s)-1]); strings.Contains(inner, "@") {
			return inner
		}
	}
	return s
}

// channelOrder is the order of channels where the file has none.
var channelOrder = [...]string{customer.SMS, customer.WhatsApp, customer.Email, customer.Chat}

// finish returns the mapped row.
func (b *rowBuilder) finish() mappedRow {
	b.setID(cell.WithoutFraction(b.parts[fieldID]))
	b.company, b.title = b.parts[fieldCompany], b.parts[fieldJobTitle]
	b.name = b.fullName()
	if b.name == "" {
		b.name, b.nameless = addressName(b.channels), true
	}
	if a := b.parts[fieldAvatar]; a != "" {
		if text.IsWebURL(a) {
			b.avatar = a
		} else {
			b.remark("avatar left out: not a web address")
		}
	}
	switch {
	case b.reject != "" || b.skip != "":
	case b.name == "":
		b.reject = "no name"
	case b.unreadable:
		b.remark("contains unreadable characters, shown as \uFFFD")
	}
	if !b.allChannels {
		slices.SortStableFunc(b.channels, func(x, y customer.Channel) int {
			return slices.Index(channelOrder[:], x.Type) - slices.Index(channelOrder[:], y.Type)
		})
	}
	if b.id == "" {
		b.identify()
	}
	return b.mappedRow
}

// fullName returns the name to show: the whole name, its parts, another name, or the
// company's. A whole name that is only an address comes after the parts.
func (b *rowBuilder) fullName() string {
	whole, parts := b.parts[fieldName], b.joinParts(" ", fieldFirst, fieldMiddle, fieldLast)
	if whole == "" || parts != "" && isAddress(whole) || whole == parts && strings.ContainsFunc(whole, text.IsHanOrHangul) {
		whole = parts
		if b.parts[fieldFirst] != "" && b.parts[fieldLast] != "" && text.IsEastAsian(parts) {
			whole = b.joinParts("", fieldLast, fieldMiddle, fieldFirst)
		}
	}
	if name, ok := strings.CutPrefix(whole, b.company+", "); ok && b.company != "" && strings.Contains(name, " ") {
		whole = name // as some programs show a person beside the company: not "Lee, Anna" of Lee
	}
	return cmp.Or(whole, b.parts[fieldOtherName], b.company)
}

// joinParts joins the parts of the name that are there.
func (b *rowBuilder) joinParts(separator string, fields ...field) string {
	var parts []string
	for _, f := range fields {
		if p := b.parts[f]; p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, separator)
}

// setID sets the id. One that a spreadsheet shortened is none: other customers have the
// same.
func (b *rowBuilder) setID(id string) {
	if b.lostID = cell.LostDigits(id); b.lostID {
		b.remark("the id %s lost its last digits in a spreadsheet: export the file again and open it with this column as text", quote(id))
		id = ""
	}
	b.id = id
}

// identify sets what identifies a row without an id. Without a name, that is its
// addresses.
func (b *rowBuilder) identify() {
	if !b.nameless {
		b.words = nameWords(b.name)
	}
	b.keys = contactKeys(b.channels)
	b.hashID = hashID(b.words, b.keys, text.Fold(b.company), b.links)
	if len(b.asWritten) > 0 {
		b.keys = append(b.keys, contactKeys(b.asWritten)...)
	}
}
