package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// signIn is the name of the setting.
const signIn = "sign-in"

// DefaultClaim is the claim that names people when no other is chosen. It alone needs
// to be verified by the provider.
const DefaultClaim = "email"

// MaxClaimBytes bounds the names of claims and the value that makes an administrator.
const MaxClaimBytes = 200

// SignIn says how people sign in with the company's own identity provider; which one
// that is, is said at the start of the program.
type SignIn struct {
	// Claim is the claim whose value becomes Worker, DefaultClaim at first. Dots lead
	// into claims within claims. Any other than DefaultClaim must be one that people
	// cannot change themselves at the provider.
	Claim string `json:"claim,omitempty"`
	// RoleClaim is the claim that tells the role, a text or a list of texts; "" leaves
	// roles to the console. Who has AdminValue in it is an administrator, who has not
	// a worker.
	RoleClaim  string `json:"role_claim,omitempty"`
	AdminValue string `json:"admin_value,omitempty"`
	// Provision adds people whom the provider knows and nobody here, when they first
	// sign in.
	Provision bool `json:"provision,omitempty"`
	// PasswordsOff leaves the provider as the only way in. It counts while there is a
	// provider.
	PasswordsOff bool `json:"passwords_off,omitempty"`
}

// HasSignIn tells whether anything is decided about signing in, whatever it was sealed
// with.
func HasSignIn(ctx context.Context, store Store) (bool, error) {
	_, err := store.Setting(ctx, signIn)
	if errors.Is(err, ErrNotSet) {
		return false, nil
	}
	return err == nil, err
}

// SignIn answers how people sign in. ErrSealed: something is kept, and the secret
// file that it was sealed with is lost.
func (s *Service) SignIn(ctx context.Context) (SignIn, error) {
	plain, _, err := s.read(ctx, signIn)
	if errors.Is(err, ErrNotSet) {
		return SignIn{Claim: DefaultClaim}, nil
	}
	if err != nil {
		return SignIn{}, err
	}
	return parseSignIn(plain)
}

// SaveSignIn keeps how people sign in, also in place of what cannot be opened any
// more. An *InvalidError says what cannot be kept. An empty Claim is DefaultClaim.
func (s *Service) SaveSignIn(ctx context.Context, next SignIn) error {
	return s.changeSignIn(ctx, func(kept *SignIn) { *kept = next })
}

// SetPasswordsOff changes that alone; what cannot be opened any more counts as not
// set. changed tells whether it was otherwise before.
func (s *Service) SetPasswordsOff(ctx context.Context, off bool) (changed bool, err error) {
	err = s.changeSignIn(ctx, func(kept *SignIn) {
		changed = kept.PasswordsOff != off
		kept.PasswordsOff = off
	})
	return changed, err
}

func (s *Service) changeSignIn(ctx context.Context, change func(*SignIn)) error {
	return s.revise(ctx, signIn, func(plain []byte, kept error) ([]byte, error) {
		now := SignIn{Claim: DefaultClaim}
		if kept == nil {
			var err error
			if now, err = parseSignIn(plain); err != nil {
				return nil, err
			}
		}
		next := now
		change(&next)
		if next.Claim == "" {
			next.Claim = DefaultClaim
		}
		if err := next.check(); err != nil {
			return nil, err
		}
		if next == now && !errors.Is(kept, ErrSealed) {
			return nil, nil
		}
		return json.Marshal(next)
	})
}

func parseSignIn(plain []byte) (SignIn, error) {
	kept := SignIn{Claim: DefaultClaim}
	if err := json.Unmarshal(plain, &kept); err != nil {
		return SignIn{}, fmt.Errorf("read setting %s: %w", signIn, err)
	}
	return kept, nil
}

// check tells what cannot be kept.
func (s SignIn) check() error {
	if err := checkClaim("claim for the identity", s.Claim); err != nil {
		return err
	}
	if s.RoleClaim == "" {
		if s.AdminValue != "" {
			return &InvalidError{"Name the claim that tells the role, or leave the administrators' value empty."}
		}
		return nil
	}
	if err := checkClaim("claim for the role", s.RoleClaim); err != nil {
		return err
	}
	if s.AdminValue == "" {
		return &InvalidError{"Say which value of the claim makes an administrator."}
	}
	return checkClaimText("administrators' value", s.AdminValue)
}

// checkClaim tells why a claim cannot be called so: a name, or names with dots between.
func checkClaim(what, name string) error {
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.Contains(name, "..") {
		return &InvalidError{fmt.Sprintf("The %s has an empty name between its dots.", what)}
	}
	return checkClaimText(what, name)
}

func checkClaimText(what, text string) error {
	switch {
	case len(text) > MaxClaimBytes:
		return &InvalidError{fmt.Sprintf("The %s is too long: at most %d bytes.", what, MaxClaimBytes)}
	case !utf8.ValidString(text), strings.ContainsFunc(text, unicode.IsControl):
		return &InvalidError{fmt.Sprintf("The %s has characters that cannot be read.", what)}
	case strings.TrimSpace(text) != text:
		return &InvalidError{fmt.Sprintf("The %s begins or ends with a blank.", what)}
	}
	return nil
}
