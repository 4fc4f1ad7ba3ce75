package settings

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// signIn is the name of the setting.
const signIn = "sign-in"

// DefaultClaim is the default identity claim. It is the only one that the provider must
// verify.
const DefaultClaim = "email"

// Limits and defaults of the lifetime of sessions.
const (
	MinSessionDays, MaxSessionDays                = 1, 365
	DefaultSessionIdleDays, DefaultSessionMaxDays = 30, 90
)

// MaxClaimBytes limits the names of claims and AdminValue.
const MaxClaimBytes = 200

// SignIn configures sign-in with the company's identity provider. Flags of the program say
// which provider.
type SignIn struct {
	// Claim is the claim whose value becomes Worker, by default DefaultClaim. Dots lead
	// into nested claims. People must not be able to change any other claim at the
	// provider.
	Claim string `json:"claim,omitempty"`
	// RoleClaim is the claim for the role, a text or a list of texts; "" leaves roles to
	// the console. People whose claim contains AdminValue are administrators, others
	// workers.
	RoleClaim  string `json:"role_claim,omitempty"`
	AdminValue string `json:"admin_value,omitempty"`
	// Provision adds unknown people of the provider at their first sign-in.
	Provision bool `json:"provision,omitempty"`
	// SessionIdleDays is the number of days after which an unused session ends, and
	// SessionMaxDays that after which any session ends: MinSessionDays to MaxSessionDays,
	// or 0 for DefaultSessionIdleDays and DefaultSessionMaxDays.
	SessionIdleDays int `json:"session_idle_days,omitempty"`
	SessionMaxDays  int `json:"session_max_days,omitempty"`
	// PasswordsOff leaves the provider as the only way to sign in. It has an effect only
	// with a provider.
	PasswordsOff bool `json:"passwords_off,omitempty"`
}

// HasSignIn reports whether sign-in is configured, whatever key sealed it.
func HasSignIn(ctx context.Context, store Store) (bool, error) {
	return isSet(ctx, store, signIn)
}

// SignIn returns the sign-in settings, or ErrWrongKey when the secret file that sealed them
// is lost.
func (s *Service) SignIn(ctx context.Context) (SignIn, error) {
	c, err := readJSON[SignIn](ctx, s, signIn)
	if err != nil {
		return SignIn{}, err
	}
	c.Claim = cmp.Or(c.Claim, DefaultClaim)
	return c, nil
}

// SaveSignIn stores the sign-in settings, even in place of unreadable ones. It returns an
// *InvalidError for invalid ones. An empty Claim is DefaultClaim.
func (s *Service) SaveSignIn(ctx context.Context, next SignIn) error {
	return s.updateSignIn(ctx, func(stored *SignIn) { *stored = next })
}

// SetPasswordsOff changes PasswordsOff only, and reports whether it changed. Sealed settings
// count as not set.
func (s *Service) SetPasswordsOff(ctx context.Context, off bool) (changed bool, err error) {
	err = s.updateSignIn(ctx, func(stored *SignIn) {
		changed = stored.PasswordsOff != off
		stored.PasswordsOff = off
	})
	return changed, err
}

// SetSessionDays changes SessionIdleDays and SessionMaxDays only, each unless it is 0, and
// reports whether they changed. It returns an *InvalidError. Sealed settings count as not set.
func (s *Service) SetSessionDays(ctx context.Context, idle, longest int) (changed bool, err error) {
	err = s.updateSignIn(ctx, func(stored *SignIn) {
		before := *stored
		if idle != 0 {
			stored.SessionIdleDays = idle
		}
		if longest != 0 {
			stored.SessionMaxDays = longest
		}
		changed = *stored != before
	})
	return changed && err == nil, err
}

// SessionDays returns the lifetime of sessions in days, with the defaults.
func (s SignIn) SessionDays() (idle, longest int) {
	return cmp.Or(s.SessionIdleDays, DefaultSessionIdleDays), cmp.Or(s.SessionMaxDays, DefaultSessionMaxDays)
}

func (s *Service) updateSignIn(ctx context.Context, change func(*SignIn)) error {
	_, _, err := updateJSON(ctx, s, signIn, func(c *SignIn) error {
		c.Claim = cmp.Or(c.Claim, DefaultClaim)
		change(c)
		c.Claim = cmp.Or(c.Claim, DefaultClaim)
		return c.validate()
	})
	return err
}

// validate returns an *InvalidError when s cannot be stored.
func (s SignIn) validate() error {
	if err := validateClaim("identity claim", s.Claim); err != nil {
		return err
	}
	idle, longest := s.SessionDays()
	if min(idle, longest) < MinSessionDays || max(idle, longest) > MaxSessionDays {
		return &InvalidError{Reason: fmt.Sprintf("Set the lifetime of sessions from %d to %d days.", MinSessionDays, MaxSessionDays)}
	}
	if idle > longest {
		return &InvalidError{Reason: "An unused session can't last longer than any session."}
	}
	if s.RoleClaim == "" {
		if s.AdminValue != "" {
			return &InvalidError{Reason: "Enter the role claim, or clear the administrator value."}
		}
		return nil
	}
	if err := validateClaim("role claim", s.RoleClaim); err != nil {
		return err
	}
	if s.AdminValue == "" {
		return &InvalidError{Reason: "Enter the value that makes someone an administrator."}
	}
	return validateClaimText("administrator value", s.AdminValue)
}

// validateClaim checks the name of a claim, or names separated by dots.
func validateClaim(what, name string) error {
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") {
		return &InvalidError{Reason: fmt.Sprintf("The %s has an empty name between the dots.", what)}
	}
	return validateClaimText(what, name)
}

func validateClaimText(what, text string) error {
	switch {
	case len(text) > MaxClaimBytes:
		return &InvalidError{Reason: fmt.Sprintf("The %s is too long. Use up to %d bytes.", what, MaxClaimBytes)}
	case !utf8.ValidString(text), strings.ContainsFunc(text, unicode.IsControl):
		return &InvalidError{Reason: fmt.Sprintf("The %s contains invalid characters.", what)}
	case strings.TrimSpace(text) != text:
		return &InvalidError{Reason: fmt.Sprintf("The %s starts or ends with a space.", what)}
	}
	return nil
}
