package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clientele-project/clientele/internal/account"
)

// plainHasher is a fast Hasher that counts its checks.
type plainHasher struct{ checks atomic.Int32 }

func (h *plainHasher) Hash(_ context.Context, password string) (string, error) {
	return "plain:" + password, nil
}

func (h *plainHasher) Check(_ context.Context, hash, password string) (bool, error) {
	h.checks.Add(1)
	return hash == "plain:"+password, nil
}

// testService is a service over a real store, with a manual clock.
type testService struct {
	*account.Service
	store  account.Store
	hasher *plainHasher
	mu     sync.Mutex
	now    time.Time
}

func (ts *testService) clock() time.Time {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	return ts.now
}

func (ts *testService) advance(d time.Duration) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.now = ts.now.Add(d)
}

const alicePassword = "wonderland 1865"

// withService runs a test over every store, with alice added.
func withService(t *testing.T, test func(t *testing.T, ts *testService)) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		ts := &testService{store: store, hasher: new(plainHasher), now: epoch}
		ts.Service = account.NewService(store, ts.hasher, ts.clock)
		t.Cleanup(ts.Wait)
		must(t, ts.AddPerson(t.Context(), "alice", account.RoleWorker, alicePassword))
		test(t, ts)
	})
}

func (ts *testService) signIn(t *testing.T) (string, account.Session) {
	t.Helper()
	secret, s, err := ts.SignIn(t.Context(), "alice", alicePassword, "Browser/1")
	must(t, err)
	return secret, s
}

func TestService_SignIn(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		secret, s := ts.signIn(t)
		if len(secret) != 43 {
			t.Errorf("SignIn() secret has %d characters, want 43 (256 bits)", len(secret))
		}
		if strings.Contains(secret, s.ID) {
			t.Error("the session's ID is part of its secret")
		}
		got, who, err := ts.Authenticate(t.Context(), secret)
		must(t, err)
		if diff := cmp.Diff(s, got); diff != "" {
			t.Errorf("Authenticate() session (-want +got):\n%s", diff)
		}
		if who.Identity != "alice" || who.Role != account.RoleWorker {
			t.Errorf("Authenticate() person = %+v", who)
		}
		if other, _ := ts.signIn(t); other == secret {
			t.Error("two sessions have the same secret")
		}
		for _, wrong := range []string{"", secret[1:], secret + "A", s.ID, strings.Repeat("A", 43), strings.Repeat("x", 1<<20)} {
			_, _, err := ts.Authenticate(t.Context(), wrong)
			wantErr(t, fmt.Sprintf("Authenticate(secret of %d characters)", len(wrong)), err, account.ErrNoSession)
		}
	})
}

func TestService_SignIn_RefusesUniformly(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		must(t, ts.AddPerson(t.Context(), "no-password", account.RoleWorker, ""))
		for name, c := range map[string][2]string{
			"wrong password":     {"alice", "Wonderland 1865"},
			"empty password":     {"alice", ""},
			"unknown person":     {"mallory", alicePassword},
			"empty identity":     {"", ""},
			"without a password": {"no-password", ""},
			"huge password":      {"alice", alicePassword + strings.Repeat("x", 1<<20)},
			"bytes":              {"\xff\x00", "\xff\x00"},
		} {
			before := ts.hasher.checks.Load()
			secret, _, err := ts.SignIn(t.Context(), c[0], c[1], "")
			wantErr(t, name+": SignIn()", err, account.ErrCredentials)
			if secret != "" {
				t.Errorf("SignIn(%s) = a secret, want none", name)
			}
			if ts.hasher.checks.Load() != before+1 {
				t.Errorf("SignIn(%s) checked %d passwords, want 1: the duration reveals it", name, ts.hasher.checks.Load()-before)
			}
		}
		if _, _, err := ts.SignIn(t.Context(), " alice ", alicePassword, ""); err != nil {
			t.Errorf("SignIn(identity with blanks) = %v", err)
		}
	})
}

