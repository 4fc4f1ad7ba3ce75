package console_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/activity"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/outbound"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// noon is when the tests happen.
var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// shelf is a settings.Store in memory.
type shelf struct {
	mu   sync.Mutex
	kept map[string]string
	fail error
}

func (s *shelf) Setting(_ context.Context, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return "", s.fail
	}
	if v, ok := s.kept[name]; ok {
		return v, nil
	}
	return "", settings.ErrNotSet
}

func (s *shelf) ReplaceSetting(_ context.Context, name, old, value string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return false, s.fail
	}
	if s.kept[name] != old {
		return false, nil
	}
	s.kept[name] = value
	return true, nil
}

// past is an Activity that happened as written.
type past struct {
	entries []activity.Entry
	points  map[time.Time]activity.Point
}

func (p past) Recent(n int) []activity.Entry { return p.entries[:min(n, len(p.entries))] }

func (p past) Series(from, to time.Time, step time.Duration) (all []activity.Point) {
	for t := from; t.Before(to); t = t.Add(step) {
		pt := p.points[t.UTC()]
		pt.Start = t
		all = append(all, pt)
	}
	return all
}

func (p past) Summary(from, to time.Time) (sum activity.Point) {
	for t, pt := range p.points {
		if !t.Before(from) && t.Before(to) {
			sum.Calls, sum.Failed, sum.Hits = sum.Calls+pt.Calls, sum.Failed+pt.Failed, sum.Hits+pt.Hits
			sum.P50, sum.P95 = max(sum.P50, pt.P50), max(sum.P95, pt.P95)
		}
	}
	if sum.Calls > 0 {
		sum.Error = float64(sum.Failed) / float64(sum.Calls)
	}
	if all := sum.Calls + sum.Hits; all > 0 {
		sum.HitRate = float64(sum.Hits) / float64(all)
	}
	return sum
}

// book is the built-in service: it knows two customers, all of them alice's.
type book struct{}

func (book) CustomersList(_ context.Context, r frontline.ListRequest) (frontline.ListResponse, error) {
	resp := frontline.ListResponse{Searchable: frontline.SearchableYes}
	if r.Worker == "alice" {
		resp.Customers = []frontline.Customer{{ID: "1", DisplayName: "Anna Berg"}, {ID: "2", DisplayName: "Bo Çelik"}}
	}
	return resp, nil
}

func (book) CustomerDetails(_ context.Context, r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	if r.Worker != "alice" || r.CustomerID != "1" {
		return frontline.DetailsResponse{}, frontline.ErrNotFound
	}
	return frontline.DetailsResponse{Customer: frontline.Customer{ID: "1", DisplayName: "Anna Berg"}}, nil
}

// theToken is what calls are signed with at first.
const theToken = "first-token-0123456789"

// bench is a console with what is around it.
type bench struct {
	t        testing.TB
	handler  *auth.Handler
	store    *shelf
	settings *settings.Service
	log      *bytes.Buffer
	now      time.Time
	reloads  int
	token    string // in force
	status   console.Status
	past     past
	reload   error
	staff    *staff
	trail    *trail
}

// newBench makes a console with the administrator root and the workers alice and
// bob, whose calls may go to this machine.
func newBench(t testing.TB, change func(*console.Options)) *bench {
	t.Helper()
	b := &bench{t: t, store: &shelf{kept: make(map[string]string)}, log: new(bytes.Buffer), now: noon, status: console.Status{BuiltIn: true}}
	b.past.points = make(map[time.Time]activity.Point)
	b.settings = settings.NewService(b.store, secret.NewKey().Sealer(settings.SealerPurpose), func() time.Time { return b.now })
	b.staff = &staff{now: func() time.Time { return b.now }, all: []account.Person{
		{Identity: "alice", Role: account.RoleWorker, PasswordHash: "old"}, {Identity: "bob", Role: account.RoleWorker}, {Identity: "root", Role: account.RoleAdmin},
	}}
	b.trail = &trail{now: b.staff.now}
	policy := outbound.Policy{AllowPrivate: true}
	o := console.Options{
		Settings: b.settings,
		Accounts: b.staff, People: b.staff, Audit: b.trail,
		Reload: func(ctx context.Context) error {
			b.reloads++
			if tokens, err := b.settings.Tokens(ctx, b.now); err == nil {
				b.token = tokens.Current
			}
			return b.reload
		},
		AuthToken: func() string { return b.token },
		Transport: outbound.Transport(policy),
		CheckURL: func(raw string) error {
			return errors.Join(frontline.CheckCallbackURL(raw), outbound.CheckURL(raw, policy))
		},
		BuiltIn: book{}, BuiltInPath: "/callbacks/crm",
		Reader: noCustomers{}, Admin: noCustomers{},
		Activity: &b.past, Status: func() console.Status { return b.status },
		Logger: slog.New(slog.NewTextHandler(b.log, nil)),
		Now:    func() time.Time { return b.now }, Zone: time.UTC,
	}
	if change != nil {
		change(&o)
	}
	var err error
	if b.handler, err = console.New(o); err != nil {
		t.Fatal(err)
	}
	if _, err := b.settings.SetAuthToken(t.Context(), theToken); err != nil {
		t.Fatal(err)
	}
	b.token = theToken
	return b
}

// save keeps callback URLs as if that had happened before.
func (b *bench) save(change func(*settings.Callbacks)) {
	b.t.Helper()
	if _, _, err := b.settings.SaveCallbacks(b.t.Context(), change); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) kept() settings.Callbacks {
	b.t.Helper()
	stored, err := b.settings.Callbacks(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return stored.URLs()
}

// answer is what came.
type answer struct {
	*http.Response
	body string
}

func (b *bench) do(who string, r *http.Request) answer {
	b.t.Helper()
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "clientele", Value: who})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res, string(body)}
}

func (b *bench) get(who, target string) answer {
	b.t.Helper()
	return b.do(who, httptest.NewRequest("GET", target, nil))
}

func posted(target string, fields ...string) *http.Request {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (b *bench) post(who, target string, fields ...string) answer {
	b.t.Helper()
	return b.do(who, posted(target, fields...))
}

// must checks a status, and what the body has and has not.
func (a answer) must(t testing.TB, status int, has []string, hasNot ...string) answer {
	t.Helper()
	bad := false
	if a.StatusCode != status {
		t.Errorf("status %d, want %d", a.StatusCode, status)
		bad = true
	}
	for _, s := range has {
		if !strings.Contains(a.body, s) {
			t.Errorf("the answer lacks %q", s)
			bad = true
		}
	}
	for _, s := range hasNot {
		if strings.Contains(a.body, s) {
			t.Errorf("the answer has %q", s)
			bad = true
		}
	}
	if bad {
		t.Logf("the answer:\n%.12000s", a.body[max(0, strings.Index(a.body, "<main")):])
	}
	return a
}

// strictly refuses what a program without --allow-private-callbacks does.
func strictly(raw string) error {
	return errors.Join(frontline.CheckCallbackURL(raw), outbound.CheckURL(raw, outbound.Policy{}))
}
