package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"
)

// SessionLife is how long a session lasts: Idle after it was last used, at most Absolute
// after it began.
type SessionLife struct{ Idle, Absolute time.Duration }

// DefaultSessionLife returns the lifetime that applies until an administrator changes it.
func DefaultSessionLife() SessionLife {
	return SessionLife{Idle: 30 * 24 * time.Hour, Absolute: 90 * 24 * time.Hour}
}

// end returns when a session ends that was created and last seen at these times.
func (l SessionLife) end(created, seen time.Time) time.Time {
	idle, absolute := seen.Add(l.Idle), created.Add(l.Absolute)
	if absolute.Before(idle) {
		return absolute
	}
	return idle
}

// MaxSessions is how many sessions a person can have.
const MaxSessions = 20

// touchInterval is the resolution of the stored LastSeen, touchTimeout the time limit for
// storing it.
const (
	touchInterval = time.Minute
	touchTimeout  = 30 * time.Second
)

// secretBytes is the length of a session secret: 256 bits.
const secretBytes = 32

// SignIn starts a session for the person with this identity and password. The secret is
// for the browser's cookie; it is not stored. It returns ErrCredentials, after the same
// time, when the person is unknown, has no password or another one; ErrDeactivated and
// ErrPasswordExpired only when the password is right; and ErrPasswordsOff, for any identity, while passwords are
// off.
func (s *Service) SignIn(ctx context.Context, identity, password, agent string) (secret string, _ Session, err error) {
	if err := s.requirePasswords(ctx); err != nil {
		return "", Session{}, err
	}
	p, err := s.store.Person(ctx, trimIdentity(identity))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", Session{}, err
	}
	if len(password) > MaxPasswordBytes { // never valid, so not worth hashing
		p, password = Person{}, ""
	}
	ok, err := s.hasher.Check(ctx, p.PasswordHash, password)
	if err != nil {
		return "", Session{}, fmt.Errorf("check password: %w", err)
	}
	if !ok {
		return "", Session{}, ErrCredentials
	}
	if !p.Active() {
		return "", Session{}, ErrDeactivated
	}
	if p.Temporary() && !s.now().Before(p.PasswordExpires) {
		return "", Session{}, ErrPasswordExpired
	}
	secret, session, err := s.startSession(ctx, p, Session{Agent: agent, ConfirmedUntil: s.now().Add(ConfirmationLife)})
	if errors.Is(err, ErrNotFound) { // changed since it was read
		err = ErrCredentials
	}
	return secret, session, err
}

// SignInAs starts a session without a password, for the demo: nothing in it needs
// confirmation. It returns ErrNotFound or ErrDeactivated.
func (s *Service) SignInAs(ctx context.Context, identity, agent string) (secret string, _ Session, err error) {
	p, err := s.store.Person(ctx, identity)
	if err != nil {
		return "", Session{}, err
	}
	if !p.Active() {
		return "", Session{}, ErrDeactivated
	}
	return s.startSession(ctx, p, Session{Agent: agent, ConfirmedUntil: s.now().Add(s.life().Absolute)})
}

// requirePasswords returns ErrPasswordsOff when passwords are off. It is called before any
// lookup or hashing, so that its result reveals nothing about a person.
func (s *Service) requirePasswords(ctx context.Context) error {
	rules, err := s.rules(ctx)
	if err != nil {
		return fmt.Errorf("read the sign-in rules: %w", err)
	}
	if !rules.Passwords {
		return ErrPasswordsOff
	}
	return nil
}

// startSession stores a new session of p, or returns ErrNotFound when p has changed since
// it was read. session has the fields that depend on how it began.
func (s *Service) startSession(ctx context.Context, p Person, session Session) (string, Session, error) {
	var raw [secretBytes]byte
	rand.Read(raw[:])
	secret := base64.RawURLEncoding.EncodeToString(raw[:])
	now := s.now()
	session.ID, session.Identity, session.Agent = rand.Text(), p.Identity, truncateAgent(session.Agent)
	session.Created, session.LastSeen, session.Expires = now, now, s.life().end(now, now)
	// Expired sessions are purged here; a failure does no harm.
	_ = s.store.DeleteExpiredSessions(ctx, now)
	var err error
	session.Ended, err = s.store.AddSession(ctx, sha256.Sum256([]byte(secret)), session, p)
	if err != nil {
		return "", Session{}, err
	}
	return secret, session, nil
}

// Authenticate returns the session of a secret and its person, or ErrNoSession. A session
// that began with a temporary password ends when that expires. Authenticate prolongs the
// session at most once a minute, in the background: the store may be busy with a long
// import.
func (s *Service) Authenticate(ctx context.Context, secret string) (Session, Person, error) {
	if len(secret) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return Session{}, Person{}, ErrNoSession
	}
	now := s.now()
	session, p, err := s.store.SessionByHash(ctx, sha256.Sum256([]byte(secret)), now)
	if err != nil {
		return Session{}, Person{}, err
	}
	life := s.life()
	if !now.Before(life.end(session.Created, session.LastSeen)) { // shorter than when it was stored
		return Session{}, Person{}, ErrNoSession
	}
	if p.Temporary() && !session.ByProvider && !now.Before(p.PasswordExpires) {
		return Session{}, Person{}, ErrNoSession // it began with the temporary password
	}
	if now.Sub(session.LastSeen) >= touchInterval {
		session.LastSeen, session.Expires = now, life.end(session.Created, now)
		s.touch(context.WithoutCancel(ctx), session)
	}
	return session, p, nil
}

// touch stores the times of a session in the background. After a failure, the next
// request tries again.
func (s *Service) touch(ctx context.Context, session Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending[session.ID] {
		return
	}
	s.pending[session.ID] = true
	s.touching.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, touchTimeout)
		defer cancel()
		_ = s.store.TouchSession(ctx, session.ID, session.LastSeen, session.Expires)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.pending, session.ID)
	})
}

// SignOut ends the session of a secret. An unknown secret is no error.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	err := s.store.RemoveSessionByHash(ctx, sha256.Sum256([]byte(secret)))
	if errors.Is(err, ErrNoSession) {
		return nil
	}
	return err
}

// Sessions returns a person's sessions, newest first.
func (s *Service) Sessions(ctx context.Context, identity string) ([]Session, error) {
	now, life := s.now(), s.life()
	sessions, err := s.store.Sessions(ctx, identity, now)
	return slices.DeleteFunc(sessions, func(session Session) bool {
		return !now.Before(life.end(session.Created, session.LastSeen))
	}), err
}

// RevokeSession ends a session by its ID, or returns ErrNoSession when it is not this
// person's.
func (s *Service) RevokeSession(ctx context.Context, identity, id string) error {
	return s.store.RemoveSession(ctx, identity, id)
}

// EndSessions ends all sessions of a person, or returns ErrNotFound.
func (s *Service) EndSessions(ctx context.Context, identity string) error {
	if _, err := s.store.Person(ctx, identity); err != nil {
		return err
	}
	return s.store.RemoveSessions(ctx, identity, "")
}

// RevokeOtherSessions ends all sessions of a person except the one with keepID.
func (s *Service) RevokeOtherSessions(ctx context.Context, identity, keepID string) error {
	return s.store.RemoveSessions(ctx, identity, keepID)
}
