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

func (ts *testService) add(t *testing.T, identity string, role account.Role) {
	t.Helper()
	must(t, ts.AddPerson(t.Context(), identity, role, "the password of "+identity))
}

func (ts *testService) person(t *testing.T, identity string) account.Person {
	t.Helper()
	p, err := ts.Person(t.Context(), identity)
	must(t, err)
	return p
}

func TestService_Deactivate(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		secret, _ := ts.signIn(t)
		ts.advance(time.Hour)
		must(t, ts.Deactivate(ctx, "alice"))
		at := ts.clock()
		_, _, err := ts.Authenticate(ctx, secret)
		wantErr(t, "Authenticate() after Deactivate", err, account.ErrNoSession)
		before := ts.hasher.checks.Load()
		_, _, err = ts.SignIn(ctx, "alice", alicePassword, "")
		wantErr(t, "SignIn(right password)", err, account.ErrDeactivated)
		_, _, err = ts.SignIn(ctx, "alice", "something else", "")
		wantErr(t, "SignIn(wrong password)", err, account.ErrCredentials)
		if n := ts.hasher.checks.Load() - before; n != 2 {
			t.Errorf("SignIn of a deactivated account checked %d passwords in 2 calls, want 2: the duration reveals the difference", n)
		}
		_, _, err = ts.SignInAs(ctx, "alice", "")
		wantErr(t, "SignInAs()", err, account.ErrDeactivated)

		ts.advance(time.Hour)
		must(t, ts.Deactivate(ctx, "alice")) // again
		if p := ts.person(t, "alice"); !p.Deactivated.Equal(at) || p.Active() {
			t.Errorf("Deactivated = %v, want %v", p.Deactivated, at)
		}
		must(t, ts.Reactivate(ctx, "alice"))
		_, _, err = ts.Authenticate(ctx, secret)
		wantErr(t, "Authenticate(old session) after Reactivate", err, account.ErrNoSession)
		ts.signIn(t)
		for name, err := range map[string]error{
			"Deactivate": ts.Deactivate(ctx, "unknown"), "Reactivate": ts.Reactivate(ctx, "unknown"), "Unlink": ts.Unlink(ctx, "unknown"),
			"SetRole": ts.SetRole(ctx, "unknown", account.RoleAdmin), "SetMayExport": ts.SetMayExport(ctx, "unknown", true), "EndSessions": ts.EndSessions(ctx, "unknown"),
		} {
			wantErr(t, name+"(unknown)", err, account.ErrNotFound)
		}
	})
}

func TestStore_AddSession_RefusesDeactivatedPerson(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		alice := ts.person(t, "alice")
		must(t, ts.Deactivate(t.Context(), "alice"))
		_, err := ts.store.AddSession(t.Context(), hashOf("new"), session("new", "alice", ts.clock()), alice)
		wantErr(t, "AddSession()", err, account.ErrNotFound)
	})
}

func TestService_LastAdminStays(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		must(t, ts.AddPerson(ctx, "ada", account.RoleAdmin, "")) // counts without a password
		wantAll := func(want error) {
			t.Helper()
			wantErr(t, "Deactivate(ada)", ts.Deactivate(ctx, "ada"), want)
			wantErr(t, "SetRole(ada, worker)", ts.SetRole(ctx, "ada", account.RoleWorker), want)
			wantErr(t, "RemovePerson(ada)", ts.RemovePerson(ctx, "ada"), want)
		}
		wantAll(account.ErrLastAdmin)
		ts.add(t, "root", account.RoleAdmin)
		must(t, ts.Deactivate(ctx, "root"))
		wantAll(account.ErrLastAdmin) // root is not active
		must(t, ts.SetRole(ctx, "ada", account.RoleAdmin))
		must(t, ts.RemovePerson(ctx, "root"))
		must(t, ts.SetRole(ctx, "alice", account.RoleAdmin))
		must(t, ts.SetRole(ctx, "ada", account.RoleWorker))
		must(t, ts.Deactivate(ctx, "ada"))
		wantErr(t, "RemovePerson(alice)", ts.RemovePerson(ctx, "alice"), account.ErrLastAdmin)
		var invalid *account.InvalidError
		if err := ts.SetRole(ctx, "alice", "root"); !errors.As(err, &invalid) {
			t.Errorf("SetRole(root) = %v, want an InvalidError", err)
		}
	})
}

func TestService_LastAdminStays_ConcurrentChanges(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		for round := range 10 {
			one, two := fmt.Sprintf("one%d", round), fmt.Sprintf("two%d", round)
			ts.add(t, one, account.RoleAdmin)
			ts.add(t, two, account.RoleAdmin)
			if round > 0 { // remove the administrator left by the last round
				people, err := ts.People(t.Context())
				must(t, err)
				for _, p := range people {
					if p.Role == account.RoleAdmin && p.Identity != one && p.Identity != two {
						must(t, ts.RemovePerson(t.Context(), p.Identity))
					}
				}
			}
			var all sync.WaitGroup
			errs := make([]error, 2)
			all.Go(func() { errs[0] = ts.Deactivate(t.Context(), one) })
			all.Go(func() { errs[1] = ts.SetRole(t.Context(), two, account.RoleWorker) })
			all.Wait()
			if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), account.ErrLastAdmin) {
				t.Fatalf("concurrent Deactivate and SetRole = %v, want one ErrLastAdmin", errs)
			}
		}
	})
}

