package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// administrator is an administrator with a password.
const administrator = "root@example.com"

// withProvider makes an installation with a worker and an administrator, and a server
// that has the provider.
func withProvider(t *testing.T) (installation, *idp, *server) {
	t.Helper()
	in := install(t)
	in.importSample(t, 40)
	must(t, password+"\n", "user", "add", administrator, "--role", "admin", "--database", in.database, "--password-stdin")
	p := startIDP(t)
	return in, p, p.serve(t, in)
}

// TestSignIn_Provider signs a worker in and out in the browser with a real provider; the
// first time binds the account.
func TestSignIn_Provider(t *testing.T) {
	needsBrowser(t)
	t.Parallel()
	in, _, srv := withProvider(t)
	noScripts, desktopDark := phone, desktop
	noScripts.noScripts, noScripts.name = true, "phone, scripts off"
	desktopDark.dark, desktopDark.name = true, "desktop, dark"
	for _, d := range []device{phone, noScripts, desktopDark} {
		t.Run(d.name, func(t *testing.T) {
			tb := open(t, d)
			tb.goTo(srv.url + "/customers?q=a")
			tb.until("both ways to sign in show", `!!document.querySelector('a[href^="/signin/provider"]') && !!document.querySelector('input[name=password]')`)
			tb.checkScreen("way in")
			tb.pressAndLoad(`a[href^="/signin/provider"]`)
			tb.atTheProvider()
			tb.pressAndLoad(`button[value=alice]`)
			tb.until("the requested search shows", `location.pathname == "/customers" && location.search == "?q=a" && document.querySelectorAll('[data-customer-id]').length > 0`)
			if cookies := eval[string](tb, `document.cookie`); cookies != "" {
				t.Errorf("scripts can read %q", cookies)
			}

			// Signing out here signs out at the provider, too: it asks for the user again.
			tb.goTo(srv.url + "/account")
			tb.pressAndLoad(`form[action="/signout"] button`)
			tb.until("the end shows", `location.pathname == "/signin" && document.readyState == "complete" && !document.querySelector('.leave a[href*="end_session"]')`)
			tb.checkScreen("signed out")
			tb.pressAndLoad(`a[href^="/signin/provider"]`)
			tb.atTheProvider()
			tb.pressAndLoad(`button[name=cancel]`)
			tb.waitForSignInText("was canceled", "cancelled")
		})
	}
	if list := must(t, "", "user", "list", "--database", in.database); !strings.Contains(list, "password, provider") {
		t.Errorf("no account is bound:\n%s", list)
	}
	if log := srv.log.String(); strings.Contains(log, clientSecret) || strings.Contains(log, "code=") || strings.Contains(log, "sub-alice") {
		t.Errorf("the log holds a secret, a code or a person:\n%s", log)
	}
}

// TestSignIn_ProviderRefusals checks the message of each refused sign-in.
func TestSignIn_ProviderRefusals(t *testing.T) {
	t.Parallel()
	in, p, srv := withProvider(t)
	tb := open(t, phone)
	enter := func(name string) {
		t.Helper()
		tb.goTo(srv.url + "/signin")
		tb.pressAndLoad(`a[href^="/signin/provider"]`)
		if eval[bool](tb, `!!document.querySelector('button[name=cancel]')`) {
			tb.pressAndLoad(`button[value=` + name + `]`)
		}
	}
	forget := func() { tb.goTo(p.issuer + "/end_session") } // at the provider
	enter("mallory")
	tb.waitForSignInText("have an account here yet", "unknown")
	forget()
	enter("unverified")
	tb.waitForSignInText("confirm your identity", "unproven")
	forget()

	enter("alice")
	tb.until("the list shows", `document.querySelectorAll('[data-customer-id]').length > 0`)
	tb.wire.allow("401 (Unauthorized)") // the open page's request for news
	must(t, "", "user", "set", worker, "--deactivate", "--database", in.database)
	tb.goTo(srv.url + "/customers")
	tb.until("the session has ended", `location.pathname == "/signin"`)
	enter("alice")
	tb.waitForSignInText("Your account is deactivated", "deactivated")
	must(t, "", "user", "set", worker, "--activate", "--database", in.database)

	p.put("faults", map[string]any{"shift": 600})
	enter("alice")
	tb.waitForSignInText("denied access", "refused")
	p.put("faults", map[string]any{})

	// A link from another site, or an old page, does not sign in.
	tb.goTo(srv.url + "/signin/provider/callback?code=x&state=y")
	tb.waitForSignInText("started in another browser", "expired")
	enter("alice")
	tb.until("the list shows again", `document.querySelectorAll('[data-customer-id]').length > 0`)
}

