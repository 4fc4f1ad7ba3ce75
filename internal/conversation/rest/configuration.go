package rest

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/conversation"
)

// Webhooks is where the service sends events: those of the account, or of one service.
type Webhooks struct {
	// ServiceSID is "" for the account's.
	ServiceSID string
	// PreURL gets events before they take effect, PostURL after. "" is none.
	PreURL, PostURL string
	// Filters are the types of the events.
	Filters []string
	// Method is GET or POST. Target is the account's only: webhook, or flex for another
	// product of the service.
	Method, Target string
}

type webhooksBody struct {
	PreURL  text            `json:"pre_webhook_url"`
	PostURL text            `json:"post_webhook_url"`
	Filters lenient[[]text] `json:"filters"`
	Method  text            `json:"method"`
	Target  text            `json:"target"`
}

func webhooksPath(serviceSID string) path {
	if serviceSID == "" {
		return path{"Configuration/Webhooks"}
	}
	return path{"Services", serviceSID, "Configuration/Webhooks"}
}

// Webhooks returns the webhooks of the account, and after them those of the service, when
// the client has one.
func (c *Client) Webhooks(ctx context.Context) ([]Webhooks, error) {
	scopes := []string{""}
	if c.service != "" {
		scopes = append(scopes, c.service)
	}
	var all []Webhooks
	for _, scope := range scopes {
		var body webhooksBody
		if err := c.get(ctx, webhooksPath(scope), nil, &body); err != nil {
			return nil, err
		}
		w := Webhooks{
			ServiceSID: scope, PreURL: string(body.PreURL), PostURL: string(body.PostURL), Method: string(body.Method), Target: string(body.Target),
		}
		for _, f := range body.Filters.v {
			w.Filters = append(w.Filters, string(f))
		}
		all = append(all, w)
	}
	return all, nil
}

// SetWebhooks replaces the webhooks of the account, or of the service w.ServiceSID.
func (c *Client) SetWebhooks(ctx context.Context, w Webhooks) error {
	form := url.Values{"PreWebhookUrl": {w.PreURL}, "PostWebhookUrl": {w.PostURL}, "Filters": w.Filters}
	setNonEmpty(form, "Method", w.Method)
	if w.ServiceSID == "" {
		setNonEmpty(form, "Target", w.Target)
	}
	return c.write(ctx, webhooksPath(w.ServiceSID), form, noWebhook, nil)
}

// Address is one of the company's addresses, and what the service does with a message to it
// that belongs to no open conversation.
type Address struct {
	// SID is "" for an address to be configured.
	SID              string
	Channel, Address string // Address is without "whatsapp:"
	// AutoCreation reports whether the message begins a conversation, Type how (default,
	// webhook, studio), and ServiceSID in which service, "" for the account's default.
	AutoCreation     bool
	Type, ServiceSID string
}

type address struct {
	SID     text `json:"sid"`
	Type    text `json:"type"`
	Address text `json:"address"`
	Auto    lenient[struct {
		Enabled bool `json:"enabled"`
		Type    text `json:"type"`
		Service text `json:"conversation_service_sid"`
	}] `json:"auto_creation"`
}

// Addresses returns the company's addresses that are configured.
func (c *Client) Addresses(ctx context.Context) ([]Address, error) {
	var all []Address
	err := c.eachPage(ctx, path{"Configuration/Addresses"}, nil, shortPage, func(l *list) {
		for _, a := range l.Addresses {
			all = append(all, Address{
				SID: string(a.SID), Channel: string(a.Type), Address: strings.TrimPrefix(string(a.Address), whatsAppPrefix),
				AutoCreation: a.Auto.v.Enabled, Type: string(a.Auto.v.Type), ServiceSID: string(a.Auto.v.Service),
			})
		}
	})
	return all, err
}

// SetAddress configures an address. One with a SID keeps its channel and address.
func (c *Client) SetAddress(ctx context.Context, a Address) error {
	form := url.Values{"AutoCreation.Enabled": {strconv.FormatBool(a.AutoCreation)}}
	setNonEmpty(form, "AutoCreation.Type", a.Type)
	setNonEmpty(form, "AutoCreation.ConversationServiceSid", a.ServiceSID)
	if a.SID != "" {
		return c.write(ctx, path{"Configuration/Addresses", a.SID}, form, noWebhook, nil)
	}
	form.Set("Type", a.Channel)
	form.Set("Address", wireAddress(a.Channel, a.Address))
	return c.write(ctx, path{"Configuration/Addresses"}, form, noWebhook, nil)
}

// DefaultService returns the SID of the account's default service.
func (c *Client) DefaultService(ctx context.Context) (string, error) {
	var body struct {
		SID text `json:"default_chat_service_sid"`
	}
	if err := c.get(ctx, path{"Configuration"}, nil, &body); err != nil {
		return "", err
	}
	if body.SID == "" {
		return "", conversation.ErrNotFound
	}
	return string(body.SID), nil
}
