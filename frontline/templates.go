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
// of [NewHandler]. Templates without content, and categories without templates, are left
// out. A response over MaxBodyBytes is status 500.
func NewTemplatesHandler(templates Templates, opts HandlerOptions) http.Handler {
	h := newHandler("templates callback", "templates", opts)
	h.respond = func(b *buffers, r *http.Request, encoded bool) error {
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
		return b.encode(append([]TemplateCategory{}, usable(all)...)) // never null
	}
	return h
}

// Templates calls the templates callback. A response that is not an array has
// CodeInvalidResponse, and null is an empty list. Templates without content, and
// categories without templates, are left out.
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
	body, err := c.call(ctx, CallTimeout, params)
	if isUnknown(body, err) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	var resp wireCategories
	if err := parseResponse(body, &resp); err != nil {
		return nil, err
	}
	if !resp.given {
		return nil, badResponse(errors.New("the response is not an array of template categories"))
	}
	return usable(resp.categories), nil
}

// usable returns the templates with content, by their categories.
func usable(all []TemplateCategory) []TemplateCategory {
	var kept []TemplateCategory
	for _, category := range all {
		var templates []Template
		for _, t := range category.Templates {
			if strings.TrimSpace(t.Content) != "" {
				templates = append(templates, t)
			}
		}
		if len(templates) > 0 {
			kept = append(kept, TemplateCategory{category.DisplayName, templates})
		}
	}
	return kept
}

// wireCategories is a response, and whether it was a list. null is an empty list.
type wireCategories struct {
	given      bool
	categories []TemplateCategory
}

func (w *wireCategories) UnmarshalJSON(b []byte) error {
	w.given = b[0] == 'n' || b[0] == '['
	if b[0] != '[' {
		return nil
	}
	var rows []struct {
		DisplayName wireText `json:"display_name"`
		Templates   []struct {
			Content          wireText   `json:"content"`
			WhatsAppApproved wireFlag   `json:"whatsAppApproved"`
			ContentSID       wireText   `json:"contentSid"`
			ContentVariables wireObject `json:"contentVariables"`
		} `json:"templates"`
	}
	if err := unmarshal(b, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		category := TemplateCategory{DisplayName: string(row.DisplayName)}
		for _, t := range row.Templates {
			category.Templates = append(category.Templates, Template{
				string(t.Content), bool(t.WhatsAppApproved), string(t.ContentSID), string(t.ContentVariables),
			})
		}
		w.categories = append(w.categories, category)
	}
	return nil
}
