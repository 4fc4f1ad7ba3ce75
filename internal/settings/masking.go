package settings

import (
	"context"
	"errors"
)

// masking is the name of the setting.
const masking = "masking"

// How the setting is written, sealed.
const (
	maskingOn  = "on"
	maskingOff = "off"
)

// Masked tells whether the last digits of customers' numbers are hidden from
// workers. They are not where that was never set. Where it cannot be read because
// the secret file was lost they are, until somebody decides anew: what was hidden
// must not come to light by an accident.
func (s *Service) Masked(ctx context.Context) (bool, error) {
	plain, _, err := s.read(ctx, masking)
	if err != nil && !errors.Is(err, ErrNotSet) && !errors.Is(err, ErrSealed) {
		return false, err
	}
	return isMasked(plain, err), nil
}

// HasMasking tells whether anything about masking is kept in store, whatever it was
// sealed with.
func HasMasking(ctx context.Context, store Store) (bool, error) {
	_, err := store.Setting(ctx, masking)
	if errors.Is(err, ErrNotSet) {
		return false, nil
	}
	return err == nil, err
}

// SetMasked hides the numbers, or shows them, and tells whether that is a change.
func (s *Service) SetMasked(ctx context.Context, hide bool) (changed bool, err error) {
	err = s.revise(ctx, masking, func(plain []byte, kept error) ([]byte, error) {
		changed = isMasked(plain, kept) != hide
		switch {
		case !changed && !errors.Is(kept, ErrSealed):
			return nil, nil
		case hide:
			return []byte(maskingOn), nil
		}
		return []byte(maskingOff), nil
	})
	return changed && err == nil, err
}

// isMasked reads what is kept; err is ErrNotSet, ErrSealed or nil.
func isMasked(plain []byte, err error) bool {
	return !errors.Is(err, ErrNotSet) && (err != nil || string(plain) != maskingOff)
}
