package console_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/text"
)

// fakeAccounts are accounts in memory. Their session cookie is their identity.
type fakeAccounts struct {
	mu       sync.Mutex
	all      []account.Person
	sessions map[string][]account.Session
	now      func() time.Time
	// passwordsOff and fail decide what the methods return.
	passwordsOff bool
	fail         error
	passwords    int
	// confirmedUntil is that of all sessions.
	confirmedUntil time.Time
}

func (s *fakeAccounts) Confirm(_ context.Context, session account.Session, password string) error {
	if p, err := s.Person(context.Background(), session.Identity); err != nil || p.PasswordHash != password {
		return account.ErrCredentials
	}
	s.confirmedUntil = s.now().Add(account.ConfirmationLife)
	return nil
}

func (s *fakeAccounts) Authenticate(_ context.Context, secret string) (account.Session, account.Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, who := range s.all {
		if who.Identity == secret && who.Active() {
			return account.Session{ID: "s-" + secret, Identity: secret, ConfirmedUntil: s.confirmedUntil}, who, nil
		}
	}
	return account.Session{}, account.Person{}, account.ErrNoSession
}

func (s *fakeAccounts) People(context.Context) ([]account.Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all), s.fail
}

func (s *fakeAccounts) FindPeople(_ context.Context, q account.PeopleQuery) (account.PeoplePage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found, inactive []account.Person
	for _, p := range s.all {
		switch {
		case !strings.Contains(text.Fold(p.Identity), text.Fold(q.Text)), q.Role != "" && p.Role != q.Role, q.Inactive && p.Active():
		case p.Active():
			found = append(found, p)
		default:
			inactive = append(inactive, p)
		}
	}
	found = append(found, inactive...)
	page := account.PeoplePage{Page: max(1, min(q.Page, (len(found)+q.Limit-1)/q.Limit)), Count: len(found)}
	found = found[(page.Page-1)*q.Limit:]
	page.People = found[:min(q.Limit, len(found))]
	return page, s.fail
}

func (s *fakeAccounts) HaveAccounts(context.Context, []string) (func(string) bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return account.Contains(s.all), s.fail
}

// change calls fn with a person.
func (s *fakeAccounts) change(identity string, fn func(p *account.Person) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	for i := range s.all {
		if text.IdentityKey(s.all[i].Identity) == text.IdentityKey(identity) {
			return fn(&s.all[i])
		}
	}
	return account.ErrNotFound
}

func (s *fakeAccounts) Person(_ context.Context, identity string) (p account.Person, err error) {
	err = s.change(identity, func(found *account.Person) error { p = *found; return nil })
	return p, err
}

func (s *fakeAccounts) Sessions(_ context.Context, identity string) ([]account.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[identity], nil
}

// isLast reports whether p is the last active administrator. The caller holds s.mu.
func (s *fakeAccounts) isLast(p *account.Person) bool {
	return p.Role == account.RoleAdmin && p.Active() && !slices.ContainsFunc(s.all, func(o account.Person) bool {
		return o.Role == account.RoleAdmin && o.Active() && o.Identity != p.Identity
	})
}

