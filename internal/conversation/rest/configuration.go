package rest

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/conversation"
	"github.com/clientele-project/clientele/internal/text"
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

// Webhooks returns the webhooks of the account, and after them those of the service, when
// the client has one.
func (c *Client) Webhooks(ctx context.Context) ([]Webhooks, error) {
	scopes := []string{""}
	if c.service != "" {
		scopes = append(scopes, c.service)
	}
	var all []Webhooks
	for _, scope := range scopes {
		o, err := c.get(ctx, scoped(scope, "Configuration/Webhooks"), nil)
		if err != nil {
			return nil, err
		}
		w := Webhooks{
			ServiceSID: scope, PreURL: o.text("pre_webhook_url"), PostURL: o.text("post_webhook_url"), Method: o.text("method"), Target: o.text("target"),
		}
		filters, _ := o["filters"].([]any)
		for _, f := range filters {
			w.Filters = append(w.Filters, fmt.Sprint(f))
		}
		all = append(all, w)
	}
	return all, nil
}

// SetWebhooks replaces the webhooks of the account, or of the service w.ServiceSID.
func (c *Client) SetWebhooks(ctx context.Context, w Webhooks) error {
	f := form("Method", w.Method)
	f["PreWebhookUrl"], f["PostWebhookUrl"], f["Filters"] = []string{w.PreURL}, []string{w.PostURL}, w.Filters
	if w.ServiceSID == "" && w.Target != "" {
		f.Set("Target", w.Target)
	}
	_, err := c.write(ctx, scoped(w.ServiceSID, "Configuration/Webhooks"), f, noWebhook)
	return err
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

// Addresses returns the company's addresses that are configured.
func (c *Client) Addresses(ctx context.Context) ([]Address, error) {
	rows, err := c.all(ctx, path{"Configuration/Addresses"}, nil, shortPage, "address_configurations")
	all := make([]Address, 0, len(rows))
	for _, o := range rows {
		auto := o.object("auto_creation")
		all = append(all, Address{
			SID: o.text("sid"), Channel: o.text("type"), Address: strings.TrimPrefix(o.text("address"), text.WhatsAppPrefix),
			AutoCreation: auto.text("enabled") == "true", Type: auto.text("type"), ServiceSID: auto.text("conversation_service_sid"),
		})
	}
	return all, err
}

// SetAddress configures an address. One with a SID keeps its channel and address.
func (c *Client) SetAddress(ctx context.Context, a Address) error {
	f := form("AutoCreation.Enabled", strconv.FormatBool(a.AutoCreation), "AutoCreation.Type", a.Type,
		"AutoCreation.ConversationServiceSid", a.ServiceSID)
	p := path{"Configuration/Addresses"}
	if a.SID != "" {
		p = append(p, a.SID)
	} else {
		f.Set("Type", a.Channel)
		f.Set("Address", conversation.WireAddress(a.Channel, a.Address))
	}
	_, err := c.write(ctx, p, f, noWebhook)
	return err
}

// DefaultService returns the SID of the account's default service.
func (c *Client) DefaultService(ctx context.Context) (string, error) {
	o, err := c.get(ctx, path{"Configuration"}, nil)
	return o.text("default_chat_service_sid"), err
}
