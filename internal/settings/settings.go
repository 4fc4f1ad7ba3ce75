// Package settings stores what administrators configure for the whole installation:
// callback URLs, the token that signs callbacks, sign-in, masking, audit rules, the
// messaging service and message templates. Every value is sealed with the installation's
// key.
package settings

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Errors, possibly wrapped.
var (
	// ErrNotSet: the setting has no value.
	ErrNotSet = errors.New("setting not set")
	// ErrWrongKey: the value was encrypted with a different secret file.
	ErrWrongKey = errors.New("setting encrypted with a different secret file")
	// ErrUnavailable: the store failed.
	ErrUnavailable = errors.New("the settings database is unavailable")
)

// InvalidError says why a value cannot be stored, in plain words that never repeat the
// value. Field names it among several, or is "".
type InvalidError struct{ Reason, Field string }

func (e *InvalidError) Error() string { return e.Reason }

// Store stores settings as text by name.
type Store interface {
	// Setting returns the value of name, or ErrNotSet.
	Setting(ctx context.Context, name string) (string, error)
	// ReplaceSetting sets name to value if its current value is old; old "" means that it
	// has none. It reports whether it did.
	ReplaceSetting(ctx context.Context, name, old, value string) (bool, error)
}

// Sealer encrypts values; secret.Sealer is one.
type Sealer interface {
	Seal(plain []byte, context string) string
	// Open is the reverse of Seal, or an error when another key sealed it.
	Open(sealed, context string) ([]byte, error)
}

// SealerPurpose is the purpose to derive the Sealer for.
const SealerPurpose = "settings"

// Service reads and changes settings. It is safe for concurrent use, also by several
// processes with one store.
type Service struct {
	store  Store
	sealer Sealer
	now    func() time.Time
}

// NewService returns a Service; now is the clock, time.Now when nil.
func NewService(store Store, sealer Sealer, now func() time.Time) *Service {
	if now == nil {
		now = time.Now
	}
	return &Service{store, sealer, now}
}

// isSet reports whether name has a value in store, whatever key sealed it.
func isSet(ctx context.Context, store Store, name string) (bool, error) {
	_, err := store.Setting(ctx, name)
	if errors.Is(err, ErrNotSet) {
		return false, nil
	}
	return err == nil, err
}

// read returns the value of name, opened and as stored. The error is ErrNotSet, ErrWrongKey
// (with sealed set) or the store's.
func (s *Service) read(ctx context.Context, name string) (plain []byte, sealed string, err error) {
	sealed, err = s.store.Setting(ctx, name)
	if err != nil {
		return nil, "", fmt.Errorf("read setting %s: %w", name, err)
	}
	plain, err = s.sealer.Open(sealed, name)
	if err != nil {
		return nil, sealed, fmt.Errorf("read setting %s: %w", name, ErrWrongKey)
	}
	return plain, sealed, nil
}

// update sets name to the result of change, unless that is nil. change gets the current
// value, or ErrNotSet or ErrWrongKey. It is called again after a concurrent change.
func (s *Service) update(ctx context.Context, name string, change func(plain []byte, err error) ([]byte, error)) error {
	for {
		plain, sealed, err := s.read(ctx, name)
		if err != nil && !errors.Is(err, ErrNotSet) && !errors.Is(err, ErrWrongKey) {
			return err
		}
		next, err := change(plain, err)
		if err != nil || next == nil {
			return err
		}
		done, err := s.store.ReplaceSetting(ctx, name, sealed, s.sealer.Seal(next, name))
		if err != nil {
			return fmt.Errorf("store setting %s: %w", name, err)
		}
		if done {
			return nil
		}
	}
}

// readJSON returns the setting name, or the zero value when it is not set.
func readJSON[T any](ctx context.Context, s *Service, name string) (v T, err error) {
	plain, _, err := s.read(ctx, name)
	if errors.Is(err, ErrNotSet) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(plain, &v); err != nil {
		return v, fmt.Errorf("read setting %s: %w", name, err)
	}
	return v, nil
}

// updateJSON stores the setting name as change edits it, and returns it before and after.
// change may be called repeatedly, with the current value; a sealed one counts as not set.
func updateJSON[T any](ctx context.Context, s *Service, name string, change func(*T) error) (before, after T, err error) {
	err = s.update(ctx, name, func(plain []byte, stored error) ([]byte, error) {
		before, after = *new(T), *new(T)
		if stored == nil {
			// Each is read on its own, so that change does not edit maps of the other.
			if err := errors.Join(json.Unmarshal(plain, &before), json.Unmarshal(plain, &after)); err != nil {
				return nil, fmt.Errorf("read setting %s: %w", name, err)
			}
		}
		if err := change(&after); err != nil {
			return nil, err
		}
		next, err := json.Marshal(after)
		if bytes.Equal(next, plain) {
			return nil, err
		}
		return next, err
	})
	return before, after, err
}
