package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/oidc"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// identityProvider is what the app signs people in with: an oidc.Provider whose claims
// are read as the settings say.
type identityProvider struct {
	issuer, clientID string
	oidc             *oidc.Provider
	sealer           *secret.Sealer
	rules            *signInRules
	origin           string // Config.PublicURL
	now              func() time.Time
	logger           *slog.Logger
}

var _ app.Provider = (*identityProvider)(nil)

// signInPurpose seals a sign-in under way, which may take app.SignInTimeout.
const signInPurpose = "sign-in"

// logoutTimeout bounds how long signing out waits for the provider's first response.
const logoutTimeout = 2 * time.Second

// pendingSignIn is a sign-in under way, as the browser holds it, encrypted.
type pendingSignIn struct {
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Callback string    `json:"c"`
	At       time.Time `json:"t"`
	// Reauthentication reports whether the person is to sign in there again.
	Reauthentication bool `json:"a,omitempty"`
}

// useProvider lets people sign in with the identity provider, if there is one.
func (s *Server) useProvider(o *oidc.Options) error {
	if o == nil {
		return nil
	}
	provider, err := oidc.New(*o)
	if err != nil {
		return err
	}
	s.signIn.hasProvider = true
	s.provider = &identityProvider{
		issuer: o.Issuer, clientID: o.ClientID, oidc: provider, sealer: s.config.Key.Sealer(signInPurpose), rules: s.signIn,
		origin: s.config.PublicURL, now: time.Now, logger: s.config.Logger,
	}
	return nil
}

// checkProvider reports at the start what is wrong with the provider. It waits for the
// provider's response.
func (s *Server) checkProvider(ctx context.Context) {
	if s.provider == nil {
		return
	}
	if _, err := s.signIn.read(ctx); errors.Is(err, settings.ErrWrongKey) {
		s.config.Notice(slog.LevelWarn, lostSignIn)
	}
	if err := s.provider.oidc.Check(ctx); err != nil && ctx.Err() == nil {
		s.config.Notice(slog.LevelWarn, "the identity provider can't be reached, so no one can sign in with it; it is tried again at the next sign-in: "+err.Error())
	}
}

// Name is what people know the provider by: its host.
func (p *identityProvider) Name() string {
	u, err := url.Parse(p.issuer)
	if err != nil {
		return p.issuer
	}
	return u.Host
}

// PasswordsOff reports whether the provider is the only way to sign in.
func (p *identityProvider) PasswordsOff() bool { return p.rules.passwordsOff() }

// Begin returns the address to redirect the browser to, and the state that the browser
// keeps until it returns. Its errors are those of account for a sign-in with a provider.
func (p *identityProvider) Begin(ctx context.Context, callback string) (goTo, sealed string, err error) {
	return p.begin(ctx, callback, false)
}

// BeginReauthentication is Begin for a person who is to sign in at the provider again.
func (p *identityProvider) BeginReauthentication(ctx context.Context, callback string) (goTo, sealed string, err error) {
	return p.begin(ctx, callback, true)
}

func (p *identityProvider) begin(ctx context.Context, callback string, reauthentication bool) (goTo, sealed string, err error) {
	if !p.isOurs(callback) {
		return "", "", p.failed(ctx, &oidc.Error{Kind: oidc.ErrRefused, Reason: "the address requested is not that of --public-url"})
	}
	begin := p.oidc.Begin
	if reauthentication {
		begin = p.oidc.BeginReauthentication
	}
	started, err := begin(ctx, callback)
	if err != nil {
		return "", "", p.failed(ctx, err)
	}
	plain, err := json.Marshal(pendingSignIn{started.State, started.Nonce, started.Verifier, callback, p.now().UTC(), reauthentication})
	if err != nil {
		return "", "", err
	}
	return started.URL, p.sealer.Seal(plain, signInPurpose), nil
}

// isOurs reports whether a provider may send people back to callback: an address of
// the public origin, or of this machine. The name that a request was made under must
// not decide where a code is sent.
func (p *identityProvider) isOurs(callback string) bool {
	if p.origin != "" {
		return callback == p.origin+auth.ProviderCallbackPath
	}
	u, err := url.Parse(callback)
	return err == nil && u.Scheme == "http" && u.User == nil && outbound.IsLoopbackHost(u.Hostname()) && u.Path == auth.ProviderCallbackPath && u.RawQuery == ""
}

