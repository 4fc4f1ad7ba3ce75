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

// proofOf is what the provider says of whoever has this e-mail address there.
func proofOf(subject, identity string) account.Assertion {
	return account.Assertion{Issuer: issuer, Subject: subject, Identity: identity, IdentityVerified: true}
}

// rules makes rules hold from now on.
func (b *bench) rules(r account.Rules) {
	b.SetRules(func(context.Context) (account.Rules, error) { return r, nil })
}

// arrive signs in with a proof, and answers what changed.
func (b *bench) arrive(t *testing.T, p account.Assertion) (account.Session, error) {
	t.Helper()
	secret, s, err := b.SignInWithProvider(t.Context(), p, "Browser/1")
	if err == nil {
		if _, who, aerr := b.Authenticate(t.Context(), secret); aerr != nil || who.Identity != s.Identity {
			t.Errorf("the session of %s is %s's: %v", s.Identity, who.Identity, aerr)
		}
	} else if secret != "" {
		t.Errorf("there is a secret beside the error %v", err)
	}
	return s, err
}

func TestAProofBindsOnceAndForAll(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		b.add(t, "Ada@example.com", account.RoleAdmin)
		b.add(t, "bob@example.com", account.RoleWorker)
		s, err := b.arrive(t, proofOf("s-ada", "ADA@example.com"))
		must(t, err)
		if s.Identity != "Ada@example.com" || s.Result != (account.SignInResult{Bound: true}) {
			t.Errorf("signed in as %q with %+v", s.Identity, s.Result)
		}
		if p := b.person(t, "ada@example.com"); p.Issuer != issuer || p.Subject != "s-ada" || !p.Bound() {
			t.Errorf("bound to %q at %q", p.Subject, p.Issuer)
		}
		s, err = b.arrive(t, proofOf("s-ada", "ADA@example.com"))
		must(t, err)
		if s.Result != (account.SignInResult{}) {
			t.Errorf("again: %+v", s.Result)
		}
		// Whatever she is called there by now, verified or not, she is who she was: also
		// when it is somebody else's name here.
		for _, identity := range []string{"ada.lovelace@example.com", "bob@example.com", "", "\xff", strings.Repeat("x", 1000)} {
			p := proofOf("s-ada", identity)
			p.IdentityVerified = identity != ""
			if s, err := b.arrive(t, p); err != nil || s.Identity != "Ada@example.com" {
				t.Errorf("called %.20q: signed in as %q: %v", identity, s.Identity, err)
			}
		}
		for name, c := range map[string]struct {
			proof account.Assertion
			want  error
		}{
			"another account with her address":     {proofOf("s-eve", "ada@example.com"), account.ErrBound},
			"the same subject at another provider": {account.Assertion{Issuer: "https://evil.example", Subject: "s-ada", Identity: "ada@example.com", IdentityVerified: true}, account.ErrBound},
			"an unverified address":                {account.Assertion{Issuer: issuer, Subject: "s-bob", Identity: "bob@example.com"}, account.ErrUnverified},
			"no address":                           {proofOf("s-bob", ""), account.ErrUnverified},
			"no subject":                           {proofOf("", "bob@example.com"), account.ErrUnverified},
			"no issuer":                            {account.Assertion{Subject: "s-bob", Identity: "bob@example.com", IdentityVerified: true}, account.ErrUnverified},
			"a huge subject":                       {proofOf(strings.Repeat("x", 1025), "bob@example.com"), account.ErrUnverified},
			"a subject of bytes":                   {proofOf("\xff", "bob@example.com"), account.ErrUnverified},
			"a role that does not exist":           {account.Assertion{Issuer: issuer, Subject: "s-bob", Identity: "bob@example.com", IdentityVerified: true, Role: "root"}, account.ErrUnverified},
			"nobody here":                          {proofOf("s-carol", "carol@example.com"), account.ErrNotFound},
		} {
			_, err := b.arrive(t, c.proof)
			wantErr(t, name, err, c.want)
		}
		if p := b.person(t, "bob@example.com"); p.Bound() {
			t.Error("a refused proof bound bob")
		}

		secret, _, err := b.SignInWithProvider(t.Context(), proofOf("s-ada", ""), "")
		must(t, err)
		must(t, b.Unbind(t.Context(), "ada@example.com"))
		_, _, err = b.Authenticate(t.Context(), secret)
		wantErr(t, "her session after unbinding", err, account.ErrNoSession)
		s, err = b.arrive(t, proofOf("s-ada2", "ada@example.com"))
		must(t, err)
		if !s.Result.Bound || b.person(t, "ada@example.com").Subject != "s-ada2" {
			t.Errorf("bound anew: %+v", s.Result)
		}
	})
}

