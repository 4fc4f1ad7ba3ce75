package server

import (
	"net/http"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/secret"
)

// TestServer_SessionLifeFollowsTheSettings shortens the life of sessions.
func TestServer_SessionLifeFollowsTheSettings(t *testing.T) {
	key := secret.NewKey()
	s := newTestServer(t, func(c *Config) { c.Key = key })
	s.add(t, "ada", account.RoleWorker)
	s.start(t)
	if got := s.Server.signIn.sessionLife(); got != account.DefaultSessionLife() {
		t.Errorf("sessionLife() = %v, want the default", got)
	}
	if _, err := newSettings(s.db, key).SetSessionDays(t.Context(), 1, 2); err != nil {
		t.Fatal(err)
	}
	if err := s.reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.Server.signIn.sessionLife(); got.Idle.Hours() != 24 || got.Absolute.Hours() != 48 {
		t.Errorf("sessionLife() = %v, want a day and two", got)
	}
	if w := s.do("ada", http.MethodGet, "/account", nil); w.Code != http.StatusOK {
		t.Errorf("GET /account: status %d, want 200", w.Code)
	}
	other := signInRules{settings: newSettings(s.db, secret.NewKey())}
	if err := other.readLife(t.Context()); err != nil || other.sessionLife() != account.DefaultSessionLife() {
		t.Errorf("readLife() with another key = %v, %v, want the default", other.sessionLife(), err)
	}
}
