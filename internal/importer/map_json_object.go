package importer

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/text"
)

// maxNesting is how deep objects inside a record are looked into.
const maxNesting = 3

// keyMeanings returns what a key means.
type keyMeanings struct {
	vocabulary vocabulary
	mapped     map[string]target
}

func (k keyMeanings) meaning(key string) meaning {
	if t, ok := k.mapped[exactKey(key)]; ok {
		return meaning{field: t.field, link: t.link, rank: -1}
	}
	return k.vocabulary[source.NameKey(key)]
}

// objectReader adds the values of a JSON object to a builder.
type objectReader struct {
	*rowBuilder
	keys         keyMeanings
	withoutField *nameSet
}

// isContainerKey reports whether an object under this key only wraps the fields.
func isContainerKey(key string) bool {
	switch key {
	case "properties", "fields", "attributes", "customer", "contact", "name", "objects":
		return true
	}
	return false
}

// object reads all keys in alphabetical order, so that the result is always the same.
func (o *objectReader) object(prefix string, object map[string]any, depth int) {
	var present fieldSet
	for key := range object {
		present.add(o.keys.meaning(prefix + key).field)
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		value, name := object[key], prefix+key
		inner, isObject := value.(map[string]any)
		_, mapped := o.keys.mapped[exactKey(name)]
		folded := source.NameKey(name)
		switch {
		case mapped:
			o.value(o.keys.meaning(name), value)
		case folded == "channels":
			o.channelList(value)
		case folded == "links":
			o.linkList(value)
		case folded == "details":
			o.details(value)
		case isObject && depth < maxNesting && isContainerKey(source.NameKey(key)):
			o.object(prefix, inner, depth+1)
		case isObject && depth < maxNesting:
			o.object(name+".", inner, depth+1)
		default:
			m := inContext(o.keys.meaning(name), present)
			if m.field == fieldNone && value != nil && value != "" {
				o.withoutField.add(name)
			}
			o.value(m, value)
		}
	}
}

// value adds a value of any shape.
func (o *objectReader) value(m meaning, value any) {
	list, isList := value.([]any)
	if !isList {
		o.add(m, "", scalar(value))
		return
	}
	if m.field == fieldOwner {
		o.fields.add(fieldOwner)
		if o.ranks[fieldOwner] == 0 || m.rank+2 < o.ranks[fieldOwner] {
			o.ranks[fieldOwner] = m.rank + 2
			o.workers = ownerList(list)
		}
		return
	}
	if len(list) == 0 || !m.field.many() {
		var texts []string
		for _, e := range list {
			texts = append(texts, scalar(e))
		}
		o.add(m, "", strings.Join(texts, ", "))
		return
	}
	for _, e := range list {
		label, text := "", scalar(e)
		if object, ok := e.(map[string]any); ok {
			label = scalar(first(object, "type", "label", "kind"))
			text = scalar(first(object, "value", "number", "address", "email", "phone", "url"))
		}
		o.add(m, label, text)
	}
}

// ownerList returns the identities of a list exactly as it names them, in byte order.
func ownerList(list []any) []string {
	var owners []string
	for _, e := range list {
		if object, ok := e.(map[string]any); ok {
			e = first(object, "identity", "username", "email", "name")
		}
		if owner := strings.TrimSpace(scalar(e)); owner != "" && !text.ContainsIdentity(owners, owner) {
			owners = append(owners, owner)
		}
	}
	slices.Sort(owners)
	return owners
}

// channelList reads a list of {type, value}. Any other value clears all channels.
func (o *objectReader) channelList(value any) {
	o.allChannels = true
	for _, f := range []field{fieldPhone, fieldWhatsApp, fieldEmail, fieldChat} {
		o.fields.add(f)
	}
	list, _ := value.([]any)
	for _, e := range list {
		object, _ := e.(map[string]any)
		channelType := strings.ToLower(strings.TrimSpace(scalar(first(object, "type", "kind", "channel"))))
		address := strings.TrimSpace(scalar(first(object, "value", "address", "number")))
		switch channelType {
		case customer.SMS, "phone", "mobile", "tel", "voice", "call":
			o.addNumber(customer.SMS, address)
		case customer.WhatsApp:
			o.addNumber(customer.WhatsApp, address)
		case customer.Email, "mail", "e-mail":
			o.addChannel(customer.Email, address)
		case customer.Chat:
			o.addChannel(customer.Chat, address)
		default:
			o.remark("channel of type %s left out: use sms, whatsapp, email, or chat", quote(channelType))
		}
	}
}

// linkList reads a list of {type, value, display_name}, or of addresses.
func (o *objectReader) linkList(value any) {
	o.allLinks = true
	o.fields.add(fieldLink)
	list, _ := value.([]any)
	for _, e := range list {
		l := customer.Link{Type: linkWebsite, Value: scalar(e)}
		if object, ok := e.(map[string]any); ok {
			l.Value = scalar(first(object, "value", "url", "href"))
			if t := first(object, "type"); t != nil {
				l.Type = scalar(t)
			}
			if name := first(object, "display_name", "displayName", "name", "title"); name != nil {
				l.DisplayName = scalar(name)
			}
		}
		if l.Value != "" {
			o.appendLink(l)
		}
	}
}

// details reads {title, content}, or a text.
func (o *objectReader) details(value any) {
	o.fields.add(fieldNotes)
	o.ranks[fieldNotes] = 1 // no other key is the notes
	o.wholeNotes = true
	if object, ok := value.(map[string]any); ok {
		o.notes = customer.Detail{Title: scalar(first(object, "title")), Content: scalar(first(object, "content", "text", "value"))}
		return
	}
	o.wholeNotes = false
	o.notes.Content = scalar(value)
}

// first returns the value of the first of the keys that is there and not null.
func first(object map[string]any, keys ...string) any {
	for _, key := range keys {
		if v := object[key]; v != nil {
			return v
		}
	}
	return nil
}

// scalar is a value as text; lists and objects are none.
func scalar(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}
