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

// slowHasher lets something happen while a password is hashed, which takes long.
type slowHasher struct {
	plainHasher
	meanwhile func()
}

func (h *slowHasher) Hash(ctx context.Context, password string) (string, error) {
	if h.meanwhile != nil {
		meanwhile := h.meanwhile
		h.meanwhile = nil
		meanwhile()
	}
	return h.plainHasher.Hash(ctx, password)
}

// TestAChangeOfPasswordDoesNotUndoAnAdministrators has somebody who knows the old
// password, and may have stolen it, change it over and over.
func TestAChangeOfPasswordDoesNotUndoAnAdministrators(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		_, s := b.signIn(t)
		hasher := new(slowHasher)
		service := account.NewService(b.store, hasher, b.clock)
		var given string
		hasher.meanwhile = func() {
			var err error
			given, err = b.ResetPassword(ctx, "alice")
			must(t, err)
		}
		wantErr(t, "a change that was under way", service.ChangePassword(ctx, "alice", alicesPassword, "looking-glass", s.ID), account.ErrCredentials)
		_, _, err := b.SignIn(ctx, "alice", "looking-glass", "")
		wantErr(t, "its password", err, account.ErrCredentials)
		if p := b.person(t, "alice"); !p.Temporary {
			t.Error("the password that was given does not count as temporary")
		}
		_, _, err = b.SignIn(ctx, "alice", given, "")
		must(t, err)
	})
}

// leaver is who asked, and leaves when the proof was taken.
type leaver struct {
	account.Store
	leave func()
}

func (l *leaver) SaveAssertion(ctx context.Context, p account.Assertion, provision bool, now time.Time) (account.Person, account.SignInResult, error) {
	who, changed, err := l.Store.SaveAssertion(ctx, p, provision, now)
	l.leave()
	return who, changed, err
}

// TestWhoLeavesWhileSigningInIsToldOfAllTheSame keeps people from being added, or made
// administrators, without anybody being told.
func TestWhoLeavesWhileSigningInIsToldOfAllTheSame(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx, cancel := context.WithCancel(t.Context())
		service := account.NewService(&leaver{b.store, cancel}, b.hasher, b.clock)
		service.SetRules(func(context.Context) (account.Rules, error) { return account.Rules{Provision: true}, nil })
		proof := proofOf("s-new", "new@example.com")
		proof.Role = account.RoleAdmin
		_, s, err := service.SignInWithProvider(ctx, proof, "")
		if err != nil || s.Identity != "new@example.com" || !s.Result.Added {
			t.Errorf("who left is told of as %+v, %v", s, err)
		}
		// Switched off meanwhile: what was changed before is told, all the same.
		b.add(t, "bob@example.com", account.RoleWorker)
		h := &hasty{Store: b.store, between: func() { must(t, b.Deactivate(t.Context(), "bob@example.com")) }}
		_, s, err = account.NewService(h, b.hasher, b.clock).SignInWithProvider(t.Context(), proofOf("s-bob", "bob@example.com"), "")
		wantErr(t, "deactivated in between", err, account.ErrDeactivated)
		if s.Identity != "bob@example.com" || !s.Result.Bound {
			t.Errorf("what was changed is told as %+v", s)
		}
	})
}

// TestAdministratorsWhoRemoveEachOtherLeaveOne has four of them go at the same
// moment, in every way.
func TestAdministratorsWhoRemoveEachOtherLeaveOne(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		ways := []func(identity string) error{
			func(identity string) error { return b.Deactivate(ctx, identity) },
			func(identity string) error { return b.SetRole(ctx, identity, account.RoleWorker) },
			func(identity string) error { return b.RemovePerson(ctx, identity) },
			func(identity string) error { // the provider says so
				proof := proofOf("s-"+identity, identity)
				proof.Role = account.RoleWorker
				_, s, err := b.SignInWithProvider(ctx, proof, "")
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
				b.add(t, admins[i], account.RoleAdmin)
			}
			if round > 0 { // those who were left over
				people, err := b.People(ctx)
				must(t, err)
				for _, p := range people {
					if p.Role == account.RoleAdmin && !slices.Contains(admins, p.Identity) {
						must(t, b.RemovePerson(ctx, p.Identity))
					}
				}
			}
			errs := make([]error, len(ways))
			var wg sync.WaitGroup
			for i, way := range ways {
				wg.Go(func() { errs[i] = way(admins[i]) })
			}
			wg.Wait()
			spared, left := 0, 0
			for i := range ways {
				if errors.Is(errs[i], account.ErrLastAdmin) {
					spared++
				} else if errs[i] != nil {
					t.Errorf("round %d: %v", round, errs[i])
				}
				if p, err := b.Person(ctx, admins[i]); err == nil && p.Active() && p.Role == account.RoleAdmin {
					left++
				}
			}
			if spared != 1 || left != 1 {
				t.Fatalf("round %d: %d were spared, and %d are left", round, spared, left)
			}
		}
	})
}
