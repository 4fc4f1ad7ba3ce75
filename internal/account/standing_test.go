package account_test

import (
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
)

func (b *bench) add(t *testing.T, identity string, role account.Role) {
	t.Helper()
	must(t, b.AddPerson(t.Context(), identity, role, "the password of "+identity))
}

func (b *bench) person(t *testing.T, identity string) account.Person {
	t.Helper()
	p, err := b.Person(t.Context(), identity)
	must(t, err)
	return p
}

func TestDeactivationEndsSessionsAtOnceAndIsToldToTheRightPasswordOnly(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		secret, _ := b.signIn(t)
		b.pass(time.Hour)
		must(t, b.Deactivate(ctx, "alice"))
		at := b.clock()
		_, _, err := b.Authenticate(ctx, secret)
		wantErr(t, "the session of whoever is deactivated", err, account.ErrNoSession)
		before := b.hasher.checks.Load()
		_, _, err = b.SignIn(ctx, "alice", alicesPassword, "")
		wantErr(t, "the right password", err, account.ErrDeactivated)
		_, _, err = b.SignIn(ctx, "alice", "something else", "")
		wantErr(t, "a wrong password", err, account.ErrCredentials)
		if n := b.hasher.checks.Load() - before; n != 2 {
			t.Errorf("%d passwords were checked, want 2: the time tells", n)
		}
		_, _, err = b.SignInAs(ctx, "alice", "")
		wantErr(t, "without a password", err, account.ErrDeactivated)

		b.pass(time.Hour)
		must(t, b.Deactivate(ctx, "alice")) // again
		if p := b.person(t, "alice"); !p.Deactivated.Equal(at) || p.Active() {
			t.Errorf("deactivated since %v, want %v", p.Deactivated, at)
		}
		must(t, b.Reactivate(ctx, "alice"))
		_, _, err = b.Authenticate(ctx, secret)
		wantErr(t, "an old session after reactivation", err, account.ErrNoSession)
		b.signIn(t)
		for name, err := range map[string]error{
			"deactivate": b.Deactivate(ctx, "nobody"), "reactivate": b.Reactivate(ctx, "nobody"), "unbind": b.Unbind(ctx, "nobody"),
			"role": b.SetRole(ctx, "nobody", account.RoleAdmin), "export": b.SetMayExport(ctx, "nobody", true), "sessions": b.EndSessions(ctx, "nobody"),
		} {
			wantErr(t, name+" of nobody", err, account.ErrNotFound)
		}
	})
}

func TestASignInThatRacesWithADeactivationAddsNothing(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		alice := b.person(t, "alice")
		must(t, b.Deactivate(t.Context(), "alice"))
		err := b.store.AddSession(t.Context(), hashOf("late"), session("late", "alice", b.clock()), alice)
		wantErr(t, "the late session", err, account.ErrNotFound)
	})
}

func TestTheLastActiveAdministratorStays(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		must(t, b.AddPerson(ctx, "ada", account.RoleAdmin, "")) // without a way in she counts all the same
		tries := func(want error) {
			t.Helper()
			wantErr(t, "deactivate", b.Deactivate(ctx, "ada"), want)
			wantErr(t, "demote", b.SetRole(ctx, "ada", account.RoleWorker), want)
			wantErr(t, "remove", b.RemovePerson(ctx, "ada"), want)
		}
		tries(account.ErrLastAdmin)
		b.add(t, "root", account.RoleAdmin)
		must(t, b.Deactivate(ctx, "root"))
		tries(account.ErrLastAdmin) // for root is not active
		must(t, b.SetRole(ctx, "ada", account.RoleAdmin))
		must(t, b.RemovePerson(ctx, "root")) // which makes no difference to anybody
		must(t, b.SetRole(ctx, "alice", account.RoleAdmin))
		must(t, b.SetRole(ctx, "ada", account.RoleWorker))
		must(t, b.Deactivate(ctx, "ada"))
		wantErr(t, "the one who came after", b.RemovePerson(ctx, "alice"), account.ErrLastAdmin)
		var invalid *account.InvalidError
		if err := b.SetRole(ctx, "alice", "root"); !errors.As(err, &invalid) {
			t.Errorf("a role that does not exist: %v", err)
		}
	})
}

