package account

import (
	"context"
	"sync"
	"time"
)

// Store stores people and sessions. It finds people by identity, compared by
// text.IdentityKey, and sessions by the SHA-256 of their secret. Its errors are those of
// this package; any method may return ErrUnavailable. Implementations are safe for
// concurrent use and pass store_test.go.
type Store interface {
	// AddPerson adds a person, or returns ErrExists.
	AddPerson(ctx context.Context, p Person) error
	// Person returns a person, or ErrNotFound.
	Person(ctx context.Context, identity string) (Person, error)
	// People returns everyone, in order of identity key.
	People(ctx context.Context) ([]Person, error)
	// FindPeople returns a page of the people that a query selects.
	FindPeople(ctx context.Context, q PeopleQuery) (PeoplePage, error)
	// WithoutAccount returns those of the identities that no person has, in their order.
	WithoutAccount(ctx context.Context, identities []string) ([]string, error)
	// HasPeople reports whether there is any person.
	HasPeople(ctx context.Context) (bool, error)
	// SetPreferences changes a person's preferences only; ErrNotFound.
	SetPreferences(ctx context.Context, identity string, p Preferences) error
	// SetPassword sets a person's password hash and when it expires (zero: never), and ends
	// their sessions except the one with keepID, in one transaction; ErrNotFound.
	SetPassword(ctx context.Context, identity, hash string, expires time.Time, keepID string) error
	// ReplacePassword is SetPassword with a hash that does not expire, provided that the
	// person is active and has the hash oldHash; else ErrNotFound.
	ReplacePassword(ctx context.Context, identity, oldHash, hash, keepID string) error

	// RemovePerson removes a person and their sessions; ErrNotFound. Like Deactivate and
	// SetRole, it returns ErrLastAdmin for the last active administrator, checked in the
	// same transaction.
	RemovePerson(ctx context.Context, identity string) error
	// Deactivate sets when a person was deactivated, unless they are already, and ends
	// their sessions; ErrNotFound, ErrLastAdmin.
	Deactivate(ctx context.Context, identity string, now time.Time) error
	// SetRole changes a person's role and removes MayExport from a worker; ErrNotFound,
	// ErrLastAdmin.
	SetRole(ctx context.Context, identity string, role Role) error
	// Reactivate makes a person active again; ErrNotFound.
	Reactivate(ctx context.Context, identity string) error
	// SetMayExport changes whether an administrator may export; ErrNotFound, or an
	// *InvalidError for a worker.
	SetMayExport(ctx context.Context, identity string, may bool) error

	// SetAvailable changes whether a person takes new conversations; ErrNotFound.
	SetAvailable(ctx context.Context, identity string, available bool) error
	// NextAvailable returns the identity of the active and available worker whom it has
	// not returned for longest, or "" when there is none. No two calls return the same
	// one while another is due.
	NextAvailable(ctx context.Context) (identity string, err error)

	// SaveAssertion returns the person of a provider's assertion, linking or adding them
	// as Service.SignInWithProvider says, in one transaction.
	SaveAssertion(ctx context.Context, assertion Assertion, provision bool, now time.Time) (Person, SignInResult, error)
	// Unlink removes a person's link to a provider account and ends their sessions;
	// ErrNotFound.
	Unlink(ctx context.Context, identity string) error

	// AddSession stores a session of p under the hash of its secret and updates p's
	// LastSeen, provided that p still exists, is active, and has the same PasswordHash and
	// linked account; else ErrNotFound. Of more than MaxSessions of a person, it ends those
	// that were not used for longest, and returns how many.
	AddSession(ctx context.Context, hash [32]byte, s Session, p Person) (ended int, err error)
	// SessionByHash returns an unexpired session and its person, who is active, or
	// ErrNoSession.
	SessionByHash(ctx context.Context, hash [32]byte, now time.Time) (Session, Person, error)
	// TouchSession stores when a session and its person were last seen, and when it
	// expires, unless it has later values. An unknown session is no error.
	TouchSession(ctx context.Context, id string, seen, expires time.Time) error
	// ConfirmSession stores until when a session is confirmed, or returns ErrNoSession.
	ConfirmSession(ctx context.Context, id string, until time.Time) error
	// Sessions returns a person's unexpired sessions, newest first.
	Sessions(ctx context.Context, identity string, now time.Time) ([]Session, error)
	// RemoveSession ends one of a person's sessions, or returns ErrNoSession.
	RemoveSession(ctx context.Context, identity, id string) error
	// RemoveSessionByHash ends the session of a secret, or returns ErrNoSession.
	RemoveSessionByHash(ctx context.Context, hash [32]byte) error
	// RemoveSessions ends a person's sessions, except the one with exceptID.
	RemoveSessions(ctx context.Context, identity, exceptID string) error
	// RemoveProviderSessions ends the session that a provider calls session, of the person
	// linked to subject if that is not "". With session "", it ends all sessions of that
	// person. Sessions of the person that the provider gave no name end too. It returns the
	// person, or ErrNotFound when none ended.
	RemoveProviderSessions(ctx context.Context, issuer, subject, session string) (Person, error)
	// DeleteExpiredSessions deletes expired sessions.
	DeleteExpiredSessions(ctx context.Context, now time.Time) error
}

// Hasher hashes and checks passwords. It is slow on purpose.
type Hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	// Check reports whether hash is that of password. An empty hash takes as long and
	// is false.
	Check(ctx context.Context, hash, password string) (bool, error)
}

// Service manages people and sessions over a Store; see NewService. It is safe for
// concurrent use.
type Service struct {
	store  Store
	hasher Hasher
	now    func() time.Time
	rules  func(context.Context) (Rules, error)
	life   func() SessionLife

	touching sync.WaitGroup
	mu       sync.Mutex
	pending  map[string]bool // IDs of the sessions being touched; guarded by mu
}

// NewService returns a Service; now is the clock, time.Now when nil.
func NewService(store Store, hasher Hasher, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	rules := func(context.Context) (Rules, error) { return Rules{Passwords: true}, nil }
	return &Service{store: store, hasher: hasher, now: now, rules: rules, life: DefaultSessionLife, pending: make(map[string]bool)}
}

// Rules are the administrators' settings for signing in.
type Rules struct {
	// Passwords allows passwords.
	Passwords bool
	// Provision adds unknown people whom the identity provider verifies, as workers or in
	// the asserted role.
	Provision bool
}

// SetRules sets the source of the rules, read at each sign-in. Call it before anything
// else. The default allows passwords and adds no one.
func (s *Service) SetRules(rules func(context.Context) (Rules, error)) { s.rules = rules }

// SetSessionLife sets the source of the lifetime of sessions, read at each request. Call it
// before anything else. The default is DefaultSessionLife.
func (s *Service) SetSessionLife(life func() SessionLife) { s.life = life }

// Wait waits for background writes. Call it before the Store is closed, after the last
// call.
func (s *Service) Wait() { s.touching.Wait() }
