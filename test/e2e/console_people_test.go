package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// passwordStatus returns the status of signing in with a password.
func passwordStatus(t *testing.T, srv *server, identity, password string) int {
	t.Helper()
	form := url.Values{"identity": {identity}, "password": {password}}
	return send(t, plainClient(), request(t, "POST", srv.url+"/signin", form.Encode(), "Content-Type", formType)).status
}

// waitForText waits until the page shows a text.
func (tb *tab) waitForText(text string) {
	tb.t.Helper()
	tb.until("the page says "+text, fmt.Sprintf(`document.querySelector("main").textContent.includes(%s)`, quote(text)))
}

// TestConsole_ManagesPeople is the life of an account, in the administrator's browser,
// on every kind of device: added, given another role, given another password,
// deactivated and deleted; and what its owner can do meanwhile.
func TestConsole_ManagesPeople(t *testing.T) {
	for _, d := range consoleDevices() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, admin, bob)
			srv := in.serveConsole(t)
			tb := open(t, d)
			tb.wire.allow("422") // the browser logs it as an error
			tb.setSession(srv, secrets[admin])
			tb.goTo(srv.url + "/console/people")
			tb.waitForText(bob)
			tb.checkScreen("people")
			tb.fill(`input[name=q]`, "nobody here")
			tb.pressAndLoad(`form[role=search] button`)
			tb.waitForText("No one found")
			tb.checkScreen("no one found")

			tb.goTo(srv.url + "/console/people")
			tb.pressAndLoad(`a[href="/console/people/add"]`)
			tb.fill(`input[name=identity]`, "*")
			tb.pressAndLoad(`main form .main`)
			tb.until("the error shows beside its field", `!!document.querySelector("#identity-error")`)
			tb.checkScreen("add refused")
			tb.fill(`input[name=identity]`, "Carol/1@example.com")
			tb.pressAndLoad(`main form .main`)
			first := eval[string](tb, `document.querySelector("#new-password").textContent`)
			tb.checkScreen("added")
			if status := passwordStatus(t, srv, "carol/1@example.com", first); status != http.StatusSeeOther {
				t.Errorf("signing in with the shown password: status %d", status)
			}

			tb.press(`label:has([name=role][value=admin])`)
			tb.pressAndLoad(`form:has([value=role]) button`)
			tb.waitForText("Role saved")
			tb.pressAndLoad(`button[name=may]`)
			tb.waitForText("Can download all customers as a file")
			tb.checkScreen("an administrator")

			tb.pressAndLoad(`a[href*="do=password"]`)
			tb.checkScreen("confirm password reset")
			tb.pressAndLoad(`button[name=do]`)
			second := eval[string](tb, `document.querySelector("#new-password").textContent`)
			if old, new := passwordStatus(t, srv, "Carol/1@example.com", first), passwordStatus(t, srv, "Carol/1@example.com", second); old != http.StatusUnauthorized || new != http.StatusSeeOther {
				t.Errorf("after the reset, the old password gets status %d, the new one %d", old, new)
			}

			tb.pressAndLoad(`a[href*="do=deactivate"]`)
			tb.checkScreen("confirm deactivation")
			tb.pressAndLoad(`button[name=do]`)
			tb.waitForText("Deactivated and signed out everywhere")
			tb.checkScreen("deactivated")
			if status := passwordStatus(t, srv, "Carol/1@example.com", second); status < 400 {
				t.Errorf("signing in when deactivated: status %d", status)
			}
			tb.pressAndLoad(`button[value=activate]`)
			tb.waitForText("Reactivated")
			if status := passwordStatus(t, srv, "Carol/1@example.com", second); status != http.StatusSeeOther {
				t.Errorf("signing in when reactivated: status %d", status)
			}
			tb.pressAndLoad(`a[href*="do=deactivate"]`)
			tb.pressAndLoad(`button[name=do]`)
			tb.pressAndLoad(`a[href*="do=remove"]`)
			tb.pressAndLoad(`button[name=do]`)
			tb.until("the list is there again", `location.pathname == "/console/people"`)
			tb.waitForText("Account deleted")

			if log := srv.log.String(); strings.Contains(log, "arol") || strings.Contains(log, first) || strings.Contains(log, second) {
				t.Error("the log has an identity or a password")
			}
		})
	}
}

