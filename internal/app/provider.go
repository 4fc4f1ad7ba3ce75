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

// signInWithin is how long a sign-in may be under way.
const signInWithin = 10 * time.Minute

// problems are what the way in says of a sign-in with the provider that failed, by
// the value of ?problem=.
var problems = map[string]string{
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

// toProvider sends the browser to the identity provider.
func (a *app) toProvider(w http.ResponseWriter, r *http.Request, v *visit) error {
	if a.Provider == nil {
		return auth.ErrNoPage
	}
	next := a.comeBack(r.URL.Query().Get("next"))
	w.Header().Set("Cache-Control", "no-store")
	if v.SignedIn {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	if !meant(r) {
		http.Redirect(w, r, "/signin?"+url.Values{"next": {next}}.Encode(), http.StatusSeeOther)
		return nil
	}
	if ok, wait := a.byAddress.Allow(a.where(r)); !ok {
		return a.tooOften(w, r, v, signInPage{Next: next}, wait)
	}
	if len(next) > maxKeptNext {
		next = "/customers"
	}
	goTo, sealed, err := a.Provider.Begin(r.Context(), a.root(r)+callbackPath)
	if err != nil {
		return a.providerFailed(w, r, next, err)
	}
	a.setUnderWay(w, sealed+"."+base64.RawURLEncoding.EncodeToString([]byte(next)))
	http.Redirect(w, r, goTo, http.StatusSeeOther)
	return nil
}

// maxKeptNext bounds what is kept of where to come back to, in bytes: a browser takes
// no cookie of more than 4096, and then nobody could come back at all.
const maxKeptNext = 2048

// meant tells whether somebody asked for the page themselves. Another site can make the
// browser ask as often as it likes: that must begin no sign-in, nor count as attempts
// from that address, which would keep a whole office out.
func meant(r *http.Request) bool {
	site, dest := r.Header.Get("Sec-Fetch-Site"), r.Header.Get("Sec-Fetch-Dest")
	return (site == "" || site == "none" || site == "same-origin") && (dest == "" || dest == "document") && !inAdvance(r)
}

// fromProvider takes the browser back from the identity provider. What it kept is
// good for once: another browser has none, so nobody can be signed in as somebody
// else by following a link.
func (a *app) fromProvider(w http.ResponseWriter, r *http.Request, v *visit) error {
	if a.Provider == nil {
		return auth.ErrNoPage
	}
	kept := ""
	if c, err := r.Cookie(a.underWayName()); err == nil {
		kept = c.Value
	}
	sealed, encoded, _ := strings.Cut(kept, ".")
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		raw = nil
	}
	next := a.comeBack(string(raw))
	w.Header().Set("Cache-Control", "no-store")
	if sealed == "" {
		return a.providerFailed(w, r, next, account.ErrSignInExpired)
	}
	where := a.where(r)
	if ok, wait := a.byAddress.Allow(where); !ok {
		return a.tooOften(w, r, v, signInPage{Next: next}, wait)
	}
	a.setUnderWay(w, "")
	proof, err := a.Provider.Finish(r.Context(), a.root(r)+callbackPath, sealed, r.URL.Query())
	if err != nil {
		a.recordFailed(r, "", err)
		return a.providerFailed(w, r, next, err)
	}
	secret, session, err := a.Accounts.SignInWithProvider(r.Context(), proof, r.UserAgent())
	if err != nil {
		a.recordArrival(r, "", session)
		a.recordFailed(r, proof.Identity, err)
		return a.providerFailed(w, r, next, err)
	}
	a.byAddress.Refund(where)
	a.byAddress.Refund(where) // the way there was counted too
	a.record(r, audit.Entry{Actor: session.Identity, Action: audit.SignedIn, Subject: session.Identity, Detail: "identity provider"})
	a.recordArrival(r, secret, session)
	a.welcome(w, r, secret, session, next)
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

// recordFailed notes a sign-in that was refused; one that was given up, or could not be
// tried, is none.
func (a *app) recordFailed(r *http.Request, identity string, err error) {
	if _, detail := problemOf(err); detail != "" {
		a.record(r, audit.Entry{Action: audit.SignInFailed, Subject: identity, Detail: detail})
	}
}

// recordArrival notes what a sign-in with the provider changed, also one that failed
// afterwards: then there is no secret.
func (a *app) recordArrival(r *http.Request, secret string, session account.Session) {
	who := session.Identity
	note := func(action audit.Action, detail string) {
		a.record(r, audit.Entry{Actor: who, Action: action, Subject: who, Detail: detail})
	}
	arrival, role := session.Result, ""
	if _, person, err := a.Accounts.Authenticate(context.WithoutCancel(r.Context()), secret); err == nil {
		role = roleDetails[person.Role]
	}
	switch {
	case arrival.Added:
		note(audit.PersonAdded, role)
	case arrival.Bound:
		note(audit.PersonChanged, "bound to the identity provider")
	}
	switch {
	case arrival.KeptAdmin:
		note(audit.PersonChanged, "stays administrator, as the last one")
	case arrival.Was != "":
		note(audit.PersonChanged, role)
	}
}

// roleDetails say in the audit which role somebody has.
var roleDetails = map[account.Role]string{account.RoleWorker: "role: worker", account.RoleAdmin: "role: administrator"}

// root is the origin under which the browser asks.
func (a *app) root(r *http.Request) string {
	if a.PublicURL != "" {
		return strings.TrimSuffix(a.PublicURL, "/")
	}
	return "http://" + r.Host
}
