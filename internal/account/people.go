package account

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

// Person returns a person, or ErrNotFound.
func (s *Service) Person(ctx context.Context, identity string) (Person, error) {
	return s.store.Person(ctx, identity)
}

// People returns everyone, in order of identity.
func (s *Service) People(ctx context.Context) ([]Person, error) {
	return s.store.People(ctx)
}

// PeopleQuery selects a page of people: active ones first, then in order of identity. The
// zero value of each field but Limit selects all.
type PeopleQuery struct {
	// Text is a part of the identity, compared by text.Fold.
	Text string
	Role Role
	// Inactive selects deactivated people only.
	Inactive bool
	// Page counts from 1; a number that is too high means the last page.
	Page int
	// Limit is how many people a page has, at least 1.
	Limit int
}

// PeoplePage is a page of people.
type PeoplePage struct {
	People []Person
	// Page is the number of this page, Count how many people the query selects on all pages.
	Page, Count int
}

// FindPeople returns a page of the people that a query selects.
func (s *Service) FindPeople(ctx context.Context, q PeopleQuery) (PeoplePage, error) {
	return s.store.FindPeople(ctx, q)
}

// HaveAccounts returns a function that reports whether one of these identities is a person's.
func (s *Service) HaveAccounts(ctx context.Context, identities []string) (func(identity string) bool, error) {
	without, err := s.store.WithoutAccount(ctx, identities)
	unknown := make(map[string]bool, len(without))
	for _, identity := range without {
		unknown[identity] = true
	}
	return func(identity string) bool { return !unknown[identity] }, err
}

// Contains returns a function that reports whether an identity is that of one of people.
func Contains(people []Person) func(identity string) bool {
	keys := make(map[string]bool, len(people))
	for _, p := range people {
		keys[text.IdentityKey(p.Identity)] = true
	}
	return func(identity string) bool { return keys[text.IdentityKey(identity)] }
}

// HasPeople reports whether there is any person.
func (s *Service) HasPeople(ctx context.Context) (bool, error) {
	return s.store.HasPeople(ctx)
}

// AddPerson adds a person. With an empty password they cannot sign in until SetPassword.
// It returns ErrExists, or an *InvalidError.
func (s *Service) AddPerson(ctx context.Context, identity string, role Role, password string) error {
	return s.add(ctx, Person{Identity: identity, Role: role}, password)
}

func (s *Service) add(ctx context.Context, p Person, password string) error {
	if err := ValidateIdentity(p.Identity); err != nil {
		return err
	}
	if err := ValidateRole(p.Role); err != nil {
		return err
	}
	if p.MayExport && p.Role != RoleAdmin {
		return &InvalidError{ExportIsForAdmins}
	}
	p.Available, p.Created = true, s.now()
	if password != "" {
		hash, err := s.newHash(ctx, p.Identity, password)
		if err != nil {
			return err
		}
		p.PasswordHash = hash
	}
	return s.store.AddPerson(ctx, p)
}

// RemovePerson removes a person and ends their sessions. Their customers stay assigned to
// the identity. It returns ErrNotFound or ErrLastAdmin.
func (s *Service) RemovePerson(ctx context.Context, identity string) error {
	return s.store.RemovePerson(ctx, identity)
}

// SetPassword sets a person's password and ends all their sessions, even while passwords
// are off. It returns ErrNotFound, or an *InvalidError.
func (s *Service) SetPassword(ctx context.Context, identity, password string) error {
	p, err := s.store.Person(ctx, identity)
	if err != nil {
		return err
	}
	hash, err := s.newHash(ctx, p.Identity, password)
	if err != nil {
		return err
	}
	return s.store.SetPassword(ctx, identity, hash, time.Time{}, "")
}

// ChangePassword replaces a person's old password and ends their sessions except the one
// with keepSessionID. It returns ErrCredentials when old is wrong, ErrPasswordsOff, or an
// *InvalidError, even if new is the temporary password.
func (s *Service) ChangePassword(ctx context.Context, identity, old, new, keepSessionID string) error {
	if err := s.requirePasswords(ctx); err != nil {
		return err
	}
	p, err := s.store.Person(ctx, identity)
	if err != nil {
		return err
	}
	ok, err := s.hasher.Check(ctx, p.PasswordHash, old)
	if err != nil {
		return fmt.Errorf("check password: %w", err)
	}
	if !ok {
		return ErrCredentials
	}
	if p.Temporary() && new == old {
		return &InvalidError{"This is your temporary password. Choose a different one."}
	}
	hash, err := s.newHash(ctx, p.Identity, new)
	if err != nil {
		return err
	}
	err = s.store.ReplacePassword(ctx, identity, p.PasswordHash, hash, keepSessionID)
	if errors.Is(err, ErrNotFound) { // an administrator has just set another one
		return ErrCredentials
	}
	return err
}

// SetPreferences stores a person's preferences. It returns ErrNotFound, or an
// *InvalidError.
func (s *Service) SetPreferences(ctx context.Context, identity string, p Preferences) error {
	if err := p.Validate(); err != nil {
		return err
	}
	return s.store.SetPreferences(ctx, identity, p)
}

// SetAvailable changes whether a person takes new conversations, or returns ErrNotFound.
func (s *Service) SetAvailable(ctx context.Context, identity string, available bool) error {
	return s.store.SetAvailable(ctx, identity, available)
}

// NextAvailable returns the identity of the worker to whom the next conversation is to be
// given: of those who are active and available, the one who has waited longest; "" when
// there is none. Administrators get none.
func (s *Service) NextAvailable(ctx context.Context) (identity string, err error) {
	return s.store.NextAvailable(ctx)
}

func (s *Service) newHash(ctx context.Context, identity, password string) (string, error) {
	if err := ValidatePassword(identity, password); err != nil {
		return "", err
	}
	hash, err := s.hasher.Hash(ctx, password)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// trimIdentity removes the blank that a phone's keyboard adds after a completion. No
// identity begins or ends with one.
func trimIdentity(identity string) string { return strings.TrimSpace(identity) }
