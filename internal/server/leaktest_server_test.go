package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// leakServer is a server with its log, the workers ada and eve, who have the same
// customers, and the administrator root.
type leakServer struct {
	*testServer
	t         testing.TB
	all       []auth.Route
	log       *syncBuffer
	logged    int // bytes of the log that were checked
	responses int
	// found are the leaks, by where and what.
	found map[string]string
	seen  map[string]bool // responses
}

// newLeakServer starts a leakServer over the built-in service, or the service at url.
func newLeakServer(t testing.TB, masked bool, url string) *leakServer {
	t.Helper()
	l := &leakServer{t: t, log: new(syncBuffer), found: make(map[string]string), seen: make(map[string]bool)}
	l.testServer = newTestServer(t, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Notice = func(_ slog.Level, sentence string) { io.WriteString(l.log, sentence+"\n") }
		c.Callbacks.Rate = 1e4 // no test waits for a service on this machine
		c.Conversations = leakConversations()
	})
	for identity, role := range map[string]account.Role{"ada": account.RoleWorker, "eve": account.RoleWorker, "root": account.RoleAdmin} {
		l.add(t, identity, role)
	}
	l.put(t, storedCustomers("ada", "eve")...)
	s := l.live.settings
	if _, err := s.SetMasked(t.Context(), masked); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.SaveCallbacks(t.Context(), func(k *settings.Callbacks) { k.CRM = url }); err != nil {
		t.Fatal(err)
	}
	l.start(t)
	l.all = l.routes(t)
	return l
}

// request makes a request as a person, "" for a visitor without a session, and looks for
// numbers in the response.
func (l *leakServer) request(who, method, target, part, form string) *httptest.ResponseRecorder {
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
	l.responses++
	body := w.Body.String()
	if strings.HasPrefix(w.Header().Get("Content-Type"), "image/png") {
		body = "" // our own icons, compressed
	}
	if r.URL.Query().Has("q") {
		body = typedAgain.ReplaceAllString(body, "")
	}
	l.check(method+" "+target+" "+part, body)
	var header strings.Builder
	for name, values := range w.Header() {
		if name != "Date" && name != "Etag" && name != "Content-Length" {
			header.WriteString(name + ": " + strings.Join(values, ", ") + "\n")
		}
	}
	l.check("header of "+method+" "+target+" "+part, header.String())
	return w
}

// check records the leaks of a response.
func (l *leakServer) check(where, response string) {
	if l.seen[response] {
		return
	}
	l.seen[response] = true
	for _, leak := range leaks(response) {
		if _, ok := l.found[where]; !ok {
			l.found[where] = leak
		}
	}
}

// checkLog checks the log since the last call.
func (l *leakServer) checkLog() {
	log := l.log.String()
	for line := range strings.Lines(log[l.logged:]) {
		_, line, _ = strings.Cut(line, " ") // the time
		l.check("log: "+line, line)
	}
	l.logged = len(log)
}

// get requests a part as a person, without looking for numbers.
func (l *leakServer) get(who, target, part string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("Clientele-Part", part)
	r.AddCookie(l.cookies[who])
	w := httptest.NewRecorder()
	l.handler.ServeHTTP(w, r)
	return w
}
