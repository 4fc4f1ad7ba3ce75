// Package settings keeps what an administrator decides for the whole
// installation: which services are asked, and the token that signs callbacks.
// Whatever may be a secret is sealed with the installation's key.
package settings

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The kinds of errors, possibly wrapped.
var (
	// ErrNotSet: nothing is kept under this name.
	ErrNotSet = errors.New("setting not set")
	// ErrSealed: what is kept was sealed with another secret file.
	ErrSealed = errors.New("setting sealed with another secret file")
	// ErrUnavailable: the store cannot answer just now.
	ErrUnavailable = errors.New("the settings cannot be reached just now")
)

// InvalidError tells why a value cannot be kept, in plain words that never repeat
// the value.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }

// Store keeps settings as text by name.
type Store interface {
	// Setting answers what is kept under name, or ErrNotSet.
	Setting(ctx context.Context, name string) (string, error)
	// ReplaceSetting keeps value under name, provided that old is what is kept
	// there; old "" means nothing. It tells whether it did.
	ReplaceSetting(ctx context.Context, name, old, value string) (bool, error)
}

// Sealer encrypts what must not be readable in the store; secret.Sealer is one.
type Sealer interface {
	Seal(plain []byte, context string) string
	// Open is the reverse of Seal, or an error when this key did not seal it.
	Open(sealed, context string) ([]byte, error)
}

// SealerPurpose is the purpose for which a Sealer is to be derived.
const SealerPurpose = "settings"

// Service is what the faces and the command line ask. It is safe for concurrent
// use, also beside other processes with the same store.
type Service struct {
	store  Store
	sealer Sealer
	now    func() time.Time
}

// NewService makes a Service; now is the clock, time.Now when nil.
func NewService(store Store, sealer Sealer, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{store, sealer, now}
}

// read answers what is kept under name, opened, and how it is kept. The error is
// ErrNotSet, ErrSealed (then sealed is there all the same) or the store's.
func (s *Service) read(ctx context.Context, name string) (plain []byte, sealed string, err error) {
	sealed, err = s.store.Setting(ctx, name)
	if err != nil {
		return nil, "", fmt.Errorf("read setting %s: %w", name, err)
	}
	plain, err = s.sealer.Open(sealed, name)
	if err != nil {
		return nil, sealed, fmt.Errorf("read setting %s: %w", name, ErrSealed)
	}
	return plain, sealed, nil
}

// revise keeps under name what change makes of what is kept there. change is told
// ErrNotSet or ErrSealed when there is nothing to read; it answers nil to leave all
// as it is. When somebody else was quicker it is asked again.
func (s *Service) revise(ctx context.Context, name string, change func(plain []byte, err error) ([]byte, error)) error {
	for {
		plain, sealed, err := s.read(ctx, name)
		if err != nil && !errors.Is(err, ErrNotSet) && !errors.Is(err, ErrSealed) {
			return err
		}
		next, err := change(plain, err)
		if err != nil || next == nil {
			return err
		}
		done, err := s.store.ReplaceSetting(ctx, name, sealed, s.sealer.Seal(next, name))
		if err != nil {
			return fmt.Errorf("keep setting %s: %w", name, err)
		}
		if done {
			return nil
		}
	}
}
