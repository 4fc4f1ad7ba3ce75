// Package account manages the people who sign in (workers and administrators): their
// roles, passwords, preferences and sessions.
package account

import (
	"errors"
	"time"
)

// Role is a person's role.
type Role string

// The roles.
const (
	RoleWorker Role = "worker"
	RoleAdmin  Role = "admin"
)

// Person is a worker or an administrator.
type Person struct {
	// Identity is sent to the CRM as Worker, exactly as stored. Identities are compared
	// by text.IdentityKey.
	Identity    string
	Role        Role
	Preferences Preferences
	// PasswordHash is a PHC string, or "" when the person has no password.
	PasswordHash string
	// PasswordExpires is when a temporary password expires: one that was generated, so that
	// the person must choose another. It is zero for any other.
	PasswordExpires time.Time
	// Issuer and Subject identify the person's account at an identity provider, "" when
	// there is none. Each pair belongs to one person.
	Issuer, Subject string
	// MayExport allows an administrator to export all customers. A worker never has it.
	MayExport bool
	// Available reports whether a worker takes new conversations that belong to no one
	// else. The person decides; it is true at first.
	Available bool
	Created   time.Time
	// Deactivated is when the person was deactivated, zero while active.
	Deactivated time.Time
	// LastSeen is when the person last used the product, to about a minute, zero when
	// never. It outlives sessions.
	LastSeen time.Time
}

// Active reports whether the person may sign in.
func (p Person) Active() bool { return p.Deactivated.IsZero() }

// Temporary reports whether the password is temporary.
func (p Person) Temporary() bool { return !p.PasswordExpires.IsZero() }

// Linked reports whether an account at an identity provider is linked to the person.
func (p Person) Linked() bool { return p.Subject != "" }

// Preferences are a person's settings; the zero value follows the device.
type Preferences struct {
	// Theme is "", "light" or "dark".
	Theme string
	// Language is a BCP 47 tag that package locale knows, or "".
	Language string
	// TimeZone is an IANA name, or "".
	TimeZone string
}

// Session is a signed-in browser. Only a hash of its secret is stored.
type Session struct {
	// ID identifies the session to its owner; it is not the secret.
	ID       string
	Identity string
	Created  time.Time
	LastSeen time.Time
	Expires  time.Time
	// Agent is the browser's User-Agent, at most 200 bytes.
	Agent string
	// ByProvider reports whether the session began with the identity provider, and
	// ProviderSession is the provider's name of its own session, "" when unknown.
	ByProvider      bool
	ProviderSession string
	// ConfirmedUntil is when the person must prove again who they are before they do what
	// needs a recent proof.
	ConfirmedUntil time.Time
	// Result is what a sign-in with a provider changed. Only SignInWithProvider sets it;
	// it is not stored.
	Result SignInResult
	// Ended is how many sessions of the person ended when this one began, because of
	// MaxSessions. Only a sign-in sets it; it is not stored.
	Ended int
}

// Errors, possibly wrapped.
var (
	ErrNotFound    = errors.New("no such person")
	ErrExists      = errors.New("this person already exists")
	ErrNoSession   = errors.New("not signed in")
	ErrCredentials = errors.New("incorrect identity or password")
	ErrUnavailable = errors.New("the account database is unavailable")
	// ErrLastAdmin: the change would leave no active administrator.
	ErrLastAdmin = errors.New("this is the last active administrator: make someone else an administrator first")
	// ErrDeactivated is only returned once the person has proved their identity.
	ErrDeactivated = errors.New("this person is deactivated")
	// ErrPasswordExpired: the right password, but a temporary one that has expired.
	ErrPasswordExpired = errors.New("the temporary password has expired: an administrator can set a new one")
	// ErrPasswordsOff: only the identity provider may be used.
	ErrPasswordsOff = errors.New("passwords are turned off: sign in with the identity provider")
	// ErrLinked: another account of the provider is linked to the person of this identity.
	ErrLinked = errors.New("this person is linked to another identity provider account")
	// ErrUnverified: the provider's assertion names no identity, or does not verify it.
	ErrUnverified = errors.New("the identity provider did not verify this identity")
	// ErrNoAuthTime: the provider cannot confirm a session, because it does not say when the
	// person signed in there. It may not have asked for a password.
	ErrNoAuthTime = errors.New("the identity provider does not say when this person signed in there")
)

// Errors of a sign-in with an identity provider before there is an Assertion.
var (
	// ErrProviderDown: the provider is unreachable, or its response not understood.
	ErrProviderDown = errors.New("the identity provider is unreachable")
	// ErrCanceled: the person canceled at the provider.
	ErrCanceled = errors.New("the sign-in was canceled at the identity provider")
	// ErrSignInExpired: the sign-in took too long, was started in another browser, or is over.
	ErrSignInExpired = errors.New("the sign-in expired: start again")
	// ErrProviderRefused: the provider refused, or its response cannot be trusted.
	ErrProviderRefused = errors.New("the identity provider refused the sign-in")
)

// InvalidError says in plain words why a value cannot be stored.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }
