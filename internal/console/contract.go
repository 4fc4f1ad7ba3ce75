package console

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
)

// A note is something about an answer that works, and yet is not as the protocol
// has it: the key of a message, with what fills it in.
type note struct {
	key   string
	pairs []any
}

// notes collects notes; a count of none is no note.
type notes []note

func (n *notes) add(key string, pairs ...any) { *n = append(*n, note{key, pairs}) }

func (n *notes) count(key string, count int) {
	if count > 0 {
		n.add(key, "n", count)
	}
}

// slow is from when on a worker notices the wait.
const slow = 2 * time.Second

// nearlyFull is from when on an answer may soon be over the limit.
const nearlyFull = frontline.MaxBodyBytes * 3 / 4

// protocolNotes holds an exchange that went well to the protocol. It goes by one answer
// alone, and reads the bytes themselves: a client forgives too much to tell.
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
	if bytes.HasPrefix(t.responseBody, []byte("\uFEFF")) {
		n.add("console.note.bom")
	}
	if t.took >= slow {
		n.add("console.note.slow")
	}
	if len(t.responseBody) >= nearlyFull {
		n.add("console.note.large")
	}
	objects := members(members(bytes.TrimPrefix(t.responseBody, []byte("\uFEFF")))["objects"])
	switch {
	case t.which == crm && t.question == questionDetails:
		n.details(members(objects["customer"]), t.Customer)
	case t.which == crm:
		n.list(objects)
		t.second.note(&n)
	case t.which == templates && len(t.categories) == 0:
		n.add("console.note.templates.none")
	case t.which == outgoing:
		if whatsApp := strings.HasPrefix(t.address, "whatsapp:"); whatsApp != (t.Channel == frontline.ChannelWhatsApp) {
			n.add("console.note.proxy")
		}
	}
	return n
}

// members reads a JSON object; anything else has none.
func members(raw []byte) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		return nil
	}
	return m
}

// elements reads a JSON array; anything else has none.
func elements(raw []byte) []json.RawMessage {
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	return all
}

// list notes what is odd about a page of customers.
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
			noName++ // what has neither is no customer
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
		if avatar, _ := textOf(m["avatar"]); avatar != "" && !isWeb(avatar) {
			pictures++
		}
	}
	n.count("console.note.noid", noID)
	n.count("console.note.noname", noName)
	n.count("console.note.twice", twice)
	n.count("console.note.numbers", numbers)
	n.count("console.note.pictures", pictures)
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

// channelTypes are those that the protocol has.
var channelTypes = []string{frontline.ChannelSMS, frontline.ChannelWhatsApp, frontline.ChannelChat, frontline.ChannelEmail}

// details notes what is odd about one customer.
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
		if value == "" || !slices.Contains(channelTypes, kind) {
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
	if avatar, _ := textOf(customer["avatar"]); avatar != "" && !isWeb(avatar) {
		n.count("console.note.pictures", 1)
	}
}

// textOf reads a string, or a number as it is written; isText tells which.
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

// isWeb tells whether a picture can be fetched from an address.
func isWeb(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}
