package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/oidc"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
)

// provider is the identity provider as the app sees it: what comes back from it, as
// the settings read it.
type provider struct {
	name             string
	issuer, clientID string
	oidc             *oidc.Provider
	sealer           *secret.Sealer
	rules            *signInRules
	// origin is where people find us, "" when that is this machine alone.
	origin string
	now    func() time.Time
	log    *slog.Logger
}

// The purposes of what is sealed for a sign-in under way, and how long one may take.
const (
	signInPurpose = "sign-in"
	signInWithin  = 10 * time.Minute
)

// logoutWithin is how long signing out may wait for a provider that was not asked yet.
const logoutWithin = 2 * time.Second

var _ app.Provider = (*provider)(nil)

// callbackPages is where a provider sends people back to.
const callbackPages = "/signin/provider/callback"

// underWay is a sign-in that has begun, as the browser keeps it, sealed.
type underWay struct {
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Callback string    `json:"c"`
	At       time.Time `json:"t"`
}

// Name is what people know the provider by.
func (p *provider) Name() string { return p.name }

// PasswordsOff tells whether there is no other way in.
func (p *provider) PasswordsOff() bool { return p.rules.passwordsOff() }

// Begin answers where the browser goes, and what it is to keep until it is back. The
// errors are those of account that a provider's sign-in may end with.
func (p *provider) Begin(ctx context.Context, callback string) (goTo, sealed string, err error) {
	if !p.mayReturn(callback) {
		return "", "", p.ended(ctx, &oidc.Error{Kind: oidc.ErrRefused, Reason: "the address asked for is not that of --public-url"})
	}
	started, err := p.oidc.Begin(ctx, callback)
	if err != nil {
		return "", "", p.ended(ctx, err)
	}
	plain, err := json.Marshal(underWay{started.State, started.Nonce, started.Verifier, callback, p.now().UTC()})
	if err != nil {
		return "", "", err
	}
	return started.URL, p.sealer.Seal(plain, signInPurpose), nil
}

// mayReturn tells whether a provider may send people back to callback: to where we
// are known to be, or to this machine. Whoever asks under another name is not to
// choose where a code is sent to.
func (p *provider) mayReturn(callback string) bool {
	if p.origin != "" {
		return callback == p.origin+callbackPages
	}
	u, err := url.Parse(callback)
	return err == nil && u.Scheme == "http" && u.User == nil && loopbackHost(u.Hostname()) && u.Path == callbackPages && u.RawQuery == ""
}

// Finish answers whom the provider vouches for. sealed is what Begin answered, and
// answer the query that the browser came back with.
func (p *provider) Finish(ctx context.Context, callback, sealed string, answer url.Values) (account.Assertion, error) {
	begun, err := openUnderWay(p.sealer, sealed)
	if err != nil || begun.Callback != callback || !p.recent(begun.At) {
		return account.Assertion{}, account.ErrSignInExpired
	}
	say, err := p.rules.read(ctx)
	if err != nil && !errors.Is(err, settings.ErrSealed) {
		return account.Assertion{}, fmt.Errorf("%w: %w", account.ErrUnavailable, err)
	}
	lost := err != nil
	who, err := p.oidc.Finish(ctx, callback, oidc.Started{State: begun.State, Nonce: begun.Nonce, Verifier: begun.Verifier}, answer, wanted(say)...)
	if err != nil {
		return account.Assertion{}, p.ended(ctx, err)
	}
	if lost { // which claim names people is not known any more: only who is bound already comes in
		return account.Assertion{Issuer: who.Issuer, Subject: who.Subject}, nil
	}
	return proofOf(who, say), nil
}

func openUnderWay(sealer *secret.Sealer, sealed string) (begun underWay, err error) {
	plain, err := sealer.Open(sealed, signInPurpose)
	if err == nil {
		err = json.Unmarshal(plain, &begun)
	}
	return begun, err
}

// recent tells whether a sign-in that began at may still end.
func (p *provider) recent(at time.Time) bool {
	passed := p.now().Sub(at)
	return passed >= -time.Minute && passed <= signInWithin
}

// ended writes down why a sign-in ended, and answers that in the words of account.
func (p *provider) ended(ctx context.Context, err error) error {
	level, is := slog.LevelWarn, account.ErrProviderRefused
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, oidc.ErrCancelled):
		level, is = slog.LevelInfo, account.ErrCancelled
	case errors.Is(err, oidc.ErrExpired):
		level, is = slog.LevelInfo, account.ErrSignInExpired
	case errors.Is(err, oidc.ErrUnreachable):
		is = account.ErrProviderDown
	}
	p.log.LogAttrs(ctx, level, "a sign-in with the identity provider ended", slog.Any("error", err))
	return is
}

// Logout answers where the browser goes to sign out at the provider too, "" when there
// is no such place; from there it comes back to after.
func (p *provider) Logout(after string) string {
	ctx, cancel := context.WithTimeout(context.Background(), logoutWithin)
	defer cancel()
	return p.oidc.LogoutURL(ctx, "", after)
}
