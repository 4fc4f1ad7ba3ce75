package account

import (
	"context"
)

// ExportIsForAdmins is the reason of the InvalidError when a worker is to export.
const ExportIsForAdmins = "Only administrators can export. Make this person an administrator first."

// Deactivate bars a person from signing in and ends their sessions. The person and their
// customers stay. It returns ErrNotFound, or ErrLastAdmin when no other active
// administrator would be left.
//
// An active administrator counts even without a password and a provider account: the
// command line can set a password, and the first sign-in with a provider links an account.
func (s *Service) Deactivate(ctx context.Context, identity string) error {
	return s.store.Deactivate(ctx, identity, s.now())
}

// Reactivate lets a person sign in again, or returns ErrNotFound.
func (s *Service) Reactivate(ctx context.Context, identity string) error {
	return s.store.Reactivate(ctx, identity)
}

// SetRole changes a person's role. It removes the permission to export from a new worker
// and does not grant it to a new administrator. It returns ErrNotFound, an *InvalidError,
// or ErrLastAdmin as Deactivate does.
func (s *Service) SetRole(ctx context.Context, identity string, role Role) error {
	if err := ValidateRole(role); err != nil {
		return err
	}
	return s.store.SetRole(ctx, identity, role)
}

// SetMayExport changes whether an administrator may export. It returns ErrNotFound, or an
// *InvalidError for a worker.
func (s *Service) SetMayExport(ctx context.Context, identity string, may bool) error {
	return s.store.SetMayExport(ctx, identity, may)
}

// Unlink removes the link to an account at the identity provider and ends the person's
// sessions. The next account that asserts this identity is linked. Without a link it changes
// nothing. It returns ErrNotFound.
func (s *Service) Unlink(ctx context.Context, identity string) error {
	return s.store.Unlink(ctx, identity)
}

// ResetPassword sets a generated temporary password, to be shown once, and ends all
// sessions of the person. It returns ErrNotFound, or ErrPasswordsOff while passwords are
// off.
func (s *Service) ResetPassword(ctx context.Context, identity string) (password string, err error) {
	if err := s.requirePasswords(ctx); err != nil {
		return "", err
	}
	p, err := s.store.Person(ctx, identity)
	if err != nil {
		return "", err
	}
	password = generatePassword()
	hash, err := s.newHash(ctx, p.Identity, password)
	if err != nil {
		return "", err
	}
	if err := s.store.SetPassword(ctx, identity, hash, s.now().Add(TemporaryPasswordLife), ""); err != nil {
		return "", err
	}
	return password, nil
}

// AddWithTemporaryPassword adds a person with a generated temporary password, to be shown once, or with none
// ("") while passwords are off. Its errors are those of AddPerson; mayExport is for
// administrators only.
func (s *Service) AddWithTemporaryPassword(ctx context.Context, identity string, role Role, mayExport bool) (password string, err error) {
	rules, err := s.rules(ctx)
	if err != nil {
		return "", err
	}
	if rules.Passwords {
		password = generatePassword()
	}
	p := Person{Identity: identity, Role: role, MayExport: mayExport}
	if password != "" {
		p.PasswordExpires = s.now().Add(TemporaryPasswordLife)
	}
	if err := s.add(ctx, p, password); err != nil {
		return "", err
	}
	return password, nil
}
