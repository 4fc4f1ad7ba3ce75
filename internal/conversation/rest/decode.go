package rest

import (
	"encoding/json"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
)

// An object is a JSON object of a response. What it lacks, or has of another type than
// published, is the zero value.
type object map[string]any

// decode returns the object of a response.
func decode(body io.Reader) (object, error) {
	decoder := json.NewDecoder(body)
	decoder.UseNumber()
	var o object
	err := decoder.Decode(&o)
	return o, err
}

// text returns a string. Other values are as JSON writes them, and null is "".
func (o object) text(name string) string {
	switch v := o[name].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		b, _ := json.Marshal(v) // it was decoded from JSON
		return string(b)
	}
}

// number returns an integer, or fallback.
func (o object) number(name string, fallback int) int {
	n, err := strconv.Atoi(o.text(name))
	if err != nil {
		return fallback
	}
	return n
}

func (o object) time(name string) time.Time {
	t, _ := time.Parse(time.RFC3339, o.text(name))
	return t
}

func (o object) object(name string) object {
	v, _ := o[name].(map[string]any)
	return v
}

// objects returns the objects in an array.
func (o object) objects(name string) []object {
	values, _ := o[name].([]any)
	var all []object
	for _, v := range values {
		if row, ok := v.(map[string]any); ok {
			all = append(all, row)
		}
	}
	return all
}

// nextPage returns the token of the page after a list, "" at the end: the parameters that
// tell it from the others. The rest of the URL is not used, so that no page leads to another
// host.
func (o object) nextPage() string {
	_, query, _ := strings.Cut(o.object("meta").text("next_page_url"), "?")
	return pageOf(query).Encode()
}

// pageOf returns the parameters of a page among others.
func pageOf(query string) url.Values {
	all, _ := url.ParseQuery(query) // what is none is the first page
	return form("Page", all.Get("Page"), "PageToken", all.Get("PageToken"))
}

// conversation returns a conversation. The names begin with prefix in lists by participant.
func (o object) conversation(prefix string) conversation.Conversation {
	return conversation.Conversation{
		SID: o.text(prefix + "sid"), Name: o.text(prefix + "friendly_name"),
		Closed: o.text(prefix+"state") == "closed", Created: o.time(prefix + "date_created"),
	}
}

// conversations returns a page of conversations.
func (o object) conversations(prefix string) conversation.ConversationPage {
	page := conversation.ConversationPage{Next: o.nextPage()}
	for _, row := range o.objects("conversations") {
		page.Conversations = append(page.Conversations, row.conversation(prefix))
	}
	return page
}

func (o object) participant() conversation.Participant {
	binding := o.object("messaging_binding")
	address, isWhatsApp := strings.CutPrefix(binding.text("address"), text.WhatsAppPrefix)
	channel := binding.text("type")
	if isWhatsApp {
		channel = conversation.WhatsApp
	}
	return conversation.Participant{
		SID: o.text("sid"), Identity: o.text("identity"), Attributes: o.text("attributes"), LastRead: o.number("last_read_message_index", -1),
		Channel: channel, Address: address, ProxyAddress: strings.TrimPrefix(binding.text("proxy_address"), text.WhatsAppPrefix),
	}
}

func (o object) message() conversation.Message {
	m := conversation.Message{
		SID: o.text("sid"), Index: o.number("index", 0), Author: strings.TrimPrefix(o.text("author"), text.WhatsAppPrefix),
		ParticipantSID: o.text("participant_sid"), Body: o.text("body"), Attributes: o.text("attributes"),
		Created: o.time("date_created"), Delivery: o.object("delivery").delivery(),
	}
	for _, file := range o.objects("media") {
		m.Media = append(m.Media, file.media())
	}
	return m
}

func (o object) media() conversation.Media {
	return conversation.Media{
		SID: o.text("sid"), Filename: o.text("filename"), ContentType: o.text("content_type"), Bytes: int64(o.number("size", 0)),
	}
}

// delivery returns how far a message came. The API says of each status how many of the
// recipients have it: none, some or all. The last one that applies decides.
func (o object) delivery() conversation.Delivery {
	for _, d := range []conversation.Delivery{conversation.Failed, conversation.Undelivered, conversation.Read, conversation.Delivered, conversation.Sent} {
		if recipients := o.text(string(d)); recipients == "some" || recipients == "all" {
			return d
		}
	}
	if o.number("total", 0) > 0 {
		return conversation.Sending
	}
	return conversation.DeliveryUnknown
}
