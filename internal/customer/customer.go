// Package customer is the domain: customers and their owners, the order of a worker's
// list, search, validation, and the Store interface.
package customer

import "errors"

// Everyone, in Customer.Workers, stands for every worker.
const Everyone = "*"

// Customer is all stored data of a customer.
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
	// Workers are the identities of the owners, sorted and unique; Everyone stands for
	// all workers. An empty list means unassigned.
	Workers []string
}

// EncodeID returns an id for bytes: two letters a byte, so that masking finds no number
// in it.
func EncodeID(b []byte) string {
	const letters = "bcdfghjklmnpqrst"
	id := make([]byte, 0, 2*len(b))
	for _, c := range b {
		id = append(id, letters[c>>4], letters[c&15])
	}
	return string(id)
}

// The JSON of a Channel, Link or Detail is that of the callback, and what a store and an
// export write.

// Channel is a contact address. Type is sms, whatsapp, email or chat. An sms value is
// E.164 if it could be normalized, with ";ext=12" after it if it has an extension, else the
// original text; a whatsapp value is the same after "whatsapp:".
type Channel struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Link is a web page about the customer.
type Link struct {
	Type        string `json:"type"`
	Value       string `json:"value"`
	DisplayName string `json:"display_name"`
}

// Detail is the notes about the customer.
type Detail struct {
	Title   string `json:"title"`
	Content string `json:"content"`
}

// Errors of a Store, possibly wrapped.
var (
	// ErrNotFound: the customer does not exist or, not distinguished, is not this worker's.
	ErrNotFound = errors.New("customer not found")
	// ErrUnknownAnchor: the anchor is unknown, never was this worker's customer, or stopped
	// being so more than 30 days ago.
	ErrUnknownAnchor = errors.New("unknown anchor")
	// ErrUnavailable: the store failed; a retry may succeed.
	ErrUnavailable = errors.New("the customer database is unavailable")
)

// InvalidError says why a customer cannot be stored.
type InvalidError struct {
	// Reason is a sentence for the person who edits or imports.
	Reason string
}

func (e *InvalidError) Error() string { return e.Reason }
