package settings

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/text"
)

// conversations is the name of the setting.
const conversations = "conversations"

// What happens to a new conversation of a customer who has no worker. It waits, unless
// Conversations.Fallback is one of these.
const (
	FallbackWorker    = "worker"    // one worker takes all of them
	FallbackAvailable = "available" // available workers take turns
)

// Conversations configures the messaging service and what to do with its webhooks.
type Conversations struct {
	AccountSID string `json:"account_sid,omitempty"`
	// AuthToken verifies webhooks. It also authenticates requests when there is no API key.
	AuthToken string `json:"auth_token,omitempty"`
	APIKey    string `json:"api_key,omitempty"`
	APISecret string `json:"api_secret,omitempty"`
	// ServiceSID is the conversation service, "" for the account's default one.
	ServiceSID string `json:"service_sid,omitempty"`
	// SMS and WhatsApp are the company's addresses.
	SMS      ProxyAddresses `json:"sms,omitzero"`
	WhatsApp ProxyAddresses `json:"whatsapp,omitzero"`
	// Relay is the URL of the company's own service that handled the webhooks, and Routing
	// that of its own router; "" means none.
	Relay   string `json:"relay,omitempty"`
	Routing string `json:"routing,omitempty"`
	// Fallback is FallbackAvailable, or FallbackWorker with the Worker.
	Fallback string `json:"fallback,omitempty"`
	Worker   string `json:"worker,omitempty"`
}

// ProxyAddresses are the company's addresses of a channel in E.164, without "whatsapp:".
type ProxyAddresses struct {
	Default string `json:"default,omitempty"`
	// Workers has those of single workers, by text.IdentityKey.
	Workers map[string]string `json:"workers,omitempty"`
}

// IsZero reports whether there is no address.
func (p ProxyAddresses) IsZero() bool { return p.Default == "" && len(p.Workers) == 0 }

// Configured reports whether requests to the messaging service can be authenticated.
func (c Conversations) Configured() bool {
	return c.AccountSID != "" && (c.APIKey != "" && c.APISecret != "" || c.AuthToken != "")
}

// Proxies returns the company's addresses by channel.
func (c Conversations) Proxies() map[string]ProxyAddresses {
	return map[string]ProxyAddresses{"sms": c.SMS, "whatsapp": c.WhatsApp}
}

// ProxyAddress returns the address that a worker writes from on a channel, "sms" or
// "whatsapp"; "" for none.
func (c Conversations) ProxyAddress(worker, channel string) string {
	p := c.Proxies()[channel]
	return cmp.Or(p.Workers[text.IdentityKey(worker)], p.Default)
}

// WorkerAddresses returns the addresses of single workers as text to edit, a line a worker.
func (c Conversations) WorkerAddresses() string {
	lines := make(map[string]string) // by worker
	for worker, address := range c.SMS.Workers {
		lines[worker] = worker + " " + address
	}
	for worker, address := range c.WhatsApp.Workers {
		lines[worker] = cmp.Or(lines[worker], worker) + " whatsapp:" + address
	}
	return strings.Join(slices.Sorted(maps.Values(lines)), "\n")
}

// workerNumber matches the beginning of a number after a worker.
var workerNumber = regexp.MustCompile(`(?i)\s+(whatsapp:)?\s*\+`)

// LineProblem is why a line of workers' addresses cannot be used: the Reason is "invalid",
// "unknown", "number" or "twice", and Text is the part of the line that it is about.
type LineProblem struct {
	Line         int
	Reason, Text string
}

// SetWorkerAddresses replaces the addresses of single workers by those in lines, of which
// workers are known. It returns the first problem, or nil.
func (c *Conversations) SetWorkerAddresses(lines string, known func(worker string) bool) *LineProblem {
	c.SMS.Workers, c.WhatsApp.Workers = make(map[string]string), make(map[string]string)
	for i, line := range strings.Split(lines, "\n") {
		line = strings.TrimSpace(line)
		starts := workerNumber.FindAllStringIndex(line, -1)
		if len(starts) == 0 {
			if line == "" {
				continue
			}
			return &LineProblem{i + 1, "invalid", line}
		}
		worker := line[:starts[0][0]]
		if !known(worker) {
			return &LineProblem{i + 1, "unknown", worker}
		}
		for _, start := range slices.Backward(starts) {
			address := strings.TrimSpace(line[start[0]:])
			line = line[:start[0]]
			addresses := c.SMS.Workers
			number, isWhatsApp := text.CutPrefixFold(address, text.WhatsAppPrefix)
			if isWhatsApp {
				addresses = c.WhatsApp.Workers
			}
			e164, ok := text.NormalizePhone(number, "")
			if !ok {
				return &LineProblem{i + 1, "number", address}
			}
			if addresses[text.IdentityKey(worker)] != "" {
				return &LineProblem{i + 1, "twice", worker}
			}
			addresses[text.IdentityKey(worker)] = e164
		}
	}
	return nil
}

