package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// How long a session holds: SessionIdle after it was last seen, and never longer
// than SessionAbsolute after it began. A cookie that holds the secret should live
// for SessionAbsolute; the server decides when it ends before.
const (
	SessionIdle     = 30 * 24 * time.Hour
	SessionAbsolute = 90 * 24 * time.Hour
)

// touchEvery is how old LastSeen may become before it is written anew, and
// touchTimeout how long that may take.
const (
	touchEvery   = time.Minute
	touchTimeout = 30 * time.Second
)

// secretBytes is the length of a session's secret: 256 bits.
const secretBytes = 32

// SignIn begins a session for the person with this identity and password. The
// secret is for the browser's cookie and is not kept here. It returns
// ErrCredentials, after the same time, whether the person is unknown, has no
// password, or has another one; ErrDeactivated only when the password is right; and
// ErrPasswordsOff, whoever it is, while people sign in with a provider alone.
func (s *Service) SignIn(ctx context.Context, identity, password, agent string) (secret string, _ Session, err error) {
	if err := s.passwords(ctx); err != nil {
		return "", Session{}, err
	}
	p, err := s.store.Person(ctx, typed(identity))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", Session{}, err
	}
	if len(password) > MaxPasswordBytes { // never set, so not worth hashing whole
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
	secret, session, err := s.begin(ctx, p, agent)
	if errors.Is(err, ErrNotFound) { // removed, or given another password, just now
		err = ErrCredentials
	}
	return secret, session, err
}

// SignInAs begins a session without a password, for the demo. ErrNotFound when there
// is no such person, ErrDeactivated.
func (s *Service) SignInAs(ctx context.Context, identity, agent string) (secret string, _ Session, err error) {
	p, err := s.store.Person(ctx, identity)
	if err != nil {
		return "", Session{}, err
	}
	if !p.Active() {
		return "", Session{}, ErrDeactivated
	}
	return s.begin(ctx, p, agent)
}

// passwords answers ErrPasswordsOff when they are off. It is asked before anything
// is looked up or hashed, so that it tells nothing of anybody.
func (s *Service) passwords(ctx context.Context) error {
	rules, err := s.rules(ctx)
	if err != nil {
		return fmt.Errorf("read how people sign in: %w", err)
	}
	if !rules.Passwords {
		return ErrPasswordsOff
	}
	return nil
}

// begin keeps a new session of p, or returns ErrNotFound when p is not any more who
// they were when they were read.
func (s *Service) begin(ctx context.Context, p Person, agent string) (string, Session, error) {
	var raw [secretBytes]byte
	rand.Read(raw[:])
	secret := base64.RawURLEncoding.EncodeToString(raw[:])
	now := s.now()
	session := Session{
		ID: rand.Text(), Identity: p.Identity, Created: now, LastSeen: now,
		Expires: expiry(now, now), Agent: shortAgent(agent),
	}
	// A good moment to forget the old ones; it is no loss when it fails.
	_ = s.store.PurgeSessions(ctx, now)
	err := s.store.AddSession(ctx, sha256.Sum256([]byte(secret)), session, p)
	if err != nil {
		return "", Session{}, err
	}
	return secret, session, nil
}

func expiry(created, seen time.Time) time.Time {
	idle, absolute := seen.Add(SessionIdle), created.Add(SessionAbsolute)
	if absolute.Before(idle) {
		return absolute
	}
	return idle
}

// Authenticate answers the session of a secret and its person, or ErrNoSession.
// It prolongs the session, at most once a minute and without keeping the caller
// waiting: the store may be busy with a long import.
func (s *Service) Authenticate(ctx context.Context, secret string) (Session, Person, error) {
	if len(secret) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return Session{}, Person{}, ErrNoSession
	}
	now := s.now()
	session, p, err := s.store.SessionByHash(ctx, sha256.Sum256([]byte(secret)), now)
	if err != nil {
		return Session{}, Person{}, err
	}
	if now.Sub(session.LastSeen) >= touchEvery {
		session.LastSeen, session.Expires = now, expiry(session.Created, now)
		s.touch(context.WithoutCancel(ctx), session)
	}
	return session, p, nil
}

// touch writes when a session was last seen, beside the answer. When it fails,
// the next request tries again.
func (s *Service) touch(ctx context.Context, session Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inTouch[session.ID] {
		return
	}
	s.inTouch[session.ID] = true
	s.touching.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, touchTimeout)
		defer cancel()
		_ = s.store.TouchSession(ctx, session.ID, session.LastSeen, session.Expires)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.inTouch, session.ID)
	})
}

// SignOut ends the session of a secret; one that has ended already is no error.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	err := s.store.RemoveSessionByHash(ctx, sha256.Sum256([]byte(secret)))
	if errors.Is(err, ErrNoSession) {
		return nil
	}
	return err
}

// Sessions answers somebody's sessions, newest first.
func (s *Service) Sessions(ctx context.Context, identity string) ([]Session, error) {
	return s.store.Sessions(ctx, identity, s.now())
}

// RevokeSession ends the session called id, or returns ErrNoSession when it is
// not this person's.
func (s *Service) RevokeSession(ctx context.Context, identity, id string) error {
	return s.store.RemoveSession(ctx, identity, id)
}

// EndSessions ends all of somebody's sessions, or returns ErrNotFound.
func (s *Service) EndSessions(ctx context.Context, identity string) error {
	if _, err := s.store.Person(ctx, identity); err != nil {
		return err
	}
	return s.store.RemoveSessions(ctx, identity, "")
}

// RevokeOtherSessions ends somebody's sessions, except the one called keepID.
func (s *Service) RevokeOtherSessions(ctx context.Context, identity, keepID string) error {
	return s.store.RemoveSessions(ctx, identity, keepID)
}
