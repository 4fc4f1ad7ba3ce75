package app

import (
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web/auth"
	"github.com/clientele-project/clientele/internal/web/ui"
)

// doneMessages are the messages after a successful change, by the value of ?done=.
var doneMessages = map[string]string{
	"look":     "account.saved",
	"password": "account.password.changed",
	"session":  "account.sessions.ended",
	"gone":     "account.sessions.gone",
	"others":   "account.sessions.all",

	"confirmed": "account.confirm.done",
}

func (a *app) showAccount(w http.ResponseWriter, r *http.Request, v *viewer) error {
	page := accountPage{Preferences: v.Person.Preferences}
	if key, ok := doneMessages[r.URL.Query().Get("done")]; ok {
		page.Done = v.Locale.Text(key)
	}
	switch query := r.URL.Query(); {
	case query.Get("unconfirmed") == "no-time" && a.Provider != nil:
		page.Problem = v.Locale.Text("account.confirm.untimed", "provider", a.Provider.Name())
	case query.Has("unconfirmed"):
		page.Problem = v.Locale.Text("account.confirm.failed")
	}
	return a.accountForm(w, r, v, http.StatusOK, page)
}

// accountForm renders the account page; page has the input and its errors.
func (a *app) accountForm(w http.ResponseWriter, r *http.Request, v *viewer, status int, page accountPage) error {
	sessions, err := a.Accounts.Sessions(r.Context(), v.Person.Identity)
	if err != nil {
		return err
	}
	page.Base = a.base(r, v, v.Locale.Text("account.title"), "account")
	page.Identity = text.Visible(v.Person.Identity)
	page.Initials, page.Tint = text.Initials(v.Person.Identity), ui.Tint(v.Person.Identity)
	page.Role = v.Locale.Text("account.role." + string(v.Person.Role))
	page.HasPassword = v.Person.PasswordHash != "" && !a.passwordsOff()
	page.TemporaryPassword, page.MustReplacePassword = page.HasPassword && v.Person.Temporary(), v.MustReplacePassword()
	page.Provider = a.providerStatus(v)
	if a.conversationsOn() {
		page.HasAvailability, page.Available = true, v.Person.Available
	}
	page.Languages, page.Zones = a.catalog.Locales(), zoneChoices(page.Preferences.TimeZone)
	for _, s := range sessions {
		page.Sessions = append(page.Sessions, sessionRow{
			ID: s.ID, Name: browserName(s.Agent, v.Locale), Current: s.ID == v.Session.ID,
			Used: v.Locale.HTML("account.sessions.used", "seen", v.TimeHTML(s.LastSeen), "since", v.TimeHTML(s.Created)),
		})
	}
	auth.SetPrivate(w)
	return a.pages.Render(w, r, status, v.Locale, "account", page)
}

// providerStatus returns how a person signs in with the identity provider, or "".
func (a *app) providerStatus(v *viewer) string {
	switch {
	case a.Provider != nil && v.Person.Linked():
		return v.Locale.Text("account.provider", "provider", a.Provider.Name())
	case v.Person.Linked():
		return v.Locale.Text("account.provider.none")
	case a.passwordsOff():
		return v.Locale.Text("account.provider.next", "provider", a.Provider.Name())
	}
	return ""
}

// zoneChoices returns the time zones to choose from, which include the chosen one.
func zoneChoices(chosen string) []string {
	all := locale.Zones()
	if chosen == "" {
		return all
	}
	for _, z := range all {
		if z == chosen {
			return all
		}
	}
	return append([]string{chosen}, all...)
}

func (a *app) savePreferences(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	p := account.Preferences{
		Theme:    r.PostForm.Get("theme"),
		Language: r.PostForm.Get("language"),
		TimeZone: r.PostForm.Get("zone"),
	}
	var wrong fieldErrors
	if p.Theme != "" && p.Theme != "light" && p.Theme != "dark" {
		wrong.Theme = v.Locale.Text("account.theme.unknown")
	}
	if _, ok := a.catalog.Locale(p.Language); p.Language != "" && !ok {
		wrong.Language = v.Locale.Text("account.language.unknown")
	}
	if _, ok := locale.Zone(p.TimeZone); p.TimeZone != "" && !ok {
		wrong.Zone = v.Locale.Text("account.zone.unknown")
		p.TimeZone = v.Person.Preferences.TimeZone
	}
	if wrong != (fieldErrors{}) {
		return a.accountForm(w, r, v, http.StatusUnprocessableEntity, accountPage{Preferences: p, Errors: wrong})
	}
	if err := a.Accounts.SetPreferences(r.Context(), v.Person.Identity, p); err != nil {
		return err
	}
	return a.redirectDone(w, r, "look")
}

