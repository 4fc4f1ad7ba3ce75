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
	Created      time.Time
}

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
}

// The kinds of errors, possibly wrapped.
var (
	ErrNotFound    = errors.New("no such person")
	ErrExists      = errors.New("this person exists already")
	ErrNoSession   = errors.New("not signed in")
	ErrCredentials = errors.New("identity or password wrong")
	ErrUnavailable = errors.New("the accounts cannot be reached just now")
)

// InvalidError tells why a value cannot be kept, in plain words.
type InvalidError struct{ Reason string }

func (e *InvalidError) Error() string { return e.Reason }
