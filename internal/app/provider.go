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

// Provider is the company's identity provider. Its errors are those that package
// account has for a sign-in with one; the reasons are in the log.
type Provider interface {
	// Name is what people know it by: its host.
	Name() string
	// Begin answers where the browser goes, and what it keeps until it is back at
	// callback: it is sealed, and good for ten minutes.
	Begin(ctx context.Context, callback string) (goTo string, sealed string, err error)
	// Finish answers for whom the provider vouches; answer is the query that the
	// browser came back with.
	Finish(ctx context.Context, callback, sealed string, answer url.Values) (account.Assertion, error)
	// Logout answers where the browser goes to sign out there too, and from there to
	// after; "" when there is no such place.
	Logout(after string) string
	// PasswordsOff tells whether there is no other way in.
	PasswordsOff() bool
}

// Where a sign-in with the provider begins, and where it comes back to.
const (
	providerPath = "/signin/provider"
	callbackPath = providerPath + "/callback"
)

// signInTimeout is how long a sign-in may be under way.
const signInTimeout = 10 * time.Minute

// problemMessages are what the way in says of a sign-in with the provider that failed, by
// the value of ?problem=.
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

// problemOf names a failure, and says what the audit keeps of it; "" is nothing.
func problemOf(err error) (problem, detail string) {
	var invalid *account.InvalidError
	switch {
	case errors.Is(err, account.ErrProviderDown):
		return "down", ""
	case errors.Is(err, account.ErrCancelled):
		return "cancelled", ""
	case errors.Is(err, account.ErrSignInExpired):
		return "expired", ""
	case errors.Is(err, account.ErrProviderRefused):
		return "refused", "identity provider"
	case errors.Is(err, account.ErrUnverified), errors.As(err, &invalid):
		return "unproven", "not confirmed by the identity provider"
	case errors.Is(err, account.ErrNotFound):
		return "unknown", "no account here"
	case errors.Is(err, account.ErrBound):
		return "bound", "bound to another account of the identity provider"
	case errors.Is(err, account.ErrDeactivated):
		return "deactivated", "deactivated"
	}
	return "unavailable", ""
}

// providerHref is where a sign-in begins that is to end at next.
func providerHref(next string) string {
	return providerPath + "?" + url.Values{"next": {next}}.Encode()
}

// beginProviderSignIn sends the browser to the identity provider.
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
	if ok, wait := a.byAddress.Allow(a.addressKey(r)); !ok {
		return a.tooManyAttempts(w, r, v, signInPage{Next: next}, wait)
	}
	if len(next) > maxNextBytes {
		next = "/customers"
	}
	redirectURL, sealed, err := a.Provider.Begin(r.Context(), a.origin(r)+callbackPath)
	if err != nil {
		return a.providerFailed(w, r, next, err)
	}
	a.setSignInCookie(w, sealed+"."+base64.RawURLEncoding.EncodeToString([]byte(next)))
	http.Redirect(w, r, redirectURL, http.StatusSeeOther)
	return nil
}

// maxNextBytes bounds what is kept of where to come back to, in bytes: a browser takes
// no cookie of more than 4096, and then nobody could come back at all.
const maxNextBytes = 2048

// isUserNavigation tells whether somebody asked for the page themselves. Another site can make the
// browser ask as often as it likes: that must begin no sign-in, nor count as attempts
// from that address, which would keep a whole office out.
func isUserNavigation(r *http.Request) bool {
	site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
	return (site == "" || site == "none" || site == "same-origin") && (dest == "" || dest == "document") && !isPrefetch(r)
}

// finishProviderSignIn takes the browser back from the identity provider. What it kept is
// good for once: another browser has none, so nobody can be signed in as somebody
// else by following a link.
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
	addressKey := a.addressKey(r)
	if ok, wait := a.byAddress.Allow(addressKey); !ok {
		return a.tooManyAttempts(w, r, v, signInPage{Next: next}, wait)
	}
	a.setSignInCookie(w, "")
	assertion, err := a.Provider.Finish(r.Context(), a.origin(r)+callbackPath, sealed, r.URL.Query())
	if err != nil {
		a.recordSignInFailure(r, "", err)
		return a.providerFailed(w, r, next, err)
	}
	secret, session, err := a.Accounts.SignInWithProvider(r.Context(), assertion, r.UserAgent())
	if err != nil {
		a.recordSignInResult(r, "", session)
		a.recordSignInFailure(r, assertion.Identity, err)
		return a.providerFailed(w, r, next, err)
	}
	a.byAddress.Refund(addressKey)
	a.byAddress.Refund(addressKey) // the way there was counted too
	a.record(r, audit.Entry{Actor: session.Identity, Action: audit.SignedIn, Subject: session.Identity, Detail: "identity provider"})
	a.recordSignInResult(r, secret, session)
	a.startSession(w, r, secret, session, next)
	return nil
}

// providerFailed leads to the way in, which says why. So the address of a page never
// holds what the provider sent along.
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

// recordSignInFailure notes a sign-in that was refused; one that was given up, or could not be
// tried, is none.
func (a *app) recordSignInFailure(r *http.Request, identity string, err error) {
	if _, detail := problemOf(err); detail != "" {
		a.record(r, audit.Entry{Action: audit.SignInFailed, Subject: identity, Detail: detail})
	}
}

// recordSignInResult notes what a sign-in with the provider changed, also one that failed
// afterwards: then there is no secret.
func (a *app) recordSignInResult(r *http.Request, secret string, session account.Session) {
	identity := session.Identity
	record := func(action audit.Action, detail string) {
		a.record(r, audit.Entry{Actor: identity, Action: action, Subject: identity, Detail: detail})
	}
	result, role := session.Result, ""
	if _, person, err := a.Accounts.Authenticate(context.WithoutCancel(r.Context()), secret); err == nil {
		role = roleDetails[person.Role]
	}
	switch {
	case result.Added:
		record(audit.PersonAdded, role)
	case result.Bound:
		record(audit.PersonChanged, "bound to the identity provider")
	}
	switch {
	case result.KeptAdmin:
		record(audit.PersonChanged, "stays administrator, as the last one")
	case result.Was != "":
		record(audit.PersonChanged, role)
	}
}

// roleDetails say in the audit which role somebody has.
var roleDetails = map[account.Role]string{account.RoleWorker: "role: worker", account.RoleAdmin: "role: administrator"}

// origin is the origin under which the browser asks.
func (a *app) origin(r *http.Request) string {
	if a.PublicURL != "" {
		return strings.TrimSuffix(a.PublicURL, "/")
	}
	return "http://" + r.Host
}
