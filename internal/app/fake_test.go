package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/app"
	"github.com/clientele-project/clientele/internal/text"
)

// crm is a frontline.CRM over a slice, in name order.
type crm struct {
	mu        sync.Mutex
	customers map[string][]frontline.Customer // by worker
	fail      error
	failList  error
	failPage  error // for pages after the first
	meta      frontline.Meta
	asIs      bool // keep the order given
	waits     int  // how many questions are answered with "not there yet" first
	searches  frontline.Searchable
	panics    bool
	asked     []string // what was asked, in words
}

func (c *crm) add(worker string, customers ...frontline.Customer) {
	if c.customers == nil {
		c.customers = make(map[string][]frontline.Customer)
	}
	all := append(c.customers[worker], customers...)
	if !c.asIs {
		sort.SliceStable(all, func(i, j int) bool {
			return text.SortKey(all[i].DisplayName) < text.SortKey(all[j].DisplayName)
		})
	}
	c.customers[worker] = all
}

func (c *crm) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, fmt.Sprintf(format, args...))
}

// wait answers that the answer is not there yet, as often as it is to.
func (c *crm) wait() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waits == 0 {
		return nil
	}
	c.waits--
	return fmt.Errorf("wrapped: %w", &frontline.UnavailableError{Pending: true, RetryAfter: 1200 * time.Millisecond})
}

// newer is what a question for something newer says.
func newer(than time.Time) string {
	if than.IsZero() {
		return ""
	}
	return " newer than " + than.UTC().Format("15:04:05.000")
}

func (c *crm) CustomersList(_ context.Context, r frontline.ListRequest) (frontline.ListResponse, error) {
	c.note("list %s %q %q%s", r.Worker, r.Query, r.NextPageToken, newer(r.NewerThan))
	if c.panics {
		panic("list")
	}
	if c.fail != nil || c.failList != nil {
		return frontline.ListResponse{}, errors.Join(c.fail, c.failList)
	}
	if err := c.wait(); err != nil {
		return frontline.ListResponse{}, err
	}
	all := c.customers[r.Worker]
	if r.Query != "" {
		var found []frontline.Customer
		for _, cu := range all {
			if len(text.Marks(cu.DisplayName, r.Query)) > 0 {
				found = append(found, cu)
			}
		}
		all = found
	}
	from := 0
	if r.NextPageToken != "" {
		if c.failPage != nil {
			return frontline.ListResponse{}, c.failPage
		}
		n, err := strconv.Atoi(strings.TrimPrefix(r.NextPageToken, "after-"))
		if err != nil || n > len(all) {
			return frontline.ListResponse{}, &frontline.InvalidRequestError{Reason: "not our token"}
		}
		from = n
	}
	to := min(from+r.PageSize, len(all))
	answer := frontline.ListResponse{Searchable: c.searches, Meta: c.meta}
	for _, cu := range all[from:to] {
		answer.Customers = append(answer.Customers, frontline.Customer{ID: cu.ID, DisplayName: cu.DisplayName, Avatar: cu.Avatar})
	}
	if to < len(all) {
		answer.NextPageToken = fmt.Sprintf("after-%d", to)
	}
	return answer, nil
}

func (c *crm) CustomerDetails(_ context.Context, r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	c.note("details %s %q%s", r.Worker, r.CustomerID, newer(r.NewerThan))
	if c.panics {
		panic("details")
	}
	if c.fail != nil {
		return frontline.DetailsResponse{}, c.fail
	}
	if err := c.wait(); err != nil {
		return frontline.DetailsResponse{}, err
	}
	for _, cu := range c.customers[r.Worker] {
		if cu.ID == r.CustomerID {
			return frontline.DetailsResponse{Customer: cu, Meta: c.meta}, nil
		}
	}
	return frontline.DetailsResponse{}, frontline.ErrNotFound
}

// people is an app.Accounts over maps. Passwords are kept as they are.
type people struct {
	mu       sync.Mutex
	persons  map[string]*account.Person // PasswordHash is the password
	sessions map[string]*account.Session
	now      func() time.Time
	fail     error
	n        int
	// arrival is what signing in with a provider changes, off that Passwords are turned off,
	// and deactivated who cannot sign in.
	arrival     account.SignInResult
	off         bool
	deactivated map[string]bool
}

