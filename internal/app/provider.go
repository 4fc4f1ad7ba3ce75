package app

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clientele-project/clientele/internal/account"
	"github.com/clientele-project/clientele/internal/audit"
	"github.com/clientele-project/clientele/internal/web/auth"
)

// Provider is an identity provider. It returns the errors that package account has for
// signing in with one, and logs their reasons.
type Provider interface {
	// Name returns the name to show: its host.
	Name() string
	// Begin returns the address to redirect the browser to, and the sealed state to
	// keep in a cookie until the browser returns to callback, valid for ten minutes.
	Begin(ctx context.Context, callback string) (redirectURL string, sealed string, err error)
	// BeginReauthentication is Begin for a person who is signed in and is to sign in there
	// again.
	BeginReauthentication(ctx context.Context, callback string) (redirectURL string, sealed string, err error)
	// Finish returns the assertion of the provider; query is that of the callback.
	Finish(ctx context.Context, callback, sealed string, query url.Values) (account.Assertion, error)
	// VerifyLogout verifies a logout token of the provider and returns the Issuer, and the
	// Subject or Session (or both) that it is about.
	VerifyLogout(ctx context.Context, logoutToken string) (account.Assertion, error)
	// Logout returns the address that signs out at the provider and then redirects to
	// after, or "" without one.
	Logout(after string) string
	// PasswordsOff reports whether people can sign in with the provider only.
	PasswordsOff() bool
}

// providerPath is where a sign-in with the provider begins.
const providerPath = "/signin/provider"

// SignInTimeout is the longest time that a sign-in with the provider may take.
const SignInTimeout = 10 * time.Minute

// problemMessages are the messages after a failed sign-in with the provider, by the
// value of ?problem=.
var problemMessages = map[string]string{
	"down":        "signin.provider.down",
	"cancelled":   "signin.provider.cancelled",
	"expired":     "signin.provider.expired",
	"refused":     "signin.provider.refused",
	"unproven":    "signin.provider.unproven",
	"unknown":     "signin.provider.unknown",
	"bound":       "signin.provider.bound",
	"deactivated": "signin.deactivated",
	"unavailable": "signin.unavailable",
}

// problemOf returns the value of ?problem= for an error, and the parameters of its audit
// entry, "" for none.
func problemOf(err error) (problem string, params audit.Params) {
	var invalid *account.InvalidError
	switch {
	case errors.Is(err, account.ErrProviderDown):
		return "down", ""
	case errors.Is(err, account.ErrCanceled):
		return "cancelled", ""
	case errors.Is(err, account.ErrSignInExpired):
		return "expired", ""
	case errors.Is(err, account.ErrProviderRefused):
		return "refused", audit.WithProvider
	case errors.Is(err, account.ErrUnverified), errors.As(err, &invalid):
		return "unproven", audit.Unverified
	case errors.Is(err, account.ErrNotFound):
		return "unknown", audit.NoAccount
	case errors.Is(err, account.ErrLinked):
		return "bound", audit.LinkedElsewhere
	case errors.Is(err, account.ErrDeactivated):
		return "deactivated", audit.Deactivated
	}
	return "unavailable", ""
}

// providerHref returns the address that signs in with the provider and returns to next.
func providerHref(next string) string {
	return providerPath + "?" + url.Values{"next": {next}}.Encode()
}

