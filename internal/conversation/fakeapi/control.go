package fakeapi

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	domain "github.com/clientele-project/clientele/internal/conversation"
)

// prefixed returns an address as the API writes it.
func prefixed(channel, address string) string {
	if channel == domain.WhatsApp {
		return "whatsapp:" + address
	}
	return address
}

// Receive adds a message from a customer; addresses are without "whatsapp:". One that belongs
// to no open conversation begins one, where the proxy address is configured to. Receive
// returns the conversation's SID, "" when there is none.
func (a *API) Receive(address, proxyAddress, channel, body string, files ...Media) string {
	address, proxyAddress = prefixed(channel, address), prefixed(channel, proxyAddress)
	source := strings.ToUpper(channel)
	a.mu.Lock()
	c := a.byBinding(address, proxyAddress)
	begins := c == nil && slices.ContainsFunc(a.addresses, func(x *addressConfig) bool { return x.enabled && x.address == proxyAddress })
	a.mu.Unlock()
	var changes answer
	if begins {
		// Without the lock: the webhook may use the API.
		changes, begins = a.ask(context.Background(), a.newEvent("onConversationAdd", source,
			"MessagingBinding.Address", address, "MessagingBinding.ProxyAddress", proxyAddress, "MessagingBinding.AuthorAddress", address,
			"MessageBody", body, "Attributes", "{}", "State", "initializing"))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case begins:
		c = a.newConversation(changes.Name, changes.Attributes)
		p := a.newParticipant("", address, proxyAddress, "")
		c.participants = append(c.participants, p)
		a.notifyConversation(c, "onConversationAdded", source)
		a.notifyParticipant(c, p, "onParticipantAdded", source)
	case c == nil:
		return ""
	}
	a.notifyMessage(c, a.addMessage(c, &message{author: address, body: body, media: a.addMedia(files), source: source}))
	return c.sid
}

// Deliver reports that a message is sent, delivered, read, undelivered or failed, with the
// published code of the reason, 0 for none.
func (a *API) Deliver(messageSID, status string, code int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.conversations {
		if m := find(c.messages, func(m *message) bool { return m.sid == messageSID }); m != nil {
			a.deliver(c, m, status, code)
		}
	}
}

func (a *API) deliver(c *conversation, m *message, status string, code int) {
	for _, d := range m.receipts {
		d.status, d.code, d.updated = status, code, a.now()
		pairs := []string{
			"MessageSid", m.sid, "DeliveryReceiptSid", d.sid, "ChannelMessageSid", "SM" + d.sid[2:], "ParticipantSid", d.participant,
			"Status", status, "DateCreated", webhookDate(m.created), "DateUpdated", webhookDate(d.updated),
		}
		if code != 0 {
			pairs = append(pairs, "ErrorCode", strconv.Itoa(code))
		}
		a.notify(c, "onDeliveryUpdated", "API", pairs...)
	}
}

// deliverLater makes a message sent, delivered and read by itself, and the customer answer,
// if the options say so.
func (a *API) deliverLater(c *conversation, m *message) {
	if a.options.StepEvery == 0 || len(m.receipts) == 0 {
		return
	}
	for i, status := range []string{"sent", "delivered", "read"} {
		time.AfterFunc(time.Duration(i+1)*a.options.StepEvery, func() { a.Deliver(m.sid, status, 0) })
	}
	if a.options.Answer == nil || c.answered {
		return
	}
	c.answered = true
	time.AfterFunc(5*a.options.StepEvery, func() { a.answer(c, a.options.Answer(m.body)) })
}

// answer adds a message from the customer of a conversation.
func (a *API) answer(c *conversation, body string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := find(c.participants, func(p *participant) bool { return p.address != "" }); p != nil && body != "" && !c.closed() {
		a.notifyMessage(c, a.addMessage(c, &message{author: p.address, body: body, source: strings.ToUpper(channelOf(p.address))}))
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
	c := a.newConversation(s.Name, "")
	c.initializingUntil = time.Time{}
	address := prefixed(s.Channel, s.Address)
	c.participants = append(c.participants, a.newParticipant("", address, prefixed(s.Channel, s.ProxyAddress), s.Attributes))
	read := len(s.Messages) - 1 - s.Unread
	for _, w := range s.Workers {
		p := a.newParticipant(w, "", "", "")
		if read >= 0 {
			p.lastRead = &read
		}
		c.participants = append(c.participants, p)
	}
	for i, sm := range s.Messages {
		m := a.addMessage(c, &message{author: cmp.Or(sm.Author, address), body: sm.Body, media: a.addMedia(sm.Files)})
		m.created, c.updated = sm.At, sm.At
		for _, d := range m.receipts {
			d.status, d.code, d.updated = sm.Status, sm.Code, sm.At
		}
		if i == 0 {
			c.created = sm.At
		}
	}
	if s.Closed {
		c.state = "closed"
	}
	return c.sid
}

// SetAttributes sets the attributes of a participant to any text, or to null.
func (a *API) SetAttributes(participantSID string, attributes *string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.conversations {
		if p := find(c.participants, func(p *participant) bool { return p.sid == participantSID }); p != nil {
			p.attributes = attributes
		}
	}
}
