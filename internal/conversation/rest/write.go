package rest

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/clientele-project/clientele/internal/conversation"
)

// Whether a write makes the service call the webhooks.
const (
	withWebhook = true
	noWebhook   = false
)

// Start implements conversation.Backend.
func (c *Client) Start(ctx context.Context, n conversation.NewConversation) (conversation.Conversation, error) {
	customer := map[string]any{"messaging_binding": map[string]string{
		"address": conversation.WireAddress(n.Channel, n.Address), "proxy_address": conversation.WireAddress(n.Channel, n.ProxyAddress),
	}}
	if n.Attributes != "" {
		customer["attributes"] = n.Attributes
	}
	f := form("FriendlyName", n.Name)
	for _, p := range []map[string]any{{"identity": n.Worker}, customer} {
		b, _ := json.Marshal(p) // maps of strings
		f.Add("Participant", string(b))
	}
	o, err := c.write(ctx, c.scoped("ConversationWithParticipants"), f, withWebhook)
	return o.conversation(""), err
}

// Send implements conversation.Backend.
func (c *Client) Send(ctx context.Context, sid string, m conversation.NewMessage) (conversation.Message, error) {
	o, err := c.write(ctx, c.scoped("Conversations", sid, "Messages"), form("Author", m.Author, "Body", m.Body,
		"ContentSid", m.ContentSID, "ContentVariables", m.ContentVariables, "Attributes", m.Attributes), withWebhook)
	return o.message(), err
}

// AddWorker implements conversation.Backend.
func (c *Client) AddWorker(ctx context.Context, sid, identity string) (conversation.Participant, error) {
	o, err := c.write(ctx, c.scoped("Conversations", sid, "Participants"), url.Values{"Identity": {identity}}, withWebhook)
	return o.participant(), c.orInitializing(ctx, sid, err)
}

// RemoveParticipant implements conversation.Backend.
func (c *Client) RemoveParticipant(ctx context.Context, sid, participantSID string) error {
	_, err := c.write(ctx, c.scoped("Conversations", sid, "Participants", participantSID), nil, withWebhook)
	return err
}

// SetAttributes implements conversation.Backend.
func (c *Client) SetAttributes(ctx context.Context, sid, participantSID, attributes string) error {
	return c.updateParticipant(ctx, sid, participantSID, url.Values{"Attributes": {attributes}})
}

func (c *Client) updateParticipant(ctx context.Context, sid, participantSID string, form url.Values) error {
	_, err := c.write(ctx, c.scoped("Conversations", sid, "Participants", participantSID), form, noWebhook)
	return c.orInitializing(ctx, sid, err)
}

// Close implements conversation.Backend.
func (c *Client) Close(ctx context.Context, sid string) error {
	_, err := c.write(ctx, c.scoped("Conversations", sid), url.Values{"State": {"closed"}}, withWebhook)
	return err
}

// form returns a form with names and values, without those that are "".
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			f.Set(pairs[i], pairs[i+1])
		}
	}
	return f
}
