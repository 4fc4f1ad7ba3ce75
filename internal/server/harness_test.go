package server

import (
	"bytes"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
	"github.com/clientele-project/clientele/internal/web/auth"
)

func TestMain(m *testing.M) {
	flag.Set("test.parallel", "6") // parallel tests wait for services more than they compute
	m.Run()
}

// testServer is a Server over a database in a temporary directory, with sessions of
// the people that a test signed in.
type testServer struct {
	*Server
	db      *store.DB
	file    string
	cookies map[string]*http.Cookie // by identity
}

// newTestServer builds a Server, which is yet to be started. change may alter its
// Config; nil alters nothing.
func newTestServer(t testing.TB, change func(*Config)) *testServer {
	t.Helper()
	s := &testServer{file: sqlitetest.File(t), cookies: make(map[string]*http.Cookie)}
	db, err := store.Open(t.Context(), s.file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s.db = db
	config := Config{
		DB: db, Key: secret.NewKey(), Logger: slog.New(slog.DiscardHandler), Notice: func(slog.Level, string) {},
		Callbacks: CallbackLimits{AllowPrivate: true, Concurrency: 8, Rate: 20}, MetricsToken: "m3trics",
	}
	if change != nil {
		change(&config)
	}
	if s.Server, err = New(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// add adds a person and signs them in.
func (s *testServer) add(t testing.TB, identity string, role account.Role) {
	t.Helper()
	if err := s.accounts.AddPerson(t.Context(), identity, role, ""); err != nil {
		t.Fatal(err)
	}
	s.signIn(t, identity, "")
}

// signIn begins a session of a person with a browser.
func (s *testServer) signIn(t testing.TB, identity, agent string) {
	t.Helper()
	session, _, err := s.accounts.SignInAs(t.Context(), identity, agent)
	if err != nil {
		t.Fatal(err)
	}
	s.cookies[identity] = &http.Cookie{Name: "clientele", Value: session}
}

// put stores customers.
func (s *testServer) put(t testing.TB, customers ...customer.Customer) {
	t.Helper()
	err := s.db.Customers().Update(t.Context(), func(tx customer.Tx) error {
		for _, c := range customers {
			if err := tx.Put(t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *testServer) start(t testing.TB) {
	t.Helper()
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// routes returns every route of the sites and of the machine paths.
func (s *testServer) routes(t testing.TB) []auth.Route {
	t.Helper()
	worker, err := s.newApp()
	if err != nil {
		t.Fatal(err)
	}
	administrator, err := s.newConsole()
	if err != nil {
		t.Fatal(err)
	}
	routes := append(worker.Routes(), administrator.Routes()...)
	for path := range s.machinePaths(worker) {
		routes = append(routes, auth.Route{Path: path})
	}
	return routes
}

// do makes a request as a person, "" for a visitor without a session.
func (s *testServer) do(who, method, target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if who != "" {
		r.AddCookie(s.cookies[who])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// waitLimit is how long a test waits for what happens within seconds on an idle machine.
const waitLimit = 90 * time.Second

// eventually waits until ok returns true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(waitLimit); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out after %v waiting until %s", waitLimit, what)
		}
	}
}

// syncBuffer is a buffer that can be read while it is written.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// newSettings returns the settings of a database, sealed with key.
func newSettings(db *store.DB, key *secret.Key) *settings.Service {
	return settings.NewService(db.Settings(), key.Sealer(settings.SealerPurpose), nil)
}