func TestTwoAdministratorsCannotRemoveEachOtherAtOnce(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		for round := range 10 {
			one, two := fmt.Sprintf("one%d", round), fmt.Sprintf("two%d", round)
			b.add(t, one, account.RoleAdmin)
			b.add(t, two, account.RoleAdmin)
			if round > 0 { // the one who was left of the round before goes first
				people, err := b.People(t.Context())
				must(t, err)
				for _, p := range people {
					if p.Role == account.RoleAdmin && p.Identity != one && p.Identity != two {
						must(t, b.RemovePerson(t.Context(), p.Identity))
					}
				}
			}
			var all sync.WaitGroup
			errs := make([]error, 2)
			all.Go(func() { errs[0] = b.Deactivate(t.Context(), one) })
			all.Go(func() { errs[1] = b.SetRole(t.Context(), two, account.RoleWorker) })
			all.Wait()
			if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), account.ErrLastAdmin) {
				t.Fatalf("both at once: %v", errs)
			}
		}
	})
}

func TestExportIsAPermissionOfAdministrators(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.add(t, "root", account.RoleAdmin)
		var invalid *account.InvalidError
		if err := b.SetMayExport(ctx, "alice", true); !errors.As(err, &invalid) || b.person(t, "alice").MayExport {
			t.Errorf("given to a worker: %v", err)
		}
		if _, err := b.Invite(ctx, "eve", account.RoleWorker, true); !errors.As(err, &invalid) {
			t.Errorf("a worker is added with it: %v", err)
		}
		must(t, b.SetMayExport(ctx, "alice", false))
		must(t, b.SetRole(ctx, "alice", account.RoleAdmin))
		if b.person(t, "alice").MayExport {
			t.Error("it comes with the role")
		}
		must(t, b.SetMayExport(ctx, "alice", true))
		if !b.person(t, "alice").MayExport {
			t.Error("it is not kept")
		}
		must(t, b.SetRole(ctx, "alice", account.RoleWorker))
		must(t, b.SetRole(ctx, "alice", account.RoleAdmin))
		if b.person(t, "alice").MayExport {
			t.Error("it survived a demotion")
		}
	})
}

func TestMadeUpPasswordsAreReadableTemporaryAndToldOnce(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		secret, _ := b.signIn(t)
		form := regexp.MustCompile(`^([bcdfghjkmnpqrstvwxz]{4}-){3}[bcdfghjkmnpqrstvwxz]{4}$`)
		seen := map[string]bool{}
		var password string
		for range 50 {
			var err error
			password, err = b.ResetPassword(ctx, "alice")
			must(t, err)
			if !form.MatchString(password) || seen[password] {
				t.Fatalf("the password is %q", password)
			}
			seen[password] = true
		}
		_, _, err := b.Authenticate(ctx, secret)
		wantErr(t, "a session from before", err, account.ErrNoSession)
		if !b.person(t, "alice").Temporary {
			t.Error("it is not temporary")
		}
		_, s, err := b.SignIn(ctx, "alice", password, "")
		must(t, err)
		var invalid *account.InvalidError
		if err := b.ChangePassword(ctx, "alice", password, password, s.ID); !errors.As(err, &invalid) {
			t.Errorf("kept as her own: %v", err)
		}
		must(t, b.ChangePassword(ctx, "alice", password, "through the looking-glass", s.ID))
		if b.person(t, "alice").Temporary {
			t.Error("her own password is temporary")
		}
		_, err = b.ResetPassword(ctx, "nobody")
		wantErr(t, "nobody's password", err, account.ErrNotFound)

		password, err = b.Invite(ctx, "bob", account.RoleAdmin, true)
		must(t, err)
		if p := b.person(t, "bob"); !form.MatchString(password) || !p.Temporary || !p.MayExport || p.Role != account.RoleAdmin {
			t.Errorf("invited with %q as %+v", password, p)
		}
		_, _, err = b.SignIn(ctx, "bob", password, "")
		must(t, err)
		_, err = b.Invite(ctx, "bob", account.RoleWorker, false)
		wantErr(t, "invited twice", err, account.ErrExists)
	})
}

func TestLastSeenOutlivesSessions(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		if seen := b.person(t, "alice").LastSeen; !seen.IsZero() {
			t.Errorf("seen %v before she ever was here", seen)
		}
		secret, _ := b.signIn(t)
		if seen := b.person(t, "alice").LastSeen; !seen.Equal(b.clock()) {
			t.Errorf("signed in and seen %v", seen)
		}
		b.pass(time.Hour)
		_, _, err := b.Authenticate(ctx, secret)
		must(t, err)
		b.Wait()
		last := b.clock()
		must(t, b.EndSessions(ctx, "alice"))
		_, _, err = b.Authenticate(ctx, secret)
		wantErr(t, "an ended session", err, account.ErrNoSession)
		b.pass(2 * account.SessionAbsolute)
		b.add(t, "bob", account.RoleWorker)
		_, _, err = b.SignIn(ctx, "bob", "the password of bob", "") // which forgets old sessions
		must(t, err)
		if seen := b.person(t, "alice").LastSeen; !seen.Equal(last) {
			t.Errorf("last seen %v, want %v", seen, last)
		}
	})
}
