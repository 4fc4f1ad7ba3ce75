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

// noon is the time of the tests.
var noon = time.Date(2026, time.November, 22, 12, 0, 0, 0, time.UTC)

// fakeSettings is a settings.Store in memory.
type fakeSettings struct {
	mu     sync.Mutex
	values map[string]string
	fail   error
}

func (s *fakeSettings) Setting(_ context.Context, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return "", s.fail
	}
	if v, ok := s.values[name]; ok {
		return v, nil
	}
	return "", settings.ErrNotSet
}

func (s *fakeSettings) ReplaceSetting(_ context.Context, name, old, value string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return false, s.fail
	}
	if s.values[name] != old {
		return false, nil
	}
	s.values[name] = value
	return true, nil
}

// fakeActivity is an Activity with fixed calls.
type fakeActivity struct {
	entries []activity.Entry
	points  map[time.Time]activity.Point
	refused []activity.Refusal
}

func (p fakeActivity) Refusals() []activity.Refusal { return p.refused }

func (p fakeActivity) Recent(n int) []activity.Entry { return p.entries[:min(n, len(p.entries))] }

func (p fakeActivity) Series(from, to time.Time, step time.Duration) (all []activity.Point) {
	for t := from; t.Before(to); t = t.Add(step) {
		pt := p.points[t.UTC()]
		pt.Start = t
		all = append(all, pt)
	}
	return all
}

func (p fakeActivity) Summary(from, to time.Time) (sum activity.Point) {
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

// fakeCRM is the built-in service with two customers of alice.
type fakeCRM struct{}

func (fakeCRM) CustomersList(_ context.Context, r frontline.ListRequest) (frontline.ListResponse, error) {
	resp := frontline.ListResponse{Searchable: frontline.SearchableYes}
	if r.Worker == "alice" {
		resp.Customers = []frontline.Customer{{ID: "1", DisplayName: "Anna Berg"}, {ID: "2", DisplayName: "Bo Çelik"}}
	}
	return resp, nil
}

func (fakeCRM) CustomerDetails(_ context.Context, r frontline.DetailsRequest) (frontline.DetailsResponse, error) {
	if r.Worker != "alice" || r.CustomerID != "1" {
		return frontline.DetailsResponse{}, frontline.ErrNotFound
	}
	return frontline.DetailsResponse{Customer: frontline.Customer{ID: "1", DisplayName: "Anna Berg"}}, nil
}

// firstToken is the signing token at the start.
const firstToken = "first-token-0123456789"

// fixture is a console with fakes around it.
type fixture struct {
	t        testing.TB
	handler  *auth.Handler
	store    *fakeSettings
	settings *settings.Service
	log      *bytes.Buffer
	now      time.Time
	reloads  int
	token    string // the token that signs calls now
	status   console.Status
	activity fakeActivity
	reload   error
	accounts *fakeAccounts
	audit    *fakeAudit
	// conversations is the messaging service, off until a test sets On.
	conversations fakeConversations
}

// newFixture returns a console with the administrator root and the workers alice and bob,
// which may call this machine.
func newFixture(t testing.TB, change func(*console.Options)) *fixture {
	t.Helper()
	f := &fixture{t: t, store: &fakeSettings{values: make(map[string]string)}, log: new(bytes.Buffer), now: noon, status: console.Status{BuiltIn: true}}
	f.activity.points = make(map[time.Time]activity.Point)
	f.settings = settings.NewService(f.store, secret.NewKey().Sealer(settings.SealerPurpose), func() time.Time { return f.now })
	f.accounts = &fakeAccounts{now: func() time.Time { return f.now }, confirmedUntil: noon.AddDate(1, 0, 0), all: []account.Person{
		{Identity: "alice", Role: account.RoleWorker, PasswordHash: "old"}, {Identity: "bob", Role: account.RoleWorker}, {Identity: "root", Role: account.RoleAdmin, MayExport: true},
	}}
	f.audit = &fakeAudit{now: f.accounts.now}
	policy := outbound.Policy{AllowPrivate: true}
	o := console.Options{
		Settings: f.settings,
		Accounts: f.accounts, Audit: f.audit,
		Reload: func(ctx context.Context) error {
			f.reloads++
			if tokens, err := f.settings.Tokens(ctx, f.now); err == nil {
				f.token = tokens.Current
			}
			return f.reload
		},
		AuthToken: func() string { return f.token },
		Transport: outbound.Transport(policy),
		CheckURL: func(raw string) error {
			return errors.Join(frontline.CheckCallbackURL(raw), outbound.CheckURL(raw, policy))
		},
		BuiltInCRM: fakeCRM{}, BuiltInPath: "/callbacks/crm",
		Reader: emptyCustomers{}, Admin: emptyCustomers{},
		Activity: &f.activity, Status: func() console.Status { return f.status },
		Conversations:  &f.conversations,
		OnPeopleChange: func() {},
		Logger:         slog.New(slog.NewTextHandler(f.log, nil)),
		Now:            func() time.Time { return f.now }, Zone: time.UTC,
	}
	if change != nil {
		change(&o)
	}
	var err error
	if f.handler, err = console.New(o); err != nil {
		t.Fatal(err)
	}
	if _, err := f.settings.SetAuthToken(t.Context(), firstToken); err != nil {
		t.Fatal(err)
	}
	f.token = firstToken
	return f
}

// save stores callback URLs.
func (f *fixture) save(change func(*settings.Callbacks)) {
	f.t.Helper()
	if _, _, err := f.settings.SaveCallbacks(f.t.Context(), change); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) callbacks() settings.Callbacks {
	f.t.Helper()
	stored, err := f.settings.Callbacks(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return settings.Callbacks{CRM: stored.CRM, Outgoing: stored.Outgoing, Templates: stored.Templates}
}

// response is a response with its body.
type response struct {
	*http.Response
	body string
}

func (f *fixture) do(who string, r *http.Request) response {
	f.t.Helper()
	if who != "" {
		r.AddCookie(&http.Cookie{Name: "clientele", Value: who})
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	res := w.Result()
	res.Request = r
	body, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return response{res, string(body)}
}

func (f *fixture) get(who, target string) response {
	f.t.Helper()
	return f.do(who, httptest.NewRequest("GET", target, nil))
}

func formRequest(target string, fields ...string) *http.Request {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (f *fixture) post(who, target string, fields ...string) response {
	f.t.Helper()
	return f.do(who, formRequest(target, fields...))
}

// check checks the status, and what the body contains and does not.
func (a response) check(t testing.TB, status int, has []string, hasNot ...string) response {
	t.Helper()
	bad, call := false, a.Request.Method+" "+a.Request.URL.Path
	if a.StatusCode != status {
		t.Errorf("%s: status %d, want %d", call, a.StatusCode, status)
		bad = true
	}
	for _, s := range has {
		if !strings.Contains(a.body, s) {
			t.Errorf("%s: body lacks %q", call, s)
			bad = true
		}
	}
	for _, s := range hasNot {
		if strings.Contains(a.body, s) {
			t.Errorf("%s: body contains %q", call, s)
			bad = true
		}
	}
	if bad {
		t.Logf("the response:\n%.12000s", a.body[max(0, strings.Index(a.body, "<main")):])
	}
	return a
}

// checkURLStrictly refuses private addresses, as the program does without
// --allow-private-callbacks.
func checkURLStrictly(raw string) error {
	return errors.Join(frontline.CheckCallbackURL(raw), outbound.CheckURL(raw, outbound.Policy{}))
}
