package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console"
	"github.com/clientele-project/clientele/internal/settings"
)

const issuer = "https://login.example.com/realm"

// withProvider returns a fixture with an identity provider, to which the person with this
// identity is linked.
func withProvider(t *testing.T, identity string) *fixture {
	f := newFixture(t, func(o *console.Options) {
		o.Provider, o.PublicURL = &console.Provider{Issuer: issuer, ClientID: "clientele-web"}, "https://crm.example.com"
	})
	for i := range f.accounts.all {
		if f.accounts.all[i].Identity == identity {
			f.accounts.all[i].Issuer, f.accounts.all[i].Subject = issuer, "s"
		}
	}
	return f
}

// asRoot sends a request as root over https.
func (f *fixture) asRoot(method, target string, fields ...string) response {
	f.t.Helper()
	r := formRequest(target, fields...)
	r.Method = method
	r.AddCookie(&http.Cookie{Name: "__Host-clientele", Value: "root"})
	return f.do("", r)
}

func (f *fixture) storedSignIn() settings.SignIn {
	f.t.Helper()
	stored, err := f.settings.SignIn(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return stored
}

func TestSignIn_WithoutProvider(t *testing.T) {
	f := newFixture(t, nil)
	f.get("root", "/console/signin").check(t, http.StatusOK, []string{"--oidc-issuer", "http://example.com/signin/provider/callback", "--public-url", "clientele signin passwords on", "email_verified"})
	f.post("root", "/console/signin", "passwords", "off").check(t, http.StatusUnprocessableEntity, []string{"only an administrator who signed in"})
	if stored := f.storedSignIn(); stored.PasswordsOff {
		t.Error("the page offers to switch passwords off without a provider")
	}
}

func TestSignIn_ShowsProviderAndSaves(t *testing.T) {
	f := withProvider(t, "")
	f.asRoot("GET", "/console/signin").check(t, http.StatusOK, []string{issuer, "clientele-web", "https://crm.example.com/signin/provider/callback", "https://crm.example.com/signin?bye=1",
		"https://crm.example.com/signin/provider/logout", "they are signed out here too"}, "--public-url")
	a := f.asRoot("POST", "/console/signin", "claim", " preferred_username ", "role_claim", "realm_access.roles", "admin_value", "crm-admin", "provision", "on").check(t, http.StatusSeeOther, nil)
	want := settings.SignIn{Claim: "preferred_username", RoleClaim: "realm_access.roles", AdminValue: "crm-admin", Provision: true}
	if stored := f.storedSignIn(); stored != want {
		t.Errorf("SignIn = %+v", stored)
	}
	if e := f.audit.last(); e.Action != audit.SettingChanged || e.Subject != "sign-in" || e.Actor != "root" {
		t.Errorf("last audit entry = %+v", e)
	}
	f.asRoot("GET", a.Header.Get("Location")).check(t, http.StatusOK, []string{"Saved.", "realm_access.roles", "crm-admin"})
	before := len(f.audit.entries)
	f.asRoot("POST", "/console/signin", "claim", "preferred_username", "role_claim", "realm_access.roles", "admin_value", "crm-admin", "provision", "on").check(t, http.StatusSeeOther, nil)
	if len(f.audit.entries) != before {
		t.Error("the audit has a change that changed nothing")
	}
}

func TestSignIn_RefusesInvalidRules(t *testing.T) {
	f := withProvider(t, "")
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{"claim", ".email"}, "empty name between the dots"},
		{[]string{"claim", "a..b"}, "empty name between the dots"},
		{[]string{"claim", strings.Repeat("x", 201)}, "up to 200 bytes"},
		{[]string{"claim", "a\u202eb"}, "invisible characters"},
		{[]string{"admin_value", "x"}, "Enter the role claim"},
		{[]string{"role_claim", "groups"}, "the value that makes someone an administrator"},
		{[]string{"role_claim", "groups", "admin_value", strings.Repeat("x", 201)}, "up to 200 bytes"},
	} {
		f.asRoot("POST", "/console/signin", c.fields...).check(t, http.StatusUnprocessableEntity, []string{c.want, `aria-invalid="true"`}, "\u202e")
	}
	if stored := f.storedSignIn(); stored != (settings.SignIn{Claim: "email"}) || len(f.audit.entries) != 0 {
		t.Errorf("SignIn = %+v with %d audit entries", stored, len(f.audit.entries))
	}
}

