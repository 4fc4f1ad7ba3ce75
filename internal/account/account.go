// Package account knows the people who sign in (workers and administrators),
// their roles, passwords, preferences and sessions.
package account

import (
	"errors"
	"time"
)

// Role is what a person may do.
type Role string

// The roles.
const (
	RoleWorker Role = "worker"
	RoleAdmin  Role = "admin"
)

// Person is somebody who can sign in.
type Person struct {
	// Identity is sent as Worker exactly as kept here; compared as
	// text.IdentityKey says.
	Identity    string
	Role        Role
	Preferences Preferences
	// PasswordHash is a PHC string, or "" when the person has no password.
	PasswordHash string
	// Temporary tells that the password was made up for the person, who should
	// choose another one.
	Temporary bool
	// Issuer and Subject are whom an identity provider knows this person as, or ""
	// both. They belong together and are one person's alone.
	Issuer, Subject string
	// MayExport lets an administrator take all customers along in a file. A worker
	// never has it.
	MayExport bool
	Created   time.Time
	// Deactivated is since when the person cannot sign in; zero while they can.
	Deactivated time.Time
	// LastSeen is when the person was last here, also when no session is left of
	// it; zero when never. It is exact to a minute or so.
	LastSeen time.Time
}

// Active tells whether the person may sign in and be asked for.
func (p Person) Active() bool { return p.Deactivated.IsZero() }

// Bound tells whether an account at an identity provider is this person's.
func (p Person) Bound() bool { return p.Subject != "" }

// Preferences are a person's own choices; the zero value follows the device.
type Preferences struct {
	// Theme is "", "light" or "dark".
	Theme string
	// Language is a BCP 47 tag that package locale knows, or "".
	Language string
	// TimeZone is an IANA name, or "".
	TimeZone string
}

// Session is one signed-in browser. Its secret is never kept, only a hash.
type Session struct {
	// ID names the session to its owner; it is not the secret.
	ID       string
	Identity string
	Created  time.Time
	LastSeen time.Time
	Expires  time.Time
	// Agent is the browser's own description, at most 200 bytes.
	Agent string
	// Result is what a sign-in with a provider changed. It is told once, by
	// SignInWithProvider, and not kept.
	Result SignInResult
}

// The kinds of errors, possibly wrapped.
var (
	ErrNotFound    = errors.New("no such person")
	ErrExists      = errors.New("this person exists already")
	ErrNoSession   = errors.New("not signed in")
	ErrCredentials = errors.New("identity or password wrong")
	ErrUnavailable = errors.New("the accounts cannot be reached just now")
	// ErrLastAdmin: nobody would be left who may use the console.
	ErrLastAdmin = errors.New("this is the last active administrator: make somebody else one first")
	// ErrDeactivated is told to those only who have proved who they are.
	ErrDeactivated = errors.New("this person is deactivated")
	// ErrPasswordsOff: people sign in with the identity provider alone.
	ErrPasswordsOff = errors.New("passwords are switched off: sign in with the identity provider")
	// ErrBound: the person found by identity is another account of the provider.
	ErrBound = errors.New("another account of the identity provider is bound to this person")
	// ErrUnverified: the provider does not say who this is in the claim that was
	// chosen, or does not vouch for it.
	ErrUnverified = errors.New("the identity provider does not vouch for who this is")
)

// How a sign-in with an identity provider ends before there is a proof. Whoever asks
// the provider answers these.
var (
	// ErrProviderDown: the provider cannot be reached, or not understood.
	ErrProviderDown = errors.New("the identity provider cannot be reached just now")
	// ErrCancelled: the person turned back at the provider.
	ErrCancelled = errors.New("the sign-in was cancelled at the identity provider")
	// ErrSignInExpired: it took too long, was begun in another browser, or is over.
	ErrSignInExpired = errors.New("this sign-in is not under way any more: begin again")
	// ErrProviderRefused: the provider refused, or what it answered cannot be trusted.
	ErrProviderRefused = errors.New("the identity provider refused the sign-in")
)

// InvalidError tells why a value cannot be kept, in plain words.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }
