package account_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/account"
)

func TestStore_AddSession_EndsTheLeastRecentlyUsed(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ctx := t.Context()
		alice, bob := person("alice"), person("bob")
		must(t, store.AddPerson(ctx, alice))
		must(t, store.AddPerson(ctx, bob))
		addSession(t, store, "bob's", session("bob's", "bob", epoch.Add(-time.Minute)), bob)
		add := func(i, wantEnded int) {
			t.Helper()
			id := fmt.Sprintf("s%02d", i)
			ended := addSession(t, store, id, session(id, "alice", epoch.Add(time.Duration(i)*time.Second)), alice)
			if ended != wantEnded {
				t.Errorf("AddSession(%s) ended %d sessions, want %d", id, ended, wantEnded)
			}
		}
		for i := range account.MaxSessions {
			add(i, 0)
		}
		must(t, store.TouchSession(ctx, "s00", epoch.Add(time.Minute), epoch.Add(time.Hour))) // the oldest is in use
		add(account.MaxSessions, 1)
		add(account.MaxSessions+1, 1)
		all, err := store.Sessions(ctx, "alice", epoch)
		must(t, err)
		if len(all) != account.MaxSessions {
			t.Errorf("Sessions() has %d sessions, want %d", len(all), account.MaxSessions)
		}
		for id, want := range map[string]bool{"s00": true, "s01": false, "s02": false, "s03": true, "s21": true, "bob's": true} {
			if _, _, err := store.SessionByHash(ctx, hashOf(id), epoch); (err == nil) != want {
				t.Errorf("SessionByHash(%s) = %v, want it: %v", id, err, want)
			}
		}
	})
}

func TestStore_ConfirmSession(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ctx := t.Context()
		alice := person("alice")
		must(t, store.AddPerson(ctx, alice))
		want := session("one", "alice", epoch)
		want.ByProvider, want.ProviderSession, want.ConfirmedUntil = true, "sid", epoch.Add(time.Minute)
		addSession(t, store, "s1", want, alice)
		addSession(t, store, "s2", session("two", "alice", epoch), alice)
		must(t, store.ConfirmSession(ctx, "one", epoch.Add(time.Hour)))
		want.ConfirmedUntil = epoch.Add(time.Hour)
		got, _, err := store.SessionByHash(ctx, hashOf("s1"), epoch)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("SessionByHash() after ConfirmSession (-want +got):\n%s", diff)
		}
		if got, _, err := store.SessionByHash(ctx, hashOf("s2"), epoch); err != nil || !got.ConfirmedUntil.IsZero() {
			t.Errorf("SessionByHash(another) = %+v, %v, want it unconfirmed", got, err)
		}
		wantErr(t, "ConfirmSession(unknown)", store.ConfirmSession(ctx, "none", epoch), account.ErrNoSession)
	})
}

