package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/messaging"
	"github.com/clientele-project/clientele/internal/settings"
)

// Where the built-in integration service serves the callbacks around conversations.
const (
	ConversationsPath = "/callbacks/conversations"
	RoutingPath       = "/callbacks/routing"
	OutgoingPath      = "/callbacks/outgoing-conversation"
	TemplatesPath     = "/callbacks/templates"
)

// callbackHandlers returns the callbacks around conversations by their path.
func (c *conversations) callbackHandlers() map[string]http.Handler {
	options := func(tokens func() []string) frontline.HandlerOptions {
		config := c.server.config
		return frontline.HandlerOptions{AuthTokens: tokens, PublicURL: config.PublicURL, AllowUnsigned: config.AllowUnsigned, Logger: config.Logger}
	}
	own := c.server.live.tokens.all
	account := func() []string { return append([]string{c.live.Load().settings.AuthToken}, own()...) }
	return map[string]http.Handler{
		ConversationsPath: frontline.NewConversationsHandler(c, options(account)),
		RoutingPath:       frontline.NewRouterHandler(routerFunc(c.routeEvent), options(account)),
		OutgoingPath:      frontline.NewOutgoingHandler(builtInOutgoing{c}, options(own)),
		TemplatesPath:     frontline.NewTemplatesHandler(builtInTemplates{c}, options(own)),
	}
}

// eventTimeout bounds the work for one event. What is not done then is done in the
// background.
const eventTimeout = 10 * time.Second

// ConversationEvent implements frontline.Conversations: it handles an event, and relays it
// to the company's own service.
func (c *conversations) ConversationEvent(ctx context.Context, e frontline.ConversationEvent) (frontline.ConversationChange, error) {
	// What was begun for an event is finished, even if its sender waits no longer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), eventTimeout)
	defer cancel()
	var theirs frontline.ConversationChange
	var both sync.WaitGroup
	if relay := c.live.Load().relay; relay != nil {
		both.Go(func() { theirs = c.relay(ctx, relay, e) })
	}
	ours, err := c.handleEvent(ctx, e)
	both.Wait()
	if e.Type != frontline.EventConversationAdd {
		return frontline.ConversationChange{}, unavailable(err)
	}
	if err != nil {
		c.server.config.Logger.Warn("finding the customer of a new conversation failed", "error", err) // it begins without a name
	}
	return frontline.ConversationChange{
		FriendlyName: cmp.Or(theirs.FriendlyName, ours.FriendlyName), Attributes: cmp.Or(theirs.Attributes, ours.Attributes),
	}, nil
}

// relay sends an event to the company's own service, and returns its response, or the
// zero value after a failure.
func (c *conversations) relay(ctx context.Context, to *frontline.Client, e frontline.ConversationEvent) frontline.ConversationChange {
	ctx, cancel := context.WithTimeout(ctx, frontline.WebhookTimeout-500*time.Millisecond) // ours must be in time
	defer cancel()
	release, err := c.limits.wait(ctx)
	if err == nil {
		defer release()
		var change frontline.ConversationChange
		if change, err = to.ConversationEvent(ctx, e); err == nil {
			return change
		}
	}
	c.server.config.Logger.Warn("relaying an event of a conversation failed", "type", e.Type, "error", err)
	return frontline.ConversationChange{}
}

// messageEvents are the events about a message, whatever it is.
var messageEvents = []string{frontline.EventMessageUpdated, frontline.EventMessageRemoved, frontline.EventDeliveryUpdated}

// conversationEvents are the other events about a conversation.
var conversationEvents = []string{frontline.EventConversationAdded, frontline.EventConversationStateUpdated,
	frontline.EventConversationRemoved, frontline.EventParticipantAdded, frontline.EventParticipantRemoved}

// handleEvent handles an event itself.
func (c *conversations) handleEvent(ctx context.Context, e frontline.ConversationEvent) (change frontline.ConversationChange, err error) {
	if e.Type == frontline.EventConversationAdd {
		if len(e.Addresses) == 1 {
			change.FriendlyName, change.Attributes, err = c.BeforeAdd(ctx, e.Addresses[0], e.Attributes)
		}
		return change, err
	}
	if e.ConversationSID == "" || !c.On() {
		return change, nil
	}
	ev := messaging.Event{SID: e.ConversationSID}
	switch {
	case e.Type == frontline.EventMessageAdded:
		ev.Added = &conversation.Message{SID: e.MessageSID, Index: e.Index, Author: e.Author, ParticipantSID: e.ParticipantSID, Body: e.Body, Attributes: e.Attributes, Created: e.DateCreated}
		if e.HasMedia {
			ev.Added.Media = []conversation.Media{{}}
		}
	case slices.Contains(messageEvents, e.Type):
		ev.MessageChanged = true
	case !slices.Contains(conversationEvents, e.Type):
		return change, nil
	}
	return change, c.Event(ctx, ev)
}

