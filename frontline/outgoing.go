package frontline

import (
	"context"
	"errors"
	"strings"
)

// The Locations of the two callbacks that are configured in addition to the CRM callback.
const (
	LocationProxyAddress = "GetProxyAddress"
	LocationTemplates    = "GetTemplatesByCustomerId"
)

// ProxyAddressRequest requests the address from which a worker writes to a customer.
type ProxyAddressRequest struct {
	Worker     string
	CustomerID string
	// ChannelType and ChannelValue are of the customer's Channel.
	ChannelType, ChannelValue string
}

// ProxyAddress calls the outgoing conversations callback, whose URL the client must have,
// and returns the address: a number, or whatsapp: and a number.
//
// Its errors are those of [Client]. A *CallbackError with status 403 means that this
// worker may not write to this customer, or that the signature is wrong; with
// CodeInvalidResponse, that the response has no address.
func (c *Client) ProxyAddress(ctx context.Context, req ProxyAddressRequest) (string, error) {
	if req.CustomerID == "" {
		return "", invalid("CustomerId is missing")
	}
	body, err := c.call(ctx, []param{
		{name: "Location", value: LocationProxyAddress},
		{name: "Worker", value: req.Worker},
		{name: "CustomerId", value: req.CustomerID},
		{name: "ChannelType", value: req.ChannelType},
		{name: "ChannelValue", value: req.ChannelValue},
	})
	if err != nil {
		return "", err
	}
	return decodeProxyAddress(body)
}

// TemplatesRequest requests the templates that a worker can send to a customer.
type TemplatesRequest struct {
	Worker     string
	CustomerID string
	// ConversationSID names the conversation; "" before there is one.
	ConversationSID string
}

// TemplateCategory is a group of templates under one heading.
type TemplateCategory struct {
	DisplayName string
	Templates   []Template
}

// Template is a text that is ready to send.
type Template struct {
	Content string
	// WhatsAppApproved reports whether it can be sent outside WhatsApp's 24-hour session.
	WhatsAppApproved bool
}

// Templates calls the templates callback, whose URL the client must have. Its errors are
// those of [Client]; a response that is not an array has CodeInvalidResponse. Templates
// without content are left out, and null is an empty list.
func (c *Client) Templates(ctx context.Context, req TemplatesRequest) ([]TemplateCategory, error) {
	if req.CustomerID == "" {
		return nil, invalid("CustomerId is missing")
	}
	params := []param{
		{name: "Location", value: LocationTemplates},
		{name: "Worker", value: req.Worker},
		{name: "CustomerId", value: req.CustomerID},
	}
	if req.ConversationSID != "" {
		params = append(params, param{name: "ConversationSid", value: req.ConversationSID})
	}
	body, err := c.call(ctx, params)
	if err != nil {
		return nil, err
	}
	return decodeTemplates(body)
}

// The shapes of the responses. A field of the wrong type counts as missing.
type (
	wireProxyAddress struct {
		Address wireText `json:"proxy_address"`
	}
	wireCategories struct {
		given bool
		rows  []wireCategory
	}
	wireCategory struct {
		DisplayName wireText       `json:"display_name"`
		Templates   []wireTemplate `json:"templates"`
	}
	wireTemplate struct {
		Content  wireText `json:"content"`
		Approved bool     `json:"whatsAppApproved"`
	}
)

func (c *wireCategories) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case 'n':
		*c = wireCategories{given: true}
	case '[':
		*c = wireCategories{given: true}
		return unmarshal(b, &c.rows)
	}
	return nil
}

func decodeProxyAddress(body []byte) (string, error) {
	var resp wireProxyAddress
	if err := parseResponse(body, &resp); err != nil {
		return "", err
	}
	if resp.Address == "" {
		return "", badResponse(errors.New("the response has no proxy_address"))
	}
	return string(resp.Address), nil
}

func decodeTemplates(body []byte) ([]TemplateCategory, error) {
	var resp wireCategories
	if err := parseResponse(body, &resp); err != nil {
		return nil, err
	}
	if !resp.given {
		return nil, badResponse(errors.New("the response is not an array of template categories"))
	}
	var all []TemplateCategory
	for _, row := range resp.rows {
		category := TemplateCategory{DisplayName: string(row.DisplayName)}
		for _, t := range row.Templates {
			if strings.TrimSpace(string(t.Content)) != "" {
				category.Templates = append(category.Templates, Template{string(t.Content), t.Approved})
			}
		}
		if len(category.Templates) > 0 {
			all = append(all, category)
		}
	}
	return all, nil
}
