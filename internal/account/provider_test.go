package account_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/account"
)

const issuer = "https://login.example.com"

// assertionOf returns a verified assertion.
func assertionOf(subject, identity string) account.Assertion {
	return account.Assertion{Issuer: issuer, Subject: subject, Identity: identity, IdentityVerified: true}
}

// setRules sets the rules for signing in.
func (ts *testService) setRules(r account.Rules) {
	ts.SetRules(func(context.Context) (account.Rules, error) { return r, nil })
}

// signInWithProvider signs in and checks the session.
func (ts *testService) signInWithProvider(t *testing.T, p account.Assertion) (account.Session, error) {
	t.Helper()
	secret, s, err := ts.SignInWithProvider(t.Context(), p, "Browser/1")
	if err == nil {
		if _, who, aerr := ts.Authenticate(t.Context(), secret); aerr != nil || who.Identity != s.Identity {
			t.Errorf("Authenticate() = %s, %v, want %s", who.Identity, aerr, s.Identity)
		}
	} else if secret != "" {
		t.Errorf("SignInWithProvider() returns a secret with the error %v", err)
	}
	return s, err
}

func TestService_SignInWithProvider_Links(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ts.add(t, "Ada@example.com", account.RoleAdmin)
		ts.add(t, "bob@example.com", account.RoleWorker)
		s, err := ts.signInWithProvider(t, assertionOf("s-ada", "ADA@example.com"))
		must(t, err)
		if s.Identity != "Ada@example.com" || s.Result != (account.SignInResult{Linked: true}) {
			t.Errorf("SignInWithProvider() = %q with %+v", s.Identity, s.Result)
		}
		if p := ts.person(t, "ada@example.com"); p.Issuer != issuer || p.Subject != "s-ada" || !p.Linked() {
			t.Errorf("linked to %q of %q", p.Subject, p.Issuer)
		}
		s, err = ts.signInWithProvider(t, assertionOf("s-ada", "ADA@example.com"))
		must(t, err)
		if s.Result != (account.SignInResult{}) {
			t.Errorf("Result of a second sign-in = %+v, want none", s.Result)
		}
		// The link decides, whatever identity is asserted, verified or not, even another
		// person's.
		for _, identity := range []string{"ada.lovelace@example.com", "bob@example.com", "", "\xff", strings.Repeat("x", 1000)} {
			p := assertionOf("s-ada", identity)
			p.IdentityVerified = identity != ""
			if s, err := ts.signInWithProvider(t, p); err != nil || s.Identity != "Ada@example.com" {
				t.Errorf("SignInWithProvider(s-ada, %.20q) = %q, %v, want Ada", identity, s.Identity, err)
			}
		}
		for name, c := range map[string]struct {
			assertion account.Assertion
			want      error
		}{
			"another account with her address":     {assertionOf("s-eve", "ada@example.com"), account.ErrLinked},
			"the same subject at another provider": {account.Assertion{Issuer: "https://evil.example", Subject: "s-ada", Identity: "ada@example.com", IdentityVerified: true}, account.ErrLinked},
			"an unverified address":                {account.Assertion{Issuer: issuer, Subject: "s-bob", Identity: "bob@example.com"}, account.ErrUnverified},
			"no address":                           {assertionOf("s-bob", ""), account.ErrUnverified},
			"no subject":                           {assertionOf("", "bob@example.com"), account.ErrUnverified},
			"no issuer":                            {account.Assertion{Subject: "s-bob", Identity: "bob@example.com", IdentityVerified: true}, account.ErrUnverified},
			"a huge subject":                       {assertionOf(strings.Repeat("x", 1025), "bob@example.com"), account.ErrUnverified},
			"a subject of bytes":                   {assertionOf("\xff", "bob@example.com"), account.ErrUnverified},
			"a role that does not exist":           {account.Assertion{Issuer: issuer, Subject: "s-bob", Identity: "bob@example.com", IdentityVerified: true, Role: "root"}, account.ErrUnverified},
			"unknown here":                         {assertionOf("s-carol", "carol@example.com"), account.ErrNotFound},
		} {
			_, err := ts.signInWithProvider(t, c.assertion)
			wantErr(t, name+": SignInWithProvider()", err, c.want)
		}
		if p := ts.person(t, "bob@example.com"); p.Linked() {
			t.Error("a refused assertion linked bob")
		}

		secret, _, err := ts.SignInWithProvider(t.Context(), assertionOf("s-ada", ""), "")
		must(t, err)
		must(t, ts.Unlink(t.Context(), "ada@example.com"))
		_, _, err = ts.Authenticate(t.Context(), secret)
		wantErr(t, "Authenticate() after Unlink", err, account.ErrNoSession)
		s, err = ts.signInWithProvider(t, assertionOf("s-ada2", "ada@example.com"))
		must(t, err)
		if !s.Result.Linked || ts.person(t, "ada@example.com").Subject != "s-ada2" {
			t.Errorf("Result after Unlink = %+v, want Linked", s.Result)
		}
	})
}

