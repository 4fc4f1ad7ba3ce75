package audit

import (
	"errors"
	"time"
)

// Action is a kind of event.
type Action string

// The actions. Entry.Params has the particulars.
const (
	SignedIn     Action = "sign-in"        // Subject: the identity
	SignInFailed Action = "sign-in-failed" // Subject: the identity that was tried
	SignedOut    Action = "sign-out"
	SessionEnded Action = "session-ended" // Subject: the identity
	Denied       Action = "denied"        // a request without permission

	PersonAdded   Action = "person-added" // Subject: the identity, as in all of person-
	PersonChanged Action = "person-changed"
	PersonRemoved Action = "person-removed"

	SettingChanged Action = "setting" // Subject: the setting's name
	ServiceTested  Action = "test"    // Subject: which callback

	CustomerAdded   Action = "customer-added" // Subject: the customer's id, as in all of customer-
	CustomerChanged Action = "customer-changed"
	CustomerDeleted Action = "customer-deleted"
	ImportAllowed   Action = "customer-restored"
	CustomersMerged Action = "customers-merged"
	Reassigned      Action = "reassigned"    // Subject: the previous owner; Count: customers
	OwnerMatched    Action = "owner-matched" // Subject: the owner as files write it; the parameter to is the person
	OwnerUnmatched  Action = "owner-unmatched"
	Imported        Action = "import" // Subject: the file's name; Count: rows
	Exported        Action = "export" // Count: customers

	Viewed         Action = "view"          // Subject: the customer's id; Name: the customer's name then
	UnusualViews   Action = "unusual-views" // Count: customers
	NumberSearched Action = "number-search" // a complete phone number was searched for while numbers are masked; it is not recorded

	// Subject: the customer's id, as in Viewed; the parameter conversation is its SID.
	ConversationStarted Action = "conversation-started"
	ConversationLinked  Action = "conversation-linked"
	// Subject: the conversation's SID.
	ConversationTransferred Action = "conversation-transferred"
	ConversationClosed      Action = "conversation-closed"

	AuditExported Action = "audit-export"

	Restored Action = "restore" // the database, from a backup; Subject: the backup's file name

	// EntriesLost is written by the Log itself. Count: entries that could not be written
	// since the store failed, or was slow, for too long.
	EntriesLost Action = "entries-lost"
)

// Actions returns all actions.
func Actions() []Action {
	return []Action{
		SignedIn, SignInFailed, SignedOut, SessionEnded, Denied,
		PersonAdded, PersonChanged, PersonRemoved,
		SettingChanged, ServiceTested,
		CustomerAdded, CustomerChanged, CustomerDeleted, ImportAllowed, CustomersMerged, Reassigned, OwnerMatched, OwnerUnmatched, Imported, Exported,
		Viewed, UnusualViews, NumberSearched,
		ConversationStarted, ConversationLinked, ConversationTransferred, ConversationClosed,
		AuditExported, Restored, EntriesLost,
	}
}

// Entry is one event.
type Entry struct {
	// ID is assigned by the Store: positive, ascending, never reused.
	ID int64
	// When orders entries; ID orders those of the same microsecond.
	When time.Time
	// Actor is the identity of the person, "" when unknown.
	Actor string
	// Via is "app", "console", "callback" or "command".
	Via    string
	Action Action
	// Subject is the object of the action, and Name its name at that time, or "".
	Subject, Name string
	// Params are the particulars. Entries of earlier versions have Detail instead, in
	// English, which package prose reads.
	Params Params
	Detail string
	// Count is the number of objects, 0 where that has no meaning. For repetitions it is
	// how often the entry came again: see Log.Record.
	Count int
	// Address is the client's IP address, "" when there is none.
	Address string
	// Unusual marks an entry that an administrator should look at.
	Unusual bool
}

// Errors, possibly wrapped.
var (
	ErrUnavailable = errors.New("audit store unavailable")
	ErrCursor      = errors.New("unknown audit cursor")
)
