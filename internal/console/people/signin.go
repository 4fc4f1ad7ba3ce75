package people

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/console/view"
	"github.com/clientele-project/clientele/internal/settings"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// signInPage is how people sign in.
type signInPage struct {
	ui.Base
	Done, Problem string
	// Provider is the identity provider, nil for none.
	Provider *Provider
	// Origin is the program's public address; Guessed reports whether it was taken from
	// this request. Callback, SignedOut and Logout are the addresses to register at the
	// provider: where people return after signing in, and after signing out, and where the
	// provider posts that a session there has ended.
	Origin, Callback, SignedOut, Logout string
	Guessed                             bool
	Claim                               string
	// RoleClaim and AdminValue decide who is an administrator.
	RoleClaim, AdminValue string
	Provision             bool
	PasswordsOff          bool
	// SessionIdle and SessionMax are the lifetime of sessions, in days.
	SessionIdle, SessionMax string
	// CanDisablePasswords reports whether the viewer may switch passwords off.
	CanDisablePasswords bool
	// The errors of the fields, "" for none.
	ClaimError, RoleError, ValueError, PasswordsError string
	SessionIdleError, SessionMaxError                 string
}

// signedOutPath is where the provider sends people after they sign out.
const signedOutPath = "/signin?bye=1"

// signInRules returns the stored rules. Rules that cannot be decrypted count as not set,
// except that passwords stay off with a provider, as they are at sign-in.
func (h *Handlers) signInRules(ctx context.Context) (rules settings.SignIn, sealed bool, err error) {
	rules, err = h.Settings.SignIn(ctx)
	if errors.Is(err, settings.ErrWrongKey) {
		return settings.SignIn{Claim: settings.DefaultClaim, PasswordsOff: h.Provider != nil}, true, nil
	}
	return rules, false, err
}

// passwordsAllowed reports whether people can sign in with a password.
func (h *Handlers) passwordsAllowed(ctx context.Context) (bool, error) {
	rules, _, err := h.signInRules(ctx)
	return h.Provider == nil || !rules.PasswordsOff, err
}

// AddsPeople reports whether the identity provider adds people when they first sign in.
func (h *Handlers) AddsPeople(ctx context.Context) (bool, error) {
	rules, _, err := h.signInRules(ctx)
	return h.Provider != nil && rules.Provision, err
}

// ShowSignIn shows the rules of signing in.
func (h *Handlers) ShowSignIn(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	stored, sealed, err := h.signInRules(r.Context())
	if err != nil {
		return err
	}
	page := signInPage{Claim: stored.Claim, RoleClaim: stored.RoleClaim, AdminValue: stored.AdminValue, Provision: stored.Provision, PasswordsOff: stored.PasswordsOff}
	idle, longest := stored.SessionDays()
	page.SessionIdle, page.SessionMax = strconv.Itoa(idle), strconv.Itoa(longest)
	switch {
	case sealed:
		page.Problem = v.Locale.Text("console.signin.sealed")
		if page.PasswordsOff {
			page.Problem += " " + v.Locale.Text("console.signin.sealed.off")
		}
	case r.URL.Query().Get("done") == "saved":
		page.Done = v.Locale.Text("console.saved")
	}
	return h.renderSignIn(w, r, v, http.StatusOK, page)
}

func (h *Handlers) renderSignIn(w http.ResponseWriter, r *http.Request, v *auth.Viewer, status int, page signInPage) error {
	page.Base = v.Base(v.Locale.Text("console.signin.title"), "people")
	page.Provider, page.CanDisablePasswords = h.Provider, h.canDisablePasswords(v.Person)
	if page.Origin, page.Guessed = h.PublicURL, h.PublicURL == ""; page.Guessed {
		page.Origin = "http://" + r.Host
	}
	page.Callback, page.SignedOut, page.Logout = page.Origin+auth.ProviderCallbackPath, page.Origin+signedOutPath, page.Origin+auth.ProviderLogoutPath
	return h.Render(w, r, v, status, "signin", page)
}

// canDisablePasswords reports whether p could still sign in without a password.
func (h *Handlers) canDisablePasswords(p account.Person) bool {
	return h.Provider != nil && p.Linked() && p.Issuer == h.Provider.Issuer
}

