// Package customer is the domain: customers and whose they are, the order of a
// worker's list, the rules of search, and the Store that keeps it all.
package customer

import "errors"

// Everyone, in Customer.Workers, stands for every worker.
const Everyone = "*"

// Customer is everything that is kept about one customer.
type Customer struct {
	// ID is unique, of any format, 1 to 512 bytes of valid UTF-8 without NUL.
	ID string
	// Name is shown in the list; never empty.
	Name     string
	Company  string
	JobTitle string
	Channels []Channel
	Links    []Link
	Details  Detail
	// Avatar is the absolute http(s) URL of a picture, or "".
	Avatar string
	// Workers are the identities of those whose customer this is, in byte order,
	// without repeats; Everyone stands for all. Empty: nobody's yet.
	Workers []string
}

// Channel is one way to reach a customer. Type is sms, whatsapp, email or chat.
// An sms value is E.164 where the number could be normalised and the original
// text where not; a whatsapp value is the same after "whatsapp:".
type Channel struct{ Type, Value string }

// Link leads to a page about the customer elsewhere.
type Link struct{ Type, Value, DisplayName string }

// Detail is free text about the customer: the notes.
type Detail struct{ Title, Content string }

// The kinds of errors that a Store returns, possibly wrapped.
var (
	// ErrNotFound: no such customer, or not this worker's; not told apart.
	ErrNotFound = errors.New("customer not found")
	// ErrUnknownAnchor: the anchor is unknown or never was this worker's, or
	// ceased to be so too long ago.
	ErrUnknownAnchor = errors.New("unknown anchor")
	// ErrUnavailable: the store cannot answer just now; asking again may help.
	ErrUnavailable = errors.New("the customers cannot be reached just now")
)

// InvalidError tells why a customer cannot be kept as it stands.
type InvalidError struct {
	// Reason is in plain words, fit for the person who edits or imports.
	Reason string
}

func (e *InvalidError) Error() string { return e.Reason }
