package importer

import (
	"slices"

	"github.com/clientele-project/clientele/internal/importer/source"
)

// field is a field of a customer, or a part of one, that a column can hold.
type field uint8

const (
	fieldNone field = iota
	fieldID
	fieldName
	// fieldBareName is the whole name or a part of it, depending on the other columns.
	fieldBareName
	fieldFirst
	fieldMiddle
	fieldLast
	// fieldOtherName is a name for want of a better one: a nickname, or a column such as
	// Customer, which may also hold something else.
	fieldOtherName
	fieldCompany
	fieldJobTitle
	// fieldTitle is the job title, or beside a column for that a salutation.
	fieldTitle
	fieldPhone
	// fieldBarePhone is a number if the column has numbers: Home and Work may be addresses.
	fieldBarePhone
	fieldWhatsApp
	fieldEmail
	fieldChat
	fieldLink
	fieldNotes
	fieldOwner
	fieldAvatar
	// fieldLabel is the sort of address that the next column holds.
	fieldLabel
	// fieldIgnored is a known column that no field of a customer holds.
	fieldIgnored
	fieldCount
)

// many reports whether several columns can hold the field.
func (f field) many() bool {
	switch f {
	case fieldPhone, fieldWhatsApp, fieldEmail, fieldChat, fieldLink, fieldLabel, fieldIgnored:
		return true
	}
	return false
}

// ofName reports whether the field is a name of a person, or a part of one.
func (f field) ofName() bool { return fieldName <= f && f <= fieldOtherName }

// isPart reports whether the field is a part of a person's name.
func (f field) isPart() bool { return f == fieldFirst || f == fieldMiddle || f == fieldLast }

// The types of links.
const (
	linkWebsite  = "Website" // a page of no particular site
	linkLinkedIn = "LinkedIn"
)

// Ignore is the target of a column to leave out.
const Ignore = "ignore"

// target is a field as Mapping.Field names it.
type target struct {
	name  string
	field field
	// link is the type of a link.
	link string
}

// targets returns the targets in the order in which they are shown. A second name for a
// target comes after the one that is shown.
func targets() []target {
	return []target{
		{name: "customer_id", field: fieldID}, {name: "id", field: fieldID},
		{name: "display_name", field: fieldName}, {name: "name", field: fieldName},
		{name: "first_name", field: fieldFirst},
		{name: "middle_name", field: fieldMiddle},
		{name: "last_name", field: fieldLast},
		{name: "company", field: fieldCompany},
		{name: "job_title", field: fieldJobTitle},
		{name: "phone", field: fieldPhone}, {name: "sms", field: fieldPhone},
		{name: "whatsapp", field: fieldWhatsApp},
		{name: "email", field: fieldEmail},
		{name: "chat", field: fieldChat},
		{name: "website", field: fieldLink, link: linkWebsite}, {name: "link", field: fieldLink, link: linkWebsite},
		{name: "linkedin", field: fieldLink, link: linkLinkedIn},
		{name: "facebook", field: fieldLink, link: "Facebook"},
		{name: "instagram", field: fieldLink, link: "Instagram"},
		{name: "twitter", field: fieldLink, link: "X"},
		{name: "notes", field: fieldNotes}, {name: "details", field: fieldNotes},
		{name: "owner", field: fieldOwner}, {name: "worker", field: fieldOwner},
		{name: "avatar", field: fieldAvatar},
		{name: Ignore, field: fieldIgnored},
	}
}

// Targets returns the names of the fields that a column can be mapped to.
func Targets() []string {
	var names []string
	var last target
	for _, t := range targets() {
		if t.field != last.field || t.link != last.link {
			names = append(names, t.name)
		}
		last = t
	}
	return names
}

func targetNamed(name string) (target, bool) {
	all := targets()
	i := slices.IndexFunc(all, func(t target) bool { return source.NameKey(t.name) == source.NameKey(name) })
	if i < 0 {
		return target{}, false
	}
	return all[i], true
}

// fieldSet is a set of fields.
type fieldSet uint32

func (s fieldSet) has(f field) bool { return s&(1<<f) != 0 }
func (s *fieldSet) add(f field)     { *s |= 1 << f }
func (s *fieldSet) remove(f field)  { *s &^= 1 << f }

// allFields are the fields of a customer.
const allFields fieldSet = 1<<fieldID | 1<<fieldName | 1<<fieldCompany | 1<<fieldJobTitle | 1<<fieldAvatar | 1<<fieldNotes |
	1<<fieldPhone | 1<<fieldWhatsApp | 1<<fieldEmail | 1<<fieldChat | 1<<fieldLink | 1<<fieldOwner
