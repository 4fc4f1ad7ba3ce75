package admin

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clientele-project/clientele/internal/customer"
)

// brokenStore is an emptyStore that cannot be written.
type brokenStore struct {
	emptyStore
	onUpdate func()
}

func (s brokenStore) Update(context.Context, func(customer.Tx) error) error {
	s.onUpdate()
	return errors.New("broken")
}

// Who sees that a task is over may begin the next one at once. A result is visible when
// its time is noted, under the lock.
func TestService_IsFreeWhenAResultIsVisible(t *testing.T) {
	for name, start := range map[string]func(ctx context.Context, s *Service) error{
		"Run": func(ctx context.Context, s *Service) error {
			i, err := s.Upload(ctx, "ann", "x.csv", strings.NewReader("id,name,owner\n1,Anna,bob\n"))
			if err != nil {
				return err
			}
			synctest.Wait() // until it is Ready
			_, err = s.Run(ctx, "ann", i.ID)
			return err
		},
		"Reassign": func(ctx context.Context, s *Service) error {
			_, err := s.Reassign(ctx, "ann", "bob", "zoe")
			return err
		},
	} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			var s *Service
			var writing atomic.Bool
			ended := 0
			store := brokenStore{onUpdate: func() { writing.Store(true) }}
			s = New(Options{Store: store, Reader: store, Dir: dir, Audit: discardAudit{}, HasAccount: noAccounts, Logger: slog.New(slog.DiscardHandler),
				Bulk: func(context.Context) (customer.Store, func(context.Context) error, func() error, error) {
					return store, func(context.Context) error { return nil }, func() error { return nil }, nil
				},
				Now: func() time.Time {
					if writing.Load() {
						if ended++; s.busy != nil {
							t.Errorf("%s() ends while its task is busy", name)
						}
					}
					return time.Now()
				}})
			defer s.Close()
			if err := start(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if ended != 1 {
				t.Errorf("%s() ended %d times, want once", name, ended)
			}
		})
	}
}
