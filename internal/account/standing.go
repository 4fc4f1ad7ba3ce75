package account

import (
	"context"
	"crypto/rand"
	"strings"
)

// ExportIsForAdmins is the reason why a worker may not be allowed to export.
const ExportIsForAdmins = "Only administrators may export: make them one first."

// Deactivate keeps somebody from signing in and ends their sessions at once. Who
// they are, and whose customers are theirs, stays. It returns ErrNotFound, or
// ErrLastAdmin when no other active administrator would be left.
//
// An administrator counts while active, also without a password and without an
// account at a provider: both can be given on the command line, and the first sign-in
// with a provider brings the latter by itself.
func (s *Service) Deactivate(ctx context.Context, identity string) error {
	return s.store.Deactivate(ctx, identity, s.now())
}

// Reactivate lets somebody sign in again, as they did before, or returns ErrNotFound.
func (s *Service) Reactivate(ctx context.Context, identity string) error {
	return s.store.Reactivate(ctx, identity)
}

// SetRole changes what somebody may do, from their next request on. Who becomes a
// worker may not export any more; who becomes an administrator may not yet. It
// returns ErrNotFound, an *InvalidError, or ErrLastAdmin as Deactivate does.
func (s *Service) SetRole(ctx context.Context, identity string, role Role) error {
	if err := ValidateRole(role); err != nil {
		return err
	}
	return s.store.SetRole(ctx, identity, role)
}

// SetMayExport changes whether an administrator may export. It returns ErrNotFound,
// or an *InvalidError when it is to be given to a worker.
func (s *Service) SetMayExport(ctx context.Context, identity string, may bool) error {
	return s.store.SetMayExport(ctx, identity, may)
}

// Unbind parts somebody from their account at the identity provider and ends their
// sessions: the next one who comes with a proof of this identity is bound instead.
// ErrNotFound when there is no such person.
func (s *Service) Unbind(ctx context.Context, identity string) error {
	return s.store.Unbind(ctx, identity)
}

// ResetPassword gives somebody a password made up here, to be told to them once, and
// ends all their sessions. It is temporary until they change it. It returns
// ErrNotFound, or ErrPasswordsOff while it would be of no use.
func (s *Service) ResetPassword(ctx context.Context, identity string) (password string, err error) {
	if err := s.passwords(ctx); err != nil {
		return "", err
	}
	p, err := s.store.Person(ctx, identity)
	if err != nil {
		return "", err
	}
	password = madeUp()
	hash, err := s.newHash(ctx, p.Identity, password)
	if err != nil {
		return "", err
	}
	if err := s.store.SetPassword(ctx, identity, hash, true, ""); err != nil {
		return "", err
	}
	return password, nil
}

// Invite adds somebody with a temporary password made up here, to be told to them
// once; with "" while passwords are off, for they come by the provider then. Its
// errors are those of AddPerson; mayExport is for administrators only.
func (s *Service) Invite(ctx context.Context, identity string, role Role, mayExport bool) (password string, err error) {
	rules, err := s.rules(ctx)
	if err != nil {
		return "", err
	}
	if rules.Passwords {
		password = madeUp()
	}
	p := Person{Identity: identity, Role: role, MayExport: mayExport, Temporary: password != ""}
	if err := s.add(ctx, p, password); err != nil {
		return "", err
	}
	return password, nil
}

// The letters of made-up passwords: none that looks like another or a digit, and no
// vowels, so that no word comes about.
const (
	madeUpLetters = "bcdfghjkmnpqrstvwxz"
	madeUpGroups  = 4
	madeUpEach    = 4 // 16 letters of 19 are 67 bits
)

// madeUp answers a password that can be read out and typed, such as
// "kfdr-mwpq-xbnt-hcgz".
func madeUp() string {
	const usable = 256 / len(madeUpLetters) * len(madeUpLetters) // what is above would favour some letters
	var b strings.Builder
	for left := madeUpGroups * madeUpEach; left > 0; {
		var one [1]byte
		if rand.Read(one[:]); int(one[0]) >= usable {
			continue
		}
		b.WriteByte(madeUpLetters[int(one[0])%len(madeUpLetters)])
		if left--; left > 0 && left%madeUpEach == 0 {
			b.WriteByte('-')
		}
	}
	return b.String()
}
