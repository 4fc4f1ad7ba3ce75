package cli

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/customer"
	"github.com/clientele-project/clientele/internal/door"
	"github.com/clientele-project/clientele/internal/secret"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/store/sqlite/sqlitetest"
)

// leakHouse is the whole program with its log, the workers ada and eve who have the
// same customers, and the administrator root.
type leakHouse struct {
	t       testing.TB
	house   *house
	handler http.Handler
	routes  []door.Route
	cookies map[string]*http.Cookie
	log     *lines
	told    int // of the log, so far
	answers int
	// found are the leaks, by where and what.
	found map[string]string
	seen  map[string]bool // answers
}

// openLeakHouse opens it over our own store, or the service at url.
func openLeakHouse(t testing.TB, masked bool, url string) *leakHouse {
	t.Helper()
	db, err := openDatabase(t.Context(), sqlitetest.File(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	l := &leakHouse{t: t, log: new(lines), cookies: make(map[string]*http.Cookie), found: make(map[string]string), seen: make(map[string]bool)}
	logger := slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	limits, fast := demoLimits(), 1e4
	limits.rate = &fast // nobody is to wait for a service on this machine
	l.house = newHouse(t.Context(), db, secret.NewKey(), &journal{logger, l.log, true}, limits)
	t.Cleanup(l.house.close)
	for identity, role := range map[string]account.Role{"ada": account.RoleWorker, "eve": account.RoleWorker, "root": account.RoleAdmin} {
		if err := l.house.people.AddPerson(t.Context(), identity, role, ""); err != nil {
			t.Fatal(err)
		}
		l.signIn(identity)
	}
	err = db.Customers().Update(t.Context(), func(tx customer.Tx) error {
		for _, c := range storedCustomers("ada", "eve") {
			if err := tx.Put(t.Context(), c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := l.house.services.settings
	if _, err := s.SetMasked(t.Context(), masked); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.SaveCallbacks(t.Context(), func(k *settings.Callbacks) { k.CRM = url }); err != nil {
		t.Fatal(err)
	}
	if err := l.house.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := site{house: l.house, proxies: []netip.Prefix{}, metricsToken: "m3trics"}
	if l.handler, err = all.handler(); err != nil {
		t.Fatal(err)
	}
	pages, err := all.app()
	if err != nil {
		t.Fatal(err)
	}
	administration, err := all.console()
	if err != nil {
		t.Fatal(err)
	}
	l.routes = append(pages.Routes(), administration.Routes()...)
	for path := range all.machines(pages) {
		l.routes = append(l.routes, door.Route{Path: path})
	}
	return l
}

// signIn begins a session.
func (l *leakHouse) signIn(identity string) {
	l.t.Helper()
	session, _, err := l.house.people.SignInAs(l.t.Context(), identity, "")
	if err != nil {
		l.t.Fatal(err)
	}
	l.cookies[identity] = &http.Cookie{Name: "clientele", Value: session}
}

// ask makes a request as somebody, "" for a stranger, and looks for numbers in all
// that comes of it.
func (l *leakHouse) ask(who, method, target, part, form string) *httptest.ResponseRecorder {
	l.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form))
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if part != "" {
		r.Header.Set("Clientele-Part", part)
	}
	if who != "" {
		r.AddCookie(l.cookies[who])
	}
	ctx, cancel := context.WithCancel(l.t.Context())
	defer cancel()
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, r.WithContext(ctx))
	l.answers++
	body := w.Body.String()
	if strings.HasPrefix(w.Header().Get("Content-Type"), "image/png") {
		body = "" // our own icons, compressed
	}
	if r.URL.Query().Has("q") {
		body = typedAgain.ReplaceAllString(body, "")
	}
	l.look(method+" "+target+" "+part, body)
	var header strings.Builder
	for name, values := range w.Header() {
		if name != "Date" && name != "Etag" && name != "Content-Length" {
			header.WriteString(name + ": " + strings.Join(values, ", ") + "\n")
		}
	}
	l.look("header of "+method+" "+target+" "+part, header.String())
	return w
}

// look notes what an answer tells.
func (l *leakHouse) look(where, answer string) {
	if l.seen[answer] {
		return
	}
	l.seen[answer] = true
	for _, leak := range leaks(answer) {
		if _, ok := l.found[where]; !ok {
			l.found[where] = leak
		}
	}
}

// lookAtLog looks at what was written to the log since the last time.
func (l *leakHouse) lookAtLog() {
	log := l.log.String()
	for line := range strings.Lines(log[l.told:]) {
		_, line, _ = strings.Cut(line, " ") // the time
		l.look("log: "+line, line)
	}
	l.told = len(log)
}

// get asks for a part as somebody, without looking for numbers.
func (l *leakHouse) get(who, target, part string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("Clientele-Part", part)
	r.AddCookie(l.cookies[who])
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, r)
	return w
}
