package account

import (
	"context"
	"sync"
	"time"
)

// Store keeps people and sessions. People are found by identity, compared as
// text.IdentityKey says; sessions by the SHA-256 of their secret. Errors are
// this package's kinds; ErrUnavailable may come from any method.
// Implementations are safe for concurrent use; store_test.go holds each to this.
type Store interface {
	// AddPerson keeps a new person, or returns ErrExists.
	AddPerson(ctx context.Context, p Person) error
	// Person answers one person, or ErrNotFound.
	Person(ctx context.Context, identity string) (Person, error)
	// People answers everyone, in order of identity key.
	People(ctx context.Context) ([]Person, error)
	// HasPeople tells whether there is anyone at all.
	HasPeople(ctx context.Context) (bool, error)
	// SetPreferences changes a person's preferences alone; ErrNotFound.
	SetPreferences(ctx context.Context, identity string, p Preferences) error
	// SetPassword changes a person's hash, whether it is temporary, and ends their
	// sessions, except the one whose ID is keepID, at once; ErrNotFound.
	SetPassword(ctx context.Context, identity, hash string, temporary bool, keepID string) error
	// ReplacePassword is SetPassword with one that is not temporary, provided that the
	// person is active and was is still their hash; else ErrNotFound.
	ReplacePassword(ctx context.Context, identity, was, hash, keepID string) error

	// RemovePerson removes a person and their sessions; ErrNotFound. It returns
	// ErrLastAdmin, as the two below do, when the person is the last active
	// administrator, decided together with the change.
	RemovePerson(ctx context.Context, identity string) error
	// Deactivate keeps since when a person is not active and ends their sessions;
	// who is deactivated already stays so since then. ErrNotFound, ErrLastAdmin.
	Deactivate(ctx context.Context, identity string, now time.Time) error
	// SetRole changes a person's role; a worker may not export. ErrNotFound,
	// ErrLastAdmin.
	SetRole(ctx context.Context, identity string, role Role) error
	// Reactivate makes a person active again; ErrNotFound.
	Reactivate(ctx context.Context, identity string) error
	// SetMayExport changes whether an administrator may export; ErrNotFound, or an
	// *InvalidError when it is to be given to a worker.
	SetMayExport(ctx context.Context, identity string, may bool) error

	// SaveAssertion answers whom a proof of an identity provider is about, binding or adding
	// them where that is to be: see Service.SignInWithProvider. All of it happens at once.
	SaveAssertion(ctx context.Context, proof Assertion, provision bool, now time.Time) (Person, SignInResult, error)
	// Unbind parts a person from their account at the provider and ends their
	// sessions; ErrNotFound.
	Unbind(ctx context.Context, identity string) error

	// AddSession keeps a session of p under the hash of its secret and notes that p
	// was seen, provided that p is still there, active, with the same PasswordHash and
	// binding; else ErrNotFound.
	AddSession(ctx context.Context, hash [32]byte, s Session, p Person) error
	// SessionByHash answers an unexpired session and its person, who is active, or
	// ErrNoSession.
	SessionByHash(ctx context.Context, hash [32]byte, now time.Time) (Session, Person, error)
	// TouchSession notes when a session and its person were last seen, and until when
	// it holds. A session that is gone is no error.
	TouchSession(ctx context.Context, id string, seen, expires time.Time) error
	// Sessions answers a person's unexpired sessions, newest first.
	Sessions(ctx context.Context, identity string, now time.Time) ([]Session, error)
	// RemoveSession ends one of a person's sessions, or returns ErrNoSession.
	RemoveSession(ctx context.Context, identity, id string) error
	// RemoveSessionByHash ends the session of a secret, or returns ErrNoSession.
	RemoveSessionByHash(ctx context.Context, hash [32]byte) error
	// RemoveSessions ends a person's sessions, except the one called exceptID.
	RemoveSessions(ctx context.Context, identity, exceptID string) error
	// PurgeSessions forgets sessions that have expired.
	PurgeSessions(ctx context.Context, now time.Time) error
}

// Hasher hashes and checks passwords, slowly, at most two at once.
type Hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	// Check tells whether password made hash; "" takes as long and is false.
	Check(ctx context.Context, hash, password string) (bool, error)
}

// Service is what the faces ask. Its zero value is not usable; see NewService.
// It is safe for concurrent use.
type Service struct {
	store  Store
	hasher Hasher
	now    func() time.Time
	rules  func(context.Context) (Rules, error)

	touching sync.WaitGroup
	mu       sync.Mutex
	inTouch  map[string]bool // IDs of the sessions being touched; under mu
}

// NewService makes a Service; now is the clock, time.Now when nil.
func NewService(store Store, hasher Hasher, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	rules := func(context.Context) (Rules, error) { return Rules{Passwords: true}, nil }
	return &Service{store: store, hasher: hasher, now: now, rules: rules, inTouch: make(map[string]bool)}
}

// Rules are what an administrator decided about signing in.
type Rules struct {
	// Passwords lets people sign in with theirs.
	Passwords bool
	// Provision adds whom the identity provider proves and nobody here knows yet, as
	// workers or in the role that a claim says.
	Provision bool
}

// SetRules makes rules decide, asked at each sign-in. Call it before anything else;
// without it there are passwords, and nobody is added by signing in.
func (s *Service) SetRules(rules func(context.Context) (Rules, error)) { s.rules = rules }

// Wait returns when nothing of what the Service does beside its answers is under
// way. Call it before the Store is closed, when no more calls come.
func (s *Service) Wait() { s.touching.Wait() }
