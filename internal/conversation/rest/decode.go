package rest

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/conversation"
)

// text is a string. It is "" when null, and any other value as JSON writes it.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil {
		s = string(b)
	}
	*t = text(s)
	return nil
}

// number is an integer, also when it comes as a string, else 0.
type number int64

func (n *number) UnmarshalJSON(b []byte) error {
	i, _ := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	*n = number(i)
	return nil
}

// lenient is a T, or the zero value when it is not valid.
type lenient[T any] struct{ v T }

func (l *lenient[T]) UnmarshalJSON(b []byte) error {
	var v T
	if json.Unmarshal(b, &v) == nil {
		l.v = v
	}
	return nil
}

// A list is a page of any of the lists.
type list struct {
	Messages      []message                 `json:"messages"`
	Participants  []participant             `json:"participants"`
	Conversations []participantConversation `json:"conversations"`
	Receipts      []receipt                 `json:"delivery_receipts"`
	Addresses     []address                 `json:"address_configurations"`
	Meta          struct {
		Next text `json:"next_page_url"`
	} `json:"meta"`
}

// next returns the token of the next page, "" at the end: the parameters that tell it from
// the others. The rest of the URL is not used, so that no page leads to another host.
func (l *list) next() string {
	u, err := url.Parse(string(l.Meta.Next))
	if err != nil {
		return ""
	}
	return pageOf(u.Query()).Encode()
}

// pageOf returns the parameters of a page.
func pageOf(query url.Values) url.Values {
	page := url.Values{}
	for _, name := range []string{"Page", "PageToken"} {
		if v := query.Get(name); v != "" {
			page.Set(name, v)
		}
	}
	return page
}

type conversationBody struct {
	SID        text               `json:"sid"`
	Name       text               `json:"friendly_name"`
	Attributes text               `json:"attributes"`
	State      text               `json:"state"`
	Created    lenient[time.Time] `json:"date_created"`
}

func (c conversationBody) conversation() conversation.Conversation {
	return conversation.Conversation{
		SID: string(c.SID), Name: string(c.Name), Attributes: string(c.Attributes), Closed: c.State == "closed", Created: c.Created.v,
	}
}

type participantConversation struct {
	SID        text               `json:"conversation_sid"`
	Name       text               `json:"conversation_friendly_name"`
	Attributes text               `json:"conversation_attributes"`
	State      text               `json:"conversation_state"`
	Created    lenient[time.Time] `json:"conversation_date_created"`
}

func (p participantConversation) conversation() conversation.Conversation {
	return conversationBody(p).conversation()
}

type binding struct {
	Type    text `json:"type"`
	Address text `json:"address"`
	Proxy   text `json:"proxy_address"`
}

type participant struct {
	SID        text             `json:"sid"`
	Identity   text             `json:"identity"`
	Attributes text             `json:"attributes"`
	Binding    lenient[binding] `json:"messaging_binding"`
	LastRead   *number          `json:"last_read_message_index"`
}

func (p participant) participant() conversation.Participant {
	b := p.Binding.v
	address, isWhatsApp := strings.CutPrefix(string(b.Address), whatsAppPrefix)
	channel := string(b.Type)
	if isWhatsApp {
		channel = conversation.WhatsApp
	}
	lastRead := -1
	if p.LastRead != nil {
		lastRead = int(*p.LastRead)
	}
	return conversation.Participant{
		SID: string(p.SID), Identity: string(p.Identity), Attributes: string(p.Attributes), LastRead: lastRead,
		Channel: channel, Address: address, ProxyAddress: strings.TrimPrefix(string(b.Proxy), whatsAppPrefix),
	}
}

const whatsAppPrefix = "whatsapp:"

// wireAddress returns an address as the API writes it.
func wireAddress(channel, address string) string {
	if channel == conversation.WhatsApp {
		return whatsAppPrefix + address
	}
	return address
}

// delivery says of each status how many of the recipients have it: none, some or all.
type delivery struct {
	Total       number `json:"total"`
	Sent        text   `json:"sent"`
	Delivered   text   `json:"delivered"`
	Read        text   `json:"read"`
	Failed      text   `json:"failed"`
	Undelivered text   `json:"undelivered"`
}

func (d delivery) delivery() conversation.Delivery {
	for _, step := range []struct {
		recipients text
		is         conversation.Delivery
	}{
		{d.Failed, conversation.Failed}, {d.Undelivered, conversation.Undelivered}, {d.Read, conversation.Read},
		{d.Delivered, conversation.Delivered}, {d.Sent, conversation.Sent},
	} {
		if step.recipients == "some" || step.recipients == "all" {
			return step.is
		}
	}
	if d.Total > 0 {
		return conversation.Sending
	}
	return conversation.DeliveryUnknown
}

type media struct {
	SID         text   `json:"sid"`
	Filename    text   `json:"filename"`
	ContentType text   `json:"content_type"`
	Size        number `json:"size"`
}

func (m media) media() conversation.Media {
	return conversation.Media{SID: string(m.SID), Filename: string(m.Filename), ContentType: string(m.ContentType), Bytes: int64(m.Size)}
}

type message struct {
	SID         text               `json:"sid"`
	Index       number             `json:"index"`
	Author      text               `json:"author"`
	Participant text               `json:"participant_sid"`
	Body        text               `json:"body"`
	Media       lenient[[]media]   `json:"media"`
	Attributes  text               `json:"attributes"`
	Created     lenient[time.Time] `json:"date_created"`
	Delivery    lenient[delivery]  `json:"delivery"`
	ContentSID  text               `json:"content_sid"`
}

func (m message) message() conversation.Message {
	out := conversation.Message{
		SID: string(m.SID), Index: int(m.Index), Author: strings.TrimPrefix(string(m.Author), whatsAppPrefix),
		ParticipantSID: string(m.Participant), Body: string(m.Body), Attributes: string(m.Attributes),
		Created: m.Created.v, Delivery: m.Delivery.v.delivery(), ContentSID: string(m.ContentSID),
	}
	for _, file := range m.Media.v {
		out.Media = append(out.Media, file.media())
	}
	return out
}

type receipt struct {
	Code number `json:"error_code"`
}
