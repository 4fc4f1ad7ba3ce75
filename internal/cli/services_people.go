package cli

import (
	"context"
	"errors"
	"time"

	"github.com/clientele-project/clientele/internal/text"
)

// retain forgets what is held in memory of people who were removed or deactivated.
// What is kept in the database went with that.
func (s *services) retain(ctx context.Context) error {
	held := s.crm.now().held
	if held == nil {
		return nil
	}
	people, err := s.people(ctx)
	if err != nil {
		return err
	}
	known := make(map[string]time.Time, len(people))
	var failed []error
	for _, p := range people {
		if !p.Active() {
			continue
		}
		key := text.IdentityKey(p.Identity)
		known[key] = p.Created
		// Removed and added again since the last time: somebody new.
		if added, ok := s.known[key]; ok && !added.Equal(p.Created) {
			failed = append(failed, held.Forget(ctx, p.Identity))
		}
	}
	held.Retain(ctx, func(key string) bool {
		_, ok := known[key]
		return ok
	})
	if err := errors.Join(failed...); err != nil {
		return err // whom could not be forgotten is tried again
	}
	s.known = known
	return nil
}
