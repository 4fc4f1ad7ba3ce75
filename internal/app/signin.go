package app

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web"
	"github.com/clientele-project/clientele/internal/web/auth"
)

func (a *app) showSignIn(w http.ResponseWriter, r *http.Request, v *viewer) error {
	query := r.URL.Query()
	if v.SignedIn {
		http.Redirect(w, r, a.returnURL(query.Get("next")), http.StatusSeeOther)
		return nil
	}
	page := signInPage{Next: query.Get("next")}
	switch problem := query.Get("problem"); {
	case a.Provider != nil && problemMessages[problem] != "":
		page.Problem = v.Locale.Text(problemMessages[problem], "provider", a.Provider.Name())
	case v.Ended || query.Has("ended"):
		page.Notice = v.Locale.Text("signin.ended")
	case query.Has("bye"):
		page.Notice = v.Locale.Text("signin.bye")
		a.signOutAtProvider(w, r, v, &page)
	}
	return a.signInForm(w, r, v, http.StatusOK, page)
}

// signInForm renders the sign-in page; page has the fields that are set already.
func (a *app) signInForm(w http.ResponseWriter, r *http.Request, v *viewer, status int, page signInPage) error {
	page.Base = v.Base(v.Locale.Text("signin.title"), "")
	page.Next = a.returnURL(page.Next)
	page.PasswordForm = !a.passwordsOff()
	if a.Provider != nil {
		page.Provider, page.ProviderHref = a.Provider.Name(), providerHref(page.Next)
	}
	if a.OneTap != nil {
		page.OneTap = a.OneTap(r)
	}
	if len(page.OneTap) == 0 {
		has, err := a.Accounts.HasPeople(r.Context())
		if err != nil {
			a.LogError(r, err)
		}
		page.FirstRun = err == nil && !has
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Cookie, Accept-Language")
	return a.pages.Render(w, r, status, v.Locale, "signin", page)
}

func (a *app) signIn(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if err := auth.Form(w, r); err != nil {
		return err
	}
	if r.PostForm.Has("as") {
		return a.oneTap(w, r, v)
	}
	identity, password := strings.TrimSpace(r.PostForm.Get("identity")), r.PostForm.Get("password")
	page := signInPage{Identity: clip(strings.ToValidUTF8(identity, ""), account.MaxIdentityBytes), Next: r.PostForm.Get("next")}
	if a.passwordsOff() {
		return a.refusePassword(w, r, v, page)
	}
	if identity == "" {
		page.IdentityError = v.Locale.Text("signin.identity.missing")
	}
	if password == "" {
		page.PasswordError = v.Locale.Text("signin.password.missing")
	}
	if identity == "" || password == "" {
		return a.signInForm(w, r, v, http.StatusUnprocessableEntity, page)
	}
	var secret string
	var session account.Session
	err := a.tryPassword(r, page.Identity, func() error {
		return a.act(r, func(ctx context.Context) (_ []audit.Entry, err error) {
			secret, session, err = a.Accounts.SignIn(ctx, identity, password, r.UserAgent())
			if err != nil {
				return nil, err
			}
			return a.replaceSession(ctx, r, v, session, audit.WithPassword)
		})
	})
	var limited *auth.LimitedError
	switch {
	case err == nil:
		a.startSession(w, r, secret, session, a.landingURL(r, secret, page.Next))
		return nil
	case errors.As(err, &limited):
		a.record(r, audit.Entry{Action: audit.SignInFailed, Subject: page.Identity, Params: audit.TooManyAttempts})
		return a.notTried(w, r, v, page, err)
	case errors.Is(err, web.ErrBusy):
		return a.notTried(w, r, v, page, err)
	case errors.Is(err, account.ErrCredentials):
		a.record(r, audit.Entry{Action: audit.SignInFailed, Subject: page.Identity, Params: audit.WithPassword})
		page.Problem = v.Locale.Text("signin.wrong")
		return a.signInForm(w, r, v, http.StatusUnauthorized, page)
	case errors.Is(err, account.ErrDeactivated): // the password was right
		a.record(r, audit.Entry{Action: audit.SignInFailed, Subject: page.Identity, Params: audit.Deactivated})
		page.Problem = v.Locale.Text("signin.deactivated")
		return a.signInForm(w, r, v, http.StatusForbidden, page)
	case errors.Is(err, account.ErrPasswordExpired): // it was right
		a.record(r, audit.Entry{Action: audit.SignInFailed, Subject: page.Identity, Params: audit.PasswordExpired})
		page.Problem = v.Locale.Text("signin.expired")
		return a.signInForm(w, r, v, http.StatusForbidden, page)
	case errors.Is(err, account.ErrPasswordsOff):
		return a.refusePassword(w, r, v, page)
	case auth.ClientGone(r, err):
		return nil
	}
	k := classify(err)
	a.Report(w, r, err, 0)
	page.Problem = v.Locale.Text("signin.unavailable")
	return a.signInForm(w, r, v, k.Status, page)
}

// passwordsOff reports whether people can sign in with the identity provider only.
func (a *app) passwordsOff() bool { return a.Provider != nil && a.Provider.PasswordsOff() }

// refusePassword refuses any password, because passwords are off.
func (a *app) refusePassword(w http.ResponseWriter, r *http.Request, v *viewer, page signInPage) error {
	page.Problem = v.Locale.Text("signin.passwords.off")
	return a.signInForm(w, r, v, http.StatusForbidden, page)
}

// notTried renders the sign-in page after a *auth.LimitedError or web.ErrBusy.
func (a *app) notTried(w http.ResponseWriter, r *http.Request, v *viewer, page signInPage, err error) error {
	title, problem, status, limited := auth.LimitProblem(w, v.Locale, err)
	if !limited {
		return err
	}
	page.ProblemTitle, page.Problem = title, problem
	return a.signInForm(w, r, v, status, page)
}

// landingURL returns the address to open after signing in with a password: the account
// page when the password is temporary, else next.
func (a *app) landingURL(r *http.Request, secret, next string) string {
	if _, person, err := a.Accounts.Authenticate(r.Context(), secret); err == nil && person.Temporary() {
		return "/account"
	}
	return next
}

// oneTap signs in without a password, if Options.OneTap allows the identity.
func (a *app) oneTap(w http.ResponseWriter, r *http.Request, v *viewer) error {
	identity := r.PostForm.Get("as")
	page := signInPage{Next: r.PostForm.Get("next")}
	if a.OneTap == nil || !slices.Contains(a.OneTap(r), identity) {
		page.Problem = v.Locale.Text("signin.wrong")
		return a.signInForm(w, r, v, http.StatusForbidden, page)
	}
	var secret string
	var session account.Session
	err := a.act(r, func(ctx context.Context) (_ []audit.Entry, err error) {
		secret, session, err = a.Accounts.SignInAs(ctx, identity, r.UserAgent())
		if err != nil {
			return nil, err
		}
		return a.replaceSession(ctx, r, v, session, audit.InDemo)
	})
	if errors.Is(err, account.ErrDeactivated) {
		page.Problem = v.Locale.Text("signin.deactivated")
		return a.signInForm(w, r, v, http.StatusForbidden, page)
	}
	if err != nil {
		return err
	}
	a.startSession(w, r, secret, session, page.Next)
	return nil
}

// replaceSession ends the session that the browser had before, and returns the entries of
// that and of the sign-in that began session.
func (a *app) replaceSession(ctx context.Context, r *http.Request, v *viewer, session account.Session, method audit.Params) (entries []audit.Entry, err error) {
	if v.SignedIn {
		entries = append(entries, own(v.Person.Identity, audit.SignedOut, audit.Replaced))
		err = a.Accounts.SignOut(ctx, a.SessionSecret(r))
	}
	return append(entries, own(session.Identity, audit.SignedIn, method.WithCount("ended", session.Ended))), err
}

// startSession sets the session cookie and redirects to next.
func (a *app) startSession(w http.ResponseWriter, r *http.Request, secret string, session account.Session, next string) {
	// The cookie outlives the session: the server decides when that ends.
	a.SetSession(w, secret, session.Created.Add(cookieLifetime))
	a.setDevice(w, session.Identity)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, a.returnURL(next), http.StatusSeeOther)
}

func (a *app) signOut(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if secret := a.SessionSecret(r); secret != "" {
		err := a.act(r, func(ctx context.Context) (entries []audit.Entry, err error) {
			if v.SignedIn {
				entries = []audit.Entry{own(v.Person.Identity, audit.SignedOut, "")}
			}
			return entries, a.Accounts.SignOut(ctx, secret)
		})
		if err != nil && !errors.Is(err, account.ErrNoSession) {
			return err // still signed in, which the person must know
		}
	}
	a.DropSession(w)
	if a.Provider != nil && v.SignedIn && v.Person.Linked() {
		a.setSignOutCookie(w, true)
	}
	// Stored pages must not be shown by Back.
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/signin?bye=1", http.StatusSeeOther)
	return nil
}
