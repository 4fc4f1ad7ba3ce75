package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
)

func TestAccount_ShowsTheSignedInPerson(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	p.persons["bob"].Role = account.RoleAdmin
	signedIn(t, h, "alice").get("/account").must(t, http.StatusOK, []string{">alice</bdi>", "Worker", "Current session", `action="/signout"`}, "Administrator", "bob", "correct horse", "secret-")
	signedIn(t, h, "bob").get("/account").must(t, http.StatusOK, []string{"Administrator"})
}

func TestAccount_SavesPreferences(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	a := b.post("/account/preferences", "theme", "dark", "language", "de", "zone", "Europe/Vienna")
	a.must(t, http.StatusSeeOther, nil)
	want := account.Preferences{Theme: "dark", Language: "de", TimeZone: "Europe/Vienna"}
	if got := p.persons["alice"].Preferences; got != want {
		t.Errorf("preferences after POST = %+v, want %+v", got, want)
	}
	b.get(a.Header.Get("Location")).must(t, http.StatusOK, []string{
		`<html lang="de" dir="ltr" data-theme="dark" data-state=`, "Gespeichert.", `role="status"`, `value="dark" checked`, `<option value="de" lang="de" dir="ltr" selected>`, "<option selected>Europe/Vienna</option>",
	}, "Saved.")
	b.get("/customers").must(t, http.StatusOK, []string{"Meine Kunden", `data-theme="dark"`, `<meta name="color-scheme" content="dark">`}, "My Customers")
	b.post("/account/preferences", "theme", "", "language", "", "zone", "").must(t, http.StatusSeeOther, nil)
	b.get("/customers").must(t, http.StatusOK, []string{"My Customers"}, "data-theme")
}

func TestAccount_RefusesInvalidPreferences(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	b.post("/account/preferences", "theme", `x"><script>`, "language", "tlh", "zone", "../../etc/passwd").must(t, http.StatusUnprocessableEntity,
		[]string{"Choose a theme from the list.", "Choose a language from the list.", "Choose a time zone from the list.", `aria-describedby="zone-error"`}, "<script>", "passwd")
	if got := p.persons["alice"].Preferences; got != (account.Preferences{}) {
		t.Errorf("preferences after an invalid POST = %+v, want none", got)
	}
}

func TestAccount_ChangesPassword(t *testing.T) {
	for _, test := range []struct {
		name            string
		old, new, again string
		status          int
		says            string
	}{
		{"done", "correct horse", "battery staple", "battery staple", http.StatusSeeOther, ""},
		{"wrong old one", "incorrect horse", "battery staple", "battery staple", 422, "That isn’t your current password."},
		{"nothing", "", "", "", 422, "Enter your current password."},
		{"too short", "correct horse", "short", "short", 422, "Use at least 8 characters."},
		{"too long", "correct horse", string(make([]byte, 2000)), "x", 422, "This password is too long. Choose a shorter one."},
		{"common", "correct horse", "Passw0rd!", "Passw0rd!", 422, "This password is easy to guess."},
		{"own identity", "correct horse", " alice  ", " alice  ", 422, "This password is easy to guess."},
		{"typed differently", "correct horse", "battery staple", "battery stable", 422, "don’t match"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, p, h, log := newTestApp(t, nil)
			b, other := signedIn(t, h, "alice"), signedIn(t, h, "alice")
			a := b.post("/account/password", "old", test.old, "new", test.new, "again", test.again)
			a.must(t, test.status, []string{test.says}, `value="battery`, `value="correct`)
			changed := p.persons["alice"].PasswordHash == "battery staple"
			if changed != (test.status == http.StatusSeeOther) {
				t.Errorf("POST /account/password: changed: %v, status %d", changed, a.StatusCode)
			}
			if changed {
				b.get(a.Header.Get("Location")).must(t, http.StatusOK, []string{"Password changed."})
				other.get("/account").must(t, http.StatusSeeOther, nil)
			}
			for _, secret := range []string{"battery", "horse"} {
				if got := log.String(); len(got) > 0 && contains(got, secret) {
					t.Errorf("the log contains %q", secret)
				}
			}
		})
	}
}

// On phones the fields are out of view: the focus scrolls to them.
func TestAccount_FocusesTheFirstInvalidField(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	for _, test := range []struct{ name, old, new, again, id string }{
		{"all", "", "", "", "old"},
		{"the new one is short", "correct horse", "x", "y", "new"},
		{"typed differently", "correct horse", "battery staple", "battery stable", "again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := b.post("/account/password", "old", test.old, "new", test.new, "again", test.again)
			a.must(t, http.StatusUnprocessableEntity, []string{`aria-describedby="` + test.id + `-error" autofocus>`})
			if n := strings.Count(a.body, " autofocus"); n != 1 {
				t.Errorf("POST /account/password: %d fields with autofocus, want 1", n)
			}
		})
	}
}

func TestAccount_LimitsPasswordAttempts(t *testing.T) {
	_, _, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	for i := 0; ; i++ {
		a := b.post("/account/password", "old", "guess", "new", "battery staple", "again", "battery staple")
		if contains(a.body, "Too many attempts") {
			return
		}
		if i > 50 {
			t.Fatal("POST /account/password is not limited")
		}
	}
}

func TestAccount_WithoutPassword(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	b := signedIn(t, h, "alice")
	p.persons["alice"].PasswordHash = ""
	b.get("/account").must(t, http.StatusOK, []string{"there’s nothing to change"}, `name="old"`)
}

func TestAccount_Sessions(t *testing.T) {
	_, p, h, _ := newTestApp(t, nil)
	phone := newClient(t, h)
	phone.header.Set("User-Agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1")
	phone.post("/signin", "identity", "alice", "password", "correct horse")
	odd := newClient(t, h)
	odd.header.Set("User-Agent", "<script>alert(1)</script>")
	odd.post("/signin", "identity", "alice", "password", "correct horse")
	bobs := signedIn(t, h, "bob")
	b := signedIn(t, h, "alice")
	b.get("/account").must(t, http.StatusOK, []string{"Safari on iPhone", "Unknown browser", `value="session-1"`, `value="session-2"`, "Sign out everywhere else"}, `value="session-4"`, `value="session-3"`, "<script>alert", "secret-")

	end := func(id, want string) {
		t.Helper()
		a := b.post("/account/sessions/revoke", "id", id)
		a.must(t, http.StatusSeeOther, nil)
		b.get(a.Header.Get("Location")).must(t, http.StatusOK, []string{want})
	}
	end("session-1", "The session was signed out.")
	end("session-1", "had already ended")
	end("session-3", "had already ended") // of bob
	bobs.get("/account").must(t, http.StatusOK, nil)
	phone.get("/account").must(t, http.StatusSeeOther, nil)

	a := b.post("/account/sessions/revoke-others")
	b.get(a.Header.Get("Location")).must(t, http.StatusOK, []string{"All other sessions were signed out."}, "Sign out everywhere else")
	odd.get("/account").must(t, http.StatusSeeOther, nil)
	bobs.get("/account").must(t, http.StatusOK, nil)

	b.post("/account/sessions/revoke", "id", "session-4").must(t, http.StatusSeeOther, nil)
	if len(b.cookies) != 0 || len(p.sessions) != 1 {
		t.Errorf("after revoking the own session: cookies %v, %d sessions, want none and 1", b.cookies, len(p.sessions))
	}
	if a := bobs.get("/account/password"); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != "/account" {
		t.Errorf("GET of a form's address: status %d, want 303", a.StatusCode)
	}
}
