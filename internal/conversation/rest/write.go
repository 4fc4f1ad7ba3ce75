package rest

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	"github.com/clientele-project/clientele/internal/conversation"
)

// Whether a write makes the service call the webhooks.
const (
	withWebhook = true
	noWebhook   = false
)

// Start implements conversation.Backend.
func (c *Client) Start(ctx context.Context, n conversation.NewConversation) (conversation.Conversation, error) {
	type bindingJSON struct {
		Address string `json:"address"`
		Proxy   string `json:"proxy_address"`
	}
	type participantJSON struct {
		Identity   string       `json:"identity,omitempty"`
		Binding    *bindingJSON `json:"messaging_binding,omitempty"`
		Attributes string       `json:"attributes,omitempty"`
	}
	form := url.Values{}
	setNonEmpty(form, "FriendlyName", n.Name)
	for _, p := range []participantJSON{
		{Identity: n.Worker},
		{Binding: &bindingJSON{wireAddress(n.Channel, n.Address), wireAddress(n.Channel, n.ProxyAddress)}, Attributes: n.Attributes},
	} {
		b, err := json.Marshal(p)
		if err != nil {
			return conversation.Conversation{}, err
		}
		form.Add("Participant", string(b))
	}
	var body conversationBody
	err := c.write(ctx, c.scoped("ConversationWithParticipants"), form, withWebhook, &body)
	return body.conversation(), err
}

// Send implements conversation.Backend.
func (c *Client) Send(ctx context.Context, sid string, m conversation.NewMessage) (conversation.Message, error) {
	form := url.Values{}
	setNonEmpty(form, "Author", m.Author)
	setNonEmpty(form, "Body", m.Body)
	setNonEmpty(form, "ContentSid", m.ContentSID)
	setNonEmpty(form, "ContentVariables", m.ContentVariables)
	setNonEmpty(form, "Attributes", m.Attributes)
	var body message
	err := c.write(ctx, c.scoped("Conversations", sid, "Messages"), form, withWebhook, &body)
	return body.message(), err
}

// AddWorker implements conversation.Backend.
func (c *Client) AddWorker(ctx context.Context, sid, identity string) (conversation.Participant, error) {
	var body participant
	err := c.write(ctx, c.scoped("Conversations", sid, "Participants"), url.Values{"Identity": {identity}}, withWebhook, &body)
	return body.participant(), c.orInitializing(ctx, sid, err)
}

// RemoveParticipant implements conversation.Backend.
func (c *Client) RemoveParticipant(ctx context.Context, sid, participantSID string) error {
	return c.write(ctx, c.scoped("Conversations", sid, "Participants", participantSID), nil, withWebhook, nil)
}

// SetAttributes implements conversation.Backend.
func (c *Client) SetAttributes(ctx context.Context, sid, participantSID, attributes string) error {
	return c.updateParticipant(ctx, sid, participantSID, url.Values{"Attributes": {attributes}})
}

// SetRead implements conversation.Backend.
func (c *Client) SetRead(ctx context.Context, sid, participantSID string, index int) error {
	return c.updateParticipant(ctx, sid, participantSID, url.Values{"LastReadMessageIndex": {strconv.Itoa(index)}})
}

func (c *Client) updateParticipant(ctx context.Context, sid, participantSID string, form url.Values) error {
	err := c.write(ctx, c.scoped("Conversations", sid, "Participants", participantSID), form, noWebhook, nil)
	return c.orInitializing(ctx, sid, err)
}

// Close implements conversation.Backend.
func (c *Client) Close(ctx context.Context, sid string) error {
	return c.write(ctx, c.scoped("Conversations", sid), url.Values{"State": {"closed"}}, withWebhook, nil)
}

func setNonEmpty(form url.Values, name, value string) {
	if value != "" {
		form.Set(name, value)
	}
}