// TestSignIn_PasswordsOffAndOn turns passwords off, and on again when the provider is down.
func TestSignIn_PasswordsOffAndOn(t *testing.T) {
	t.Parallel()
	in, p, srv := withProvider(t)
	must(t, "", "signin", "passwords", "off", "--database", in.database)
	tb := open(t, phone)
	tb.goTo(srv.url + "/signin")
	tb.until("only the provider is offered", `!!document.querySelector('a[href^="/signin/provider"]') && !document.querySelector('input[name=password]')`)
	tb.checkScreen("passwords off")
	if status := postPassword(t, srv, password); status < 400 || status >= 500 {
		t.Errorf("signing in with a password: status %d", status)
	}
	p.put("down", true)
	srv.stop(t)
	srv = start(t, "serve", "--database", in.database, "--auth-token", authToken,
		"--oidc-issuer", p.issuer, "--oidc-client-id", clientID, "--oidc-client-secret", clientSecret)
	eventually(t, "the log reports that the provider is down", func() bool {
		return strings.Contains(srv.log.String(), "the identity provider can't be reached, so no one can sign in with it")
	})
	tb.goTo(srv.url + "/signin")
	tb.pressAndLoad(`a[href^="/signin/provider"]`)
	tb.waitForSignInText("Can’t reach", "down")
	must(t, "", "signin", "passwords", "on", "--database", in.database)
	tb.goTo(srv.url + "/signin")
	tb.write(`input[name=identity]`, worker)
	tb.navigate(func() { tb.write(`input[name=password]`, password+kb.Enter) })
	tb.until("the list shows", `document.querySelectorAll('[data-customer-id]').length > 0`)
}

// TestSignIn_RoleFromProvider lets the provider decide, as set in the console, who can sign in and
// in which role.
func TestSignIn_RoleFromProvider(t *testing.T) {
	t.Parallel()
	_, p, srv := withProvider(t)
	tb := open(t, desktop)
	tb.goTo(srv.url + "/console/signin")
	tb.write(`input[name=identity]`, administrator)
	tb.navigate(func() { tb.write(`input[name=password]`, password+kb.Enter) })
	tb.until("the settings show", `location.pathname == "/console/signin" && !!document.querySelector('#claim')`)
	if text := eval[string](tb, `document.body.innerText`); !strings.Contains(text, p.issuer) || !strings.Contains(text, clientID) || strings.Contains(text, clientSecret) {
		t.Errorf("the console does not show the provider, or shows too much:\n%s", text)
	}
	if got := eval[string](tb, `document.querySelector('#callback').value`); got != srv.url+"/signin/provider/callback" {
		t.Errorf("the console has %q registered", got)
	}
	tb.fill(`#role_claim`, "groups")
	tb.fill(`#admin_value`, "crm-admins")
	tb.press(`input[name=provision]`)
	tb.pressAndLoad(`.finish button`)
	tb.until("it is kept", `location.search.includes("done=saved")`)

	other := open(t, desktop)
	other.goTo(srv.url + "/console")
	other.until("the way in shows", `location.pathname == "/signin"`)
	other.pressAndLoad(`a[href^="/signin/provider"]`)
	other.pressAndLoad(`button[value=boss]`)
	other.until("the console shows", `location.pathname.startsWith("/console")`)
	if text := eval[string](other, `document.body.innerText`); !strings.Contains(text, "boss@example.com") && !eval[bool](other, `!!document.querySelector('a[href="/console/people"]')`) {
		t.Errorf("boss is not an administrator:\n%s", text)
	}

	// Removed from the group, and added again.
	p.put("users", []any{map[string]any{"name": "boss", "subject": "sub-boss", "claims": map[string]any{"email": "boss@example.com", "email_verified": true}}})
	another := open(t, phone)
	another.goTo(srv.url + "/signin")
	another.pressAndLoad(`a[href^="/signin/provider"]`)
	another.pressAndLoad(`button[value=boss]`)
	another.until("the list shows, empty", `location.pathname == "/customers"`)
	other.wire.allow("403")
	other.goTo(srv.url + "/console/people")
	if text := eval[string](other, `document.body.innerText`); strings.Contains(text, administrator) {
		t.Errorf("the old session still has the administrator's role:\n%s", text)
	}
}

// atTheProvider waits for the provider's sign-in page.
func (tb *tab) atTheProvider() {
	tb.t.Helper()
	tb.until("the provider asks for the user", `!!document.querySelector('button[value=alice]')`)
}

// waitForSignInText waits until the sign-in page shows a reason, which must not repeat
// anything from the request.
func (tb *tab) waitForSignInText(text, screen string) {
	tb.t.Helper()
	tb.until("the sign-in page says "+text, `location.pathname == "/signin" && document.body.innerText.includes(`+quote(text)+`)`)
	tb.checkScreen(screen)
	if at := tb.location(); strings.Contains(at, "state=") || strings.Contains(at, "code=") || strings.Contains(at, "@") {
		tb.t.Errorf("the address is %s", at)
	}
}

// postPassword submits the sign-in form and returns the status.
func postPassword(t *testing.T, srv *server, password string) int {
	t.Helper()
	resp, err := http.PostForm(srv.url+"/signin", map[string][]string{"identity": {worker}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
