package account

import (
	"context"
	"fmt"
	"time"
)

// ConfirmationLife is how long a session stays confirmed after the person has proved who
// they are.
const ConfirmationLife = 10 * time.Minute

// Confirmed reports whether the person has proved recently who they are.
func (s Session) Confirmed(now time.Time) bool { return now.Before(s.ConfirmedUntil) }

// Confirm confirms a session with the person's password. It returns ErrCredentials when the
// password is wrong or temporary, ErrPasswordsOff, or ErrNoSession when the session has ended.
func (s *Service) Confirm(ctx context.Context, session Session, password string) error {
	if err := s.requirePasswords(ctx); err != nil {
		return err
	}
	p, err := s.store.Person(ctx, session.Identity)
	if err != nil {
		return err
	}
	ok, err := s.hasher.Check(ctx, p.PasswordHash, password)
	if err != nil {
		return fmt.Errorf("check password: %w", err)
	}
	if !ok || p.Temporary() { // a temporary password opens its replacement only
		return ErrCredentials
	}
	return s.store.ConfirmSession(ctx, session.ID, s.now().Add(ConfirmationLife))
}

// ConfirmWithProvider confirms a session with a new sign-in at the identity provider. It
// returns ErrCredentials when the assertion is another person's, was not asked for again, or
// says that they signed in there longer ago, ErrNoAuthTime when it does not say when, and
// ErrNoSession when the session has ended.
func (s *Service) ConfirmWithProvider(ctx context.Context, session Session, a Assertion) error {
	p, err := s.store.Person(ctx, session.Identity)
	if err != nil {
		return err
	}
	now := s.now()
	switch {
	case !a.Reauthentication, !p.Linked(), p.Issuer != a.Issuer, p.Subject != a.Subject:
		return ErrCredentials
	case a.AuthTime.IsZero():
		return ErrNoAuthTime
	case now.Sub(a.AuthTime) > ConfirmationLife:
		return ErrCredentials
	}
	return s.store.ConfirmSession(ctx, session.ID, now.Add(ConfirmationLife))
}

// EndProviderSessions ends the sessions that a provider has ended: the one that it calls
// session, or with "" all of the person linked to subject; one of the two may be "". It
// returns the person, or ErrNotFound when there is no such session or person.
func (s *Service) EndProviderSessions(ctx context.Context, issuer, subject, session string) (Person, error) {
	return s.store.RemoveProviderSessions(ctx, issuer, subject, session)
}
