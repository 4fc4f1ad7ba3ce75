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

// withProvider has an identity provider, to which bound is bound.
func withProvider(t *testing.T, bound string) *bench {
	b := newBench(t, func(o *console.Options) {
		o.Provider, o.PublicURL = &console.Provider{Issuer: issuer, ClientID: "clientele-web"}, "https://crm.example.com"
	})
	for i := range b.staff.all {
		if b.staff.all[i].Identity == bound {
			b.staff.all[i].Issuer, b.staff.all[i].Subject = issuer, "s"
		}
	}
	return b
}

// asRoot asks as the administrator does where the program is reached by https.
func (b *bench) asRoot(method, target string, fields ...string) answer {
	b.t.Helper()
	r := posted(target, fields...)
	r.Method = method
	r.AddCookie(&http.Cookie{Name: "__Host-clientele", Value: "root"})
	return b.do("", r)
}

func (b *bench) signInKept() settings.SignIn {
	b.t.Helper()
	kept, err := b.settings.SignIn(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return kept
}

func TestSignInSaysHowToSetAProvider(t *testing.T) {
	b := newBench(t, nil)
	b.get("root", "/console/signin").must(t, http.StatusOK, []string{"--oidc-issuer", "http://example.com/signin/provider/callback", "--public-url", "clientele signin passwords on", "email_verified"})
	b.post("root", "/console/signin", "passwords", "off").must(t, http.StatusUnprocessableEntity, []string{"only an administrator who signed in"})
	if kept := b.signInKept(); kept.PasswordsOff {
		t.Error("Passwords are turned off, and there is no provider")
	}
}

func TestSignInShowsTheProviderAndKeepsWhatIsTyped(t *testing.T) {
	b := withProvider(t, "")
	b.asRoot("GET", "/console/signin").must(t, http.StatusOK, []string{issuer, "clientele-web", "https://crm.example.com/signin/provider/callback", "https://crm.example.com/signin?bye=1"}, "--public-url")
	a := b.asRoot("POST", "/console/signin", "claim", " preferred_username ", "role_claim", "realm_access.roles", "admin_value", "crm-admin", "provision", "on").must(t, http.StatusSeeOther, nil)
	want := settings.SignIn{Claim: "preferred_username", RoleClaim: "realm_access.roles", AdminValue: "crm-admin", Provision: true}
	if kept := b.signInKept(); kept != want {
		t.Errorf("kept is %+v", kept)
	}
	if e := b.trail.last(); e.Action != audit.SettingChanged || e.Subject != "sign-in" || e.Actor != "root" {
		t.Errorf("the audit has %+v", e)
	}
	b.asRoot("GET", a.Header.Get("Location")).must(t, http.StatusOK, []string{"Saved.", "realm_access.roles", "crm-admin"})
	before := len(b.trail.entries)
	b.asRoot("POST", "/console/signin", "claim", "preferred_username", "role_claim", "realm_access.roles", "admin_value", "crm-admin", "provision", "on").must(t, http.StatusSeeOther, nil)
	if len(b.trail.entries) != before {
		t.Error("the audit tells of a change that was none")
	}
}

func TestSignInRefusesWhatCannotWork(t *testing.T) {
	b := withProvider(t, "")
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
		b.asRoot("POST", "/console/signin", c.fields...).must(t, http.StatusUnprocessableEntity, []string{c.want, `aria-invalid="true"`}, "\u202e")
	}
	if kept := b.signInKept(); kept != (settings.SignIn{Claim: "email"}) || len(b.trail.entries) != 0 {
		t.Errorf("kept is %+v, with %d entries", kept, len(b.trail.entries))
	}
}

func TestPasswordsAreSwitchedOffByWhoDoesNotNeedThem(t *testing.T) {
	b := withProvider(t, "")
	b.asRoot("POST", "/console/signin", "passwords", "off").must(t, http.StatusUnprocessableEntity, []string{"only an administrator who signed in"})
	b = withProvider(t, "root")
	b.staff.all[2].Issuer = "https://another.example.com"
	b.asRoot("POST", "/console/signin", "passwords", "off").must(t, http.StatusUnprocessableEntity, nil)
	b.staff.all[2].Issuer = issuer
	b.asRoot("POST", "/console/signin", "passwords", "off").must(t, http.StatusSeeOther, nil)
	if kept := b.signInKept(); !kept.PasswordsOff {
		t.Error("passwords are still on")
	}
	if e := b.trail.last(); e.Detail != "passwords switched off" {
		t.Errorf("the audit has %+v", e)
	}
	// Somebody else may change other things, and may switch them on.
	b.staff.all[2] = account.Person{Identity: "root", Role: account.RoleAdmin}
	b.asRoot("POST", "/console/signin", "passwords", "off", "provision", "on").must(t, http.StatusSeeOther, nil)
	b.asRoot("POST", "/console/signin", "passwords", "on").must(t, http.StatusSeeOther, nil)
	if kept := b.signInKept(); kept.PasswordsOff {
		t.Error("passwords are still off")
	}
	if e := b.trail.last(); e.Detail != "passwords switched on" {
		t.Errorf("the audit has %+v", e)
	}
}

func TestALostSecretFileIsSaidAndWrittenOver(t *testing.T) {
	b := withProvider(t, "")
	b.store.kept["sign-in"] = "sealed with another key"
	// Passwords are off meanwhile, and that is what is shown.
	b.asRoot("GET", "/console/signin").must(t, http.StatusOK, []string{"can’t be read", "Until then, passwords are turned off", `value="off" checked`}, `value="on" checked`)
	b.asRoot("GET", "/console/people/person?id=alice").must(t, http.StatusOK, []string{"Passwords are turned off"}, "Reset password")
	b.asRoot("POST", "/console/signin", "claim", "email").must(t, http.StatusSeeOther, nil)
	b.signInKept()
}

// TestWhoIsRemovedMayComeBack says so where people are added by signing in.
func TestWhoIsRemovedMayComeBack(t *testing.T) {
	b := withProvider(t, "")
	const asked = "/console/people/confirm?id=bob&do=remove"
	b.asRoot("GET", asked).must(t, http.StatusOK, nil, "may add them again")
	if err := b.settings.SaveSignIn(t.Context(), settings.SignIn{Provision: true}); err != nil {
		t.Fatal(err)
	}
	b.asRoot("GET", asked).must(t, http.StatusOK, []string{"may add them again", "leave the account deactivated"})
}