func (a *app) changePassword(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if a.passwordsOff() {
		return a.redirectToAccount(w, r, v) // the page says that passwords are off
	}
	if err := auth.Form(w, r); err != nil {
		return err
	}
	old, chosen, again := r.PostForm.Get("old"), r.PostForm.Get("new"), r.PostForm.Get("again")
	var wrong fieldErrors
	if old == "" {
		wrong.Old = v.Locale.Text("account.password.old.missing")
	}
	if chosen == "" {
		wrong.New = v.Locale.Text("account.password.new.missing")
	} else if reason := passwordProblem(v, chosen); reason != "" {
		wrong.New = reason
	} else if chosen != again {
		wrong.Again = v.Locale.Text("account.password.differ")
	}
	status := http.StatusUnprocessableEntity
	if wrong == (fieldErrors{}) {
		err := a.Attempts.InSession(r.Context(), v.Session, func() error {
			return a.act(r, func(ctx context.Context) ([]audit.Entry, error) {
				return []audit.Entry{own(v.Person.Identity, audit.PersonChanged, audit.NewPassword)}, a.Accounts.ChangePassword(ctx, v.Person.Identity, old, chosen, v.Session.ID)
			})
		})
		title, problem, limitStatus, limited := auth.LimitProblem(w, v.Locale, err)
		var invalid *account.InvalidError
		switch {
		case err == nil:
			a.Notifier.Wake() // the other sessions have ended
			return a.redirectDone(w, r, "password")
		case limited:
			wrong.Old, status = title+". "+problem, limitStatus
		case errors.Is(err, account.ErrPasswordsOff):
			return a.redirectToAccount(w, r, v)
		case errors.Is(err, account.ErrCredentials):
			a.record(r, own(v.Person.Identity, audit.SignInFailed, audit.WithPassword))
			wrong.Old = v.Locale.Text("account.password.old.wrong")
		case errors.As(err, &invalid):
			wrong.New = v.Locale.Text("account.password.refused")
		default:
			return err
		}
	}
	return a.accountForm(w, r, v, status, accountPage{Preferences: v.Person.Preferences, Errors: wrong})
}

// passwordProblem returns the message on why a password is invalid, or "".
func passwordProblem(v *viewer, password string) string {
	err := account.ValidatePassword(v.Person.Identity, password)
	switch {
	case err == nil:
		return ""
	case len([]rune(password)) < account.MinPasswordLetters:
		return v.Locale.Count("account.password.short", account.MinPasswordLetters)
	case len(password) > account.MaxPasswordBytes:
		return v.Locale.Text("account.password.long")
	case utf8.ValidString(password) && account.IsCommonPassword(v.Person.Identity, password):
		return v.Locale.Text("account.password.common")
	}
	return v.Locale.Text("account.password.refused")
}

func (a *app) revokeSession(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	id := r.PostForm.Get("id")
	if id == v.Session.ID {
		return a.signOut(w, r, v)
	}
	err := a.act(r, func(ctx context.Context) ([]audit.Entry, error) {
		return []audit.Entry{own(v.Person.Identity, audit.SessionEnded, "")}, a.Accounts.RevokeSession(ctx, v.Person.Identity, id)
	})
	if errors.Is(err, account.ErrNoSession) {
		return a.redirectDone(w, r, "gone")
	}
	if err != nil {
		return err
	}
	a.Notifier.Wake()
	return a.redirectDone(w, r, "session")
}

func (a *app) revokeOthers(w http.ResponseWriter, r *http.Request, v *viewer) error {
	err := a.act(r, func(ctx context.Context) ([]audit.Entry, error) {
		return []audit.Entry{own(v.Person.Identity, audit.SessionEnded, audit.OtherSessions)}, a.Accounts.RevokeOtherSessions(ctx, v.Person.Identity, v.Session.ID)
	})
	if err != nil {
		return err
	}
	a.Notifier.Wake()
	return a.redirectDone(w, r, "others")
}

// redirectDone redirects to the account page after a successful change.
func (a *app) redirectDone(w http.ResponseWriter, r *http.Request, what string) error {
	http.Redirect(w, r, "/account?done="+what, http.StatusSeeOther)
	return nil
}

// redirectToAccount is for GET requests of the address of a form.
func (a *app) redirectToAccount(w http.ResponseWriter, r *http.Request, _ *viewer) error {
	http.Redirect(w, r, "/account", http.StatusSeeOther)
	return nil
}