func TestStore_RemoveProviderSessions(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ctx := t.Context()
		const issuer = "https://idp.example"
		alice, bob := person("alice"), person("bob")
		alice.Issuer, alice.Subject, bob.Issuer, bob.Subject = issuer, "s-alice", issuer, "s-bob"
		must(t, store.AddPerson(ctx, alice))
		must(t, store.AddPerson(ctx, bob))
		reset := func() {
			t.Helper()
			for _, p := range []account.Person{alice, bob} {
				must(t, store.RemoveSessions(ctx, p.Identity, ""))
				for _, id := range []string{"1", "2", ""} { // "" began with a password
					s := session(p.Identity+id, p.Identity, epoch)
					s.ByProvider = id != ""
					if s.ProviderSession = ""; id != "" {
						s.ProviderSession = "sid-" + p.Identity + id
					}
					addSession(t, store, p.Identity+id, s, p)
				}
			}
		}
		for _, c := range []struct {
			issuer, subject, session string
			want                     error
			who                      string
			left                     []string
		}{
			{issuer, "s-alice", "sid-alice1", nil, "alice", []string{"alice", "alice2", "bob", "bob1", "bob2"}},
			{issuer, "", "sid-alice1", nil, "alice", []string{"alice", "alice2", "bob", "bob1", "bob2"}},
			{issuer, "s-alice", "", nil, "alice", []string{"bob", "bob1", "bob2"}},
			{issuer, "s-alice", "sid-bob1", account.ErrNotFound, "", []string{"alice", "alice1", "alice2", "bob", "bob1", "bob2"}},
			{issuer, "", "", account.ErrNotFound, "", []string{"alice", "alice1", "alice2", "bob", "bob1", "bob2"}},
			{issuer, "", "unknown", account.ErrNotFound, "", []string{"alice", "alice1", "alice2", "bob", "bob1", "bob2"}},
			{"https://other.example", "s-alice", "", account.ErrNotFound, "", []string{"alice", "alice1", "alice2", "bob", "bob1", "bob2"}},
			{"https://other.example", "", "sid-alice1", account.ErrNotFound, "", []string{"alice", "alice1", "alice2", "bob", "bob1", "bob2"}},
		} {
			reset()
			call := fmt.Sprintf("RemoveProviderSessions(%s, %s, %s)", c.issuer, c.subject, c.session)
			p, err := store.RemoveProviderSessions(ctx, c.issuer, c.subject, c.session)
			wantErr(t, call, err, c.want)
			if err != nil {
				p = account.Person{}
			}
			var left []string
			for _, id := range []string{"alice", "alice1", "alice2", "bob", "bob1", "bob2"} {
				if _, _, err := store.SessionByHash(ctx, hashOf(id), epoch); err == nil {
					left = append(left, id)
				}
			}
			if diff := cmp.Diff(c.left, left); diff != "" || p.Identity != c.who {
				t.Errorf("%s = %q; sessions left (-want +got):\n%s", call, p.Identity, diff)
			}
		}
	})
}

// The provider may have ended a session that it gave no name.
func TestStore_RemoveProviderSessions_WithoutAName(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ctx := t.Context()
		alice := person("alice")
		alice.Issuer, alice.Subject = "https://idp.example", "s-alice"
		must(t, store.AddPerson(ctx, alice))
		s := session("nameless", "alice", epoch)
		s.ByProvider = true
		addSession(t, store, "nameless", s, alice)
		_, err := store.RemoveProviderSessions(ctx, alice.Issuer, alice.Subject, "sid-1")
		must(t, err)
		if _, _, err := store.SessionByHash(ctx, hashOf("nameless"), epoch); err == nil {
			t.Error("the session goes on")
		}
	})
}

func TestService_TemporaryPasswordExpires(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		password, err := ts.ResetPassword(ctx, "alice")
		must(t, err)
		ts.advance(account.TemporaryPasswordLife - time.Second)
		secret, _, err := ts.SignIn(ctx, "alice", password, "")
		must(t, err)
		byProvider, _, err := ts.SignInWithProvider(ctx, assertionOf("s-alice", "alice"), "")
		must(t, err)
		_, _, err = ts.Authenticate(ctx, secret)
		must(t, err)
		ts.advance(time.Second)
		_, _, err = ts.SignIn(ctx, "alice", password, "")
		wantErr(t, "SignIn(expired password)", err, account.ErrPasswordExpired)
		_, _, err = ts.Authenticate(ctx, secret)
		wantErr(t, "Authenticate(session of the expired password)", err, account.ErrNoSession)
		_, _, err = ts.Authenticate(ctx, byProvider)
		must(t, err)
		_, _, err = ts.SignIn(ctx, "alice", "a guess at it", "")
		wantErr(t, "SignIn(wrong password)", err, account.ErrCredentials)
		must(t, ts.SetPassword(ctx, "alice", alicePassword))
		ts.advance(365 * 24 * time.Hour)
		ts.signIn(t)
	})
}