// SaveSignIn saves the whole form, or nothing when a field is invalid.
func (h *Handlers) SaveSignIn(w http.ResponseWriter, r *http.Request, v *auth.Viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	stored, sealed, err := h.signInRules(r.Context())
	if err != nil {
		return err
	}
	next := settings.SignIn{
		Claim: view.Field(r, "claim"), RoleClaim: view.Field(r, "role_claim"), AdminValue: view.Field(r, "admin_value"),
		Provision: view.Field(r, "provision") == "on", PasswordsOff: view.Field(r, "passwords") == "off",
	}
	if next.Claim == "" {
		next.Claim = settings.DefaultClaim
	}
	idle, longest := stored.SessionDays()
	next.SessionIdleDays, next.SessionMaxDays = sessionDays(r, "session_idle", stored.SessionIdleDays, idle), sessionDays(r, "session_max", stored.SessionMaxDays, longest)
	page := signInPage{
		SessionIdle: view.Line(view.Field(r, "session_idle"), 20), SessionMax: view.Line(view.Field(r, "session_max"), 20),
		Claim: view.Line(next.Claim, settings.MaxClaimBytes), RoleClaim: view.Line(next.RoleClaim, settings.MaxClaimBytes), AdminValue: view.Line(next.AdminValue, settings.MaxClaimBytes),
		Provision: next.Provision, PasswordsOff: next.PasswordsOff,
	}
	page.check(next, v)
	if next.PasswordsOff && !stored.PasswordsOff && !h.canDisablePasswords(v.Person) {
		page.PasswordsError, page.PasswordsOff = v.Locale.Text("console.signin.passwords.refused"), false
	}
	if page.ClaimError+page.RoleError+page.ValueError+page.PasswordsError+page.SessionIdleError+page.SessionMaxError != "" {
		return h.renderSignIn(w, r, v, http.StatusUnprocessableEntity, page)
	}
	if next != stored || sealed {
		err := h.Act(r, v, func(ctx context.Context) (audit.Entry, error) {
			return audit.Entry{Action: audit.SettingChanged, Subject: audit.SubjectSignIn, Params: signInParams(stored, next)}, h.Settings.SaveSignIn(ctx, next)
		})
		if err != nil {
			return err
		}
	}
	return view.Redirect(w, r, view.SignInPath+"?done=saved")
}

// sessionDays returns the number of days to store for a field, -1 if it is none. A form
// without the field, or with the number in use, keeps what is stored.
func sessionDays(r *http.Request, name string, stored, used int) int {
	n, err := strconv.Atoi(view.Field(r, name))
	switch {
	case !r.PostForm.Has(name), err == nil && n == used:
		return stored
	case err != nil || n == 0:
		return -1
	}
	return n
}

// check sets the errors of the fields.
func (p *signInPage) check(next settings.SignIn, v *auth.Viewer) {
	wrong := func(claim string) string {
		switch {
		case strings.HasPrefix(claim, "."), strings.HasSuffix(claim, "."), strings.Contains(claim, ".."):
			return v.Locale.Text("console.signin.claim.dots")
		case len(claim) > settings.MaxClaimBytes, view.Line(claim, settings.MaxClaimBytes) != claim:
			return v.Locale.Text("console.signin.claim.wrong", "max", settings.MaxClaimBytes)
		}
		return ""
	}
	days := func(n int) string {
		if n < settings.MinSessionDays || n > settings.MaxSessionDays {
			return v.Locale.Text("console.audit.rules.range", "min", settings.MinSessionDays, "max", settings.MaxSessionDays)
		}
		return ""
	}
	idle, longest := next.SessionDays()
	p.SessionIdleError, p.SessionMaxError = days(idle), days(longest)
	if p.SessionIdleError == "" && p.SessionMaxError == "" && idle > longest {
		p.SessionIdleError = v.Locale.Text("console.signin.sessions.order")
	}
	p.ClaimError, p.RoleError = wrong(next.Claim), wrong(next.RoleClaim)
	switch {
	case next.RoleClaim == "" && next.AdminValue != "":
		p.RoleError = v.Locale.Text("console.signin.role.missing")
	case next.RoleClaim != "" && next.AdminValue == "":
		p.ValueError = v.Locale.Text("console.signin.value.missing")
	case len(next.AdminValue) > settings.MaxClaimBytes, view.Line(next.AdminValue, settings.MaxClaimBytes) != next.AdminValue:
		p.ValueError = v.Locale.Text("console.signin.claim.wrong", "max", settings.MaxClaimBytes)
	}
}

// signInParams returns the audit's parameters: whether passwords were switched, not the
// values.
func signInParams(was, is settings.SignIn) audit.Params {
	switch {
	case is.PasswordsOff && !was.PasswordsOff:
		return audit.PasswordsOff
	case was.PasswordsOff && !is.PasswordsOff:
		return audit.PasswordsOn
	}
	return ""
}
