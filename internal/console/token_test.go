package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/settings"
)

func TestToken_SavesPostedToken(t *testing.T) {
	f := newFixture(t, nil)
	f.now = f.now.Add(time.Hour)
	if a := f.post("root", "/console/callbacks", "auth_token", " second-token-0123456789 "); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("POST: status %d", a.StatusCode)
	}
	if f.token != "second-token-0123456789" {
		t.Errorf("active token = %q", f.token)
	}
	f.get("root", "/console/callbacks").check(t, http.StatusOK, []string{"Set since 13:00", "The previous token also works", "23 November, 13:00", `value="end"`})
	f.now = f.now.Add(settings.Grace)
	f.get("root", "/console/callbacks").check(t, http.StatusOK, nil, "The previous token also works", `value="end"`)
}

func TestToken_EndsGracePeriod(t *testing.T) {
	f := newFixture(t, nil)
	f.post("root", "/console/callbacks", "auth_token", "second-token-0123456789")
	f.post("root", "/console/callbacks/token", "do", "end", "outgoing_callback_url", "https://example.com/typed").
		check(t, http.StatusOK, []string{"The previous token no longer works.", "https://example.com/typed"}, "The previous token also works")
	tokens, err := f.settings.Tokens(t.Context(), f.now)
	if err != nil || tokens.Previous != "" || tokens.Current != "second-token-0123456789" {
		t.Errorf("Tokens = %+v, %v", tokens, err)
	}
	if f.callbacks() != (settings.Callbacks{}) {
		t.Error("the posted token was saved")
	}
}

func TestToken_ShowsNewTokenOnce(t *testing.T) {
	f := newFixture(t, nil)
	f.now = f.now.Add(time.Minute)
	form := formFields(t, f.get("root", "/console/callbacks").body)
	make := []string{"do", "make", "token_since", form["token_since"], "templates_callback_url", "https://example.com/typed"}
	a := f.post("root", "/console/callbacks/token", make...)
	a.check(t, http.StatusOK, []string{"Your new signing token", f.token, "https://example.com/typed"})
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control = %q", a.Header.Get("Cache-Control"))
	}
	made := f.token
	if made == firstToken || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(made) {
		t.Errorf("generated token = %q", made)
	}
	// A reload generates no other token, and does not show this one.
	f.now = f.now.Add(time.Minute)
	f.post("root", "/console/callbacks/token", make...).check(t, http.StatusConflict, []string{"No new token was generated"}, made, "Your new signing token")
	if f.token != made {
		t.Error("a reload generated another token")
	}
	f.post("root", "/console/callbacks/token", "do", "nonsense").check(t, http.StatusBadRequest, nil)
}

// Whoever has the token reads every worker's customers, and no view is recorded.
func TestToken_NeedsPermissionToExport(t *testing.T) {
	f := newFixture(t, nil)
	f.post("root", "/console/callbacks", "auth_token", "second-token-0123456789")
	before, written := f.token, len(f.audit.entries)
	_ = f.accounts.SetMayExport(t.Context(), "root", false)
	f.get("root", "/console/callbacks").check(t, http.StatusOK, []string{"You don’t have permission to export", "The previous token also works", ` disabled>Generate<`, ` disabled>Revoke now<`}, `name="auth_token"`)
	for path, form := range map[string][]string{
		"/console/callbacks":       {"auth_token", "third-token-0123456789"},
		"/console/callbacks/test":  {"auth_token", "third-token-0123456789", "which", "crm", "worker", "alice"},
		"/console/callbacks/token": {"do", "make"},
	} {
		f.post("root", path, form...).check(t, http.StatusForbidden, nil, "Your new signing token")
	}
	if f.token != before || len(f.audit.entries) != written {
		t.Errorf("token = %q, %d entries in the audit, want %q and %d", f.token, len(f.audit.entries), before, written)
	}
	f.post("root", "/console/callbacks", "outgoing_callback_url", "https://example.com/").check(t, http.StatusSeeOther, nil)
}

// TestToken_IsNeverShown requests every route and looks for tokens.
func TestToken_IsNeverShown(t *testing.T) {
	f := newFixture(t, nil)
	addActivity(f)
	f.save(func(k *settings.Callbacks) { k.CRM = "http://127.0.0.1:1/" })
	f.post("root", "/console/callbacks", "auth_token", "second-token-0123456789")
	secrets := []string{firstToken, "second-token-0123456789", "typed-token-0123456789"}
	for _, rt := range routes {
		for _, a := range []response{
			f.get("root", rt.path),
			f.post("root", rt.path, append(rt.form, "auth_token", "typed-token-0123456789", "outgoing_callback_url", "nonsense", "question", "list")...),
			f.post("root", rt.path, append(rt.form, "auth_token", "typed-token-0123456789 with blanks", "crm_callback_url", "")...),
			f.post("alice", rt.path, append(rt.form, "auth_token", "typed-token-0123456789")...),
		} {
			for _, secret := range secrets {
				if strings.Contains(a.body, secret) {
					t.Errorf("page %s contains %s", rt.path, secret)
				}
				for name, values := range a.Header {
					if strings.Contains(strings.Join(values, " "), secret) {
						t.Errorf("page %s has %s in header %s", rt.path, secret, name)
					}
				}
			}
		}
	}
	for name, value := range f.store.values {
		for _, secret := range append(secrets, "127.0.0.1") {
			if strings.Contains(value, secret) {
				t.Errorf("setting %s is stored unencrypted", name)
			}
		}
	}
	if len(f.store.values) != 4 { // the callbacks, the tokens here and of conversations, the rules of the audit
		t.Errorf("store has %d settings, want 4", len(f.store.values))
	}
}
