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

// plainHasher is quick, and counts what it is asked.
type plainHasher struct{ checks atomic.Int32 }

func (h *plainHasher) Hash(_ context.Context, password string) (string, error) {
	return "plain:" + password, nil
}

func (h *plainHasher) Check(_ context.Context, hash, password string) (bool, error) {
	h.checks.Add(1)
	return hash == "plain:"+password, nil
}

// bench is a service over a real store, with a clock that stands still.
type bench struct {
	*account.Service
	store  account.Store
	hasher *plainHasher
	mu     sync.Mutex
	now    time.Time
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

const alicesPassword = "wonderland 1865"

// withService runs a test over every store, with alice in it.
func withService(t *testing.T, test func(t *testing.T, b *bench)) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		b := &bench{store: store, hasher: new(plainHasher), now: epoch}
		b.Service = account.NewService(store, b.hasher, b.clock)
		t.Cleanup(b.Wait)
		must(t, b.AddPerson(t.Context(), "alice", account.RoleWorker, alicesPassword))
		test(t, b)
	})
}

func (b *bench) signIn(t *testing.T) (string, account.Session) {
	t.Helper()
	secret, s, err := b.SignIn(t.Context(), "alice", alicesPassword, "Browser/1")
	must(t, err)
	return secret, s
}

func TestSignInAnswersASessionThatAuthenticates(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		secret, s := b.signIn(t)
		if len(secret) != 43 {
			t.Errorf("the secret has %d characters, want 43 (256 bits)", len(secret))
		}
		if strings.Contains(secret, s.ID) {
			t.Error("the session's ID is part of its secret")
		}
		got, who, err := b.Authenticate(t.Context(), secret)
		must(t, err)
		if diff := cmp.Diff(s, got); diff != "" {
			t.Errorf("session (-signed in +authenticated):\n%s", diff)
		}
		if who.Identity != "alice" || who.Role != account.RoleWorker {
			t.Errorf("person %+v", who)
		}
		if other, _ := b.signIn(t); other == secret {
			t.Error("two sessions have one secret")
		}
		for _, wrong := range []string{"", secret[1:], secret + "A", s.ID, strings.Repeat("A", 43), strings.Repeat("x", 1<<20)} {
			_, _, err := b.Authenticate(t.Context(), wrong)
			wantErr(t, fmt.Sprintf("secret of %d characters", len(wrong)), err, account.ErrNoSession)
		}
	})
}

func TestSignInRefusesAlikeAndAlwaysHashes(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		must(t, b.AddPerson(t.Context(), "no-password", account.RoleWorker, ""))
		for name, c := range map[string][2]string{
			"wrong password":     {"alice", "Wonderland 1865"},
			"empty password":     {"alice", ""},
			"unknown person":     {"mallory", alicesPassword},
			"nobody":             {"", ""},
			"without a password": {"no-password", ""},
			"huge password":      {"alice", alicesPassword + strings.Repeat("x", 1<<20)},
			"bytes":              {"\xff\x00", "\xff\x00"},
		} {
			before := b.hasher.checks.Load()
			secret, _, err := b.SignIn(t.Context(), c[0], c[1], "")
			wantErr(t, name, err, account.ErrCredentials)
			if secret != "" {
				t.Errorf("%s: there is a secret", name)
			}
			if b.hasher.checks.Load() != before+1 {
				t.Errorf("%s: no password was checked, which can be told by the time", name)
			}
		}
		if _, _, err := b.SignIn(t.Context(), " alice ", alicesPassword, ""); err != nil {
			t.Errorf("a blank that the keyboard added: %v", err)
		}
	})
}

func TestSessionsSlideAndEnd(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		secret, _ := b.signIn(t)
		alive := func() error { // as after a request, its writing done
			_, _, err := b.Authenticate(t.Context(), secret)
			b.Wait()
			return err
		}
		const nearly = account.SessionIdle - time.Minute
		for passed := time.Duration(0); passed+nearly < account.SessionAbsolute; passed += nearly {
			b.pass(nearly)
			if err := alive(); err != nil {
				t.Fatalf("seen every %v: after %v %v", nearly, passed+nearly, err)
			}
		}
		b.pass(nearly)
		wantErr(t, "after the longest time", alive(), account.ErrNoSession)

		secret, _ = b.signIn(t)
		b.pass(account.SessionIdle)
		wantErr(t, "after the longest idle time", alive(), account.ErrNoSession)
	})
}

func TestLastSeenIsWrittenAtMostOnceAMinute(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		secret, s := b.signIn(t)
		seen := func() time.Time {
			t.Helper()
			_, _, err := b.Authenticate(t.Context(), secret)
			must(t, err)
			b.Wait()
			all, err := b.Sessions(t.Context(), "alice")
			must(t, err)
			return all[0].LastSeen
		}
		b.pass(59 * time.Second)
		if got := seen(); !got.Equal(s.LastSeen) {
			t.Errorf("written after %v", got.Sub(s.LastSeen))
		}
		b.pass(time.Second)
		if got := seen(); !got.Equal(b.clock()) {
			t.Errorf("not written after a minute: %v", got)
		}
	})
}

// stuckStore is a store whose writer is taken, as by a long import.
type stuckStore struct {
	account.Store
	release chan struct{}
}

func (s stuckStore) TouchSession(ctx context.Context, id string, seen, expires time.Time) error {
	<-s.release
	return s.Store.TouchSession(ctx, id, seen, expires)
}