func TestService_SignInWithProvider_Deactivated(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ts.setRules(account.Rules{Provision: true})
		ts.add(t, "bob@example.com", account.RoleWorker)
		must(t, ts.Deactivate(t.Context(), "bob@example.com"))
		admin := assertionOf("s-bob", "bob@example.com")
		admin.Role = account.RoleAdmin
		_, err := ts.signInWithProvider(t, admin)
		wantErr(t, "SignInWithProvider(not linked)", err, account.ErrDeactivated)
		if p := ts.person(t, "bob@example.com"); p.Linked() || p.Role != account.RoleWorker {
			t.Errorf("a refused sign-in changed the person: %+v", p)
		}
		must(t, ts.Reactivate(t.Context(), "bob@example.com"))
		_, err = ts.signInWithProvider(t, assertionOf("s-bob", "bob@example.com"))
		must(t, err)
		must(t, ts.Deactivate(t.Context(), "bob@example.com"))
		_, err = ts.signInWithProvider(t, admin)
		wantErr(t, "SignInWithProvider(linked)", err, account.ErrDeactivated)
		if ts.person(t, "bob@example.com").Role != account.RoleWorker {
			t.Error("an assertion changed the role of a deactivated person")
		}
	})
}

func TestService_SignInWithProvider_Provisions(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ts.setRules(account.Rules{Passwords: true, Provision: true})
		s, err := ts.signInWithProvider(t, assertionOf("s-new", "Carol@example.com"))
		must(t, err)
		if s.Identity != "Carol@example.com" || s.Result != (account.SignInResult{Added: true, Linked: true}) {
			t.Errorf("SignInWithProvider() = %q with %+v", s.Identity, s.Result)
		}
		want := account.Person{Identity: "Carol@example.com", Role: account.RoleWorker, Issuer: issuer, Subject: "s-new",
			Available: true, Created: epoch, LastSeen: epoch}
		if diff := cmp.Diff(want, ts.person(t, "carol@example.com")); diff != "" {
			t.Errorf("added person (-want +got):\n%s", diff)
		}
		boss := assertionOf("s-boss", "boss@example.com")
		boss.Role = account.RoleAdmin
		_, err = ts.signInWithProvider(t, boss)
		must(t, err)
		if p := ts.person(t, "boss@example.com"); p.Role != account.RoleAdmin || p.MayExport {
			t.Errorf("person added with a role claim = %+v", p)
		}
		var invalid *account.InvalidError
		for _, identity := range []string{"*", " x", "a\nb", strings.Repeat("x", 300)} {
			if _, err := ts.signInWithProvider(t, assertionOf("s-x", identity)); !errors.As(err, &invalid) {
				t.Errorf("SignInWithProvider(identity %.10q) = %v, want an InvalidError", identity, err)
			}
		}
		_, err = ts.signInWithProvider(t, assertionOf("s-other", "carol@EXAMPLE.com"))
		wantErr(t, "SignInWithProvider(another account)", err, account.ErrLinked)
	})
}

func TestService_SignInWithProvider_SetsRole(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		ts.add(t, "ada@example.com", account.RoleAdmin)
		ts.add(t, "bob@example.com", account.RoleWorker)
		must(t, ts.SetMayExport(ctx, "ada@example.com", true))
		signIn := func(subject, identity string, role account.Role, want account.SignInResult, wantRole account.Role) {
			t.Helper()
			p := assertionOf(subject, identity)
			p.Role = role
			s, err := ts.signInWithProvider(t, p)
			must(t, err)
			if s.Result != want || ts.person(t, identity).Role != wantRole {
				t.Errorf("sign-in of %s as %q: %+v, role %s, want %+v and %s", identity, role, s.Result, ts.person(t, identity).Role, want, wantRole)
			}
		}
		signIn("s-ada", "ada@example.com", account.RoleWorker, account.SignInResult{Linked: true, KeptAdmin: true}, account.RoleAdmin)
		signIn("s-bob", "bob@example.com", account.RoleAdmin, account.SignInResult{Linked: true, PreviousRole: account.RoleWorker}, account.RoleAdmin)
		signIn("s-bob", "bob@example.com", "", account.SignInResult{}, account.RoleAdmin)
		signIn("s-ada", "ada@example.com", account.RoleWorker, account.SignInResult{PreviousRole: account.RoleAdmin}, account.RoleWorker)
		if ts.person(t, "ada@example.com").MayExport {
			t.Error("a worker has MayExport")
		}
		signIn("s-bob", "bob@example.com", account.RoleWorker, account.SignInResult{KeptAdmin: true}, account.RoleAdmin)
	})
}

