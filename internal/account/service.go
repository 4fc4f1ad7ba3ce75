package account

import (
	"context"
	"time"
)

// Store keeps people and sessions. Sessions are found by the SHA-256 of their
// secret. Errors are this package's kinds.
type Store interface {
	AddPerson(ctx context.Context, p Person) error                  // ErrExists
	Person(ctx context.Context, identity string) (Person, error)    // ErrNotFound
	People(ctx context.Context) ([]Person, error)                   // in order of identity
	UpdatePerson(ctx context.Context, p Person) error               // ErrNotFound
	RemovePerson(ctx context.Context, identity string) error        // and their sessions; ErrNotFound
	AddSession(ctx context.Context, hash [32]byte, s Session) error //
	// SessionByHash answers an unexpired session and its person, or ErrNoSession.
	SessionByHash(ctx context.Context, hash [32]byte, now time.Time) (Session, Person, error)
	TouchSession(ctx context.Context, id string, seen time.Time) error
	Sessions(ctx context.Context, identity string, now time.Time) ([]Session, error) // newest first
	RemoveSession(ctx context.Context, identity, id string) error                    // ErrNoSession
	RemoveSessions(ctx context.Context, identity, exceptID string) error
	PurgeSessions(ctx context.Context, now time.Time) error
}

// Hasher hashes and checks passwords, slowly, at most two at once.
type Hasher interface {
	Hash(ctx context.Context, password string) (string, error)
	// Check tells whether password made hash; "" takes as long and is false.
	Check(ctx context.Context, hash, password string) (bool, error)
}

// Service is what the faces ask. Its zero value is not usable; see NewService.
type Service struct {
	store  Store
	hasher Hasher
	now    func() time.Time
}

// NewService makes a Service; now is the clock, time.Now when nil.
func NewService(store Store, hasher Hasher, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{store, hasher, now}
}