func TestSignIn_PasswordsOffNeedsProviderAccount(t *testing.T) {
	f := withProvider(t, "")
	f.asRoot("POST", "/console/signin", "passwords", "off").check(t, http.StatusUnprocessableEntity, []string{"only an administrator who signed in"})
	f = withProvider(t, "root")
	f.accounts.all[2].Issuer = "https://another.example.com"
	f.asRoot("POST", "/console/signin", "passwords", "off").check(t, http.StatusUnprocessableEntity, nil)
	f.accounts.all[2].Issuer = issuer
	f.asRoot("POST", "/console/signin", "passwords", "off").check(t, http.StatusSeeOther, nil)
	if stored := f.storedSignIn(); !stored.PasswordsOff {
		t.Error("passwords were not switched off")
	}
	if e := f.audit.last(); e.Params != audit.PasswordsOff {
		t.Errorf("last audit entry = %+v", e)
	}
	// Another administrator may change other rules, and switch passwords on.
	f.accounts.all[2] = account.Person{Identity: "root", Role: account.RoleAdmin}
	f.asRoot("POST", "/console/signin", "passwords", "off", "provision", "on").check(t, http.StatusSeeOther, nil)
	f.asRoot("POST", "/console/signin", "passwords", "on").check(t, http.StatusSeeOther, nil)
	if stored := f.storedSignIn(); stored.PasswordsOff {
		t.Error("passwords were not switched on")
	}
	if e := f.audit.last(); e.Params != audit.PasswordsOn {
		t.Errorf("last audit entry = %+v", e)
	}
}

func TestSignIn_ReplacesSealedRules(t *testing.T) {
	f := withProvider(t, "")
	f.store.values["sign-in"] = "sealed with another key"
	// Passwords are off until then, and the page shows that.
	f.asRoot("GET", "/console/signin").check(t, http.StatusOK, []string{"can’t be read", "Until then, passwords are turned off", `value="off" checked`}, `value="on" checked`)
	f.asRoot("GET", "/console/people/person?id=alice").check(t, http.StatusOK, []string{"Passwords are turned off"}, "Reset password")
	f.asRoot("POST", "/console/signin", "claim", "email").check(t, http.StatusSeeOther, nil)
	f.storedSignIn()
}

func TestSignIn_RemovedPersonMayReturn(t *testing.T) {
	f := withProvider(t, "")
	const asked = "/console/people/confirm?id=bob&do=remove"
	f.asRoot("GET", asked).check(t, http.StatusOK, nil, "may add them again")
	if err := f.settings.SaveSignIn(t.Context(), settings.SignIn{Provision: true}); err != nil {
		t.Fatal(err)
	}
	f.asRoot("GET", asked).check(t, http.StatusOK, []string{"may add them again", "leave the account deactivated"})
}

func TestSignIn_SavesTheLifetimeOfSessions(t *testing.T) {
	f := newFixture(t, nil)
	f.get("root", "/console/signin").check(t, http.StatusOK, []string{`name="session_idle" value="30"`, `name="session_max" value="90"`})
	f.post("root", "/console/signin", "session_idle", "30", "session_max", "90").check(t, http.StatusSeeOther, nil)
	if n := len(f.audit.entries); n != 0 {
		t.Errorf("saving what is in use wrote %d audit entries, want none", n)
	}
	f.post("root", "/console/signin", "session_idle", "7", "session_max", "60").check(t, http.StatusSeeOther, nil)
	for _, wrong := range [][2]string{{"0", "60"}, {"", "60"}, {"week", "60"}, {"-1", "60"}, {"7", "366"}, {"61", "60"}} {
		f.post("root", "/console/signin", "session_idle", wrong[0], "session_max", wrong[1]).check(t, http.StatusUnprocessableEntity, []string{`value="` + wrong[0] + `"`, `class="error"`})
	}
	f.post("root", "/console/signin", "claim", "upn").check(t, http.StatusSeeOther, nil) // a form from before
	if stored := f.storedSignIn(); stored.SessionIdleDays != 7 || stored.SessionMaxDays != 60 {
		t.Errorf("stored %+v, want 7 and 60 days", stored)
	}
}