// Finish returns who signed in. sealed is the state that Begin returned, and
// query that of the callback.
func (p *identityProvider) Finish(ctx context.Context, callback, sealed string, query url.Values) (account.Assertion, error) {
	pending, err := openPendingSignIn(p.sealer, sealed)
	if err != nil || pending.Callback != callback || !p.recent(pending.At) {
		return account.Assertion{}, account.ErrSignInExpired
	}
	rules, err := p.rules.read(ctx)
	if err != nil && !errors.Is(err, settings.ErrWrongKey) {
		return account.Assertion{}, fmt.Errorf("%w: %w", account.ErrUnavailable, err)
	}
	lost := err != nil
	who, err := p.oidc.Finish(ctx, callback, oidc.Started{State: pending.State, Nonce: pending.Nonce, Verifier: pending.Verifier}, query, claims(rules)...)
	if err != nil {
		return account.Assertion{}, p.failed(ctx, err)
	}
	a := account.Assertion{Issuer: who.Issuer, Subject: who.Subject}
	if !lost { // else only people who are already linked may sign in: which claim names them is unknown
		a = assertion(who, rules)
	}
	a.Session, a.Reauthentication = oidc.Text(who.Claims["sid"]), pending.Reauthentication
	a.AuthTime, _ = oidc.Time(who.Claims["auth_time"])
	return a, nil
}

// VerifyLogout returns whose session the provider has ended, as its logout token says.
func (p *identityProvider) VerifyLogout(ctx context.Context, logoutToken string) (account.Assertion, error) {
	l, err := p.oidc.VerifyLogout(ctx, logoutToken)
	if err != nil {
		return account.Assertion{}, p.failed(ctx, err)
	}
	return account.Assertion{Issuer: l.Issuer, Subject: l.Subject, Session: l.Session}, nil
}

func openPendingSignIn(sealer *secret.Sealer, sealed string) (pending pendingSignIn, err error) {
	plain, err := sealer.Open(sealed, signInPurpose)
	if err == nil {
		err = json.Unmarshal(plain, &pending)
	}
	return pending, err
}

// recent reports whether a sign-in that began at t may still end.
func (p *identityProvider) recent(t time.Time) bool {
	passed := p.now().Sub(t)
	return passed >= -time.Minute && passed <= app.SignInTimeout
}

// failed logs why a sign-in failed and returns the error of account for it.
func (p *identityProvider) failed(ctx context.Context, err error) error {
	level, is := slog.LevelWarn, account.ErrProviderRefused
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, oidc.ErrCanceled):
		level, is = slog.LevelInfo, account.ErrCanceled
	case errors.Is(err, oidc.ErrExpired):
		level, is = slog.LevelInfo, account.ErrSignInExpired
	case errors.Is(err, oidc.ErrUnreachable):
		is = account.ErrProviderDown
	}
	p.logger.LogAttrs(ctx, level, "sign-in with the identity provider failed", slog.Any("error", err))
	return is
}

// Logout returns the address that signs the browser out at the provider and redirects it
// to after, "" when there is none.
func (p *identityProvider) Logout(after string) string {
	ctx, cancel := context.WithTimeout(context.Background(), logoutTimeout)
	defer cancel()
	return p.oidc.LogoutURL(ctx, after)
}

// claims are the claims that the settings name.
func claims(s settings.SignIn) []string {
	names := []string{s.Claim}
	if s.RoleClaim != "" {
		names = append(names, s.RoleClaim)
	}
	return names
}

// assertion reads the provider's claims as the settings say.
func assertion(who oidc.Identity, s settings.SignIn) account.Assertion {
	a := account.Assertion{Issuer: who.Issuer, Subject: who.Subject, Identity: oidc.Text(oidc.Lookup(who.Claims, s.Claim))}
	// People enter their email address themselves, so the provider must have verified
	// it. Any other claim was chosen by an administrator as one that people cannot
	// change.
	a.IdentityVerified = a.Identity != "" &&
		(s.Claim != settings.DefaultClaim || oidc.IsTrue(who.Claims["email_verified"]))
	if s.RoleClaim != "" {
		// With many providers, a person without roles has no such claim at all.
		a.Role = account.RoleWorker
		if slices.Contains(oidc.Texts(oidc.Lookup(who.Claims, s.RoleClaim)), s.AdminValue) {
			a.Role = account.RoleAdmin
		}
	}
	return a
}
