package console_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clientele-project/clientele/internal/settings"
)

func TestATypedTokenReplacesTheKeptOne(t *testing.T) {
	b := newBench(t, nil)
	b.now = b.now.Add(time.Hour)
	if a := b.post("root", "/console/callbacks", "auth_token", " second-token-0123456789 "); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("answered %d", a.StatusCode)
	}
	if b.token != "second-token-0123456789" {
		t.Errorf("in force is %q", b.token)
	}
	b.get("root", "/console/callbacks").must(t, http.StatusOK, []string{"Set since 13:00", "The previous token also works", "23 November, 13:00", `value="end"`})
	b.now = b.now.Add(settings.Grace)
	b.get("root", "/console/callbacks").must(t, http.StatusOK, nil, "The previous token also works", `value="end"`)
}

func TestTheGraceCanBeEnded(t *testing.T) {
	b := newBench(t, nil)
	b.post("root", "/console/callbacks", "auth_token", "second-token-0123456789")
	b.post("root", "/console/callbacks/token", "do", "end", "outgoing_callback_url", "https://example.com/typed").
		must(t, http.StatusOK, []string{"The previous token no longer works.", "https://example.com/typed"}, "The previous token also works")
	tokens, err := b.settings.Tokens(t.Context(), b.now)
	if err != nil || tokens.Previous != "" || tokens.Current != "second-token-0123456789" {
		t.Errorf("kept %+v, %v", tokens, err)
	}
	if b.kept() != (settings.Callbacks{}) {
		t.Error("what was only typed was saved")
	}
}

func TestANewTokenIsShownOnce(t *testing.T) {
	b := newBench(t, nil)
	b.now = b.now.Add(time.Minute)
	form := formOf(t, b.get("root", "/console/callbacks").body)
	make := []string{"do", "make", "token_since", form["token_since"], "templates_callback_url", "https://example.com/typed"}
	a := b.post("root", "/console/callbacks/token", make...)
	a.must(t, http.StatusOK, []string{"Your new signing token", b.token, "https://example.com/typed"})
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q", a.Header.Get("Cache-Control"))
	}
	made := b.token
	if made == theToken || !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(made) {
		t.Errorf("the new token is %q", made)
	}
	// The page sent again, by a reload: no other token, and this one is not shown.
	b.now = b.now.Add(time.Minute)
	b.post("root", "/console/callbacks/token", make...).must(t, http.StatusConflict, []string{"No new token was generated"}, made, "Your new signing token")
	if b.token != made {
		t.Error("a reload made another token")
	}
	b.post("root", "/console/callbacks/token", "do", "nonsense").must(t, http.StatusBadRequest, nil)
}

// TestNoAnswerTellsTheToken asks everything there is to ask, and looks for tokens.
func TestNoAnswerTellsTheToken(t *testing.T) {
	b := newBench(t, nil)
	happened(b)
	b.save(func(k *settings.Callbacks) { k.CRM = "http://127.0.0.1:1/" })
	b.post("root", "/console/callbacks", "auth_token", "second-token-0123456789")
	secrets := []string{theToken, "second-token-0123456789", "typed-token-0123456789"}
	for _, rt := range routes {
		for _, a := range []answer{
			b.get("root", rt.path),
			b.post("root", rt.path, append(rt.form, "auth_token", "typed-token-0123456789", "outgoing_callback_url", "nonsense", "question", "list")...),
			b.post("root", rt.path, append(rt.form, "auth_token", "typed-token-0123456789 with blanks", "crm_callback_url", "")...),
			b.post("alice", rt.path, append(rt.form, "auth_token", "typed-token-0123456789")...),
		} {
			for _, secret := range secrets {
				if strings.Contains(a.body, secret) {
					t.Errorf("%s tells %s", rt.path, secret)
				}
				for name, values := range a.Header {
					if strings.Contains(strings.Join(values, " "), secret) {
						t.Errorf("%s tells %s in %s", rt.path, secret, name)
					}
				}
			}
		}
	}
	for name, value := range b.store.kept {
		for _, secret := range append(secrets, "127.0.0.1") {
			if strings.Contains(value, secret) {
				t.Errorf("the setting %s is kept as it is", name)
			}
		}
	}
	if len(b.store.kept) != 3 { // the callbacks, the token, the rules of the audit
		t.Errorf("kept are %d settings", len(b.store.kept))
	}
}
