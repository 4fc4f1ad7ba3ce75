package audit

import (
	"errors"
	"time"
)

// Action is what was done.
type Action string

// The actions. Details of each say more in Entry.Detail, in English, as plain words
// that never hold a secret, a telephone number, or what a setting's value was.
const (
	SignedIn     Action = "sign-in"        // Subject: the identity; Detail: how ("password", "identity provider")
	SignInFailed Action = "sign-in-failed" // Subject: the identity that was tried
	SignedOut    Action = "sign-out"
	SessionEnded Action = "session-ended" // Subject: whose
	Denied       Action = "denied"        // something was asked for that is not this person's

	PersonAdded   Action = "person-added" // Subject: the identity, as in all of person-
	PersonChanged Action = "person-changed"
	PersonRemoved Action = "person-removed"

	SettingChanged Action = "setting" // Subject: the setting's name
	ServiceTested  Action = "test"    // Subject: which callback

	CustomerAdded    Action = "customer-added" // Subject: the customer's id, as in all of customer-
	CustomerChanged  Action = "customer-changed"
	CustomerDeleted  Action = "customer-deleted"
	CustomerRestored Action = "customer-restored"
	CustomersMerged  Action = "customers-merged"
	Reassigned       Action = "reassigned" // Subject: from whom; Detail: to whom; Count: how many
	Imported         Action = "import"     // Subject: the file's name; Count: rows
	Exported         Action = "export"     // Count: customers

	Viewed         Action = "view"          // Subject: the customer's id; Name: how they were called
	UnusualViews   Action = "unusual-views" // Count: how many customers within the time that Detail tells
	NumberSearched Action = "number-search" // a whole number was searched for while numbers are hidden; the number is not kept

	AuditExported Action = "audit-export"

	// EntriesLost is written by the Log itself. Count: how many entries could not be
	// kept, because the store failed for longer, or was slower, than they could wait.
	EntriesLost Action = "entries-lost"
)

// Actions answers all of them.
func Actions() []Action {
	return []Action{
		SignedIn, SignInFailed, SignedOut, SessionEnded, Denied,
		PersonAdded, PersonChanged, PersonRemoved,
		SettingChanged, ServiceTested,
		CustomerAdded, CustomerChanged, CustomerDeleted, CustomerRestored, CustomersMerged, Reassigned, Imported, Exported,
		Viewed, UnusualViews, NumberSearched,
		AuditExported, EntriesLost,
	}
}

// Entry is one thing that was done.
type Entry struct {
	// ID is given by the Store: positive, larger than all before, never given twice.
	ID int64
	// When orders entries, and ID those of the same microsecond.
	When time.Time
	// Actor is the identity of who did it, "" when that is not known.
	Actor string
	// Via is where: "app", "console", "callback" or "command".
	Via    string
	Action Action
	// Subject is what it was done to, and Name how that was called then, or "".
	Subject, Name string
	Detail        string
	// Count is of how many, 0 where that makes no sense. What repeats itself within
	// a minute is kept once, and then once more with how often it came again: see
	// Log.Record.
	Count int
	// Address is the client's IP address, "" when there is none.
	Address string
	// Unusual marks what an administrator should look at.
	Unusual bool
}

// The kinds of errors, possibly wrapped.
var (
	ErrUnavailable = errors.New("the audit cannot be reached just now")
	ErrCursor      = errors.New("no such place in the audit")
)