// unavailable returns an error of the store or the messaging service as one that the caller
// may try again.
func unavailable(err error) error {
	if errors.Is(err, conversation.ErrStore) || errors.Is(err, customer.ErrUnavailable) || errors.Is(err, conversation.ErrUnavailable) {
		return &frontline.UnavailableError{Err: err}
	}
	return err
}

type routerFunc func(ctx context.Context, req frontline.RouteRequest) error

// Route implements frontline.Router.
func (f routerFunc) Route(ctx context.Context, req frontline.RouteRequest) error { return f(ctx, req) }

// routeEvent gives a conversation to a worker.
func (c *conversations) routeEvent(ctx context.Context, req frontline.RouteRequest) error {
	err := c.Route(ctx, req.ConversationSID)
	if errors.Is(err, conversation.ErrNotFound) || errors.Is(err, conversation.ErrOff) {
		return frontline.ErrNotFound
	}
	return unavailable(err)
}

// builtInOutgoing is a frontline.Outgoing that returns the addresses of the settings, for a
// worker's own customers.
type builtInOutgoing struct{ *conversations }

// ProxyAddress implements frontline.Outgoing.
func (b builtInOutgoing) ProxyAddress(ctx context.Context, req frontline.ProxyAddressRequest) (string, error) {
	if _, err := b.ownCustomer(ctx, req.Worker, req.CustomerID); err != nil {
		if errors.Is(err, frontline.ErrNotFound) {
			return "", frontline.ErrForbidden
		}
		return "", err
	}
	if proxy := b.live.Load().settings.ProxyAddress(req.Worker, req.ChannelType); proxy != "" {
		return proxy, nil
	}
	return "", frontline.ErrForbidden
}

// ownCustomer returns a customer of a worker who is not deactivated.
func (c *conversations) ownCustomer(ctx context.Context, worker, id string) (frontline.Customer, error) {
	resp, err := c.server.live.callbackCRM.CustomerDetails(ctx, frontline.DetailsRequest{Worker: worker, CustomerID: id})
	return resp.Customer, err
}

// builtInTemplates is a frontline.Templates that returns the templates of the settings, for a
// worker's own customers.
type builtInTemplates struct{ *conversations }

// Templates implements frontline.Templates.
func (b builtInTemplates) Templates(ctx context.Context, req frontline.TemplatesRequest) ([]frontline.TemplateCategory, error) {
	own, err := b.ownCustomer(ctx, req.Worker, req.CustomerID)
	if err != nil {
		return nil, err
	}
	return b.filled(ctx, own.DisplayName, req.Worker)
}

// filled returns the templates of the settings for a customer's name.
func (c *conversations) filled(ctx context.Context, customerName, worker string) ([]frontline.TemplateCategory, error) {
	stored, err := c.server.live.settings.Templates(ctx)
	if errors.Is(err, settings.ErrUnavailable) {
		return nil, &frontline.UnavailableError{Err: err}
	}
	if err != nil {
		return nil, err
	}
	var all []frontline.TemplateCategory
	for _, category := range stored.Categories {
		filled := frontline.TemplateCategory{DisplayName: category.Name}
		for _, t := range category.Templates {
			t = t.Fill(customerName, worker)
			one := frontline.Template{Content: t.Text, WhatsAppApproved: t.WhatsAppApproved, ContentSID: t.ContentSID}
			if len(t.Variables) > 0 {
				variables, err := json.Marshal(t.Variables)
				if err != nil {
					return nil, err
				}
				one.ContentVariables = string(variables)
			}
			filled.Templates = append(filled.Templates, one)
		}
		all = append(all, filled)
	}
	return all, nil
}

// forWorker returns the templates for a customer whom the worker may write to: those of the
// company's own service, or else of the settings.
func (c *conversations) forWorker(ctx context.Context, req frontline.TemplatesRequest) ([]frontline.TemplateCategory, error) {
	if own := c.live.Load().templates; own != nil && req.CustomerID != "" {
		release, err := c.limits.wait(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
		return own.Templates(ctx, req)
	}
	name := ""
	if req.CustomerID != "" {
		resp, err := c.server.live.crm.CustomerDetails(ctx, frontline.DetailsRequest{Worker: req.Worker, CustomerID: req.CustomerID})
		if err != nil && !errors.Is(err, frontline.ErrNotFound) {
			return nil, err
		}
		name = resp.Customer.DisplayName
	}
	return c.filled(ctx, name, req.Worker)
}