func TestAuthenticateDoesNotWaitForTheWriter(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		secret, _ := b.signIn(t)
		b.pass(time.Hour)
		stuck := stuckStore{b.store, make(chan struct{})}
		service := account.NewService(stuck, b.hasher, b.clock)
		for range 3 {
			if _, _, err := service.Authenticate(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
		}
		close(stuck.release)
		service.Wait()
	})
}

func TestPasswordsChangeAndEndSessions(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		mine, s := b.signIn(t)
		other, _ := b.signIn(t)
		wantErr(t, "wrong old password", b.ChangePassword(ctx, "alice", "guess guess", "looking-glass", s.ID), account.ErrCredentials)
		var invalid *account.InvalidError
		if err := b.ChangePassword(ctx, "alice", alicesPassword, "short", s.ID); !errors.As(err, &invalid) {
			t.Errorf("short new password: %v", err)
		}
		if _, _, err := b.Authenticate(ctx, other); err != nil {
			t.Errorf("a refused change ended a session: %v", err)
		}
		must(t, b.ChangePassword(ctx, "alice", alicesPassword, "looking-glass", s.ID))
		if _, _, err := b.Authenticate(ctx, mine); err != nil {
			t.Errorf("the session that changed it: %v", err)
		}
		_, _, err := b.Authenticate(ctx, other)
		wantErr(t, "another session", err, account.ErrNoSession)
		_, _, err = b.SignIn(ctx, "alice", alicesPassword, "")
		wantErr(t, "the old password", err, account.ErrCredentials)
		_, _, err = b.SignIn(ctx, "alice", "looking-glass", "")
		must(t, err)

		must(t, b.SetPassword(ctx, "alice", "set by an administrator"))
		_, _, err = b.Authenticate(ctx, mine)
		wantErr(t, "any session after an administrator's change", err, account.ErrNoSession)
		wantErr(t, "nobody's password", b.SetPassword(ctx, "nobody", "long enough"), account.ErrNotFound)
	})
}

func TestSessionsAreRevokedByTheirOwnerOnly(t *testing.T) {
	withService(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		must(t, b.AddPerson(ctx, "bob", account.RoleAdmin, "a builder's secret"))
		must(t, b.AddPerson(ctx, "eve", account.RoleAdmin, ""))
		mine, s := b.signIn(t)
		other, o := b.signIn(t)
		wantErr(t, "bob ends alice's", b.RevokeSession(ctx, "bob", o.ID), account.ErrNoSession)
		must(t, b.RevokeSession(ctx, "alice", o.ID))
		_, _, err := b.Authenticate(ctx, other)
		wantErr(t, "revoked", err, account.ErrNoSession)
		other, _ = b.signIn(t)
		must(t, b.RevokeOtherSessions(ctx, "alice", s.ID))
		_, _, err = b.Authenticate(ctx, other)
		wantErr(t, "one of the others", err, account.ErrNoSession)
		must(t, b.SignOut(ctx, mine))
		must(t, b.SignOut(ctx, mine))
		_, _, err = b.Authenticate(ctx, mine)
		wantErr(t, "signed out", err, account.ErrNoSession)

		secret, _, err := b.SignInAs(ctx, "bob", strings.Repeat("é", 150)+"\n\x1b[31m")
		must(t, err)
		bobs, who, err := b.Authenticate(ctx, secret)
		must(t, err)
		if who.Identity != "bob" || len(bobs.Agent) != 200 || strings.ContainsAny(bobs.Agent, "\n\x1b") {
			t.Errorf("signed in as %q with agent %q", who.Identity, bobs.Agent)
		}
		_, _, err = b.SignInAs(ctx, "nobody", "")
		wantErr(t, "sign in as nobody", err, account.ErrNotFound)
		must(t, b.RemovePerson(ctx, "bob"))
		_, _, err = b.Authenticate(ctx, secret)
		wantErr(t, "a removed person's session", err, account.ErrNoSession)
	})
}

func TestPeopleAreAddedAndCounted(t *testing.T) {
	forEachStore(t, func(t *testing.T, store account.Store) {
		s := account.NewService(store, new(plainHasher), nil)
		for _, want := range []bool{false, true} {
			got, err := s.HasPeople(t.Context())
			must(t, err)
			if got != want {
				t.Errorf("HasPeople = %v, want %v", got, want)
			}
			if !got {
				must(t, s.AddPerson(t.Context(), "Zoë@Example.com", account.RoleAdmin, "correct horse"))
			}
		}
		p, err := s.Person(t.Context(), "ZOë@example.com")
		must(t, err)
		if p.Identity != "Zoë@Example.com" {
			t.Errorf("identity %q is not kept as typed", p.Identity)
		}
		wantErr(t, "added twice", s.AddPerson(t.Context(), "Zoë@example.com", account.RoleWorker, "correct horse"), account.ErrExists)
		must(t, s.SetPreferences(t.Context(), p.Identity, account.Preferences{Theme: "dark", Language: "pt-BR", TimeZone: "America/Sao_Paulo"}))
		p, err = s.Person(t.Context(), p.Identity)
		must(t, err)
		if diff := cmp.Diff(account.Preferences{Theme: "dark", Language: "pt-BR", TimeZone: "America/Sao_Paulo"}, p.Preferences); diff != "" {
			t.Errorf("preferences (-want +got):\n%s", diff)
		}
		var invalid *account.InvalidError
		if err := s.SetPreferences(t.Context(), p.Identity, account.Preferences{Theme: "neon"}); !errors.As(err, &invalid) {
			t.Errorf("a theme that does not exist: %v", err)
		}
	})
}
