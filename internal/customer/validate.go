package customer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/text"
)

// Limits of a customer.
const (
	// MaxIDBytes limits Customer.ID.
	MaxIDBytes = 512
	// MaxWorkerBytes limits an identity in Customer.Workers.
	MaxWorkerBytes = 512
	// MaxWireBytes limits the JSON of one customer: 48 KiB, so that it always fits into a
	// response of at most 64 KiB.
	MaxWireBytes = 48 << 10
)

// Channel types.
const (
	SMS      = "sms"
	WhatsApp = "whatsapp"
	Email    = "email"
	Chat     = "chat"
)

// Validate returns an *InvalidError when c cannot be stored.
func Validate(c Customer) error {
	if reason := invalidReason(c); reason != "" {
		return &InvalidError{Reason: reason}
	}
	return nil
}

// invalidReason returns the first thing wrong with c, or "".
func invalidReason(c Customer) string {
	switch {
	case c.ID == "":
		return "the id is empty"
	case len(c.ID) > MaxIDBytes:
		return fmt.Sprintf("the id is longer than %d bytes", MaxIDBytes)
	case strings.TrimSpace(c.Name) == "":
		return "the name is empty"
	}
	for _, f := range []struct{ field, text string }{
		{"the id", c.ID}, {"the name", c.Name}, {"the company", c.Company}, {"the job title", c.JobTitle},
		{"the notes heading", c.Details.Title}, {"the notes text", c.Details.Content}, {"the avatar URL", c.Avatar},
	} {
		if reason := invalidTextReason(f.text); reason != "" {
			return f.field + " " + reason
		}
	}
	if c.Avatar != "" && !text.IsWebURL(c.Avatar) {
		return "the avatar URL isn't a full http or https URL"
	}
	for _, ch := range c.Channels {
		if reason := invalidChannelReason(ch); reason != "" {
			return reason
		}
	}
	for _, l := range c.Links {
		for _, s := range []string{l.Type, l.Value, l.DisplayName} {
			if reason := invalidTextReason(s); reason != "" {
				return "a link " + reason
			}
		}
	}
	for _, w := range c.Workers {
		if reason := invalidWorkerReason(w); reason != "" {
			return reason
		}
	}
	if n := wireBytes(c); n > MaxWireBytes {
		return fmt.Sprintf("the customer is too large: %d KiB, the limit is %d KiB", (n+1023)>>10, MaxWireBytes>>10)
	}
	return ""
}

// TooLarge reports whether the JSON of c would be larger than MaxWireBytes.
func TooLarge(c Customer) bool { return wireBytes(c) > MaxWireBytes }

// ValidateWorker returns an *InvalidError when customers cannot be assigned to identity.
func ValidateWorker(identity string) error {
	if reason := invalidWorkerReason(identity); reason != "" {
		return &InvalidError{Reason: reason}
	}
	return nil
}

func invalidWorkerReason(identity string) string {
	switch reason := invalidTextReason(identity); {
	case identity == "":
		return "a worker's identity is empty"
	case len(identity) > MaxWorkerBytes:
		return fmt.Sprintf("a worker's identity is longer than %d bytes", MaxWorkerBytes)
	case reason != "":
		return "a worker's identity " + reason
	case strings.Contains(identity, "\x01"): // with which a store marks owners that are no workers
		return "a worker's identity contains the control character 0x01"
	}
	return ""
}

func invalidChannelReason(ch Channel) string {
	switch ch.Type {
	case SMS, WhatsApp, Email, Chat:
	default:
		if invalidTextReason(ch.Type) != "" || len(ch.Type) > 40 {
			return "a channel type is unknown: use sms, whatsapp, email, or chat"
		}
		return fmt.Sprintf("the channel type %q is unknown: use sms, whatsapp, email, or chat", ch.Type)
	}
	if strings.TrimSpace(ch.Value) == "" {
		return "the " + ch.Type + " channel has no number or address"
	}
	if reason := invalidTextReason(ch.Value); reason != "" {
		return "a channel's address " + reason
	}
	return ""
}

// invalidTextReason returns why text cannot be stored, or "".
func invalidTextReason(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		return "contains a NUL character"
	}
	if !utf8.ValidString(s) {
		return "is not valid UTF-8"
	}
	return ""
}

// FreeText returns the notes as shown: a line of job title and company, then the notes.
// It has a title whenever it has content.
func (c Customer) FreeText() Detail {
	line := c.JobTitle
	if line != "" && c.Company != "" {
		line += ", "
	}
	line += c.Company
	d := c.Details
	if line != "" && d.Content != "" {
		line += "\n"
	}
	d.Content = line + d.Content
	if d.Title == "" && d.Content != "" {
		d.Title = "Details"
	}
	return d
}

// wireBytes returns an upper bound of the length of c's JSON, exact when near
// MaxWireBytes.
func wireBytes(c Customer) int {
	free := c.FreeText()
	n := len(c.ID) + len(c.Name) + len(c.Avatar) + len(free.Title) + len(free.Content)
	for _, ch := range c.Channels {
		n += len(ch.Type) + len(ch.Value) + 8
	}
	for _, l := range c.Links {
		n += len(l.Type) + len(l.Value) + len(l.DisplayName) + 12
	}
	// A byte takes at most six in JSON, and the field names are short.
	if upper := 6*n + 256; upper <= MaxWireBytes {
		return upper
	}
	b, err := json.Marshal(struct {
		ID       string    `json:"customer_id"`
		Name     string    `json:"display_name"`
		Channels []Channel `json:"channels,omitempty"`
		Links    []Link    `json:"links,omitempty"`
		Details  Detail    `json:"details"`
		Avatar   string    `json:"avatar,omitempty"`
	}{c.ID, c.Name, c.Channels, c.Links, free, c.Avatar})
	if err != nil {
		return MaxWireBytes + 1
	}
	return len(b)
}