// TestConsole_DeactivationEndsSessions checks the deactivated person's session.
func TestConsole_DeactivationEndsSessions(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob)
	in.importText(t, "c.csv", "customer_id,display_name,worker\nc1,Anna Berg,bob@example.com\nc2,Bo,bob@example.com\n")
	srv := in.serveConsole(t)
	a, b := srv.client(t, secrets[admin]), srv.client(t, secrets[bob])
	if got := b.get("/account"); got.status != http.StatusOK {
		t.Fatalf("GET bob's account: status %d", got.status)
	}
	if got := a.post("/console/people/person", url.Values{"id": {bob}, "do": {"deactivate"}, "sure": {"yes"}}); got.status != http.StatusSeeOther {
		t.Fatalf("deactivating: status %d\n%s", got.status, got.body)
	}
	r := request(t, "GET", srv.url+"/account", "")
	r.AddCookie(&http.Cookie{Name: "clientele", Value: secrets[bob]})
	if got := send(t, plainClient(), r); got.status != http.StatusSeeOther || strings.Contains(got.body, bob) {
		t.Errorf("bob's page after deactivation: status %d", got.status)
	}
	// Their customers can be reassigned.
	id := url.QueryEscape(bob)
	if page := a.get("/console/people/person?id=" + id).body; !strings.Contains(page, "/console/customers/reassign?from="+strings.ReplaceAll(id, "+", "%20")) {
		t.Error("the page of a deactivated person does not offer to reassign their customers")
	}
	if page := a.get("/console/customers/reassign?from=" + id); page.status != http.StatusOK || !strings.Contains(page.body, bob) {
		t.Errorf("the reassign page: status %d", page.status)
	}
	if page := a.get("/console/customers?worker=" + id); page.status != http.StatusOK || !strings.Contains(page.body, "Anna Berg") {
		t.Errorf("their customers: status %d", page.status)
	}
	audit := a.get("/console/audit?subject=" + url.QueryEscape(bob)).body
	if !strings.Contains(audit, "Changed the account of") || !strings.Contains(audit, "deactivated") {
		t.Error("the audit log lacks the deactivation")
	}
}

// TestConsole_LastAdministratorStays tries to remove the last administrator, by every form and
// from two sessions at once.
func TestConsole_LastAdministratorStays(t *testing.T) {
	t.Parallel()
	other := "admin2@example.com"
	in, secrets := staff(t, admin, other)
	srv := in.serveConsole(t)
	a, b := srv.client(t, secrets[admin]), srv.client(t, secrets[other])
	done := make(chan int, 2)
	go func() {
		done <- a.post("/console/people/person", url.Values{"id": {other}, "do": {"deactivate"}, "sure": {"yes"}}).status
	}()
	go func() {
		done <- b.post("/console/people/person", url.Values{"id": {admin}, "do": {"role"}, "role": {"worker"}}).status
	}()
	first, second := <-done, <-done
	if list := must(t, "", "user", "list", "--database", in.database); strings.Count(list, "admin ") == 0 {
		t.Errorf("statuses %d and %d left no administrator:\n%s", first, second, list)
	}
	left := a
	if a.get("/console/people").status != http.StatusOK {
		left = b
	}
	for _, identity := range []string{admin, other} {
		for _, form := range []url.Values{{"do": {"deactivate"}}, {"do": {"role"}, "role": {"worker"}}, {"do": {"remove"}}} {
			form.Set("id", identity)
			form.Set("sure", "yes")
			left.post("/console/people/person", form)
		}
	}
	if got := left.get("/console/people"); got.status != http.StatusOK || !strings.Contains(got.body, "Administrator") {
		t.Errorf("removing the last administrator: status %d", got.status)
	}
}

