package app_test

import (
	"context"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/text"
)

// fakeAccounts is an app.Accounts over maps, with passwords in plain text.
type fakeAccounts struct {
	mu       sync.Mutex
	persons  map[string]*account.Person // PasswordHash is the password
	sessions map[string]*account.Session
	now      func() time.Time
	fail     error
	n        int
	// signInResult is the result of signing in with a provider; deactivated are those
	// who cannot sign in.
	signInResult account.SignInResult
	ended        int // how many sessions each sign-in says that it ended
	passwordsOff bool
	deactivated  map[string]bool
	hashing      chan bool // unless nil, checking a password takes 25 ms, for two at a time
}

// SignInWithProvider finds people by the identity in the assertion.
func (p *fakeAccounts) SignInWithProvider(ctx context.Context, a account.Assertion, agent string) (string, account.Session, error) {
	if p.fail != nil {
		return "", account.Session{}, p.fail
	}
	if !a.IdentityVerified {
		return "", account.Session{}, account.ErrUnverified
	}
	who, ok := p.persons[a.Identity]
	switch {
	case !ok:
		return "", account.Session{}, account.ErrNotFound
	case who.Linked() && who.Subject != a.Subject:
		return "", account.Session{}, account.ErrLinked
	case p.deactivated[a.Identity]:
		return "", account.Session{}, account.ErrDeactivated
	}
	who.Issuer, who.Subject = a.Issuer, a.Subject
	secret, session, err := p.SignInAs(ctx, a.Identity, agent)
	session.Result = p.signInResult
	return secret, session, err
}

func newFakeAccounts(now func() time.Time, identities ...string) *fakeAccounts {
	p := &fakeAccounts{persons: make(map[string]*account.Person), sessions: make(map[string]*account.Session), now: now}
	for _, id := range identities {
		p.persons[id] = &account.Person{Identity: id, Role: account.RoleWorker, PasswordHash: "correct horse"}
	}
	return p
}

func (p *fakeAccounts) SignIn(ctx context.Context, identity, password, agent string) (string, account.Session, error) {
	if p.fail != nil {
		return "", account.Session{}, p.fail
	}
	if p.passwordsOff {
		return "", account.Session{}, account.ErrPasswordsOff
	}
	if p.hashing != nil {
		p.hashing <- true
		time.Sleep(25 * time.Millisecond)
		<-p.hashing
	}
	var who *account.Person
	for id, person := range p.persons {
		if text.SameIdentity(id, identity) {
			who = person
		}
	}
	if who == nil || who.PasswordHash != password {
		return "", account.Session{}, account.ErrCredentials
	}
	if p.deactivated[who.Identity] {
		return "", account.Session{}, account.ErrDeactivated
	}
	if who.Temporary() && !p.now().Before(who.PasswordExpires) {
		return "", account.Session{}, account.ErrPasswordExpired
	}
	return p.SignInAs(ctx, who.Identity, agent)
}

func (p *fakeAccounts) SignInAs(_ context.Context, identity, agent string) (string, account.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.persons[identity]; !ok {
		return "", account.Session{}, account.ErrNotFound
	}
	p.n++
	secret := fmt.Sprintf("secret-%d", p.n)
	s := &account.Session{ID: fmt.Sprintf("session-%d", p.n), Identity: identity, Agent: agent,
		Created: p.now(), LastSeen: p.now(), Expires: p.now().Add(time.Hour), Ended: p.ended}
	p.sessions[secret] = s
	return secret, *s, nil
}

func (p *fakeAccounts) Authenticate(_ context.Context, secret string) (account.Session, account.Person, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return account.Session{}, account.Person{}, p.fail
	}
	s, ok := p.sessions[secret]
	if !ok {
		return account.Session{}, account.Person{}, account.ErrNoSession
	}
	return *s, *p.persons[s.Identity], nil
}

func (p *fakeAccounts) Confirm(_ context.Context, s account.Session, password string) error {
	if p.persons[s.Identity].PasswordHash != password {
		return account.ErrCredentials
	}
	return p.confirm(s)
}

func (p *fakeAccounts) ConfirmWithProvider(_ context.Context, s account.Session, a account.Assertion) error {
	if who := p.persons[s.Identity]; !a.Reauthentication || who.Issuer != a.Issuer || who.Subject != a.Subject {
		return account.ErrCredentials
	}
	if a.AuthTime.IsZero() {
		return account.ErrNoAuthTime
	}
	return p.confirm(s)
}

// EndProviderSessions ends all sessions of the person linked to subject.
func (p *fakeAccounts) EndProviderSessions(_ context.Context, issuer, subject, session string) (account.Person, error) {
	for id, who := range p.persons {
		if who.Issuer == issuer && who.Subject == subject {
			return *who, p.RevokeOtherSessions(context.Background(), id, "")
		}
	}
	return account.Person{}, account.ErrNotFound
}

func (p *fakeAccounts) confirm(s account.Session) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, stored := range p.sessions {
		if stored.ID == s.ID {
			stored.ConfirmedUntil = p.now().Add(account.ConfirmationLife)
		}
	}
	return nil
}

func (p *fakeAccounts) SignOut(_ context.Context, secret string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, secret)
	return p.fail
}

func (p *fakeAccounts) HasPeople(context.Context) (bool, error) { return len(p.persons) > 0, p.fail }

func (p *fakeAccounts) ChangePassword(_ context.Context, identity, old, new, keep string) error {
	who := p.persons[identity]
	if who.PasswordHash != old {
		return account.ErrCredentials
	}
	if err := account.ValidatePassword(identity, new); err != nil {
		return err
	}
	who.PasswordHash, who.PasswordExpires = new, time.Time{}
	return p.RevokeOtherSessions(context.Background(), identity, keep)
}

func (p *fakeAccounts) SetPreferences(_ context.Context, identity string, prefs account.Preferences) error {
	if err := prefs.Validate(); err != nil {
		return err
	}
	p.persons[identity].Preferences = prefs
	return p.fail
}

func (p *fakeAccounts) SetAvailable(_ context.Context, identity string, available bool) error {
	p.persons[identity].Available = available
	return p.fail
}

func (p *fakeAccounts) Sessions(_ context.Context, identity string) ([]account.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []account.Session
	for _, s := range p.sessions {
		if s.Identity == identity {
			all = append(all, *s)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID > all[j].ID })
	return all, p.fail
}

func (p *fakeAccounts) RevokeSession(_ context.Context, identity, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for secret, s := range p.sessions {
		if s.ID == id && s.Identity == identity {
			delete(p.sessions, secret)
			return nil
		}
	}
	return account.ErrNoSession
}

func (p *fakeAccounts) RevokeOtherSessions(_ context.Context, identity, keep string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for secret, s := range p.sessions {
		if s.ID != keep && s.Identity == identity {
			delete(p.sessions, secret)
		}
	}
	return nil
}
