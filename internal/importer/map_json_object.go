package importer

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/importer/source"
	"github.com/clientele-project/clientele/internal/text"
)

const (
	// maxNesting is how deep objects inside a record are looked into.
	maxNesting = 3
	// maxPrefix bounds the name of an object whose keys are looked at, in bytes.
	maxPrefix = 1000
)

// objectReader adds the values of a JSON object to a builder.
type objectReader struct {
	*rowBuilder
	keys         keyMeanings
	withoutField *nameSet
}

// object reads all keys in alphabetical order, so that the result is always the same, but
// the customer's own before those of an object inside.
func (o *objectReader) object(prefix string, object map[string]any, depth int) {
	var present fieldSet
	for key, value := range object {
		present.add(o.keys.meaning(prefix+key, value).field)
	}
	keys := slices.Sorted(maps.Keys(object))
	inside := func(key string) int {
		if _, isObject := object[key].(map[string]any); isObject {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(keys, func(a, b string) int { return inside(a) - inside(b) })
	for _, key := range keys {
		value, name := object[key], prefix+key
		_, mapped := o.keys.mapped[exactKey(name)]
		inner, isObject := nested(key, value)
		isObject = isObject && depth < maxNesting && len(name) <= maxPrefix
		folded := source.NameKey(name)
		switch {
		case isMetadata(key, value):
		case mapped:
			o.value(o.keys.meaning(name, value), value)
		case folded == "channels":
			o.channelList(value)
		case folded == "links":
			o.linkList(value)
		case folded == "details":
			o.details(value)
		case isObject && isContainerKey(source.NameKey(key)):
			o.object(prefix, inner, depth+1)
		case isObject && !o.keys.isField(name, value):
			o.object(name+".", inner, depth+1)
		default:
			m := inContext(o.keys.meaning(name, value), present)
			if (m.field == fieldNone || !isReadable(m.field, value)) && value != nil && value != "" {
				o.withoutField.add(name)
			}
			o.value(m, value)
		}
	}
}

// value adds a value of any shape.
func (o *objectReader) value(m meaning, value any) {
	if name, ok := pairName(value); ok {
		value = name
	}
	list, isList := value.([]any)
	switch {
	case !isList:
		o.element(m, value)
	case m.field == fieldOwner:
		o.fields.add(fieldOwner)
		if o.ranks[fieldOwner] == 0 || m.rank+2 < o.ranks[fieldOwner] {
			o.ranks[fieldOwner] = m.rank + 2
			o.workers = ownerList(list)
		}
	case len(list) > 0 && m.field.many():
		for _, e := range list {
			o.element(m, e)
		}
	case len(list) > 0 && isReference(list[0]):
		o.element(m, list[0])
	default:
		var texts []string
		for _, e := range list {
			if text := scalar(e); m.field != fieldCompany || !isNumberOrKey(text) { // of another record
				texts = append(texts, text)
			}
		}
		o.add(m, "", strings.Join(texts, ", "))
	}
}

// element adds a value that is no list. The object of a company may also say what the
// customer does there.
func (o *objectReader) element(m meaning, value any) {
	object, isObject := value.(map[string]any)
	if !isObject {
		o.add(m, "", scalar(value))
		return
	}
	o.add(m, textNamed(object, "type", "label", "kind"), objectText(m.field, object))
	if title := textNamed(object, "title", "jobtitle"); m.field == fieldCompany && title != "" {
		o.add(meaning{field: fieldJobTitle, rank: afterAliases}, "", title)
	}
}

// ownerList returns the identities of a list exactly as it names them, in byte order.
func ownerList(list []any) []string {
	var owners []string
	for _, e := range list {
		if object, ok := e.(map[string]any); ok {
			e = objectText(fieldOwner, object)
		}
		if owner := strings.TrimSpace(scalar(e)); owner != "" && len(owners) < maxValues && !text.ContainsIdentity(owners, owner) {
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

// scalar is a value as text. Lists and objects are none, nor is false: many APIs write it
// for what is empty.
func scalar(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		if n, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), "eE") && math.Abs(n) < 1e15 {
			return strconv.FormatFloat(n, 'f', -1, 64)
		}
		return v.String()
	case bool:
		if v {
			return "true"
		}
	}
	return ""
}
