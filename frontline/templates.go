package frontline

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// LocationTemplates is the Location of the templates callback.
const LocationTemplates = "GetTemplatesByCustomerId"

// Templates handles the templates callback. Implementations are safe for concurrent use.
// Errors are those of a [CRM], possibly wrapped.
type Templates interface {
	// Templates returns the texts that a worker can send to a customer, filled in for both.
	Templates(ctx context.Context, req TemplatesRequest) ([]TemplateCategory, error)
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
	DisplayName string     `json:"display_name"`
	Templates   []Template `json:"templates"`
}

// Template is a text that is ready to send.
type Template struct {
	Content string `json:"content"`
	// WhatsAppApproved reports whether WhatsApp has approved the text. Outside its 24-hour
	// window, WhatsApp accepts approved templates only, and those only by ContentSID.
	WhatsAppApproved bool `json:"whatsAppApproved"`
	// ContentSID names the content template of the messaging service that Content was made
	// from, "" for none. ContentVariables is a JSON object with the values of its
	// placeholders, "" for none.
	ContentSID       string `json:"contentSid,omitempty"`
	ContentVariables string `json:"contentVariables,omitempty"`
}

// NewTemplatesHandler returns a handler of the templates callback. Its statuses are those
// of [NewHandler]. A response over MaxBodyBytes is status 500.
func NewTemplatesHandler(templates Templates, opts HandlerOptions) http.Handler {
	return newHandler("templates callback", opts, func(b *buffers, r *http.Request, encoded bool) error {
		f, err := parseFields(b.params, encoded, LocationTemplates)
		if err != nil {
			return err
		}
		all, err := templates.Templates(r.Context(), TemplatesRequest{
			Worker: f.worker, CustomerID: f.customerID, ConversationSID: f.conversationSID,
		})
		if err != nil {
			return err
		}
		return b.encode(append([]TemplateCategory{}, all...)) // never null
	})
}

// Templates calls the templates callback. A response that is not an array has
// CodeInvalidResponse, and null is an empty list. Templates without content, and
// categories without templates, are left out.
func (c *Client) Templates(ctx context.Context, req TemplatesRequest) ([]TemplateCategory, error) {
	var more []param
	if req.ConversationSID != "" {
		more = []param{{name: "ConversationSid", value: req.ConversationSID}}
	}
	body, err := c.callFor(ctx, LocationTemplates, req.Worker, req.CustomerID, more...)
	if err != nil {
		return nil, err
	}
	var categories []struct {
		DisplayName wireText `json:"display_name"`
		Templates   []struct {
			Content          wireText `json:"content"`
			WhatsAppApproved wireFlag `json:"whatsAppApproved"`
			ContentSID       wireText `json:"contentSid"`
			ContentVariables wireText `json:"contentVariables"`
		} `json:"templates"`
	}
	if err := parseResponse(body, &categories); err != nil {
		return nil, err
	}
	if categories == nil && strings.TrimSpace(string(body)) != "null" {
		return nil, badResponse(errors.New("the response is not an array of template categories"))
	}
	var all []TemplateCategory
	for _, from := range categories {
		category := TemplateCategory{DisplayName: string(from.DisplayName)}
		for _, t := range from.Templates {
			if strings.TrimSpace(string(t.Content)) != "" {
				category.Templates = append(category.Templates, Template{
					string(t.Content), bool(t.WhatsAppApproved), string(t.ContentSID), string(t.ContentVariables),
				})
			}
		}
		if len(category.Templates) > 0 {
			all = append(all, category)
		}
	}
	return all, nil
}
