package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/messaging"
)

// Where the built-in integration service serves the callbacks around conversations.
const (
	ConversationsPath = "/callbacks/conversations"
	RoutingPath       = "/callbacks/routing"
	OutgoingPath      = "/callbacks/outgoing-conversation"
	TemplatesPath     = "/callbacks/templates"
)

// builtInCallbacks implements the interfaces of the callbacks around conversations.
type builtInCallbacks struct{ *conversations }

// eventTimeout bounds the work for one event. What is not done then is done in the
// background.
const eventTimeout = 10 * time.Second

// ConversationEvent implements frontline.Conversations: it handles an event, and relays it
// to the company's own service.
func (b builtInCallbacks) ConversationEvent(ctx context.Context, e frontline.ConversationEvent) (frontline.ConversationChange, error) {
	// What was begun for an event is finished, even if its sender waits no longer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), eventTimeout)
	defer cancel()
	var theirs frontline.ConversationChange
	var both sync.WaitGroup
	both.Go(func() { theirs = b.relay(ctx, e) })
	ours, err := b.handleEvent(ctx, e)
	both.Wait()
	if e.Type != frontline.EventConversationAdd {
		return frontline.ConversationChange{}, unavailable(err)
	}
	b.warn(ctx, "finding the customer of a new conversation failed; it begins without a name", err)
	return frontline.ConversationChange{
		FriendlyName: cmp.Or(theirs.FriendlyName, ours.FriendlyName), Attributes: cmp.Or(theirs.Attributes, ours.Attributes),
	}, nil
}

// relay sends an event to the company's own service, if there is one, and returns its
// response, or the zero value after a failure.
func (c *conversations) relay(ctx context.Context, e frontline.ConversationEvent) frontline.ConversationChange {
	to := c.live.Load().relay
	if to == nil {
		return frontline.ConversationChange{}
	}
	ctx, cancel := context.WithTimeout(ctx, frontline.WebhookTimeout-500*time.Millisecond) // ours must be in time
	defer cancel()
	change, err := to.ConversationEvent(ctx, e)
	if err != nil {
		c.server.config.Logger.Warn("an event of a conversation was not relayed", "type", e.Type, "error", err)
	}
	return change
}

// changesMessage has the events about a conversation that exists, and whether they only
// change one of its messages.
var changesMessage = map[string]bool{
	frontline.EventConversationAdded:        false,
	frontline.EventConversationStateUpdated: false,
	frontline.EventConversationRemoved:      false,
	frontline.EventParticipantAdded:         false,
	frontline.EventParticipantRemoved:       false,
	frontline.EventMessageAdded:             false,
	frontline.EventMessageUpdated:           true,
	frontline.EventMessageRemoved:           true,
	frontline.EventDeliveryUpdated:          true,
}

// handleEvent handles an event itself.
func (c *conversations) handleEvent(ctx context.Context, e frontline.ConversationEvent) (change frontline.ConversationChange, err error) {
	if e.Type == frontline.EventConversationAdd {
		if len(e.Addresses) == 1 {
			change.FriendlyName, change.Attributes, err = c.BeforeAdd(ctx, e.Addresses[0], e.Attributes)
		}
		return change, err
	}
	message, known := changesMessage[e.Type]
	if !known || e.ConversationSID == "" || !c.On() {
		return change, nil
	}
	ev := messaging.Event{SID: e.ConversationSID, MessageChanged: message}
	if e.Type == frontline.EventMessageAdded {
		ev.Added = &conversation.Message{SID: e.MessageSID, Index: e.Index, Author: e.Author, ParticipantSID: e.ParticipantSID, Body: e.Body, Attributes: e.Attributes, Created: e.DateCreated}
		if e.HasMedia {
			ev.Added.Media = []conversation.Media{{}}
		}
	}
	return change, c.Event(ctx, ev)
}

// unavailable returns an error, unless it is nil, as one after which the caller may try again.
func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &frontline.UnavailableError{Err: err}
}

// Route implements frontline.Router.
func (b builtInCallbacks) Route(ctx context.Context, req frontline.RouteRequest) error {
	err := b.Service.Route(ctx, req.ConversationSID)
	if errors.Is(err, conversation.ErrNotFound) || errors.Is(err, conversation.ErrOff) {
		return frontline.ErrNotFound
	}
	return unavailable(err)
}

// ProxyAddress implements frontline.Outgoing with the addresses of the settings, for a
// worker's own customers.
func (b builtInCallbacks) ProxyAddress(ctx context.Context, req frontline.ProxyAddressRequest) (string, error) {
	_, err := b.server.live.callbackCRM.CustomerDetails(ctx, frontline.DetailsRequest{Worker: req.Worker, CustomerID: req.CustomerID})
	proxy := b.live.Load().settings.ProxyAddress(req.Worker, req.ChannelType)
	if errors.Is(err, frontline.ErrNotFound) || err == nil && proxy == "" {
		return "", frontline.ErrForbidden
	}
	return proxy, err
}

// Templates implements frontline.Templates with the templates of the settings, for a
// worker's own customers.
func (b builtInCallbacks) Templates(ctx context.Context, req frontline.TemplatesRequest) ([]frontline.TemplateCategory, error) {
	own, err := b.server.live.callbackCRM.CustomerDetails(ctx, frontline.DetailsRequest{Worker: req.Worker, CustomerID: req.CustomerID})
	if err != nil {
		return nil, err
	}
	return b.filled(ctx, own.Customer.DisplayName, req.Worker)
}

// filled returns the templates of the settings for a customer's name. Without one, those
// that need it are left out.
func (c *conversations) filled(ctx context.Context, customerName, worker string) ([]frontline.TemplateCategory, error) {
	stored, err := c.server.live.settings.Templates(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	var all []frontline.TemplateCategory
	for _, category := range stored.Categories {
		filled := frontline.TemplateCategory{DisplayName: category.Name}
		for _, t := range category.Templates {
			if customerName == "" && t.NeedsCustomer() {
				continue
			}
			t = t.Fill(customerName, worker)
			one := frontline.Template{Content: t.Text, WhatsAppApproved: t.WhatsAppApproved, ContentSID: t.ContentSID}
			if len(t.Variables) > 0 {
				variables, _ := json.Marshal(t.Variables) // strings always can be
				one.ContentVariables = string(variables)
			}
			filled.Templates = append(filled.Templates, one)
		}
		if len(filled.Templates) > 0 {
			all = append(all, filled)
		}
	}
	return all, nil
}

// forWorker returns the templates for a customer whom the worker may write to: those of the
// company's own service, or else of the settings.
func (c *conversations) forWorker(ctx context.Context, req frontline.TemplatesRequest) ([]frontline.TemplateCategory, error) {
	if req.CustomerID == "" {
		return c.filled(ctx, "", req.Worker)
	}
	if own := c.live.Load().templates; own != nil {
		return own.Templates(ctx, req)
	}
	resp, err := c.server.live.crm.CustomerDetails(ctx, frontline.DetailsRequest{Worker: req.Worker, CustomerID: req.CustomerID})
	if err != nil && !errors.Is(err, frontline.ErrNotFound) {
		return nil, err
	}
	return c.filled(ctx, resp.Customer.DisplayName, req.Worker)
}
