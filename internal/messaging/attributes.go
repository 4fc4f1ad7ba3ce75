package messaging

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/clientele-project/clientele/internal/conversation"
)

// attributes are the attributes of a participant: a JSON object.
type attributes map[string]json.RawMessage

// parseAttributes parses the attributes of a participant, and reports whether they are an
// object, or nothing.
func parseAttributes(s string) (attributes, bool) {
	a := attributes{}
	if s = strings.TrimSpace(s); s == "" || s == "null" {
		return a, true
	}
	if err := json.Unmarshal([]byte(s), &a); err != nil || a == nil {
		return attributes{}, false
	}
	return a, true
}

// text returns an attribute that is a string or a number, "" for any other.
func (a attributes) text(name string) string {
	raw := bytes.TrimSpace(a[name])
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if n := json.Number(""); json.Unmarshal(raw, &n) == nil {
		return n.String()
	}
	return ""
}

// set sets an attribute to a text, unless that is "".
func (a attributes) set(name, value string) {
	if value != "" {
		a[name] = encode(value)
	}
}

func (a attributes) String() string { return string(encode(a)) }

// encode returns v, which can be encoded, as JSON.
func encode(v any) json.RawMessage {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return encoded
}

// The attributes by which an app goes from a conversation to Customer Details.
const (
	attrCustomerID = "customer_id"
	attrName       = "display_name"
	attrAvatar     = "avatar"
)

// withCustomer returns attributes with those of a customer. Existing values stay, unless
// replace is set. When they become too long, the customer's avatar and then the name is
// left out. changed reports whether the result differs from old; it is false too when old
// is no object, which cannot be extended, or leaves no room for the id.
func withCustomer(old string, c Customer, replace bool) (merged string, changed bool) {
	values := []struct{ name, value string }{{attrCustomerID, c.ID}, {attrName, c.Name}, {attrAvatar, c.Avatar}}
	for ; len(values) > 0; values = values[:len(values)-1] {
		a, ok := parseAttributes(old)
		if !ok && !replace {
			break
		}
		changed = false
		for _, v := range values {
			if had := a.text(v.name); v.value != "" && had != v.value && (had == "" || replace) {
				a.set(v.name, v.value)
				changed = true
			}
		}
		if merged = a.String(); len(merged) <= conversation.MaxAttributes {
			return merged, changed
		}
	}
	return old, false
}
