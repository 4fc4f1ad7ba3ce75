package account

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// Limits of an Assertion.
const (
	MaxSubjectBytes = 1024
	MaxIssuerBytes  = 1024
)

// Assertion is a verified statement of an identity provider about who signs in.
type Assertion struct {
	// Issuer and Subject identify the provider's account permanently.
	Issuer, Subject string
	// Identity is the value of the identity claim, "" when missing. IdentityVerified
	// reports whether it can be trusted: the email address was verified, or the claim is
	// not one that people can edit.
	Identity         string
	IdentityVerified bool
	// Role is the value of the role claim, "" when none is configured.
	Role Role
	// Session is the provider's name of the session there, "" when unknown. AuthTime is when
	// the person signed in there, zero when unknown. OpenID Connect requires it of a
	// reauthentication only.
	Session  string
	AuthTime time.Time
	// Reauthentication reports whether the provider was asked to have the person sign in
	// again.
	Reauthentication bool
}

// SignInResult is what a sign-in with a provider changed about the person.
type SignInResult struct {
	// Added reports whether the person was added, Linked whether an account was linked.
	Added, Linked bool
	// PreviousRole is the previous role when the sign-in changed it, else "".
	PreviousRole Role
	// KeptAdmin is set if the last active administrator kept the role although the
	// assertion says worker.
	KeptAdmin bool
}

// maxSignInAttempts limits the attempts when the person is changed concurrently.
const maxSignInAttempts = 3

// SignInWithProvider starts a session for the person of an assertion:
//
//   - the person to whom issuer and subject are linked, whatever the asserted identity:
//     customers do not change hands because an email address changed at the provider;
//   - else the person with that identity, to whom the account is then linked; ErrUnverified
//     when the identity is missing or not verified, ErrLinked when another account is linked
//     to that person;
//   - else a new person, if the Rules allow it; ErrNotFound when they do not, an
//     *InvalidError when the identity is not valid.
//
// An asserted role becomes the person's, except that the last active administrator keeps
// the role. ErrDeactivated is returned before anything changes. Session.Result and
// Session.Identity say what changed and for whom, even with an error.
func (s *Service) SignInWithProvider(ctx context.Context, assertion Assertion, agent string) (secret string, _ Session, err error) {
	if err := assertion.validate(); err != nil {
		return "", Session{}, err
	}
	rules, err := s.rules(ctx)
	if err != nil {
		return "", Session{}, fmt.Errorf("read how people sign in: %w", err)
	}
	var result Session // what has changed, also on errors
	for range maxSignInAttempts {
		p, changed, err := s.store.SaveAssertion(ctx, assertion, rules.Provision, s.now())
		if err != nil {
			return "", result, err
		}
		result.Identity, result.Result = p.Identity, result.Result.merge(changed)
		// The change is made: the caller must learn of it even if its context is canceled.
		begun := Session{Agent: agent, ByProvider: true, ProviderSession: assertion.Session}
		if !assertion.AuthTime.IsZero() {
			begun.ConfirmedUntil = assertion.AuthTime.Add(ConfirmationLife)
		}
		secret, session, err := s.startSession(context.WithoutCancel(ctx), p, begun)
		if errors.Is(err, ErrNotFound) { // changed concurrently: try again
			continue
		}
		if err != nil {
			return "", result, err
		}
		session.Result = result.Result
		return secret, session, nil
	}
	return "", result, ErrUnavailable
}

// merge adds the changes of another attempt.
func (s SignInResult) merge(b SignInResult) SignInResult {
	s.Added, s.Linked, s.KeptAdmin = s.Added || b.Added, s.Linked || b.Linked, b.KeptAdmin
	if s.PreviousRole == "" {
		s.PreviousRole = b.PreviousRole
	}
	return s
}

// validate checks an assertion and drops an identity that is not verified.
func (a *Assertion) validate() error {
	switch {
	case a.Issuer == "" || len(a.Issuer) > MaxIssuerBytes || !utf8.ValidString(a.Issuer),
		a.Subject == "" || len(a.Subject) > MaxSubjectBytes || !utf8.ValidString(a.Subject):
		return ErrUnverified
	case a.Role != "" && ValidateRole(a.Role) != nil, len(a.Session) > MaxSubjectBytes || !utf8.ValidString(a.Session):
		return ErrUnverified
	}
	if !a.IdentityVerified {
		a.Identity = ""
	}
	return nil
}