// beginProviderSignIn redirects to the identity provider.
func (a *app) beginProviderSignIn(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if a.Provider == nil {
		return auth.ErrNoPage
	}
	next := a.returnURL(r.URL.Query().Get("next"))
	w.Header().Set("Cache-Control", "no-store")
	if v.SignedIn {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	if !isUserNavigation(r) {
		http.Redirect(w, r, "/signin?"+url.Values{"next": {next}}.Encode(), http.StatusSeeOther)
		return nil
	}
	if err := a.Attempts.TakeFromNetwork(r.Context(), a.clientIP(r)); err != nil {
		return a.notTried(w, r, v, signInPage{Next: next}, err)
	}
	if len(next) > maxNextBytes {
		next = "/customers"
	}
	return a.sendToProvider(w, r, next, a.Provider.Begin)
}

// beginConfirmation redirects to the identity provider, where the viewer is to sign in
// again.
func (a *app) beginConfirmation(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if a.Provider == nil {
		return auth.ErrNoPage
	}
	w.Header().Set("Cache-Control", "no-store")
	if !isUserNavigation(r) {
		return auth.ErrCrossSite
	}
	if err := a.Attempts.TakeFromNetwork(r.Context(), a.clientIP(r)); err != nil {
		return a.notTried(w, r, v, signInPage{}, err)
	}
	return a.sendToProvider(w, r, "/account?done=confirmed", a.Provider.BeginReauthentication)
}

// sendToProvider begins a sign-in with the provider that leads to next.
func (a *app) sendToProvider(w http.ResponseWriter, r *http.Request, next string, begin func(context.Context, string) (string, string, error)) error {
	redirectURL, sealed, err := begin(r.Context(), a.origin(r)+auth.ProviderCallbackPath)
	if err != nil {
		return a.providerFailed(w, r, next, err)
	}
	a.setSignInCookie(w, sealed+"."+base64.RawURLEncoding.EncodeToString([]byte(next)))
	http.Redirect(w, r, redirectURL, http.StatusSeeOther)
	return nil
}

// maxNextBytes limits the return address in the cookie: browsers drop cookies of more
// than 4096 bytes.
const maxNextBytes = 2048

// isUserNavigation reports whether a person opened the page. Requests that another site
// causes must not begin a sign-in, nor count as attempts: they would lock out everyone
// at the client's address.
func isUserNavigation(r *http.Request) bool {
	site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
	return (site == "" || site == "none" || site == "same-origin") && (dest == "" || dest == "document") && !isPrefetch(r)
}

// finishProviderSignIn handles the callback of the identity provider. The sealed state
// in the cookie is valid once. Another browser has none, so that a link cannot sign a
// person in to another's account.
func (a *app) finishProviderSignIn(w http.ResponseWriter, r *http.Request, v *viewer) error {
	if a.Provider == nil {
		return auth.ErrNoPage
	}
	cookie := ""
	if c, err := r.Cookie(a.signInCookie()); err == nil {
		cookie = c.Value
	}
	sealed, encoded, _ := strings.Cut(cookie, ".")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		raw = nil
	}
	next := a.returnURL(string(raw))
	w.Header().Set("Cache-Control", "no-store")
	if sealed == "" {
		return a.providerFailed(w, r, next, account.ErrSignInExpired)
	}
	from := a.clientIP(r)
	if err := a.Attempts.TakeFromNetwork(r.Context(), from); err != nil {
		return a.notTried(w, r, v, signInPage{Next: next}, err)
	}
	a.setSignInCookie(w, "")
	assertion, err := a.Provider.Finish(r.Context(), a.origin(r)+auth.ProviderCallbackPath, sealed, r.URL.Query())
	if err != nil {
		a.recordSignInFailure(r, "", err)
		return a.providerFailed(w, r, next, err)
	}
	if v.SignedIn && assertion.Reauthentication {
		return a.finishConfirmation(w, r, v, assertion, next)
	}
	var secret string
	var session account.Session
	err = a.act(r, func(ctx context.Context) (_ []audit.Entry, err error) {
		secret, session, err = a.Accounts.SignInWithProvider(ctx, assertion, r.UserAgent())
		if err != nil {
			return nil, err
		}
		entries, err := a.replaceSession(ctx, r, v, session, audit.WithProvider)
		if err != nil {
			return nil, err
		}
		changes, err := a.changeEntries(ctx, secret, session)
		return append(entries, changes...), err
	})
	if err != nil {
		a.recordSignInFailure(r, assertion.Identity, err)
		return a.providerFailed(w, r, next, err)
	}
	a.Attempts.ReturnFromNetwork(r.Context(), from)
	a.Attempts.ReturnFromNetwork(r.Context(), from) // beginProviderSignIn counted one too
	a.startSession(w, r, secret, session, next)
	return nil
}

// finishConfirmation confirms the viewer's session with a new sign-in at the provider.
func (a *app) finishConfirmation(w http.ResponseWriter, r *http.Request, v *viewer, assertion account.Assertion, next string) error {
	err := a.Accounts.ConfirmWithProvider(r.Context(), v.Session, assertion)
	switch {
	case errors.Is(err, account.ErrCredentials):
		a.record(r, own(v.Person.Identity, audit.SignInFailed, audit.WithProvider))
		http.Redirect(w, r, "/account?unconfirmed=1", http.StatusSeeOther)
		return nil
	case errors.Is(err, account.ErrNoAuthTime):
		next = "/account?unconfirmed=no-time"
	case err != nil:
		return err
	}
	a.Attempts.ReturnFromNetwork(r.Context(), a.clientIP(r))
	a.Attempts.ReturnFromNetwork(r.Context(), a.clientIP(r)) // beginConfirmation counted one too
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// providerFailed redirects to the sign-in page, which says why, so that the address in
// the browser does not contain data of the provider.
func (a *app) providerFailed(w http.ResponseWriter, r *http.Request, next string, err error) error {
	if auth.ClientGone(r, err) {
		return nil
	}
	problem, _ := problemOf(err)
	if problem == "unavailable" {
		a.LogError(r, err)
	}
	http.Redirect(w, r, "/signin?"+url.Values{"problem": {problem}, "next": {next}}.Encode(), http.StatusSeeOther)
	return nil
}

// recordSignInFailure records a refused sign-in, but not one that was canceled or
// could not be tried.
func (a *app) recordSignInFailure(r *http.Request, identity string, err error) {
	if _, params := problemOf(err); params != "" {
		a.record(r, audit.Entry{Action: audit.SignInFailed, Subject: identity, Params: params})
	}
}

// changeEntries returns the entries of what a sign-in with the provider changed.
func (a *app) changeEntries(ctx context.Context, secret string, session account.Session) (entries []audit.Entry, err error) {
	_, person, err := a.Accounts.Authenticate(ctx, secret)
	if err != nil {
		return nil, err
	}
	add := func(action audit.Action, params audit.Params) {
		entries = append(entries, own(session.Identity, action, params))
	}
	switch result := session.Result; {
	case result.Added:
		add(audit.PersonAdded, audit.Role(person.Role == account.RoleAdmin))
	case result.Linked:
		add(audit.PersonChanged, audit.Linked)
	}
	switch result := session.Result; {
	case result.KeptAdmin:
		add(audit.PersonChanged, audit.KeptLastAdmin)
	case result.PreviousRole != "":
		add(audit.PersonChanged, audit.Role(person.Role == account.RoleAdmin))
	}
	return entries, nil
}

// origin returns the origin that the browser uses.
func (a *app) origin(r *http.Request) string {
	if a.PublicURL != "" {
		return strings.TrimSuffix(a.PublicURL, "/")
	}
	return "http://" + r.Host
}
