package settings

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// callbacks is the name of the setting.
const callbacks = "callbacks"

// MaxURLBytes limits a callback URL.
const MaxURLBytes = 2000

// Callbacks are the URLs of an external integration service; "" means none.
type Callbacks struct {
	// CRM is called for customers. Without it, the built-in integration service is used.
	CRM string `json:"crm,omitempty"`
	// Outgoing is called for the address to write from, Templates for message templates.
	Outgoing  string `json:"outgoing,omitempty"`
	Templates string `json:"templates,omitempty"`
	// Since is when CRM was last changed, set by SaveCallbacks. Zero when it never was.
	Since time.Time `json:"since,omitzero"`
	// WithToken reports whether a signing token was set together with CRM: then the
	// previous token is not valid for the new service. Only used when CRM changes.
	WithToken bool `json:"with_token,omitempty"`
}

// Callbacks returns the callback URLs, or ErrWrongKey when the secret file that sealed them is
// lost.
func (s *Service) Callbacks(ctx context.Context) (Callbacks, error) {
	return readJSON[Callbacks](ctx, s, callbacks)
}

// SaveCallbacks stores the callback URLs as change edits them, and returns them before and
// after. change may be called repeatedly, with the current URLs; sealed URLs count as not
// set. It returns an *InvalidError for a URL that is too long, not UTF-8, or has control
// characters. The caller checks whether a URL may be called.
func (s *Service) SaveCallbacks(ctx context.Context, change func(*Callbacks)) (before, after Callbacks, err error) {
	return updateJSON(ctx, s, callbacks, func(c *Callbacks) error {
		before := *c
		change(c)
		if c.CRM != before.CRM {
			c.Since = s.now().UTC().Truncate(time.Second)
		} else {
			c.Since, c.WithToken = before.Since, before.WithToken
		}
		return c.validate()
	})
}

// validate returns an *InvalidError when c cannot be stored.
func (c Callbacks) validate() error {
	for _, u := range []struct{ name, value string }{
		{"CRM", c.CRM}, {"outgoing conversations", c.Outgoing}, {"templates", c.Templates},
	} {
		if err := validateURL(u.name+" callback URL", u.value); err != nil {
			return err
		}
	}
	return nil
}

// validateURL checks what can be stored of a URL; the caller checks whether it may be called.
func validateURL(what, value string) error {
	switch {
	case len(value) > MaxURLBytes:
		return &InvalidError{Reason: fmt.Sprintf("The %s is too long. Use up to %d bytes.", what, MaxURLBytes)}
	case !utf8.ValidString(value):
		return &InvalidError{Reason: fmt.Sprintf("The %s isn't valid UTF-8.", what)}
	case strings.ContainsFunc(value, unicode.IsControl):
		return &InvalidError{Reason: fmt.Sprintf("The %s contains control characters.", what)}
	}
	return nil
}