func TestService_Authenticate_ProlongsSessions(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		secret, _ := ts.signIn(t)
		authenticate := func() error { // and wait for the touch
			_, _, err := ts.Authenticate(t.Context(), secret)
			ts.Wait()
			return err
		}
		life := account.DefaultSessionLife()
		nearly := life.Idle - time.Minute
		for passed := time.Duration(0); passed+nearly < life.Absolute; passed += nearly {
			ts.advance(nearly)
			if err := authenticate(); err != nil {
				t.Fatalf("Authenticate() every %v, after %v: %v", nearly, passed+nearly, err)
			}
		}
		ts.advance(nearly)
		wantErr(t, "Authenticate() after Absolute", authenticate(), account.ErrNoSession)

		secret, _ = ts.signIn(t)
		ts.advance(life.Idle)
		wantErr(t, "Authenticate() after Idle", authenticate(), account.ErrNoSession)
	})
}

func TestService_Authenticate_TouchesOnceAMinute(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		secret, s := ts.signIn(t)
		seen := func() time.Time {
			t.Helper()
			_, _, err := ts.Authenticate(t.Context(), secret)
			must(t, err)
			ts.Wait()
			all, err := ts.Sessions(t.Context(), "alice")
			must(t, err)
			return all[0].LastSeen
		}
		ts.advance(59 * time.Second)
		if got := seen(); !got.Equal(s.LastSeen) {
			t.Errorf("LastSeen written after %v", got.Sub(s.LastSeen))
		}
		ts.advance(time.Second)
		if got := seen(); !got.Equal(ts.clock()) {
			t.Errorf("LastSeen after a minute = %v, want %v", got, ts.clock())
		}
	})
}

// blockingStore blocks TouchSession, as a long import does.
type blockingStore struct {
	account.Store
	release chan struct{}
}

func (s blockingStore) TouchSession(ctx context.Context, id string, seen, expires time.Time) error {
	<-s.release
	return s.Store.TouchSession(ctx, id, seen, expires)
}

func TestService_Authenticate_DoesNotWaitForWrites(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		secret, _ := ts.signIn(t)
		ts.advance(time.Hour)
		blocked := blockingStore{ts.store, make(chan struct{})}
		service := account.NewService(blocked, ts.hasher, ts.clock)
		for range 3 {
			if _, _, err := service.Authenticate(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
		}
		close(blocked.release)
		service.Wait()
	})
}

func TestService_ChangePassword(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		mine, s := ts.signIn(t)
		other, _ := ts.signIn(t)
		wantErr(t, "ChangePassword(wrong old password)", ts.ChangePassword(ctx, "alice", "guess guess", "looking-glass", s.ID), account.ErrCredentials)
		var invalid *account.InvalidError
		if err := ts.ChangePassword(ctx, "alice", alicePassword, "short", s.ID); !errors.As(err, &invalid) {
			t.Errorf("ChangePassword(short) = %v, want an InvalidError", err)
		}
		if _, _, err := ts.Authenticate(ctx, other); err != nil {
			t.Errorf("another session after a failed change: %v", err)
		}
		must(t, ts.ChangePassword(ctx, "alice", alicePassword, "looking-glass", s.ID))
		if _, _, err := ts.Authenticate(ctx, mine); err != nil {
			t.Errorf("the session that changed the password: %v", err)
		}
		_, _, err := ts.Authenticate(ctx, other)
		wantErr(t, "Authenticate(another session)", err, account.ErrNoSession)
		_, _, err = ts.SignIn(ctx, "alice", alicePassword, "")
		wantErr(t, "SignIn(old password)", err, account.ErrCredentials)
		_, _, err = ts.SignIn(ctx, "alice", "looking-glass", "")
		must(t, err)

		must(t, ts.SetPassword(ctx, "alice", "set by an administrator"))
		_, _, err = ts.Authenticate(ctx, mine)
		wantErr(t, "Authenticate() after SetPassword", err, account.ErrNoSession)
		wantErr(t, "SetPassword(unknown)", ts.SetPassword(ctx, "unknown", "long enough"), account.ErrNotFound)
	})
}

