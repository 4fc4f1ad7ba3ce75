package account

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"
)

// MaxSubjectBytes bounds what a provider calls its accounts, and MaxIssuerBytes the
// URL that it calls itself.
const (
	MaxSubjectBytes = 1024
	MaxIssuerBytes  = 1024
)

// Assertion is what an identity provider says about who signs in, its signature and all
// else having been verified.
type Assertion struct {
	// Issuer and Subject name the account for ever: neither is given to somebody else.
	Issuer, Subject string
	// Identity is the value of the claim that names people here, "" when the provider
	// does not tell. IdentityVerified says that it may be believed: that the e-mail
	// address was verified, or that the claim is none that people write themselves.
	Identity         string
	IdentityVerified bool
	// Role is what a claim says, "" when none is asked.
	Role Role
}

// SignInResult is what a sign-in with a provider changed about the person.
type SignInResult struct {
	// Added tells that nobody knew the person before, Bound that an account of the
	// provider became theirs just now.
	Added, Bound bool
	// Was is the role before, when a claim changed it; else "".
	Was Role
	// KeptAdmin tells that a claim made a worker of the last active administrator,
	// which was not done.
	KeptAdmin bool
}

// provenTries is how often a sign-in begins anew when the person was changed
// meanwhile.
const provenTries = 3

// SignInWithProvider begins a session for whom a provider vouches for:
//
//   - for the person to whom issuer and subject are bound, whatever the identity in
//     the proof is by now: nobody's customers change hands because an e-mail address
//     was changed at the provider;
//   - else for the person with that identity, to whom the account is bound from now
//     on; ErrUnverified when the proof names no identity or it is not verified, ErrBound
//     when another account is bound to that person already;
//   - else for somebody new, added as the Rules allow; ErrNotFound when they do not,
//     an *InvalidError when nobody can be called so.
//
// A role in the proof becomes the person's, except that the last active administrator
// stays one. ErrDeactivated is told before anything changes. Session.Result tells
// what changed, and Session.Identity about whom, also beside an error.
func (s *Service) SignInWithProvider(ctx context.Context, proof Assertion, agent string) (secret string, _ Session, err error) {
	if err := proof.check(); err != nil {
		return "", Session{}, err
	}
	rules, err := s.rules(ctx)
	if err != nil {
		return "", Session{}, fmt.Errorf("read how people sign in: %w", err)
	}
	var told Session // what has changed, also when that is all
	for range provenTries {
		p, changed, err := s.store.SaveAssertion(ctx, proof, rules.Provision, s.now())
		if err != nil {
			return "", told, err
		}
		told.Identity, told.Result = p.Identity, told.Result.and(changed)
		// Who leaves now was let in all the same: somebody must be told what changed.
		secret, session, err := s.begin(context.WithoutCancel(ctx), p, agent)
		if errors.Is(err, ErrNotFound) { // changed in between: look again
			continue
		}
		if err != nil {
			return "", told, err
		}
		session.Result = told.Result
		return secret, session, nil
	}
	return "", told, ErrUnavailable
}

// and adds what changed in another try.
func (a SignInResult) and(b SignInResult) SignInResult {
	a.Added, a.Bound, a.KeptAdmin = a.Added || b.Added, a.Bound || b.Bound, b.KeptAdmin
	if a.Was == "" {
		a.Was = b.Was
	}
	return a
}

// check refuses a proof of nobody. An identity that is not to be trusted is none.
func (p *Assertion) check() error {
	switch {
	case p.Issuer == "" || len(p.Issuer) > MaxIssuerBytes || !utf8.ValidString(p.Issuer),
		p.Subject == "" || len(p.Subject) > MaxSubjectBytes || !utf8.ValidString(p.Subject):
		return ErrUnverified
	case p.Role != "" && ValidateRole(p.Role) != nil:
		return ErrUnverified
	}
	if !p.IdentityVerified {
		p.Identity = ""
	}
	return nil
}
