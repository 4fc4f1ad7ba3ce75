package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
)

// slowHasher runs a function while it hashes a password.
type slowHasher struct {
	plainHasher
	duringHash func()
}

func (h *slowHasher) Hash(ctx context.Context, password string) (string, error) {
	if h.duringHash != nil {
		meanwhile := h.duringHash
		h.duringHash = nil
		meanwhile()
	}
	return h.plainHasher.Hash(ctx, password)
}

// TestService_ChangePassword_KeepsAConcurrentReset has an administrator reset the password
// while its owner, or a thief, changes it.
func TestService_ChangePassword_KeepsAConcurrentReset(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		_, s := ts.signIn(t)
		hasher := new(slowHasher)
		service := account.NewService(ts.store, hasher, ts.clock)
		var given string
		hasher.duringHash = func() {
			var err error
			given, err = ts.ResetPassword(ctx, "alice")
			must(t, err)
		}
		wantErr(t, "ChangePassword() during a reset", service.ChangePassword(ctx, "alice", alicePassword, "looking-glass", s.ID), account.ErrCredentials)
		_, _, err := ts.SignIn(ctx, "alice", "looking-glass", "")
		wantErr(t, "SignIn(the refused password)", err, account.ErrCredentials)
		if p := ts.person(t, "alice"); !p.Temporary() {
			t.Error("the reset password is not temporary")
		}
		_, _, err = ts.SignIn(ctx, "alice", given, "")
		must(t, err)
	})
}

// cancelingStore cancels the caller's context after SaveAssertion.
type cancelingStore struct {
	account.Store
	cancel func()
}

func (l *cancelingStore) SaveAssertion(ctx context.Context, p account.Assertion, provision bool, now time.Time) (account.Person, account.SignInResult, error) {
	who, changed, err := l.Store.SaveAssertion(ctx, p, provision, now)
	l.cancel()
	return who, changed, err
}

// TestService_SignInWithProvider_ReportsChangesWithErrors checks that no person is added
// or made an administrator without the caller learning of it.
func TestService_SignInWithProvider_ReportsChangesWithErrors(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx, cancel := context.WithCancel(t.Context())
		service := account.NewService(&cancelingStore{ts.store, cancel}, ts.hasher, ts.clock)
		service.SetRules(func(context.Context) (account.Rules, error) { return account.Rules{Provision: true}, nil })
		assertion := assertionOf("s-new", "new@example.com")
		assertion.Role = account.RoleAdmin
		_, s, err := service.SignInWithProvider(ctx, assertion, "")
		if err != nil || s.Identity != "new@example.com" || !s.Result.Added {
			t.Errorf("SignInWithProvider(canceled) = %+v, %v, want the added person", s, err)
		}
		// Deactivated concurrently: the earlier change is still reported.
		ts.add(t, "bob@example.com", account.RoleWorker)
		h := &racingStore{Store: ts.store, afterSave: func() { must(t, ts.Deactivate(t.Context(), "bob@example.com")) }}
		_, s, err = account.NewService(h, ts.hasher, ts.clock).SignInWithProvider(t.Context(), assertionOf("s-bob", "bob@example.com"), "")
		wantErr(t, "SignInWithProvider(deactivated concurrently)", err, account.ErrDeactivated)
		if s.Identity != "bob@example.com" || !s.Result.Linked {
			t.Errorf("SignInWithProvider() = %+v, want the linked person", s)
		}
	})
}

// TestService_LastAdminStays_EveryConcurrentWay removes four administrators at once, in
// every way.
func TestService_LastAdminStays_EveryConcurrentWay(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		ways := []func(identity string) error{
			func(identity string) error { return ts.Deactivate(ctx, identity) },
			func(identity string) error { return ts.SetRole(ctx, identity, account.RoleWorker) },
			func(identity string) error { return ts.RemovePerson(ctx, identity) },
			func(identity string) error { // by the provider's role claim
				assertion := assertionOf("s-"+identity, identity)
				assertion.Role = account.RoleWorker
				_, s, err := ts.SignInWithProvider(ctx, assertion, "")
				if err == nil && s.Result.KeptAdmin {
					err = account.ErrLastAdmin
				}
				return err
			},
		}
		for round := range 20 {
			admins := make([]string, len(ways))
			for i := range admins {
				admins[i] = fmt.Sprintf("admin%d.%d@example.com", round, i)
				ts.add(t, admins[i], account.RoleAdmin)
			}
			if round > 0 { // remove those left by the last round
				people, err := ts.People(ctx)
				must(t, err)
				for _, p := range people {
					if p.Role == account.RoleAdmin && !slices.Contains(admins, p.Identity) {
						must(t, ts.RemovePerson(ctx, p.Identity))
					}
				}
			}
			errs := make([]error, len(ways))
			var wg sync.WaitGroup
			for i, way := range ways {
				wg.Go(func() { errs[i] = way(admins[i]) })
			}
			wg.Wait()
			refused, left := 0, 0
			for i := range ways {
				if errors.Is(errs[i], account.ErrLastAdmin) {
					refused++
				} else if errs[i] != nil {
					t.Errorf("round %d: %v", round, errs[i])
				}
				if p, err := ts.Person(ctx, admins[i]); err == nil && p.Active() && p.Role == account.RoleAdmin {
					left++
				}
			}
			if refused != 1 || left != 1 {
				t.Fatalf("round %d: %d refused and %d left, want one each", round, refused, left)
			}
		}
	})
}
