package console

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// Provider is the company's own identity provider, as it was named when the program
// was started.
type Provider struct {
	Issuer, ClientID string
}

// signInPage is how people sign in.
type signInPage struct {
	ui.Base
	Done, Problem string
	// Provider is the one in force, nil for none.
	Provider *Provider
	// Origin is where people find the program; Guessed tells that it was read off this
	// very request. Callback and After are the addresses below it that the provider
	// must be told: to come back to after signing in, and out.
	Origin, Callback, SignedOut string
	Guessed                     bool
	Claim                       string
	// RoleClaim and AdminValue tell who administrates.
	RoleClaim, AdminValue string
	Provision             bool
	PasswordsOff          bool
	// CanDisablePasswords tells that the visitor may switch passwords off.
	CanDisablePasswords bool
	// What is wrong, beside its field.
	ClaimError, RoleError, ValueError, PasswordsError string
}

// Where the provider sends people back to, when they have signed in and out.
const (
	signInCallbackPath = "/signin/provider/callback"
	signedOutPath      = "/signin?bye=1"
)

// signInRules are those that hold. What cannot be read any more counts as not set, but
// passwords stay off while there is a provider, as they are for those who sign in.
func (c *console) signInRules(ctx context.Context) (rules settings.SignIn, sealed bool, err error) {
	rules, err = c.Settings.SignIn(ctx)
	if errors.Is(err, settings.ErrSealed) {
		return settings.SignIn{Claim: settings.DefaultClaim, PasswordsOff: c.Provider != nil}, true, nil
	}
	return rules, false, err
}

// passwordsAllowed tells whether people can sign in with one.
func (c *console) passwordsAllowed(ctx context.Context) (bool, error) {
	rules, _, err := c.signInRules(ctx)
	return c.Provider == nil || !rules.PasswordsOff, err
}

func (c *console) ShowSignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	stored, sealed, err := c.signInRules(r.Context())
	if err != nil {
		return err
	}
	page := signInPage{Claim: stored.Claim, RoleClaim: stored.RoleClaim, AdminValue: stored.AdminValue, Provision: stored.Provision, PasswordsOff: stored.PasswordsOff}
	switch {
	case sealed:
		page.Problem = v.Locale.Text("console.signin.sealed")
		if page.PasswordsOff {
			page.Problem += " " + v.Locale.Text("console.signin.sealed.off")
		}
	case r.URL.Query().Get("done") != "saved":
	case r.URL.Query().Has("unwritten"):
		page.Problem = v.Locale.Text("console.saved") + " " + v.Locale.Text("console.audit.unwritten")
	default:
		page.Done = v.Locale.Text("console.saved")
	}
	return c.renderSignIn(w, r, v, http.StatusOK, page)
}

func (c *console) renderSignIn(w http.ResponseWriter, r *http.Request, v *visit, status int, page signInPage) error {
	page.Base = v.Base(v.Locale.Text("console.signin.title"), "people")
	page.Provider, page.CanDisablePasswords = c.Provider, c.canDisablePasswords(v.Person)
	if page.Origin, page.Guessed = c.PublicURL, c.PublicURL == ""; page.Guessed {
		page.Origin = "http://" + r.Host
	}
	page.Callback, page.SignedOut = page.Origin+signInCallbackPath, page.Origin+signedOutPath
	auth.SetPrivate(w)
	return c.pages.Render(w, r, status, v.Locale, "signin", page)
}

// canDisablePasswords tells whether p would still get in without passwords: only then may they be
// switched off.
func (c *console) canDisablePasswords(p account.Person) bool {
	return c.Provider != nil && p.Bound() && p.Issuer == c.Provider.Issuer
}

// SaveSignIn keeps what was typed: all of it, or nothing when anything is wrong.
func (c *console) SaveSignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	stored, sealed, err := c.signInRules(r.Context())
	if err != nil {
		return err
	}
	next := settings.SignIn{
		Claim: Field(r, "claim"), RoleClaim: Field(r, "role_claim"), AdminValue: Field(r, "admin_value"),
		Provision: Field(r, "provision") == "on", PasswordsOff: Field(r, "passwords") == "off",
	}
	if next.Claim == "" {
		next.Claim = settings.DefaultClaim
	}
	page := signInPage{
		Claim: Line(next.Claim, settings.MaxClaimBytes), RoleClaim: Line(next.RoleClaim, settings.MaxClaimBytes), AdminValue: Line(next.AdminValue, settings.MaxClaimBytes),
		Provision: next.Provision, PasswordsOff: next.PasswordsOff,
	}
	page.check(next, v)
	if next.PasswordsOff && !stored.PasswordsOff && !c.canDisablePasswords(v.Person) {
		page.PasswordsError, page.PasswordsOff = v.Locale.Text("console.signin.passwords.refused"), false
	}
	if page.ClaimError+page.RoleError+page.ValueError+page.PasswordsError != "" {
		return c.renderSignIn(w, r, v, http.StatusUnprocessableEntity, page)
	}
	target := "/console/signin?done=saved"
	if next != stored || sealed {
		if err := c.Settings.SaveSignIn(r.Context(), next); err != nil {
			return err
		}
		if !c.Record(r, v, audit.Entry{Action: audit.SettingChanged, Subject: SubjectSignIn, Detail: signInDetail(stored, next)}) {
			target += "&unwritten=1"
		}
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

// check says beside each field what cannot be kept of it.
func (p *signInPage) check(next settings.SignIn, v *visit) {
	wrong := func(claim string) string {
		switch {
		case strings.HasPrefix(claim, "."), strings.HasSuffix(claim, "."), strings.Contains(claim, ".."):
			return v.Locale.Text("console.signin.claim.dots")
		case len(claim) > settings.MaxClaimBytes, Line(claim, settings.MaxClaimBytes) != claim:
			return v.Locale.Text("console.signin.claim.wrong", "max", settings.MaxClaimBytes)
		}
		return ""
	}
	p.ClaimError, p.RoleError = wrong(next.Claim), wrong(next.RoleClaim)
	switch {
	case next.RoleClaim == "" && next.AdminValue != "":
		p.RoleError = v.Locale.Text("console.signin.role.missing")
	case next.RoleClaim != "" && next.AdminValue == "":
		p.ValueError = v.Locale.Text("console.signin.value.missing")
	case len(next.AdminValue) > settings.MaxClaimBytes, Line(next.AdminValue, settings.MaxClaimBytes) != next.AdminValue:
		p.ValueError = v.Locale.Text("console.signin.claim.wrong", "max", settings.MaxClaimBytes)
	}
}

// signInDetail says which of the settings changed, not what they were.
func signInDetail(was, is settings.SignIn) string {
	switch {
	case is.PasswordsOff && !was.PasswordsOff:
		return DetailPasswordsOff
	case was.PasswordsOff && !is.PasswordsOff:
		return DetailPasswordsOn
	}
	return ""
}

// The details of switching passwords.
const (
	DetailPasswordsOff = "passwords switched off"
	DetailPasswordsOn  = "passwords switched on"
)
