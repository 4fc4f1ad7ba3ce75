package settings

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

// masking is the name of the setting.
const masking = "masking"

// Stored values.
const (
	maskingOn  = "on"
	maskingOff = "off"
)

// Masked reports whether the last digits of customers' numbers are hidden from workers. The
// default is no. When the setting cannot be opened since the secret file was lost, it is
// yes, so that hidden numbers are not revealed by accident.
func (s *Service) Masked(ctx context.Context) (bool, error) {
	on, _, err := s.Masking(ctx)
	return on, err
}

// Masking returns Masked and its version, the same in every process and another one after
// each change; "" until the first.
func (s *Service) Masking(ctx context.Context) (on bool, version string, err error) {
	plain, sealed, err := s.read(ctx, masking)
	if err != nil && !errors.Is(err, ErrNotSet) && !errors.Is(err, ErrWrongKey) {
		return false, "", err
	}
	if sealed != "" { // differently each time
		sum := sha256.Sum256([]byte(sealed))
		version = hex.EncodeToString(sum[:6])
	}
	return isMasked(plain, err), version, nil
}

// HasMasking reports whether masking is configured, whatever key sealed it.
func HasMasking(ctx context.Context, store Store) (bool, error) {
	return isSet(ctx, store, masking)
}

// SetMasked hides or shows the numbers, and reports whether that is a change.
func (s *Service) SetMasked(ctx context.Context, on bool) (changed bool, err error) {
	err = s.update(ctx, masking, func(plain []byte, stored error) ([]byte, error) {
		changed = isMasked(plain, stored) != on
		switch {
		case !changed && !errors.Is(stored, ErrWrongKey):
			return nil, nil
		case on:
			return []byte(maskingOn), nil
		}
		return []byte(maskingOff), nil
	})
	return changed && err == nil, err
}

// isMasked interprets the stored value; err is ErrNotSet, ErrWrongKey or nil.
func isMasked(plain []byte, err error) bool {
	return !errors.Is(err, ErrNotSet) && (err != nil || string(plain) != maskingOff)
}