func TestService_Confirm(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		secret, s := ts.signIn(t)
		confirmed := func(want bool, when string) {
			t.Helper()
			got, _, err := ts.Authenticate(ctx, secret)
			must(t, err)
			if got.Confirmed(ts.clock()) != want {
				t.Errorf("Confirmed() %s = %v, want %v", when, !want, want)
			}
		}
		confirmed(true, "after signing in")
		ts.advance(account.ConfirmationLife)
		confirmed(false, "ten minutes later")
		wantErr(t, "Confirm(wrong password)", ts.Confirm(ctx, s, "a guess at it"), account.ErrCredentials)
		confirmed(false, "after a wrong password")
		must(t, ts.Confirm(ctx, s, alicePassword))
		confirmed(true, "after the right password")
		temporary, err := ts.ResetPassword(ctx, "alice")
		must(t, err)
		wantErr(t, "Confirm(temporary password)", ts.Confirm(ctx, s, temporary), account.ErrCredentials)
		must(t, ts.SetPassword(ctx, "alice", alicePassword))
		secret, s = ts.signIn(t)
		ts.advance(account.ConfirmationLife)
		confirmed(false, "ten minutes after that")

		a := assertionOf("s-alice", "alice")
		wantErr(t, "ConfirmWithProvider(not linked)", ts.ConfirmWithProvider(ctx, s, a), account.ErrCredentials)
		_, provided, err := ts.SignInWithProvider(ctx, a, "")
		must(t, err)
		if provided.Confirmed(ts.clock()) {
			t.Error("a sign-in with a provider that says no time is confirmed")
		}
		wantErr(t, "ConfirmWithProvider(not asked again)", ts.ConfirmWithProvider(ctx, s, a), account.ErrCredentials)
		a.Reauthentication = true
		wantErr(t, "ConfirmWithProvider(no time)", ts.ConfirmWithProvider(ctx, s, a), account.ErrNoAuthTime)
		confirmed(false, "after a sign-in at a provider that says no time")
		a.AuthTime = ts.clock().Add(-account.ConfirmationLife - time.Second)
		wantErr(t, "ConfirmWithProvider(long ago)", ts.ConfirmWithProvider(ctx, s, a), account.ErrCredentials)
		a.AuthTime = ts.clock().Add(-time.Minute)
		must(t, ts.ConfirmWithProvider(ctx, s, a))
		confirmed(true, "after a sign-in at the provider")
		_, provided, err = ts.SignInWithProvider(ctx, a, "")
		must(t, err)
		if !provided.Confirmed(ts.clock()) {
			t.Error("a sign-in at the provider a minute ago is not confirmed")
		}
		other := assertionOf("s-bob", "bob")
		other.Reauthentication = true
		wantErr(t, "ConfirmWithProvider(another's)", ts.ConfirmWithProvider(ctx, s, other), account.ErrCredentials)
	})
}

func TestService_SetSessionLife(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		life := account.DefaultSessionLife()
		ts.SetSessionLife(func() account.SessionLife { return life })
		secret, _ := ts.signIn(t)
		ts.advance(2 * time.Hour)
		life = account.SessionLife{Idle: time.Hour, Absolute: 3 * time.Hour} // shorter than when it began
		_, _, err := ts.Authenticate(ctx, secret)
		wantErr(t, "Authenticate() beyond the new idle time", err, account.ErrNoSession)
		if all, err := ts.Sessions(ctx, "alice"); err != nil || len(all) != 0 {
			t.Errorf("Sessions() = %v, %v, want none", all, err)
		}
		secret, _ = ts.signIn(t)
		for range 5 {
			ts.advance(30 * time.Minute)
			_, _, err := ts.Authenticate(ctx, secret)
			must(t, err)
			ts.Wait()
		}
		ts.advance(30 * time.Minute)
		_, _, err = ts.Authenticate(ctx, secret)
		wantErr(t, "Authenticate() beyond the absolute time", err, account.ErrNoSession)
	})
}
