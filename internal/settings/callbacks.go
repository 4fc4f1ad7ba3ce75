package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// callbacks is the name of the setting.
const callbacks = "callbacks"

// MaxURLBytes bounds a callback URL.
const MaxURLBytes = 2000

// Callbacks are the URLs of somebody else's integration service; "" means that
// none is set.
type Callbacks struct {
	// CRM is asked for customers. With "", the built-in integration service is.
	CRM string
	// Outgoing is asked for the address to write from, Templates for what may be
	// written.
	Outgoing, Templates string
	// Since is when CRM became what it is; SaveCallbacks sees to it. Zero when it
	// never was anything else, or that was not noted yet.
	Since time.Time
	// WithToken tells that a signing token was set together with CRM: the one before
	// that is somebody else's. It counts only where CRM changes.
	WithToken bool
}

// URLs answers the URLs alone.
func (c Callbacks) URLs() Callbacks {
	return Callbacks{CRM: c.CRM, Outgoing: c.Outgoing, Templates: c.Templates}
}

// keptCallbacks is how they are written, sealed: a URL's query may hold a secret.
type keptCallbacks struct {
	CRM       string    `json:"crm,omitempty"`
	Outgoing  string    `json:"outgoing,omitempty"`
	Templates string    `json:"templates,omitempty"`
	Since     time.Time `json:"since,omitzero"`
	WithToken bool      `json:"with_token,omitempty"`
}

// Callbacks answers the callback URLs; none are set at first. ErrSealed: there are
// some, and the secret file that they were sealed with is lost.
func (s *Service) Callbacks(ctx context.Context) (Callbacks, error) {
	plain, _, err := s.read(ctx, callbacks)
	if errors.Is(err, ErrNotSet) {
		return Callbacks{}, nil
	}
	if err != nil {
		return Callbacks{}, err
	}
	return parseCallbacks(plain)
}

// SaveCallbacks keeps the callback URLs as change leaves them, and answers what
// they were and are. change may be called more than once, each time with what is
// kept by then; URLs that cannot be opened (ErrSealed) count as not set. It returns
// an *InvalidError for a URL that has not the form of one: too long, not UTF-8,
// with control characters. Whether it may be called is for the caller to check.
func (s *Service) SaveCallbacks(ctx context.Context, change func(*Callbacks)) (before, after Callbacks, err error) {
	err = s.revise(ctx, callbacks, func(plain []byte, kept error) (next []byte, err error) {
		before = Callbacks{}
		if kept == nil {
			if before, err = parseCallbacks(plain); err != nil {
				return nil, err
			}
		}
		after = before
		change(&after)
		if after.CRM != before.CRM {
			after.Since = s.now().UTC().Truncate(time.Second)
		} else {
			after.Since, after.WithToken = before.Since, before.WithToken
		}
		if err := after.check(); err != nil {
			return nil, err
		}
		if after == before && !errors.Is(kept, ErrSealed) {
			return nil, nil
		}
		return json.Marshal(keptCallbacks(after))
	})
	if err != nil {
		return Callbacks{}, Callbacks{}, err
	}
	return before, after, nil
}

func parseCallbacks(plain []byte) (Callbacks, error) {
	var k keptCallbacks
	if err := json.Unmarshal(plain, &k); err != nil {
		return Callbacks{}, fmt.Errorf("read setting %s: %w", callbacks, err)
	}
	return Callbacks(k), nil
}

// check tells what cannot be kept.
func (c Callbacks) check() error {
	for _, u := range []struct{ name, value string }{
		{"CRM", c.CRM}, {"outgoing conversations", c.Outgoing}, {"templates", c.Templates},
	} {
		switch {
		case len(u.value) > MaxURLBytes:
			return &InvalidError{fmt.Sprintf("The %s callback URL is too long: at most %d bytes.", u.name, MaxURLBytes)}
		case !utf8.ValidString(u.value):
			return &InvalidError{fmt.Sprintf("The %s callback URL is not UTF-8.", u.name)}
		case strings.ContainsFunc(u.value, unicode.IsControl):
			return &InvalidError{fmt.Sprintf("The %s callback URL has control characters in it.", u.name)}
		}
	}
	return nil
}
