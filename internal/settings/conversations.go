package settings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

// conversations is the name of the setting.
const conversations = "conversations"

// What happens to a new conversation of a customer who has no worker.
const (
	FallbackNone      = "nobody"    // it waits
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
	// Fallback is one of FallbackNone, FallbackWorker, FallbackAvailable. FallbackWorker
	// needs Worker.
	Fallback string `json:"fallback,omitempty"`
	Worker   string `json:"worker,omitempty"`
	// SetUpAt is when the webhooks were last set up, zero for never.
	SetUpAt time.Time `json:"set_up_at,omitzero"`
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

// ProxyAddress returns the address that a worker writes from on a channel, "sms" or
// "whatsapp"; "" for none.
func (c Conversations) ProxyAddress(worker, channel string) string {
	var p ProxyAddresses
	switch channel {
	case "sms":
		p = c.SMS
	case "whatsapp":
		p = c.WhatsApp
	}
	return cmp.Or(p.Workers[text.IdentityKey(worker)], p.Default)
}

// Conversations returns the settings of conversations, or ErrWrongKey when the secret file
// that sealed them is lost.
func (s *Service) Conversations(ctx context.Context) (Conversations, error) {
	c, err := readJSON[Conversations](ctx, s, conversations)
	c.Fallback = cmp.Or(c.Fallback, FallbackNone)
	return c, err
}

// SaveConversations stores the settings of conversations as change edits them, and returns
// them before and after. change may be called repeatedly, with the current settings; sealed
// ones count as not set. Proxy addresses may be written with blanks and punctuation. It
// returns an *InvalidError.
func (s *Service) SaveConversations(ctx context.Context, change func(*Conversations)) (before, after Conversations, err error) {
	before, after, err = updateJSON(ctx, s, conversations, func(c *Conversations) error {
		c.Fallback = cmp.Or(c.Fallback, FallbackNone)
		change(c)
		return c.Normalize()
	})
	before.Fallback = cmp.Or(before.Fallback, FallbackNone)
	return before, after, err
}

// sids matches SIDs by the kind of what they name.
var sids = map[string]*regexp.Regexp{
	"AC": regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`),
	"SK": regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`),
	"IS": regexp.MustCompile(`^IS[0-9a-fA-F]{32}$`),
	"HX": regexp.MustCompile(`^HX[0-9a-fA-F]{32}$`),
}

// validateSID checks a SID, unless it is "".
func validateSID(what, kind, sid string) error {
	if sid == "" || sids[kind].MatchString(sid) {
		return nil
	}
	return &InvalidError{Reason: fmt.Sprintf("The %s is %s followed by 32 hexadecimal digits.", what, kind)}
}

// inField returns err, of the value of a field.
func inField(field string, err error) error {
	if invalid, ok := errors.AsType[*InvalidError](err); ok {
		invalid.Field = field
	}
	return err
}

// Normalize writes the values as they are stored, or returns an *InvalidError, whose Field
// is the name of a field in what is stored.
func (c *Conversations) Normalize() error {
	for _, value := range []*string{&c.AccountSID, &c.AuthToken, &c.APIKey, &c.APISecret, &c.ServiceSID, &c.Relay, &c.Routing} {
		*value = strings.TrimSpace(*value)
	}
	for _, secret := range []struct{ field, what, value string }{{"auth_token", "auth token", c.AuthToken}, {"api_secret", "API secret", c.APISecret}} {
		if len(secret.value) > MaxTokenLength || !isPrintable(secret.value) {
			return &InvalidError{fmt.Sprintf("The %s has up to %d ASCII letters, digits, and symbols, without spaces.", secret.what, MaxTokenLength), secret.field}
		}
	}
	switch c.Fallback {
	case FallbackNone, FallbackAvailable:
	case FallbackWorker:
		if c.Worker == "" {
			return &InvalidError{"Choose the worker who gets new conversations.", "worker"}
		}
	default:
		return &InvalidError{"Choose who gets new conversations.", "fallback"}
	}
	return cmp.Or(
		inField("account_sid", validateSID("account SID", "AC", c.AccountSID)),
		inField("api_key", validateSID("API key", "SK", c.APIKey)),
		inField("service_sid", validateSID("service SID", "IS", c.ServiceSID)),
		inField("sms", c.SMS.clean("SMS")),
		inField("whatsapp", c.WhatsApp.clean("WhatsApp")),
		inField("relay", validateURL("URL of your own service", c.Relay)),
		inField("routing", validateURL("routing URL", c.Routing)),
	)
}

// clean normalizes the addresses of a channel, or returns an *InvalidError.
func (p *ProxyAddresses) clean(channel string) error {
	normalize := func(address string) (string, error) {
		if strings.TrimSpace(address) == "" {
			return "", nil
		}
		e164, ok := text.NormalizePhone(address, "")
		if !ok {
			return "", &InvalidError{Reason: fmt.Sprintf("Enter each proxy address for %s as a phone number with its country code, such as +1 555 704 0102.", channel)}
		}
		return e164, nil
	}
	var err error
	if p.Default, err = normalize(p.Default); err != nil {
		return err
	}
	workers := map[string]string{}
	for worker, address := range p.Workers {
		if address, err = normalize(address); err != nil {
			return err
		}
		if worker != "" && address != "" {
			workers[text.IdentityKey(worker)] = address
		}
	}
	p.Workers = nil
	if len(workers) > 0 {
		p.Workers = workers
	}
	return nil
}