// Override replaces the fields that other has.
func (c *Conversations) Override(other Conversations) {
	values := other.Fields()
	for i, f := range c.Fields() {
		*f.Value = cmp.Or(*values[i].Value, *f.Value)
	}
}

// Conversations returns the settings of conversations, or ErrWrongKey when the secret file
// that sealed them is lost.
func (s *Service) Conversations(ctx context.Context) (Conversations, error) {
	return readJSON[Conversations](ctx, s, conversations)
}

// SaveConversations stores the settings of conversations as change edits them, and returns
// them before and after. change may be called repeatedly, with the current settings; sealed
// ones count as not set. It returns an *InvalidError.
func (s *Service) SaveConversations(ctx context.Context, change func(*Conversations)) (before, after Conversations, err error) {
	return updateJSON(ctx, s, conversations, func(c *Conversations) error {
		change(c)
		for _, f := range c.Fields() {
			if err := f.Clean(); err != nil {
				return err
			}
		}
		return nil
	})
}

// Field is one text of Conversations.
type Field struct {
	// Name is the name in forms, errors and the audit. Flag is the flag that fixes the
	// value, "" for none.
	Name, Flag string
	Kind       FieldKind
	Value      *string
}

// FieldKind says what a field takes besides "". The kind of a SID is how it begins.
type FieldKind string

// The other kinds.
const (
	SecretField FieldKind = "secret"
	NumberField FieldKind = "number" // also with blanks and punctuation
	URLField    FieldKind = "url"
	TextField   FieldKind = "text"
)

// Fields returns the fields of c, in the order of the console's page. The addresses of
// single workers are not among them.
func (c *Conversations) Fields() []Field {
	return []Field{
		{"account_sid", "conversations-account-sid", "AC", &c.AccountSID},
		{"auth_token", "conversations-auth-token", SecretField, &c.AuthToken},
		{"api_key", "conversations-api-key", "SK", &c.APIKey},
		{"api_secret", "conversations-api-secret", SecretField, &c.APISecret},
		{"service_sid", "conversations-service-sid", "IS", &c.ServiceSID},
		{"sms", "proxy-address-sms", NumberField, &c.SMS.Default},
		{"whatsapp", "proxy-address-whatsapp", NumberField, &c.WhatsApp.Default},
		{"relay", "", URLField, &c.Relay},
		{"routing", "", URLField, &c.Routing},
		{"fallback", "", TextField, &c.Fallback},
		{"worker", "", TextField, &c.Worker},
	}
}

// sid matches a SID.
var sid = regexp.MustCompile(`^[A-Z]{2}[0-9a-fA-F]{32}$`)

// Clean writes the value as it is stored, or returns an *InvalidError.
func (f Field) Clean() error {
	value, reason := strings.TrimSpace(*f.Value), ""
	*f.Value = value
	switch f.Kind {
	case TextField, URLField: // the caller checks URLs
	case SecretField:
		if len(value) > MaxTokenLength || !isPrintable(value) {
			reason = fmt.Sprintf("Use up to %d ASCII letters, digits, and symbols, without spaces.", MaxTokenLength)
		}
	case NumberField:
		if number, ok := text.NormalizePhone(value, ""); ok {
			*f.Value = number
		} else if value != "" {
			reason = "Use a phone number with its country code, such as +1 555 704 0102."
		}
	default:
		if value != "" && (!sid.MatchString(value) || !strings.HasPrefix(value, string(f.Kind))) {
			reason = fmt.Sprintf("Use %s followed by 32 hexadecimal digits.", f.Kind)
		}
	}
	if reason != "" {
		return &InvalidError{reason, f.Name}
	}
	return nil
}