// SignInWithProvider knows the people by the identity in the proof.
func (p *people) SignInWithProvider(ctx context.Context, proof account.Assertion, agent string) (string, account.Session, error) {
	if p.fail != nil {
		return "", account.Session{}, p.fail
	}
	if !proof.IdentityVerified {
		return "", account.Session{}, account.ErrUnverified
	}
	who, ok := p.persons[proof.Identity]
	switch {
	case !ok:
		return "", account.Session{}, account.ErrNotFound
	case who.Bound() && who.Subject != proof.Subject:
		return "", account.Session{}, account.ErrBound
	case p.deactivated[proof.Identity]:
		return "", account.Session{}, account.ErrDeactivated
	}
	who.Issuer, who.Subject = proof.Issuer, proof.Subject
	secret, session, err := p.SignInAs(ctx, proof.Identity, agent)
	session.Result = p.arrival
	return secret, session, err
}

func newPeople(now func() time.Time, identities ...string) *people {
	p := &people{persons: make(map[string]*account.Person), sessions: make(map[string]*account.Session), now: now}
	for _, id := range identities {
		p.persons[id] = &account.Person{Identity: id, Role: account.RoleWorker, PasswordHash: "correct horse"}
	}
	return p
}

func (p *people) SignIn(ctx context.Context, identity, password, agent string) (string, account.Session, error) {
	if p.fail != nil {
		return "", account.Session{}, p.fail
	}
	if p.off {
		return "", account.Session{}, account.ErrPasswordsOff
	}
	who, ok := p.persons[identity]
	if !ok || who.PasswordHash != password {
		return "", account.Session{}, account.ErrCredentials
	}
	if p.deactivated[identity] {
		return "", account.Session{}, account.ErrDeactivated
	}
	return p.SignInAs(ctx, identity, agent)
}

func (p *people) SignInAs(_ context.Context, identity, agent string) (string, account.Session, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.persons[identity]; !ok {
		return "", account.Session{}, account.ErrNotFound
	}
	p.n++
	secret := fmt.Sprintf("secret-%d", p.n)
	s := &account.Session{ID: fmt.Sprintf("session-%d", p.n), Identity: identity, Agent: agent,
		Created: p.now(), LastSeen: p.now(), Expires: p.now().Add(account.SessionIdle)}
	p.sessions[secret] = s
	return secret, *s, nil
}

func (p *people) Authenticate(_ context.Context, secret string) (account.Session, account.Person, error) {
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

func (p *people) SignOut(_ context.Context, secret string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sessions, secret)
	return p.fail
}

func (p *people) HasPeople(context.Context) (bool, error) { return len(p.persons) > 0, p.fail }

func (p *people) ChangePassword(_ context.Context, identity, old, new, keep string) error {
	who := p.persons[identity]
	if who.PasswordHash != old {
		return account.ErrCredentials
	}
	if err := account.ValidatePassword(identity, new); err != nil {
		return err
	}
	who.PasswordHash, who.Temporary = new, false
	return p.RevokeOtherSessions(context.Background(), identity, keep)
}

func (p *people) SetPreferences(_ context.Context, identity string, prefs account.Preferences) error {
	if err := prefs.Validate(); err != nil {
		return err
	}
	p.persons[identity].Preferences = prefs
	return p.fail
}

func (p *people) Sessions(_ context.Context, identity string) ([]account.Session, error) {
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

func (p *people) RevokeSession(_ context.Context, identity, id string) error {
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

func (p *people) RevokeOtherSessions(_ context.Context, identity, keep string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for secret, s := range p.sessions {
		if s.ID != keep && s.Identity == identity {
			delete(p.sessions, secret)
		}
	}
	return nil
}

// noon is when the tests happen.
var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

// newApp makes an app over c and p that logs to log.
func newApp(t testing.TB, c *crm, p *people, log io.Writer, change func(*app.Options)) http.Handler {
	t.Helper()
	o := app.Options{CRM: c, Accounts: p, Logger: slog.New(slog.NewTextHandler(log, nil)), Now: clock, Zone: time.UTC}
	if change != nil {
		change(&o)
	}
	h, err := app.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