func TestService_SignInWithProvider_ConcurrentFirstSignIns(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ts.setRules(account.Rules{Provision: true})
		var all sync.WaitGroup
		var mu sync.Mutex
		added := 0
		for range 12 {
			all.Go(func() {
				_, s, err := ts.SignInWithProvider(context.Background(), assertionOf("s-new", "new@example.com"), "")
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if s.Result.Added {
					added++
				}
			})
		}
		all.Wait()
		people, err := ts.People(t.Context())
		must(t, err)
		if len(people) != 2 || added != 1 { // with alice
			t.Errorf("People() after concurrent sign-ins = %d people, %d added, want 2 and 1", len(people), added)
		}
	})
}

// racingStore changes the person between SaveAssertion and AddSession.
type racingStore struct {
	account.Store
	afterSave func()
}

func (h *racingStore) SaveAssertion(ctx context.Context, p account.Assertion, provision bool, now time.Time) (account.Person, account.SignInResult, error) {
	who, changed, err := h.Store.SaveAssertion(ctx, p, provision, now)
	if h.afterSave != nil && err == nil {
		h.afterSave()
		h.afterSave = nil
	}
	return who, changed, err
}

func TestService_SignInWithProvider_RetriesAfterAChange(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		ts.add(t, "bob@example.com", account.RoleWorker)
		h := &racingStore{Store: ts.store}
		service := account.NewService(h, ts.hasher, ts.clock)
		h.afterSave = func() { must(t, ts.SetPassword(ctx, "bob@example.com", "a new password")) }
		_, s, err := service.SignInWithProvider(ctx, assertionOf("s-bob", "bob@example.com"), "")
		must(t, err)
		if !s.Result.Linked {
			t.Error("Result lacks what the first attempt changed")
		}
		h.afterSave = func() { must(t, ts.Deactivate(ctx, "bob@example.com")) }
		_, _, err = service.SignInWithProvider(ctx, assertionOf("s-bob", "bob@example.com"), "")
		wantErr(t, "SignInWithProvider(deactivated concurrently)", err, account.ErrDeactivated)
	})
}

func TestService_PasswordsOff(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		secret, s := ts.signIn(t)
		ts.setRules(account.Rules{})
		before := ts.hasher.checks.Load()
		for _, c := range [][2]string{{"alice", alicePassword}, {"alice", "wrong"}, {"unknown", "x"}} {
			_, _, err := ts.SignIn(ctx, c[0], c[1], "")
			wantErr(t, "SignIn("+c[0]+")", err, account.ErrPasswordsOff)
		}
		wantErr(t, "ChangePassword()", ts.ChangePassword(ctx, "alice", alicePassword, "another one", s.ID), account.ErrPasswordsOff)
		_, err := ts.ResetPassword(ctx, "alice")
		wantErr(t, "ResetPassword()", err, account.ErrPasswordsOff)
		if n := ts.hasher.checks.Load() - before; n != 0 {
			t.Errorf("SignIn, ChangePassword and ResetPassword checked %d passwords, want none", n)
		}
		if _, _, err := ts.Authenticate(ctx, secret); err != nil {
			t.Errorf("Authenticate() with passwords off = %v", err)
		}
		password, err := ts.AddWithTemporaryPassword(ctx, "bob@example.com", account.RoleWorker, false)
		must(t, err)
		if p := ts.person(t, "bob@example.com"); password != "" || p.PasswordHash != "" || p.Temporary() {
			t.Errorf("Invite() = %q, person %+v, want no password", password, p)
		}
		must(t, ts.SetPassword(ctx, "alice", "the way back in"))
		down := errors.New("down")
		ts.SetRules(func(context.Context) (account.Rules, error) { return account.Rules{}, down })
		_, _, err = ts.SignIn(ctx, "alice", "the way back in", "")
		wantErr(t, "SignIn() without rules", err, down)
		_, _, err = ts.SignInWithProvider(ctx, assertionOf("s-bob", "bob@example.com"), "")
		wantErr(t, "SignInWithProvider() without rules", err, down)
	})
}
