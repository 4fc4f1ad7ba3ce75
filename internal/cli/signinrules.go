package cli

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/settings"
)

// signInRules are what the settings say about signing in, as far as they count:
// without a provider, passwords are the way in whatever is kept.
type signInRules struct {
	settings *settings.Service
	provider bool
	last     atomic.Bool // whether passwords were off when that was last known
}

func (r *signInRules) read(ctx context.Context) (settings.SignIn, error) {
	return r.settings.SignIn(ctx)
}

// rules are for account.Service.UseRules. When the secret file was lost, and with it
// what was decided, nobody new is let in and the provider is the only way: passwords
// may have been switched off for a reason. The command line brings them back.
func (r *signInRules) rules(ctx context.Context) (account.Rules, error) {
	if !r.provider {
		return account.Rules{Passwords: true}, nil
	}
	s, err := r.read(ctx)
	if errors.Is(err, settings.ErrSealed) {
		r.last.Store(true)
		return account.Rules{}, nil
	}
	if err != nil {
		return account.Rules{}, errors.Join(account.ErrUnavailable, err)
	}
	r.last.Store(s.PasswordsOff)
	return account.Rules{Passwords: !s.PasswordsOff, Provision: s.Provision}, nil
}

// askWithin is how long a page waits for the settings.
const askWithin = time.Second

// passwordsOff tells whether there is no other way in than the provider; what was last
// known, when the settings cannot be read just now.
func (r *signInRules) passwordsOff() bool {
	ctx, cancel := context.WithTimeout(context.Background(), askWithin)
	defer cancel()
	rules, err := r.rules(ctx)
	if err != nil {
		return r.last.Load()
	}
	return !rules.Passwords
}

// lostSignIn says what the loss of the secret file means for signing in.
const lostSignIn = "how people sign in was sealed with another secret file, which is lost or was exchanged. " +
	"Until it is set anew in the console, only those whom the identity provider brought here before can sign in. " +
	"To let passwords count again: clientele signin passwords on --reset"
