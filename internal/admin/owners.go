package admin

import (
	"context"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/text"
)

// matchWait is how long MatchOwner waits for the reassignment. Most are done by then.
const matchWait = time.Second

// MatchOwner makes person stand for an owner in the files of all imports from now on, and
// starts to reassign the owner's customers, in one transaction. It waits a moment for the
// reassignment, which is Done at once when there are no customers. The errors: ErrNoAccount
// of person, ErrHasAccount of owner, those of Reassign.
func (s *Service) MatchOwner(ctx context.Context, by, owner, person string) (Reassignment, error) {
	owner, person = strings.TrimSpace(owner), strings.TrimSpace(person)
	hasAccount, err := s.HasAccount(ctx, owner, person)
	switch {
	case err != nil:
		return Reassignment{}, err
	case owner == customer.Everyone || hasAccount(owner):
		return Reassignment{}, ErrHasAccount
	case !hasAccount(person):
		return Reassignment{}, ErrNoAccount
	}
	match := func(entries ...audit.Entry) error {
		return s.update(ctx, func(tx customer.Tx) ([]audit.Entry, error) {
			matched := audit.Entry{Actor: by, Action: audit.OwnerMatched, Subject: owner, Params: audit.To(person)}
			return append([]audit.Entry{matched}, entries...), tx.MatchOwner(ctx, owner, person)
		})
	}
	n, err := s.ownerCount(ctx, owner)
	if err != nil {
		return Reassignment{}, err
	}
	r := Reassignment{By: by, From: owner, To: person, State: Done}
	if n == 0 {
		err = match()
	} else if r, err = s.reassign(ctx, by, owner, person, func(begun audit.Entry) error { return match(begun) }); err == nil {
		r, err = s.awaitReassignment(ctx, r.ID, matchWait)
	}
	return r, err
}

// UnmatchOwner ends a match. Customers stay where they are. It returns
// customer.ErrNotFound when owner is not matched.
func (s *Service) UnmatchOwner(ctx context.Context, by, owner string) error {
	return s.update(ctx, func(tx customer.Tx) ([]audit.Entry, error) {
		return []audit.Entry{{Actor: by, Action: audit.OwnerUnmatched, Subject: owner}}, tx.MatchOwner(ctx, owner, "")
	})
}

// awaitReassignment waits for the end of a reassignment, at most so long, and returns it.
func (s *Service) awaitReassignment(ctx context.Context, id string, limit time.Duration) (Reassignment, error) {
	r, err := s.reassignment(id)
	if err != nil {
		return Reassignment{}, err
	}
	select {
	case <-r.ended:
	case <-time.After(limit):
	case <-ctx.Done():
	}
	return s.Reassignment(id)
}

// owners returns importer.Options.OwnerMatches and HasAccount.
func (s *Service) owners(ctx context.Context) (map[string]string, func(string) bool, error) {
	hasAccount, err := s.HasAccount(ctx)
	if err != nil {
		return nil, nil, err
	}
	stored, err := s.Reader.OwnerMatches(ctx)
	if err != nil {
		return nil, nil, err
	}
	matches := make(map[string]string, len(stored))
	for _, m := range stored {
		matches[text.IdentityKey(m.Owner)] = m.Person
	}
	return matches, hasAccount, nil
}
