package server

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/settings"
)

// signInRules are the sign-in settings as they apply. Without a provider, passwords are
// always allowed.
type signInRules struct {
	settings    *settings.Service
	hasProvider bool
	off         atomic.Bool                         // whether passwords were off when that was last known
	life        atomic.Pointer[account.SessionLife] // as last read
}

func (r *signInRules) read(ctx context.Context) (settings.SignIn, error) {
	return r.settings.SignIn(ctx)
}

// rules are for account.Service.SetRules. When the secret file was lost, and with it
// the settings, nobody is added and only the provider signs people in: passwords may
// have been turned off on purpose. `clientele signin passwords on` allows them again.
func (r *signInRules) rules(ctx context.Context) (account.Rules, error) {
	if !r.hasProvider {
		return account.Rules{Passwords: true}, nil
	}
	s, err := r.read(ctx)
	if errors.Is(err, settings.ErrWrongKey) {
		r.off.Store(true)
		return account.Rules{}, nil
	}
	if err != nil {
		return account.Rules{}, errors.Join(account.ErrUnavailable, err)
	}
	r.off.Store(s.PasswordsOff)
	return account.Rules{Passwords: !s.PasswordsOff, Provision: s.Provision}, nil
}

// sessionLife returns the lifetime of sessions as last read.
func (r *signInRules) sessionLife() account.SessionLife {
	if life := r.life.Load(); life != nil {
		return *life
	}
	return account.DefaultSessionLife()
}

// readLife applies the lifetime of sessions. Settings that were lost count as the defaults.
func (r *signInRules) readLife(ctx context.Context) error {
	s, err := r.read(ctx)
	if err != nil && !errors.Is(err, settings.ErrWrongKey) {
		return err
	}
	const day = 24 * time.Hour
	idle, longest := s.SessionDays()
	r.life.Store(&account.SessionLife{Idle: time.Duration(idle) * day, Absolute: time.Duration(longest) * day})
	return nil
}

// rulesTimeout bounds how long a page waits for the settings.
const rulesTimeout = time.Second

// passwordsOff reports whether the provider is the only way to sign in; as last known
// when the settings cannot be read.
func (r *signInRules) passwordsOff() bool {
	ctx, cancel := context.WithTimeout(context.Background(), rulesTimeout)
	defer cancel()
	rules, err := r.rules(ctx)
	if err != nil {
		return r.off.Load()
	}
	return !rules.Passwords
}

// lostSignIn says what the loss of the secret file means for signing in.
const lostSignIn = "the sign-in settings were encrypted with a different secret file, which is lost or was replaced. " +
	"Until they are set again in the console, only people who signed in with the identity provider before can sign in. " +
	"To allow passwords again: clientele signin passwords on --reset"
