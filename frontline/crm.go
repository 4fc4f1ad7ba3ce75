package frontline

import (
	"context"
	"time"
)

// The values of the Location parameter, which tells what is asked.
const (
	LocationCustomersList   = "GetCustomersList"
	LocationCustomerDetails = "GetCustomerDetailsByCustomerId"
)

// Limits of the protocol.
const (
	// DefaultPageSize is what the app asks for, and what an absent PageSize means.
	DefaultPageSize = 30
	// MaxPageSize is the most customers that one page holds; a request for more
	// gets this many.
	MaxPageSize = 1000
	// MaxBodyBytes bounds a request body and an answer alike: 64 KiB.
	MaxBodyBytes = 64 << 10
	// MaxCustomerBytes bounds one customer's JSON: 48 KiB.
	MaxCustomerBytes = 48 << 10
	// MaxCustomerIDBytes bounds a customer_id.
	MaxCustomerIDBytes = 512
	// MaxTokenBytes bounds a next_page_token.
	MaxTokenBytes = 1 << 10
	// CallTimeout is how long a caller waits for an answer, in all.
	CallTimeout = 6 * time.Second
)

// A CRM answers the two questions of the CRM callback. Implementations are safe
// for concurrent use.
//
// Errors are few and typed. An implementation returns, possibly wrapped:
//   - [ErrNotFound] when the customer is unknown or is not this worker's (the
//     two must not be told apart);
//   - an [*InvalidRequestError] when the request cannot be answered as it
//     stands: a foreign page token, an anchor that never was this worker's;
//   - an [*UnavailableError] when the answer cannot be had just now;
//   - a [*CallbackError] when a call to somebody else's service failed.
//
// Any other error is an internal one: its text is for the log only.
type CRM interface {
	// CustomersList answers one page of the worker's own customers.
	CustomersList(ctx context.Context, req ListRequest) (ListResponse, error)
	// CustomerDetails answers one of the worker's own customers.
	CustomerDetails(ctx context.Context, req DetailsRequest) (DetailsResponse, error)
}

// ListRequest asks for a page of a worker's customers.
type ListRequest struct {
	// Worker is the identity of the signed-in app user, most often an e-mail address.
	Worker string
	// PageSize is how many customers the caller wants; 0 means DefaultPageSize.
	PageSize int
	// Anchor is the customer_id of the last customer already loaded, or "".
	Anchor string
	// NextPageToken is the token that came with the page before, or "". With
	// both, the token wins.
	NextPageToken string
	// Query is what the worker typed; when not empty, this is a search.
	Query string
	// NewerThan never crosses the wire. It is the Meta.AsOf of an old answer that
	// the caller has: a CRM that keeps old answers is to wait for the fresh one, or
	// for the failure to get it, rather than give that one again at once. Others
	// ignore it. The zero value asks for whatever can be had soonest.
	NewerThan time.Time
}

// ListResponse is a page of customers.
type ListResponse struct {
	Customers []Customer
	// Searchable tells whether the service does the searching itself.
	Searchable Searchable
	// NextPageToken asks for the page after this one; "" on the last page, and
	// with services that page by anchor only.
	NextPageToken string
	// Meta never crosses the wire.
	Meta Meta
}

// DetailsRequest asks for everything about one customer.
type DetailsRequest struct {
	Worker     string
	CustomerID string
	// NewerThan is as in ListRequest, and never crosses the wire either.
	NewerThan time.Time
}

// DetailsResponse is one customer, whole.
type DetailsResponse struct {
	Customer Customer
	// Meta never crosses the wire.
	Meta Meta
}

// Customer is one of a worker's customers. A list row needs ID and DisplayName,
// and may have Avatar; a field that is empty is a line that the app does not draw.
type Customer struct {
	// ID is unique within the service, of any format.
	ID          string    `json:"customer_id"`
	DisplayName string    `json:"display_name"`
	Channels    []Channel `json:"channels,omitempty"`
	Links       []Link    `json:"links,omitempty"`
	Details     *Detail   `json:"details,omitempty"`
	// Avatar is the absolute URL of a picture.
	Avatar string `json:"avatar,omitempty"`
}

// The channel types seen on the wire; others may come.
const (
	ChannelSMS      = "sms"
	ChannelWhatsApp = "whatsapp"
	ChannelChat     = "chat"
	ChannelEmail    = "email"
)

// Channel is one way to reach a customer. A WhatsApp address is written
// whatsapp:+15551234567.
type Channel struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	// Handle never crosses the wire. Where numbers are hidden it names the channel in
	// place of its Value, to whoever hid it.
	Handle string `json:"-"`
}

// Link leads to a page about the customer. Type is the name of a site or app,
// Value the URL; only https: and mailto: are followed on the web.
type Link struct {
	Type        string `json:"type"`
	Value       string `json:"value"`
	DisplayName string `json:"display_name"`
}

// Detail is free text about the customer; Content may have several lines.
type Detail struct {
	Title   string `json:"title"`
	Content string `json:"content"`
}

// Searchable is what a service said about doing the searching itself.
type Searchable uint8

// The three values of Searchable.
const (
	SearchableUnknown Searchable = iota // not told
	SearchableNo
	SearchableYes
)

// Meta is what is known about an answer beside its content. It never crosses
// the wire.
type Meta struct {
	// AsOf is when the answer was true; zero means now. Set and with Stale nil, it
	// tells of an answer that was kept, while a fresh one is on its way: ask again
	// with NewerThan to get that.
	AsOf time.Time
	// Stale is why nothing newer than AsOf could be had, nil when that is not so.
	Stale error
	// Masked tells that the last digits of numbers were hidden.
	Masked bool
	// Digits tells what became of digits in a Query while numbers are hidden.
	Digits DigitSearch
	// Partial tells that a local search has not covered the whole list yet; Covered
	// is how many customers it has.
	Partial bool
	Covered int
}

// DigitSearch tells what became of the digits in a Query. Where numbers are hidden,
// searching for parts of them would tell them.
type DigitSearch uint8

// The values of DigitSearch. The last three come with no customers.
const (
	DigitsSearched  DigitSearch = iota // nothing was hidden, or there were none
	DigitsLeftOut                      // the rest of the Query was searched for
	DigitsWholeOnly                    // a whole number may be searched for, a part not
	DigitsRefused                      // no number may be searched for
	DigitsTooOften                     // too many numbers were searched for: later again
)