func TestService_RevokeSession(t *testing.T) {
	withService(t, func(t *testing.T, ts *testService) {
		ctx := t.Context()
		must(t, ts.AddPerson(ctx, "bob", account.RoleAdmin, "a builder's secret"))
		must(t, ts.AddPerson(ctx, "eve", account.RoleAdmin, ""))
		mine, s := ts.signIn(t)
		other, o := ts.signIn(t)
		wantErr(t, "RevokeSession(alice's, by bob)", ts.RevokeSession(ctx, "bob", o.ID), account.ErrNoSession)
		must(t, ts.RevokeSession(ctx, "alice", o.ID))
		_, _, err := ts.Authenticate(ctx, other)
		wantErr(t, "Authenticate(revoked)", err, account.ErrNoSession)
		other, _ = ts.signIn(t)
		must(t, ts.RevokeOtherSessions(ctx, "alice", s.ID))
		_, _, err = ts.Authenticate(ctx, other)
		wantErr(t, "Authenticate(another session)", err, account.ErrNoSession)
		must(t, ts.SignOut(ctx, mine))
		must(t, ts.SignOut(ctx, mine))
		_, _, err = ts.Authenticate(ctx, mine)
		wantErr(t, "Authenticate(signed out)", err, account.ErrNoSession)

		secret, _, err := ts.SignInAs(ctx, "bob", strings.Repeat("é", 150)+"\n\x1b[31m")
		must(t, err)
		bobs, who, err := ts.Authenticate(ctx, secret)
		must(t, err)
		if who.Identity != "bob" || len(bobs.Agent) != 200 || strings.ContainsAny(bobs.Agent, "\n\x1b") {
			t.Errorf("SignInAs(bob) = %q with agent %q", who.Identity, bobs.Agent)
		}
		_, _, err = ts.SignInAs(ctx, "unknown", "")
		wantErr(t, "SignInAs(unknown)", err, account.ErrNotFound)
		must(t, ts.RemovePerson(ctx, "bob"))
		_, _, err = ts.Authenticate(ctx, secret)
		wantErr(t, "Authenticate(session of a removed person)", err, account.ErrNoSession)
	})
}

func TestService_AddPerson(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		s := account.NewService(store, new(plainHasher), nil)
		for _, want := range []bool{false, true} {
			got, err := s.HasPeople(t.Context())
			must(t, err)
			if got != want {
				t.Errorf("HasPeople() = %v, want %v", got, want)
			}
			if !got {
				must(t, s.AddPerson(t.Context(), "Zoë@Example.com", account.RoleAdmin, "correct horse"))
			}
		}
		p, err := s.Person(t.Context(), "ZOë@example.com")
		must(t, err)
		if p.Identity != "Zoë@Example.com" {
			t.Errorf("Person() identity = %q, want it as typed", p.Identity)
		}
		wantErr(t, "second AddPerson()", s.AddPerson(t.Context(), "Zoë@example.com", account.RoleWorker, "correct horse"), account.ErrExists)
		must(t, s.SetPreferences(t.Context(), p.Identity, account.Preferences{Theme: "dark", Language: "pt-BR", TimeZone: "America/Sao_Paulo"}))
		p, err = s.Person(t.Context(), p.Identity)
		must(t, err)
		if diff := cmp.Diff(account.Preferences{Theme: "dark", Language: "pt-BR", TimeZone: "America/Sao_Paulo"}, p.Preferences); diff != "" {
			t.Errorf("Person() preferences (-want +got):\n%s", diff)
		}
		var invalid *account.InvalidError
		if err := s.SetPreferences(t.Context(), p.Identity, account.Preferences{Theme: "neon"}); !errors.As(err, &invalid) {
			t.Errorf("SetPreferences(unknown theme) = %v, want an InvalidError", err)
		}
	})
}
