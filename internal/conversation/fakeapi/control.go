package fakeapi

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/clientele-project/clientele/frontline"
	domain "github.com/clientele-project/clientele/internal/conversation"
)

// Receive adds a message from a customer; addresses are without "whatsapp:". One that belongs
// to no open conversation begins one, where the proxy address is configured to. Receive
// returns the conversation's SID, "" when there is none.
func (a *API) Receive(address, proxyAddress, channel, body string, files ...Media) string {
	return a.receive(newBinding(channel, address, proxyAddress), body, files...)
}

func newBinding(channel, address, proxyAddress string) object {
	return object{"type": channel, "address": domain.WireAddress(channel, address), "proxy_address": domain.WireAddress(channel, proxyAddress)}
}

func (a *API) receive(binding object, body string, files ...Media) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	address, proxy := binding["address"].(string), binding["proxy_address"].(string)
	source := strings.ToUpper(channelOf(address))
	c := a.withBinding(binding)
	if c == nil {
		fields := object{"friendly_name": nil, "attributes": "{}"}
		if !slices.ContainsFunc(a.addresses, func(o object) bool { return o["address"] == proxy && get(o, "AutoCreation.Enabled") == true }) {
			return ""
		}
		a.ask(source, fields, "MessagingBinding.Address", address, "MessagingBinding.ProxyAddress", proxy,
			"MessagingBinding.AuthorAddress", address, "MessageBody", body)
		c = a.addConversation(source, fields)
		a.addParticipant(c, source, object{"messaging_binding": binding})
	}
	a.addMessage(c, source, object{"author": address, "body": orNull(body), "media": a.addMedia(files)})
	return c.fields["sid"].(string)
}

// Deliver reports that a message is sent, delivered, read, undelivered or failed, with the
// published code of the reason, 0 for none.
func (a *API) Deliver(messageSID, status string, code int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.conversations {
		if m := find(c.messages, messageSID); m != nil {
			a.notify(frontline.EventDeliveryUpdated, "API", a.deliver(c, m, status, code))
		}
	}
}

// deliverLater makes a message sent, delivered and read by itself, and the customer answer,
// if the options say so.
func (a *API) deliverLater(c *conversation, m object) {
	if a.options.StepEvery == 0 || m["delivery"] == nil {
		return
	}
	sid := m["sid"].(string)
	for i, status := range []string{"sent", "delivered", "read"} {
		time.AfterFunc(time.Duration(i+1)*a.options.StepEvery, func() { a.Deliver(sid, status, 0) })
	}
	if a.options.Answer != "" && !c.answered {
		c.answered = true
		binding := c.customer["messaging_binding"].(object)
		time.AfterFunc(5*a.options.StepEvery, func() { a.receive(binding, a.options.Answer) })
	}
}

// SeedConversation is a conversation from before the API began.
type SeedConversation struct {
	Workers                        []string
	Channel, Address, ProxyAddress string // without "whatsapp:"
	// Name is the friendly name, and Attributes are those of the customer's participant.
	Name, Attributes string
	Messages         []SeedMessage // the oldest first
	// Unread is how many of the last messages the workers have not read.
	Unread int
	Closed bool
}

// SeedMessage is a message of a SeedConversation.
type SeedMessage struct {
	Author string // of a worker, "" for the customer
	Body   string
	Files  []Media
	At     time.Time
	// Status is how far a worker's message came, such as read, and Code why no further.
	Status string
	Code   int
}

// Seed adds a conversation without events, and returns its SID.
func (a *API) Seed(s SeedConversation) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := a.addConversation("", object{"friendly_name": orNull(s.Name), "attributes": "{}"})
	customer := newBinding(s.Channel, s.Address, s.ProxyAddress)
	a.addParticipant(c, "", object{"messaging_binding": customer, "attributes": cmp.Or(s.Attributes, "{}")})
	for _, w := range s.Workers {
		p := a.addParticipant(c, "", object{"identity": w})
		if read := len(s.Messages) - 1 - s.Unread; read >= 0 {
			p["last_read_message_index"] = read
		}
	}
	for _, sm := range s.Messages {
		author := cmp.Or(sm.Author, customer["address"].(string))
		m := a.addMessage(c, "", object{"author": author, "body": orNull(sm.Body), "media": a.addMedia(sm.Files), "date_created": date{sm.At}})
		if sm.Status != "" {
			a.deliver(c, m, sm.Status, sm.Code)
		}
	}
	if s.Closed {
		c.fields["state"] = "closed"
	}
	return c.fields["sid"].(string)
}