func TestADeactivatedPersonStaysOutWhateverTheProviderSays(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		b.rules(account.Rules{Provision: true})
		b.add(t, "bob@example.com", account.RoleWorker)
		must(t, b.Deactivate(t.Context(), "bob@example.com"))
		admin := proofOf("s-bob", "bob@example.com")
		admin.Role = account.RoleAdmin
		_, err := b.arrive(t, admin)
		wantErr(t, "not bound yet", err, account.ErrDeactivated)
		if p := b.person(t, "bob@example.com"); p.Bound() || p.Role != account.RoleWorker {
			t.Errorf("changed all the same: %+v", p)
		}
		must(t, b.Reactivate(t.Context(), "bob@example.com"))
		_, err = b.arrive(t, proofOf("s-bob", "bob@example.com"))
		must(t, err)
		must(t, b.Deactivate(t.Context(), "bob@example.com"))
		_, err = b.arrive(t, admin)
		wantErr(t, "bound", err, account.ErrDeactivated)
		if b.person(t, "bob@example.com").Role != account.RoleWorker {
			t.Error("a claim changed the role of whoever is deactivated")
		}
	})
}

func TestProvisioningAddsWhomNobodyKnew(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		b.rules(account.Rules{Passwords: true, Provision: true})
		s, err := b.arrive(t, proofOf("s-new", "Carol@example.com"))
		must(t, err)
		if s.Identity != "Carol@example.com" || s.Result != (account.SignInResult{Added: true, Bound: true}) {
			t.Errorf("signed in as %q with %+v", s.Identity, s.Result)
		}
		want := account.Person{Identity: "Carol@example.com", Role: account.RoleWorker, Issuer: issuer, Subject: "s-new", Created: epoch, LastSeen: epoch}
		if diff := cmp.Diff(want, b.person(t, "carol@example.com")); diff != "" {
			t.Errorf("added (-want +got):\n%s", diff)
		}
		boss := proofOf("s-boss", "boss@example.com")
		boss.Role = account.RoleAdmin
		_, err = b.arrive(t, boss)
		must(t, err)
		if p := b.person(t, "boss@example.com"); p.Role != account.RoleAdmin || p.MayExport {
			t.Errorf("added by a claim: %+v", p)
		}
		var invalid *account.InvalidError
		for _, identity := range []string{"*", " x", "a\nb", strings.Repeat("x", 300)} {
			if _, err := b.arrive(t, proofOf("s-x", identity)); !errors.As(err, &invalid) {
				t.Errorf("called %.10q: %v", identity, err)
			}
		}
		_, err = b.arrive(t, proofOf("s-other", "carol@EXAMPLE.com"))
		wantErr(t, "somebody else of that name", err, account.ErrBound)
	})
}

func TestAClaimDecidesTheRoleAtEachSignInButNeverLocksOut(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.add(t, "ada@example.com", account.RoleAdmin)
		b.add(t, "bob@example.com", account.RoleWorker)
		must(t, b.SetMayExport(ctx, "ada@example.com", true))
		as := func(subject, identity string, role account.Role, want account.SignInResult, wantRole account.Role) {
			t.Helper()
			p := proofOf(subject, identity)
			p.Role = role
			s, err := b.arrive(t, p)
			must(t, err)
			if s.Result != want || b.person(t, identity).Role != wantRole {
				t.Errorf("%s as %q: %+v and %s, want %+v and %s", identity, role, s.Result, b.person(t, identity).Role, want, wantRole)
			}
		}
		as("s-ada", "ada@example.com", account.RoleWorker, account.SignInResult{Bound: true, KeptAdmin: true}, account.RoleAdmin)
		as("s-bob", "bob@example.com", account.RoleAdmin, account.SignInResult{Bound: true, Was: account.RoleWorker}, account.RoleAdmin)
		as("s-bob", "bob@example.com", "", account.SignInResult{}, account.RoleAdmin)
		as("s-ada", "ada@example.com", account.RoleWorker, account.SignInResult{Was: account.RoleAdmin}, account.RoleWorker)
		if b.person(t, "ada@example.com").MayExport {
			t.Error("a worker may export")
		}
		as("s-bob", "bob@example.com", account.RoleWorker, account.SignInResult{KeptAdmin: true}, account.RoleAdmin)
	})
}

