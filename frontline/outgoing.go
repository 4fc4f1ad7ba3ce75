package frontline

import (
	"context"
	"errors"
	"strings"
)

// The questions of the two callbacks that are configured beside the CRM callback.
const (
	LocationProxyAddress = "GetProxyAddress"
	LocationTemplates    = "GetTemplatesByCustomerId"
)

// ProxyAddressRequest asks for the address that a worker writes to a customer from.
type ProxyAddressRequest struct {
	Worker     string
	CustomerID string
	// ChannelType and ChannelValue are those of the customer's Channel.
	ChannelType, ChannelValue string
}

// ProxyAddress asks the outgoing conversations callback, which the client must be
// made for, and answers the address: a number, or whatsapp: and a number.
//
// Its errors are those of [Client]. A *CallbackError with status 403 may tell that
// this worker may not write to this customer, as well as that the signature is
// wrong; with CodeInvalidResponse it tells that there is no address in the answer.
func (c *Client) ProxyAddress(ctx context.Context, req ProxyAddressRequest) (string, error) {
	if req.CustomerID == "" {
		return "", invalid("CustomerId is missing")
	}
	body, err := c.ask(ctx, []param{
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

// TemplatesRequest asks for what a worker can write to a customer.
type TemplatesRequest struct {
	Worker     string
	CustomerID string
	// ConversationSID names the conversation; "" when there is none yet.
	ConversationSID string
}

// TemplateCategory is a group of templates under one heading.
type TemplateCategory struct {
	DisplayName string
	Templates   []Template
}

// Template is a text that is ready to be sent.
type Template struct {
	Content string
	// WhatsAppApproved tells that it may be sent outside WhatsApp's 24-hour session.
	WhatsAppApproved bool
}

// Templates asks the templates callback, which the client must be made for. Its
// errors are those of [Client]; an answer that is no array has CodeInvalidResponse.
// Templates without content are left out, and null is none.
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
	body, err := c.ask(ctx, params)
	if err != nil {
		return nil, err
	}
	return decodeTemplates(body)
}

// The shapes of the answers; a field of the wrong type is as good as missing.
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
	var answer wireProxyAddress
	if err := parseAnswer(body, &answer); err != nil {
		return "", err
	}
	if answer.Address == "" {
		return "", badAnswer(errors.New("the answer has no proxy_address"))
	}
	return string(answer.Address), nil
}

func decodeTemplates(body []byte) ([]TemplateCategory, error) {
	var answer wireCategories
	if err := parseAnswer(body, &answer); err != nil {
		return nil, err
	}
	if !answer.given {
		return nil, badAnswer(errors.New("the answer is not an array of template categories"))
	}
	var all []TemplateCategory
	for _, row := range answer.rows {
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