func (s *fakeAccounts) AddWithTemporaryPassword(_ context.Context, identity string, role account.Role, mayExport bool) (string, error) {
	if err := account.ValidateIdentity(identity); err != nil {
		return "", err
	}
	if err := s.change(identity, func(*account.Person) error { return account.ErrExists }); err != account.ErrNotFound {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	password := ""
	if !s.passwordsOff {
		s.passwords++
		password = fmt.Sprintf("made-up-%d", s.passwords)
	}
	p := account.Person{Identity: identity, Role: role, MayExport: mayExport, PasswordHash: password, Created: s.now()}
	if password != "" {
		p.PasswordExpires = s.now().Add(account.TemporaryPasswordLife)
	}
	s.all = append(s.all, p)
	return password, nil
}

func (s *fakeAccounts) ResetPassword(_ context.Context, identity string) (password string, err error) {
	if s.passwordsOff {
		return "", account.ErrPasswordsOff
	}
	err = s.change(identity, func(p *account.Person) error {
		s.passwords++
		password = fmt.Sprintf("made-up-%d", s.passwords)
		p.PasswordHash, p.PasswordExpires = password, s.now().Add(account.TemporaryPasswordLife)
		delete(s.sessions, p.Identity)
		return nil
	})
	return password, err
}

func (s *fakeAccounts) SetRole(_ context.Context, identity string, role account.Role) error {
	return s.change(identity, func(p *account.Person) error {
		if role != account.RoleAdmin && s.isLast(p) {
			return account.ErrLastAdmin
		}
		p.Role, p.MayExport = role, p.MayExport && role == account.RoleAdmin
		return nil
	})
}

func (s *fakeAccounts) SetMayExport(_ context.Context, identity string, may bool) error {
	return s.change(identity, func(p *account.Person) error { p.MayExport = may; return nil })
}

func (s *fakeAccounts) SetAvailable(_ context.Context, identity string, available bool) error {
	return s.change(identity, func(p *account.Person) error { p.Available = available; return nil })
}

func (s *fakeAccounts) EndSessions(_ context.Context, identity string) error {
	return s.change(identity, func(p *account.Person) error { delete(s.sessions, p.Identity); return nil })
}

func (s *fakeAccounts) Unlink(_ context.Context, identity string) error {
	return s.change(identity, func(p *account.Person) error { p.Issuer, p.Subject = "", ""; return nil })
}

func (s *fakeAccounts) Deactivate(_ context.Context, identity string) error {
	return s.change(identity, func(p *account.Person) error {
		if s.isLast(p) {
			return account.ErrLastAdmin
		}
		p.Deactivated = s.now()
		delete(s.sessions, p.Identity)
		return nil
	})
}

func (s *fakeAccounts) Reactivate(_ context.Context, identity string) error {
	return s.change(identity, func(p *account.Person) error { p.Deactivated = time.Time{}; return nil })
}

func (s *fakeAccounts) RemovePerson(_ context.Context, identity string) error {
	err := s.change(identity, func(p *account.Person) error {
		if s.isLast(p) {
			return account.ErrLastAdmin
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = slices.DeleteFunc(s.all, func(p account.Person) bool { return text.IdentityKey(p.Identity) == text.IdentityKey(identity) })
	return nil
}

// fakeAudit is an audit in memory, oldest first.
type fakeAudit struct {
	mu      sync.Mutex
	entries []audit.Entry
	now     func() time.Time
	// writeErr and findErr are the errors of writing and reading.
	writeErr, findErr error
	queries           []audit.Query
	// views are the recorded views of customers.
	views []string
}

func (t *fakeAudit) ViewedIn(via, actor, customerID, name, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	view := via + ": " + actor + " saw " + customerID + ", " + name + " from " + address
	if !slices.Contains(t.views, view) { // within a minute it is one
		t.views = append(t.views, view)
	}
}

func (t *fakeAudit) Write(_ context.Context, e audit.Entry) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.writeErr != nil {
		return t.writeErr
	}
	if e.ID = int64(len(t.entries) + 1); e.When.IsZero() {
		e.When = t.now()
	}
	t.entries = append(t.entries, e)
	return nil
}

func (t *fakeAudit) Act(ctx context.Context, act func(ctx context.Context) ([]audit.Entry, error)) error {
	entries, err := act(ctx)
	for _, e := range entries {
		if err == nil {
			err = t.Write(ctx, e)
		}
	}
	return err
}

func (t *fakeAudit) Record(e audit.Entry) { _ = t.Write(context.Background(), e) }

func (t *fakeAudit) Find(_ context.Context, q audit.Query) (page audit.Page, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.queries = append(t.queries, q)
	if t.findErr != nil {
		return page, t.findErr
	}
	if q.After > int64(len(t.entries)) {
		return page, audit.ErrCursor
	}
	for _, e := range slices.Backward(t.entries) {
		switch {
		case q.After != 0 && e.ID >= q.After, q.Actor != "" && text.IdentityKey(q.Actor) != text.IdentityKey(e.Actor), q.Subject != "" && q.Subject != e.Subject,
			q.Unusual && !e.Unusual, len(q.Actions) > 0 && !slices.Contains(q.Actions, e.Action),
			!q.From.IsZero() && e.When.Before(q.From), !q.To.IsZero() && !e.When.Before(q.To):
			continue
		case len(page.Entries) == q.Limit:
			page.More, page.Next = true, page.Entries[len(page.Entries)-1].ID
			return page, nil
		}
		page.Entries = append(page.Entries, e)
	}
	return page, nil
}

func (t *fakeAudit) All(ctx context.Context, q audit.Query) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		q.After, q.Limit = 0, len(t.entries)+1
		page, err := t.Find(ctx, q)
		for _, e := range page.Entries {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(audit.Entry{}, err)
		}
	}
}

// last returns the last entry.
func (t *fakeAudit) last() audit.Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.entries) == 0 {
		return audit.Entry{}
	}
	return t.entries[len(t.entries)-1]
}

// add writes an earlier entry.
func (t *fakeAudit) add(e audit.Entry) { _ = t.Write(context.Background(), e) }
