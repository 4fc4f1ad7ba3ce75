package importer

import "slices"

// field is something that a file can carry about a customer.
type field uint8

const (
	fieldNone field = iota
	fieldID
	fieldName
	fieldFirst
	fieldMiddle
	fieldLast
	fieldOtherName
	fieldCompany
	fieldJobTitle
	fieldPhone
	fieldWhatsApp
	fieldEmail
	fieldChat
	fieldLink
	fieldNotes
	fieldOwner
	fieldAvatar
	// fieldLabel says what sort of address the column after it holds.
	fieldLabel
	// fieldIgnored is understood and has no place in a customer.
	fieldIgnored
	fieldCount
)

// many tells that several columns can carry the field at once.
func (f field) many() bool {
	switch f {
	case fieldPhone, fieldWhatsApp, fieldEmail, fieldChat, fieldLink, fieldLabel, fieldIgnored:
		return true
	}
	return false
}

// Ignore is the target of a column that is to be left out.
const Ignore = "ignore"

// A target is a field as --map names it.
type target struct {
	name  string
	field field
	// link is the type of the links that it carries.
	link string
}

// targets are what columns can be mapped to, in the order in which they are shown.
// A name that is not shown is another one for the target before it.
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
		{name: "linkedin", field: fieldLink, link: "LinkedIn"},
		{name: "facebook", field: fieldLink, link: "Facebook"},
		{name: "instagram", field: fieldLink, link: "Instagram"},
		{name: "twitter", field: fieldLink, link: "X"},
		{name: "notes", field: fieldNotes}, {name: "details", field: fieldNotes},
		{name: "owner", field: fieldOwner}, {name: "worker", field: fieldOwner},
		{name: "avatar", field: fieldAvatar},
		{name: Ignore, field: fieldIgnored},
	}
}

// Targets are the names of the fields that a column can be mapped to.
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
	i := slices.IndexFunc(all, func(t target) bool { return headerKey(t.name) == headerKey(name) })
	if i < 0 {
		return target{}, false
	}
	return all[i], true
}

// fieldSet is a set of fields.
type fieldSet uint32

func (s fieldSet) has(f field) bool { return s&(1<<f) != 0 }
func (s *fieldSet) add(f field)     { *s |= 1 << f }
