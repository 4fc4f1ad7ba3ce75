package customer

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// The limits of what is kept.
const (
	// MaxIDBytes bounds Customer.ID.
	MaxIDBytes = 512
	// MaxWorkerBytes bounds an identity in Customer.Workers.
	MaxWorkerBytes = 512
	// MaxWireBytes bounds the JSON of one customer in an answer: 48 KiB, so that
	// an answer of at most 64 KiB always has room for it.
	MaxWireBytes = 48 << 10
)

// The types of channels that are kept.
const (
	SMS      = "sms"
	WhatsApp = "whatsapp"
	Email    = "email"
	Chat     = "chat"
)

// Validate tells whether c can be kept as it stands; if not, the error is an
// *InvalidError.
func Validate(c Customer) error {
	if reason := flaw(c); reason != "" {
		return &InvalidError{Reason: reason}
	}
	return nil
}

// flaw is the first thing wrong with c, in plain words, or "".
func flaw(c Customer) string {
	switch {
	case c.ID == "":
		return "the id is empty"
	case len(c.ID) > MaxIDBytes:
		return fmt.Sprintf("the id is longer than %d bytes", MaxIDBytes)
	case strings.TrimSpace(c.Name) == "":
		return "the name is empty"
	}
	for _, f := range []struct{ what, text string }{
		{"the id", c.ID}, {"the name", c.Name}, {"the company", c.Company}, {"the job title", c.JobTitle},
		{"the title of the notes", c.Details.Title}, {"the text of the notes", c.Details.Content}, {"the picture's address", c.Avatar},
	} {
		if why := badText(f.text); why != "" {
			return f.what + " " + why
		}
	}
	if c.Avatar != "" {
		if u, err := url.Parse(c.Avatar); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
			return "the picture's address is not a complete http or https address"
		}
	}
	for _, ch := range c.Channels {
		if why := flawOfChannel(ch); why != "" {
			return why
		}
	}
	for _, l := range c.Links {
		for _, text := range []string{l.Type, l.Value, l.DisplayName} {
			if why := badText(text); why != "" {
				return "a link " + why
			}
		}
	}
	for _, w := range c.Workers {
		if why := flawOfWorker(w); why != "" {
			return why
		}
	}
	if n := wireBytes(c); n > MaxWireBytes {
		return fmt.Sprintf("the customer is too big to be sent: %d KiB, and the most is %d KiB", (n+1023)>>10, MaxWireBytes>>10)
	}
	return ""
}

// ValidateWorker tells whether customers can be assigned to this identity; if not,
// the error is an *InvalidError.
func ValidateWorker(identity string) error {
	if reason := flawOfWorker(identity); reason != "" {
		return &InvalidError{Reason: reason}
	}
	return nil
}

func flawOfWorker(identity string) string {
	switch why := badText(identity); {
	case identity == "":
		return "a worker's identity is empty"
	case len(identity) > MaxWorkerBytes:
		return fmt.Sprintf("a worker's identity is longer than %d bytes", MaxWorkerBytes)
	case why != "":
		return "a worker's identity " + why
	}
	return ""
}

func flawOfChannel(ch Channel) string {
	switch ch.Type {
	case SMS, WhatsApp, Email, Chat:
	default:
		if badText(ch.Type) != "" || len(ch.Type) > 40 {
			return "a channel's type is none of sms, whatsapp, email and chat"
		}
		return fmt.Sprintf("a channel's type is %q: it must be sms, whatsapp, email or chat", ch.Type)
	}
	if strings.TrimSpace(ch.Value) == "" {
		return "a channel of type " + ch.Type + " has no address"
	}
	if why := badText(ch.Value); why != "" {
		return "a channel's address " + why
	}
	return ""
}

// badText says what makes text unfit to be kept anywhere, or "".
func badText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		return "holds a NUL character"
	}
	if !utf8.ValidString(s) {
		return "is not valid UTF-8"
	}
	return ""
}

// FreeText is the text that is shown about c: its job title and company in a
// line of their own, then the notes. It has a title whenever it has content.
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

// wireBytes bounds the length of c's JSON on the wire from above; it is exact
// where it matters, near MaxWireBytes.
func wireBytes(c Customer) int {
	text := c.FreeText()
	n := len(c.ID) + len(c.Name) + len(c.Avatar) + len(text.Title) + len(text.Content)
	for _, ch := range c.Channels {
		n += len(ch.Type) + len(ch.Value) + 8
	}
	for _, l := range c.Links {
		n += len(l.Type) + len(l.Value) + len(l.DisplayName) + 12
	}
	// No byte takes more than six in JSON, and the names of the fields little.
	if upper := 6*n + 256; upper <= MaxWireBytes {
		return upper
	}
	type channel struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	type link struct {
		Type        string `json:"type"`
		Value       string `json:"value"`
		DisplayName string `json:"display_name"`
	}
	wire := struct {
		ID       string    `json:"customer_id"`
		Name     string    `json:"display_name"`
		Channels []channel `json:"channels,omitempty"`
		Links    []link    `json:"links,omitempty"`
		Details  struct {
			Title   string `json:"title"`
			Content string `json:"content"`
		} `json:"details"`
		Avatar string `json:"avatar,omitempty"`
	}{ID: c.ID, Name: c.Name, Avatar: c.Avatar}
	for _, ch := range c.Channels {
		wire.Channels = append(wire.Channels, channel(ch))
	}
	for _, l := range c.Links {
		wire.Links = append(wire.Links, link(l))
	}
	wire.Details.Title, wire.Details.Content = text.Title, text.Content
	b, err := json.Marshal(wire)
	if err != nil {
		return MaxWireBytes + 1
	}
	return len(b)
}
