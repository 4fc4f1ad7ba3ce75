package app

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/door"
	"github.com/clientele-project/clientele/internal/locale"
	"github.com/clientele-project/clientele/internal/text"
	"github.com/clientele-project/clientele/internal/web"
)

func (a *app) showSignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	query := r.URL.Query()
	if v.Known {
		http.Redirect(w, r, a.comeBack(query.Get("next")), http.StatusSeeOther)
		return nil
	}
	page := signInPage{Next: query.Get("next")}
	switch {
	case v.Ended || query.Has("ended"):
		page.Notice = v.Words.Text("signin.ended")
	case query.Has("bye"):
		page.Notice = v.Words.Text("signin.bye")
	}
	return a.signInForm(w, r, v, http.StatusOK, page)
}

// signInForm answers with the form, whatever is known so far filled in.
func (a *app) signInForm(w http.ResponseWriter, r *http.Request, v *visit, status int, page signInPage) error {
	page.Base = v.Base(v.Words.Text("signin.title"), "")
	page.Next = a.comeBack(page.Next)
	if a.OneTap != nil {
		page.OneTap = a.OneTap(r)
	}
	if len(page.OneTap) == 0 {
		has, err := a.Accounts.HasPeople(r.Context())
		if err != nil {
			a.Note(r, err)
		}
		page.FirstRun = err == nil && !has
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Cookie, Accept-Language")
	return a.pages.Render(w, r, status, v.Words, "signin", page)
}

func (a *app) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := door.Form(w, r); err != nil {
		return err
	}
	if r.PostForm.Has("as") {
		return a.oneTap(w, r, v)
	}
	identity, password := strings.TrimSpace(r.PostForm.Get("identity")), r.PostForm.Get("password")
	page := signInPage{Identity: clip(strings.ToValidUTF8(identity, ""), account.MaxIdentityBytes), Next: r.PostForm.Get("next")}
	if identity == "" {
		page.IdentityError = v.Words.Text("signin.identity.missing")
	}
	if password == "" {
		page.PasswordError = v.Words.Text("signin.password.missing")
	}
	if identity == "" || password == "" {
		return a.signInForm(w, r, v, http.StatusUnprocessableEntity, page)
	}
	who, where := a.attempt(r, identity)
	if wait := a.mayTry(who, where); wait > 0 {
		page.ProblemTitle, page.Problem = v.Words.Text("signin.limited.title"), waitText(v.Words, wait)
		w.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds()+0.999)))
		return a.signInForm(w, r, v, http.StatusTooManyRequests, page)
	}
	secret, session, err := a.Accounts.SignIn(r.Context(), identity, password, r.UserAgent())
	switch {
	case err == nil:
		a.byIdentity.Forgive(who)
		a.byAddress.Refund(where)
		a.welcome(w, r, secret, session, page.Next)
		return nil
	case errors.Is(err, account.ErrCredentials), errors.Is(err, account.ErrNotFound):
		page.Problem = v.Words.Text("signin.wrong")
		return a.signInForm(w, r, v, http.StatusUnauthorized, page)
	case door.Gone(r, err):
		return nil
	}
	k := classify(err)
	a.Note(r, err)
	page.Problem = v.Words.Text("signin.unavailable")
	return a.signInForm(w, r, v, k.Status, page)
}

// oneTap signs in without a password, where and as whom Options.OneTap allows.
func (a *app) oneTap(w http.ResponseWriter, r *http.Request, v *visit) error {
	identity := r.PostForm.Get("as")
	if a.OneTap == nil || !slices.Contains(a.OneTap(r), identity) {
		return a.signInForm(w, r, v, http.StatusForbidden, signInPage{Next: r.PostForm.Get("next"), Problem: v.Words.Text("signin.wrong")})
	}
	secret, session, err := a.Accounts.SignInAs(r.Context(), identity, r.UserAgent())
	if err != nil {
		return err
	}
	a.welcome(w, r, secret, session, r.PostForm.Get("next"))
	return nil
}

// welcome gives the browser its session, in place of one that it had before.
func (a *app) welcome(w http.ResponseWriter, r *http.Request, secret string, session account.Session, next string) {
	if old := a.Secret(r); old != "" {
		if err := a.Accounts.SignOut(r.Context(), old); err != nil && !errors.Is(err, account.ErrNoSession) {
			a.Note(r, err)
		}
	}
	// The cookie outlives what the session is extended to; the server decides.
	a.SetSession(w, secret, session.Created.Add(account.SessionAbsolute))
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, a.comeBack(next), http.StatusSeeOther)
}

func (a *app) signOut(w http.ResponseWriter, r *http.Request, _ *visit) error {
	if secret := a.Secret(r); secret != "" {
		if err := a.Accounts.SignOut(r.Context(), secret); err != nil && !errors.Is(err, account.ErrNoSession) {
			return err // still signed in: better told than hidden
		}
	}
	a.DropSession(w)
	// What the browser kept for Back goes too.
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/signin?bye=1", http.StatusSeeOther)
	return nil
}

// attempt answers the keys under which an attempt to sign in is counted.
func (a *app) attempt(r *http.Request, identity string) (who, where string) {
	if len(identity) > account.MaxIdentityBytes {
		identity = identity[:account.MaxIdentityBytes]
	}
	return text.IdentityKey(identity), web.AddrKey(web.ClientIP(r, a.TrustedProxies))
}

// mayTry counts an attempt, or tells how long to wait before the next.
func (a *app) mayTry(who, where string) time.Duration {
	if ok, wait := a.byAddress.Allow(where); !ok {
		return wait
	}
	if ok, wait := a.byIdentity.Allow(who); !ok {
		return wait
	}
	return 0
}

func waitText(words *locale.Locale, wait time.Duration) string {
	if seconds := int(wait.Seconds() + 0.999); seconds < 60 {
		return words.Count("signin.limited.seconds", seconds)
	}
	return words.Count("signin.limited.minutes", int(wait.Minutes()+0.999))
}
