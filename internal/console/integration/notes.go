package integration

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/text"
)

// note is a departure from the protocol in a valid response: a message key, with the
// values that fill it in.
type note struct {
	key   string
	pairs []any
}

// notes collects notes.
type notes []note

func (n *notes) add(key string, pairs ...any) { *n = append(*n, note{key, pairs}) }

// count adds a note about n items, if there are any.
func (n *notes) count(key string, count int) {
	if count > 0 {
		n.add(key, "n", count)
	}
}

// slow is the response time that workers notice.
const slow = 2 * time.Second

// nearlyFull is the body size that may soon exceed the limit.
const nearlyFull = frontline.MaxBodyBytes * 3 / 4

// protocolNotes checks a valid response against the protocol. It reads the bytes
// themselves, because the client accepts more than the protocol allows.
func (t *serviceTest) protocolNotes() notes {
	var n notes
	if t.builtIn || !t.responded {
		return n
	}
	if t.requestHeader.Get(frontline.SignatureHeader) == "" {
		n.add("console.note.unsigned")
	}
	if kind, _, _ := strings.Cut(t.responseHeader.Get("Content-Type"), ";"); !strings.EqualFold(strings.TrimSpace(kind), "application/json") {
		n.add("console.note.type")
	}
	content, hasMark := bytes.CutPrefix(t.responseBody, []byte("\uFEFF"))
	if hasMark {
		n.add("console.note.bom")
	}
	if t.took >= slow {
		n.add("console.note.slow")
	}
	if len(t.responseBody) >= nearlyFull {
		n.add("console.note.large")
	}
	if !json.Valid(content) { // and was read all the same
		n.add("console.note.comma")
		return n
	}
	objects := members(members(content)["objects"])
	switch {
	case t.callback == crm && t.Request == requestDetails:
		n.details(members(objects["customer"]), t.Customer)
	case t.callback == crm:
		n.list(objects)
		t.second.note(&n)
	case t.callback == templates && len(t.categories) == 0:
		n.add("console.note.templates.none")
	case t.callback == outgoing:
		// The client has made the address fit the channel.
		sent, _ := textOf(members(content)["proxy_address"])
		if whatsApp := strings.HasPrefix(sent, text.WhatsAppPrefix); whatsApp != (t.Channel == frontline.ChannelWhatsApp) {
			n.add("console.note.proxy")
		}
	}
	return n
}

// members decodes a JSON object; it returns nil for anything else.
func members(raw []byte) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// elements decodes a JSON array; it returns nil for anything else.
func elements(raw []byte) []json.RawMessage {
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	return all
}

// list checks a page of customers.
func (n *notes) list(objects map[string]json.RawMessage) {
	rows := elements(objects["customers"])
	if isNull(objects["customers"]) {
		n.add("console.note.null")
	}
	var noID, noName, numbers, twice, pictures int
	seen := make(map[string]bool)
	for _, row := range rows {
		m := members(row)
		id, isText := textOf(m["customer_id"])
		if name, _ := textOf(m["display_name"]); name == "" && id != "" {
			noName++ // without an id it counts below
		}
		switch {
		case id == "":
			noID++
		case seen[id]:
			twice++
		case !isText:
			numbers++
		}
		seen[id] = true
		if avatar, _ := textOf(m["avatar"]); avatar != "" && !text.IsWebURL(avatar) {
			pictures++
		}
	}
	n.count("console.note.noid", noID)
	n.count("console.note.noname", noName)
	n.count("console.note.duplicates", twice)
	n.count("console.note.numbers", numbers)
	n.count("console.note.avatars", pictures)
	if len(rows) > frontline.DefaultPageSize {
		n.add("console.note.more", "n", len(rows), "size", frontline.DefaultPageSize)
	}
	switch raw := objects["searchable"]; {
	case raw == nil:
		n.add("console.note.searchable")
	case !isBoolean(raw):
		n.add("console.note.searchable.type")
	}
	token := objects["next_page_token"]
	if id, isText := textOf(token); token != nil && !isText || isText && id == "" {
		n.add("console.note.token")
	}
}

// channelTypes are the channel types of the protocol.
var channelTypes = []string{frontline.ChannelSMS, frontline.ChannelWhatsApp, frontline.ChannelChat, frontline.ChannelEmail}

// details checks one customer.
func (n *notes) details(customer map[string]json.RawMessage, asked string) {
	switch id, isText := textOf(customer["customer_id"]); {
	case id == "":
		n.add("console.note.details.noid")
	case id != asked:
		n.add("console.note.details.another")
	case !isText:
		n.count("console.note.numbers", 1)
	}
	if name, _ := textOf(customer["display_name"]); name == "" {
		n.add("console.note.details.noname")
	}
	var channels, links int
	for _, raw := range elements(customer["channels"]) {
		kind, _ := textOf(members(raw)["type"])
		value, _ := textOf(members(raw)["value"])
		if !strings.ContainsAny(value, "@0123456789") || !slices.Contains(channelTypes, kind) {
			channels++
		}
	}
	for _, raw := range elements(customer["links"]) {
		value, _ := textOf(members(raw)["value"])
		if u, err := url.Parse(value); err != nil || u.Scheme != "https" && u.Scheme != "mailto" {
			links++
		}
	}
	n.count("console.note.channels", channels)
	n.count("console.note.links", links)
	if avatar, _ := textOf(customer["avatar"]); avatar != "" && !text.IsWebURL(avatar) {
		n.count("console.note.avatars", 1)
	}
}

// textOf decodes a string, or a number as it is written; isText reports which.
func textOf(raw json.RawMessage) (s string, isText bool) {
	if json.Unmarshal(raw, &s) == nil && !isNull(raw) {
		return s, true
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String(), false
	}
	return "", false
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }

func isBoolean(raw json.RawMessage) bool { return string(raw) == "true" || string(raw) == "false" }
