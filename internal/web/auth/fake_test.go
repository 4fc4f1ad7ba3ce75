package auth_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// people holds people by session secret. Looking up "broken" fails, "explosive"
// panics.
type people map[string]account.Person

func (p people) Authenticate(_ context.Context, secret string) (account.Session, account.Person, error) {
	switch person, ok := p[secret]; {
	case secret == "broken":
		return account.Session{}, account.Person{}, account.ErrUnavailable
	case secret == "explosive":
		panic("in the accounts")
	case ok:
		s := account.Session{ID: "session of " + person.Identity, Identity: person.Identity}
		if secret != "x" {
			s.ConfirmedUntil = testTime.Add(time.Second)
		}
		return s, person, nil
	}
	return account.Session{}, account.Person{}, account.ErrNoSession
}

func (p people) Confirm(_ context.Context, s account.Session, password string) error {
	if password != "right" {
		return account.ErrCredentials
	}
	return nil
}

// testTime is the time of the tests. All sessions are confirmed but the exporter's.
var testTime = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// testPeople returns one person for each combination of role and export permission.
func testPeople() people {
	return people{
		"w": {Identity: "worker", Role: account.RoleWorker},
		"a": {Identity: "admin", Role: account.RoleAdmin},
		"x": {Identity: "exporter", Role: account.RoleAdmin, MayExport: true, PasswordHash: "hash"},
		"m": {Identity: "mover", Role: account.RoleWorker, MayExport: true}, // no effect without the role
		"o": {Identity: "odd", Role: "superuser"},
		"t": {Identity: "newcomer", Role: account.RoleAdmin, MayExport: true, PasswordExpires: time.Unix(1, 0)},
	}
}

// testSite is a site with a route for each permission.
type testSite struct {
	http.Handler
	site    *auth.Site
	log     *bytes.Buffer
	actions []string   // "NAME for IDENTITY" for each action that ran
	form    url.Values // of the last action
	failed  int        // confirmations
}

var errOdd = errors.New("odd: secret reasons")

func newTestSite(t *testing.T, publicURL string) *testSite {
	t.Helper()
	return newTestSiteWith(t, publicURL, nil)
}

// newTestSiteWith returns a site with an identity provider, nil for none.
func newTestSiteWith(t *testing.T, publicURL string, provider auth.Provider) *testSite {
	t.Helper()
	files := fstest.MapFS{
		"templates/frame.html": {Data: []byte(`{{define "links"}}{{end}}`)},
		"static/site.css":      {Data: []byte(`body{}`)},
	}
	resources, err := ui.New(files, "/assets/", nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &testSite{log: new(bytes.Buffer)}
	b.site = auth.New(auth.Options{
		Accounts: testPeople(), UI: resources, Logger: slog.New(slog.NewTextHandler(b.log, nil)), PublicURL: publicURL,
		Attempts: auth.NewAttempts(web.NewLimiter(1000, time.Now)), Provider: provider, ConfirmFailed: func(*http.Request, *auth.Viewer) { b.failed++ },
		Home: "/home", HomeAction: "fail.home", Classify: auth.Classify,
		Now:  func() time.Time { return testTime },
		Zone: time.UTC,
	})
	act := func(name string) auth.Action {
		return func(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
			b.actions = append(b.actions, name+" for "+v.Person.Identity)
			if r.Method == http.MethodPost {
				if err := auth.Form(w, r); err != nil {
					return err
				}
				b.form = r.PostForm
			}
			if r.URL.Query().Has("panic") {
				panic("secret reasons")
			}
			if r.URL.Query().Has("late") {
				io.WriteString(w, "half")
				panic("too late")
			}
			switch r.URL.Query().Get("fail") {
			case "odd":
				return errOdd
			case "down":
				return account.ErrUnavailable
			case "gone":
				return context.Canceled
			}
			_, err := io.WriteString(w, "done")
			return err
		}
	}
	h, err := b.site.Handler([]auth.Route{
		{Path: "/open", Permission: auth.Anyone, Get: act("open"), Post: act("open post")},
		{Path: "/any", Permission: auth.AnyPassword, Get: act("any"), Post: act("any post")},
		{Path: "/in", Permission: auth.SignedIn, Get: act("in"), Post: act("in post")},
		{Path: "/admin", Permission: auth.Admin, Get: act("admin"), Post: act("admin post")},
		{Path: "/export", Permission: auth.Exporter, Get: act("export"), Post: act("export post")},
		{Path: "/odd", Permission: auth.Permission(17), Get: act("odd"), Post: act("odd post")},
		{Path: "/sure", Permission: auth.Admin, Confirm: true, Get: act("sure"), Post: act("sure post")},
		{Path: "/read", Permission: auth.SignedIn, Get: act("read")},
		{Path: "/write", Permission: auth.SignedIn, Post: act("write")},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Handler = h
	return b
}

// do sends a request with a session secret; header is name, value, name, value.
func (b *testSite) do(method, target, secret string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	if secret != "" {
		r.AddCookie(&http.Cookie{Name: "clientele", Value: secret})
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w
}
