package importer

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/importer/source"
)

// apiKeys are names of keys that only the APIs of products have, beside the aliases.
var apiKeys = map[field]string{
	fieldID:       "resource name, vid",
	fieldFirst:    "fname",
	fieldLast:     "lname",
	fieldPhone:    "primary phone, business phones, home phones, phone numbers, work number, mobile phones, billing phone, default address phone, default phone number phone number",
	fieldEmail:    "primary email addr, email addresses, scored email addresses, default email address email address",
	fieldCompany:  "org name, organizations, companies, sales accounts, billing company, default address company, parentcustomerid account name, parentcustomerid value odata community display v1 formatted value",
	fieldJobTitle: "function, post",
	fieldLink:     "business home page, urls, web addr",
	fieldNotes:    "personal notes, biographies",
	fieldOwner:    "ownerid value odata community display v1 formatted value, owner id, ownerid value, owninguser internalemailaddress",
	fieldAvatar:   "photos",
}

// referenceKeys are keys of a number that say nothing, unless the API puts in its place
// what the number stands for.
var referenceKeys = map[field]string{
	fieldCompany: "org id, parent id, account id, company id",
	fieldOwner:   "user id",
}

// accountRoles are roles of people in a product, which are no jobs.
var accountRoles = []string{"user", "lead", "contact", "customer", "end-user", "subscriber"}

// afterAliases is a rank below that of all aliases.
const afterAliases = 1000

// keyMeanings returns what a key means.
type keyMeanings struct {
	vocabulary vocabulary // with the names of APIs
	references vocabulary
	mapped     map[string]target
}

func newKeyMeanings(v vocabulary, mapped map[string]target) keyMeanings {
	merged := keyVocabulary(apiKeys)
	maps.Copy(merged, v)
	merged["id"] = meaning{field: fieldID} // not that of another record, such as lead_id
	return keyMeanings{vocabulary: merged, mapped: mapped, references: keyVocabulary(referenceKeys)}
}

func keyVocabulary(names map[field]string) vocabulary {
	v := vocabulary{}
	for f, list := range names {
		for rank, name := range strings.Split(list, ",") {
			v[source.NameKey(name)] = meaning{field: f, rank: afterAliases + rank, link: linkWebsite}
		}
	}
	return v
}

// meaning returns what a key with a value means.
func (k keyMeanings) meaning(key string, value any) meaning {
	if t, ok := k.mapped[exactKey(key)]; ok {
		return meaning{field: t.field, link: t.link, rank: -1}
	}
	name := source.NameKey(key)
	if m, ok := k.vocabulary[name]; ok {
		if role, _ := value.(string); name == "role" && slices.Contains(accountRoles, role) {
			return meaning{}
		}
		return m
	}
	if isReference(value) || value == false {
		return k.references[name]
	}
	return meaning{}
}

// isField reports whether an object under a key is the value of a field, such as the
// account that a contact belongs to, and no key in it is mapped.
func (k keyMeanings) isField(key string, object any) bool {
	for mapped := range k.mapped {
		if strings.HasPrefix(mapped, exactKey(key)+".") {
			return false
		}
	}
	f := k.meaning(key, object).field
	return f != fieldNone && f != fieldIgnored && !isContainerKey(source.NameKey(key))
}

// isReference reports whether a value is what another record is called: an object, or
// a pair of its number and name.
func isReference(value any) bool {
	_, isObject := value.(map[string]any)
	_, isPair := pairName(value)
	return isObject || isPair
}

// pairName returns the name in a pair such as [2, "Alice Adams"].
func pairName(value any) (string, bool) {
	list, _ := value.([]any)
	if len(list) != 2 {
		return "", false
	}
	_, isNumber := list[0].(json.Number)
	name, isText := list[1].(string)
	return name, isNumber && isText
}

// containerKeys are keys of objects that only wrap the fields.
var containerKeys = []string{"properties", "fields", "attributes", "customer", "contact", "person", "data", "name", "names", "objects", "node", "mergefields", "profile"}

func isContainerKey(key string) bool { return slices.Contains(containerKeys, key) }

// nested returns the object under a key, of several names the first.
func nested(key string, value any) (object map[string]any, ok bool) {
	if list, isList := value.([]any); isList && len(list) > 0 && source.NameKey(key) == "names" {
		value = list[0]
	}
	object, ok = value.(map[string]any)
	return object, ok
}

// isMetadata reports whether a value describes the record and not the customer: its
// type and address in the API.
func isMetadata(key string, value any) bool {
	object, _ := value.(map[string]any)
	switch source.NameKey(key) {
	case "metadata":
		return object != nil
	case "attributes":
		return len(object) == 2 && object["type"] != nil && object["url"] != nil
	case "url":
		return strings.Contains(scalar(value), "/api/")
	}
	return false
}

// textKeys are the keys of what an object under a key of a field is called.
func textKeys(f field) []string {
	switch {
	case f == fieldOwner:
		return []string{"email", "emailaddress", "identity", "username", "name", "displayname", "fullname", "value"}
	case f.many():
		return []string{"canonicalform", "value", "number", "address", "email", "phone", "url", "href", "text", "phonenumber", "freeformnumber", "uri"}
	case f == fieldAvatar:
		return []string{"url", "imageurl", "href", "value"}
	}
	return []string{"name", "displayname", "fullname", "value", "content", "text"}
}

// objectText returns what an object under a key of a field is called. The parts of a number
// are joined.
func objectText(f field, object map[string]any) string {
	found := textNamed(object, textKeys(f)...)
	if area := textNamed(object, "phoneareacode"); f == fieldPhone && found != "" {
		found = area + found
		if country := textNamed(object, "phonecountrycode"); country != "" {
			found = "+" + strings.TrimPrefix(country, "+") + found
		}
	}
	return found
}

// isReadable reports whether a value is a text, or an object or list of which objectText
// knows a key.
func isReadable(f field, value any) bool {
	switch v := value.(type) {
	case []any:
		return len(v) == 0 || isReadable(f, v[0])
	case map[string]any:
		keys := textKeys(f)
		for key := range v {
			if slices.Contains(keys, source.NameKey(key)) {
				return true
			}
		}
		return len(v) == 0
	}
	return true
}

// textNamed returns the first text that is not blank under one of the keys, in any
// spelling.
func textNamed(object map[string]any, names ...string) string {
	best, at := "", len(names)
	for key, value := range object {
		i := slices.Index(names, source.NameKey(key))
		if text := scalar(value); i >= 0 && i < at && text != "" {
			best, at = text, i
		}
	}
	return best
}

// unwrapped returns a value without what APIs put around it: {"type":"email","email":…} and
// lists of texts as Notion writes them, {"type":"list","data":[…]} as Intercom does.
func unwrapped(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kind, _ := v["type"].(string)
		if inner, ok := v[kind]; ok {
			return unwrapped(inner)
		} else if list, ok := v["data"].([]any); ok && kind == "list" {
			return unwrapped(list)
		}
		for key, inner := range v {
			v[key] = unwrapped(inner)
		}
	case []any:
		var text strings.Builder
		for i, inner := range v {
			part, _ := inner.(map[string]any)
			text.WriteString(scalar(part["plain_text"]))
			v[i] = unwrapped(inner)
		}
		if text.Len() > 0 {
			return text.String()
		}
	}
	return value
}