func TestTwoFirstSignInsAtOnceMakeOnePerson(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		b.rules(account.Rules{Provision: true})
		var all sync.WaitGroup
		var mu sync.Mutex
		added := 0
		for range 12 {
			all.Go(func() {
				_, s, err := b.SignInWithProvider(context.Background(), proofOf("s-new", "new@example.com"), "")
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
		people, err := b.People(t.Context())
		must(t, err)
		if len(people) != 2 || added != 1 { // with alice
			t.Errorf("%d people, %d of them added", len(people), added)
		}
	})
}

// hasty changes a person between the proof and the session.
type hasty struct {
	account.Store
	between func()
}

func (h *hasty) SaveAssertion(ctx context.Context, p account.Assertion, provision bool, now time.Time) (account.Person, account.SignInResult, error) {
	who, changed, err := h.Store.SaveAssertion(ctx, p, provision, now)
	if h.between != nil && err == nil {
		h.between()
		h.between = nil
	}
	return who, changed, err
}

func TestAProofThatRacesWithAChangeIsLookedAtAgain(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.add(t, "bob@example.com", account.RoleWorker)
		h := &hasty{Store: b.store}
		service := account.NewService(h, b.hasher, b.clock)
		h.between = func() { must(t, b.SetPassword(ctx, "bob@example.com", "a new password")) }
		_, s, err := service.SignInWithProvider(ctx, proofOf("s-bob", "bob@example.com"), "")
		must(t, err)
		if !s.Result.Bound {
			t.Error("what the first try changed is not told")
		}
		h.between = func() { must(t, b.Deactivate(ctx, "bob@example.com")) }
		_, _, err = service.SignInWithProvider(ctx, proofOf("s-bob", "bob@example.com"), "")
		wantErr(t, "deactivated in between", err, account.ErrDeactivated)
	})
}

func TestPasswordsSwitchedOffTellNothingOfAnybody(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		secret, s := b.signIn(t)
		b.rules(account.Rules{})
		before := b.hasher.checks.Load()
		for _, c := range [][2]string{{"alice", alicesPassword}, {"alice", "wrong"}, {"nobody", "x"}} {
			_, _, err := b.SignIn(ctx, c[0], c[1], "")
			wantErr(t, c[0], err, account.ErrPasswordsOff)
		}
		wantErr(t, "a change", b.ChangePassword(ctx, "alice", alicesPassword, "another one", s.ID), account.ErrPasswordsOff)
		_, err := b.ResetPassword(ctx, "alice")
		wantErr(t, "a reset", err, account.ErrPasswordsOff)
		if n := b.hasher.checks.Load() - before; n != 0 {
			t.Errorf("%d passwords were checked", n)
		}
		if _, _, err := b.Authenticate(ctx, secret); err != nil {
			t.Errorf("who is signed in: %v", err)
		}
		password, err := b.Invite(ctx, "bob@example.com", account.RoleWorker, false)
		must(t, err)
		if p := b.person(t, "bob@example.com"); password != "" || p.PasswordHash != "" || p.Temporary {
			t.Errorf("invited with %q: %+v", password, p)
		}
		must(t, b.SetPassword(ctx, "alice", "the way back in")) // the command line's
		down := errors.New("down")
		b.SetRules(func(context.Context) (account.Rules, error) { return account.Rules{}, down })
		_, _, err = b.SignIn(ctx, "alice", "the way back in", "")
		wantErr(t, "when nobody knows the rules", err, down)
		_, _, err = b.SignInWithProvider(ctx, proofOf("s-bob", "bob@example.com"), "")
		wantErr(t, "with a proof, when nobody knows the rules", err, down)
	})
}