func TestService_SetMayExport(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		ts.add(t, "root", account.RoleAdmin)
		var invalid *account.InvalidError
		if err := ts.SetMayExport(ctx, "alice", true); !errors.As(err, &invalid) || ts.person(t, "alice").MayExport {
			t.Errorf("SetMayExport(worker) = %v, want an InvalidError", err)
		}
		if _, err := ts.AddWithTemporaryPassword(ctx, "eve", account.RoleWorker, true); !errors.As(err, &invalid) {
			t.Errorf("Invite(worker, mayExport) = %v, want an InvalidError", err)
		}
		must(t, ts.SetMayExport(ctx, "alice", false))
		must(t, ts.SetRole(ctx, "alice", account.RoleAdmin))
		if ts.person(t, "alice").MayExport {
			t.Error("SetRole(admin) grants MayExport")
		}
		must(t, ts.SetMayExport(ctx, "alice", true))
		if !ts.person(t, "alice").MayExport {
			t.Error("SetMayExport() has no effect")
		}
		must(t, ts.SetRole(ctx, "alice", account.RoleWorker))
		must(t, ts.SetRole(ctx, "alice", account.RoleAdmin))
		if ts.person(t, "alice").MayExport {
			t.Error("MayExport survives SetRole(worker)")
		}
	})
}

func TestService_ResetPasswordAndAdd(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		secret, _ := ts.signIn(t)
		form := regexp.MustCompile(`^([bcdfghjkmnpqrstvwxz]{4}-){3}[bcdfghjkmnpqrstvwxz]{4}$`)
		seen := map[string]bool{}
		var password string
		for range 50 {
			var err error
			password, err = ts.ResetPassword(ctx, "alice")
			must(t, err)
			if !form.MatchString(password) || seen[password] {
				t.Fatalf("ResetPassword() = %q", password)
			}
			seen[password] = true
		}
		_, _, err := ts.Authenticate(ctx, secret)
		wantErr(t, "Authenticate() after ResetPassword", err, account.ErrNoSession)
		if !ts.person(t, "alice").Temporary() {
			t.Error("the password is not temporary")
		}
		_, s, err := ts.SignIn(ctx, "alice", password, "")
		must(t, err)
		var invalid *account.InvalidError
		if err := ts.ChangePassword(ctx, "alice", password, password, s.ID); !errors.As(err, &invalid) {
			t.Errorf("ChangePassword(to the temporary one) = %v, want an InvalidError", err)
		}
		must(t, ts.ChangePassword(ctx, "alice", password, "through the looking-glass", s.ID))
		if ts.person(t, "alice").Temporary() {
			t.Error("Temporary is set after ChangePassword")
		}
		_, err = ts.ResetPassword(ctx, "unknown")
		wantErr(t, "ResetPassword(unknown)", err, account.ErrNotFound)

		password, err = ts.AddWithTemporaryPassword(ctx, "bob", account.RoleAdmin, true)
		must(t, err)
		if p := ts.person(t, "bob"); !form.MatchString(password) || !p.Temporary() || !p.MayExport || p.Role != account.RoleAdmin {
			t.Errorf("Invite() = %q, person %+v", password, p)
		}
		_, _, err = ts.SignIn(ctx, "bob", password, "")
		must(t, err)
		_, err = ts.AddWithTemporaryPassword(ctx, "bob", account.RoleWorker, false)
		wantErr(t, "second Invite()", err, account.ErrExists)
	})
}

func TestService_LastSeenOutlivesSessions(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		if seen := ts.person(t, "alice").LastSeen; !seen.IsZero() {
			t.Errorf("LastSeen before any sign-in = %v", seen)
		}
		secret, _ := ts.signIn(t)
		if seen := ts.person(t, "alice").LastSeen; !seen.Equal(ts.clock()) {
			t.Errorf("LastSeen after SignIn = %v, want %v", seen, ts.clock())
		}
		ts.advance(time.Hour)
		_, _, err := ts.Authenticate(ctx, secret)
		must(t, err)
		ts.Wait()
		last := ts.clock()
		must(t, ts.EndSessions(ctx, "alice"))
		_, _, err = ts.Authenticate(ctx, secret)
		wantErr(t, "Authenticate() after EndSessions", err, account.ErrNoSession)
		ts.advance(2 * account.DefaultSessionLife().Absolute)
		ts.add(t, "bob", account.RoleWorker)
		_, _, err = ts.SignIn(ctx, "bob", "the password of bob", "") // purges expired sessions
		must(t, err)
		if seen := ts.person(t, "alice").LastSeen; !seen.Equal(last) {
			t.Errorf("LastSeen = %v, want %v", seen, last)
		}
	})
}
