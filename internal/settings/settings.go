// Package settings keeps what an administrator decides for the whole
// installation: for now the token that signs callbacks.
package settings

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
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

// Service is what the faces and the command line ask.
type Service struct {
	store  Store
	sealer Sealer
}

// NewService makes a Service.
func NewService(store Store, sealer Sealer) *Service { return &Service{store, sealer} }

const authToken = "auth-token"

// Origin tells where a signing token comes from.
type Origin int

// The origins.
const (
	Kept Origin = iota // it was there
	Made               // there was none, and one was made
	Lost               // the one kept was sealed with another key; a new one was made
)

// HasAuthToken tells whether a token that signs callbacks is kept in store,
// whatever it was sealed with.
func HasAuthToken(ctx context.Context, store Store) (bool, error) {
	_, err := store.Setting(ctx, authToken)
	if errors.Is(err, ErrNotSet) {
		return false, nil
	}
	return err == nil, err
}

// AuthToken answers the token that signs callbacks. It makes and keeps one when
// there is none, or when the one there cannot be opened because the secret file
// was lost or exchanged; Origin tells, so that people can be told.
func (s *Service) AuthToken(ctx context.Context) (string, Origin, error) {
	for {
		token, sealed, err := s.read(ctx)
		origin := Made
		switch {
		case err == nil:
			return token, Kept, nil
		case errors.Is(err, ErrSealed):
			origin = Lost
		case !errors.Is(err, ErrNotSet):
			return "", 0, err
		}
		// Another process may be doing the same: the first one wins.
		if token, done, err := s.replace(ctx, sealed); done || err != nil {
			return token, origin, err
		}
	}
}

// KeptAuthToken answers the token that signs callbacks and changes nothing:
// ErrNotSet when there is none, ErrSealed when it cannot be opened.
func (s *Service) KeptAuthToken(ctx context.Context) (string, error) {
	token, _, err := s.read(ctx)
	return token, err
}

// RotateAuthToken makes a new token, keeps it in place of the old one, and
// answers it.
func (s *Service) RotateAuthToken(ctx context.Context) (string, error) {
	for {
		_, old, err := s.read(ctx)
		if err != nil && !errors.Is(err, ErrNotSet) && !errors.Is(err, ErrSealed) {
			return "", err
		}
		if token, done, err := s.replace(ctx, old); done || err != nil {
			return token, err
		}
	}
}

// read answers the token, and how it is kept.
func (s *Service) read(ctx context.Context) (token, sealed string, err error) {
	sealed, err = s.store.Setting(ctx, authToken)
	if err != nil {
		return "", "", fmt.Errorf("read the signing token: %w", err)
	}
	plain, err := s.sealer.Open(sealed, authToken)
	if err != nil {
		return "", sealed, fmt.Errorf("read the signing token: %w", ErrSealed)
	}
	return string(plain), sealed, nil
}

// replace keeps a new token in place of the sealed one, unless that has changed.
func (s *Service) replace(ctx context.Context, old string) (token string, done bool, err error) {
	token = newToken()
	done, err = s.store.ReplaceSetting(ctx, authToken, old, s.sealer.Seal([]byte(token), authToken))
	if err != nil {
		return "", false, fmt.Errorf("keep the signing token: %w", err)
	}
	return token, done, nil
}

// newToken makes a token of 32 hexadecimal digits, the form of those in use.
func newToken() string {
	var raw [16]byte
	rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}