// TestConsole_PeopleInArabic shows the screens from right to left.
func TestConsole_PeopleInArabic(t *testing.T) {
	t.Parallel()
	in, secrets := staff(t, admin, bob, "ليلى منصور")
	srv := in.serveConsole(t)
	tb := open(t, arabic)
	tb.setSession(srv, secrets[admin])
	for _, path := range []string{"/console/people", "/console/people/add", "/console/people/person?id=" + url.QueryEscape(bob), "/console/people/confirm?do=deactivate&id=" + url.QueryEscape(bob), "/console/signin", "/console/audit", "/console/conversations", "/console/templates"} {
		tb.goTo(srv.url + path)
		tb.checkScreen("arabic " + path)
		if got := eval[string](tb, `document.documentElement.lang + " " + getComputedStyle(document.body).direction`); got != "ar rtl" {
			t.Errorf("%s is in %s", path, got)
		}
	}
}

// TestSignIn_ConsoleScreen shows the identity provider, and sets its rules.
func TestSignIn_ConsoleScreen(t *testing.T) {
	for _, d := range consoleDevices() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			in, secrets := staff(t, admin)
			srv := in.serveConsole(t)
			tb := open(t, d)
			tb.wire.allow("422")
			tb.setSession(srv, secrets[admin])
			tb.goTo(srv.url + "/console/people")
			tb.pressAndLoad(`a[href="/console/signin"]`)
			tb.waitForText("--oidc-issuer")
			if got, want := eval[string](tb, `document.querySelector("#callback").value`), srv.url+"/signin/provider/callback"; got != want {
				t.Errorf("the redirect URI is %s, want %s", got, want)
			}
			tb.checkScreen("sign-in")
			tb.fill(`input[name=role_claim]`, "groups")
			tb.pressAndLoad(`main form .main`)
			tb.until("the error shows beside its field", `!!document.querySelector("#value-error")`)
			tb.checkScreen("sign-in refused")
			tb.fill(`input[name=admin_value]`, "crm-admins")
			tb.pressAndLoad(`main form .main`)
			tb.waitForText("Saved.")
			if got := eval[string](tb, `document.querySelector("#role_claim").value + " " + document.querySelector("#admin_value").value`); got != "groups crm-admins" {
				t.Errorf("the saved claim and value are %s", got)
			}
		})
	}
}

// TestSignIn_DisablePasswords turns passwords off: refused after a sign-in with a password,
// allowed after one with the provider.
func TestSignIn_DisablePasswords(t *testing.T) {
	t.Parallel()
	_, p, srv := withProvider(t)
	p.put("users", []any{map[string]any{"name": "boss", "subject": "sub-root", "claims": map[string]any{"email": administrator, "email_verified": true}}})
	tb := open(t, phone)
	tb.goTo(srv.url + "/console/signin")
	tb.write(`input[name=identity]`, administrator)
	tb.navigate(func() { tb.write(`input[name=password]`, password+"\r") })
	tb.until("it cannot be chosen", `document.querySelector('input[value=off]')?.disabled`)
	tb.checkScreen("passwords cannot be turned off")

	other := open(t, phone)
	other.goTo(srv.url + "/signin?next=/console/signin")
	other.pressAndLoad(`a[href^="/signin/provider"]`)
	other.pressAndLoad(`button[value=boss]`)
	other.until("it can be chosen", `document.querySelector('input[value=off]')?.disabled === false`)
	other.press(`label:has(input[value=off])`)
	other.pressAndLoad(`main form .main`)
	other.waitForText("Saved.")
	other.checkScreen("passwords turned off")
	if status := postPassword(t, srv, password); status < 400 || status >= 500 {
		t.Errorf("signing in with a password: status %d", status)
	}
	other.goTo(srv.url + "/console/people/add")
	other.waitForText("Passwords are turned off")
}
