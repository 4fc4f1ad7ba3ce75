package settings

import (
	"context"
	"errors"
)

// keyCheck is the name of a value that only tells with which key the settings are sealed.
const keyCheck = "key"

// HasKey reports whether CheckKey was called before, with whatever key.
func HasKey(ctx context.Context, store Store) (bool, error) { return isSet(ctx, store, keyCheck) }

// CheckKey returns ErrWrongKey unless this is the key that the first call, of any process, had,
// and with which the signing token is sealed, if there was one before.
func (s *Service) CheckKey(ctx context.Context) error {
	return s.update(ctx, keyCheck, func(_ []byte, err error) ([]byte, error) {
		if !errors.Is(err, ErrNotSet) {
			return nil, err
		}
		if _, err := s.StoredAuthToken(ctx); err != nil && !errors.Is(err, ErrNotSet) {
			return nil, err
		}
		return []byte(keyCheck), nil
	})
}
