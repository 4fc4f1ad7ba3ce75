package frontline

import (
	"context"
	"time"
)

// The values of the Location parameter, which names the request.
const (
	LocationCustomersList   = "GetCustomersList"
	LocationCustomerDetails = "GetCustomerDetailsByCustomerId"
)

// Limits of the protocol.
const (
	// DefaultPageSize is what the app requests, and what a missing PageSize means.
	DefaultPageSize = 30
	// MaxPageSize is the most customers in one page; a request for more gets this many.
	MaxPageSize = 1000
	// MaxBodyBytes bounds the body of a request and of a response: 64 KiB.
	MaxBodyBytes = 64 << 10
	// MaxCustomerBytes bounds one customer's JSON: 48 KiB.
	MaxCustomerBytes = 48 << 10
	// MaxCustomerIDBytes bounds a customer_id.
	MaxCustomerIDBytes = 512
	// MaxTokenBytes bounds a next_page_token.
	MaxTokenBytes = 1 << 10
	// CallTimeout is how long a caller waits for the complete response.
	CallTimeout = 6 * time.Second
	// RouteTimeout is CallTimeout for the routing callback.
	RouteTimeout = 10 * time.Second
	// WebhookTimeout is how long the messaging service waits for the response to a
	// conversation event.
	WebhookTimeout = 5 * time.Second
	// MaxFriendlyName is the most characters in the friendly name of a conversation.
	MaxFriendlyName = 256
)

// A CRM handles the two requests of the CRM callback. Implementations are safe for
// concurrent use.
//
// Errors are few and typed. An implementation returns, possibly wrapped:
//   - [ErrNotFound] if the customer is unknown or not this worker's (callers must not be
//     able to tell these apart);
//   - an [*InvalidRequestError] for an invalid request: another list's page token, an
//     anchor that was never this worker's;
//   - an [*UnavailableError] if there is no response now;
//   - a [*CallbackError] if a call to an external service failed.
//
// Any other error is internal: its text is for the log only.
type CRM interface {
	// CustomersList returns a page of the worker's own customers.
	CustomersList(ctx context.Context, req ListRequest) (ListResponse, error)
	// CustomerDetails returns one of the worker's own customers.
	CustomerDetails(ctx context.Context, req DetailsRequest) (DetailsResponse, error)
}

// ListRequest requests a page of a worker's customers.
type ListRequest struct {
	// Worker is the identity of the signed-in app user, usually an email address.
	Worker string
	// PageSize is the number of customers wanted; 0 means DefaultPageSize.
	PageSize int
	// Anchor is the customer_id of the last customer already loaded, or "".
	Anchor string
	// NextPageToken is the token of the previous page, or "". It wins over Anchor.
	NextPageToken string
	// Query is what the worker typed. If it is not empty, this is a search.
	Query string
	// NewerThan is not part of the protocol. It is the Meta.AsOf of a cached response that
	// the caller has. A CRM with a cache then waits for a newer response, or for the
	// failure to get it, instead of returning the cached one. Others ignore it. The
	// zero value requests the earliest available response.
	NewerThan time.Time
}

// ListResponse is a page of customers.
type ListResponse struct {
	Customers []Customer
	// Searchable says whether the service searches by itself.
	Searchable Searchable
	// NextPageToken requests the next page. It is "" on the last page, and with services
	// that page by anchor only.
	NextPageToken string
	// Meta is not part of the protocol.
	Meta Meta
}

// DetailsRequest requests everything about one customer.
type DetailsRequest struct {
	Worker     string
	CustomerID string
	// NewerThan is as in ListRequest.
	NewerThan time.Time
}

// DetailsResponse is one customer with all details.
type DetailsResponse struct {
	Customer Customer
	// Meta is not part of the protocol.
	Meta Meta
}

// Customer is one of a worker's customers. A list row needs ID, and may have DisplayName
// and Avatar. The app omits empty fields.
type Customer struct {
	// ID is unique within the service. It may have any format.
	ID          string    `json:"customer_id"`
	DisplayName string    `json:"display_name"`
	Channels    []Channel `json:"channels,omitempty"`
	Links       []Link    `json:"links,omitempty"`
	Details     *Detail   `json:"details,omitempty"`
	// Avatar is the absolute URL of an image.
	Avatar string `json:"avatar,omitempty"`
}

// The known channel types. A service may use others.
const (
	ChannelSMS      = "sms"
	ChannelWhatsApp = "whatsapp"
	ChannelChat     = "chat"
	ChannelEmail    = "email"
)

// Channel is a way to contact a customer. The Value of a WhatsApp channel looks like
// whatsapp:+15551234567.
type Channel struct {
	Type  string `json:"type"`
	Value string `json:"value"`
	// Handle is not part of the protocol. While numbers are masked it stands for the Value;
	// the mask resolves it.
	Handle string `json:"-"`
}

// Link is a link to a page about the customer. Type names a site or app, and Value is
// the URL. The app only follows https: and mailto:.
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

// Searchable is what a service says about searching by itself.
type Searchable uint8

// The three values of Searchable.
const (
	SearchableUnknown Searchable = iota // the service did not say
	SearchableNo
	SearchableYes
)

// Meta is information about a response, not part of the protocol.
type Meta struct {
	// AsOf is the time of a cached response; zero means now. If Stale is nil, a newer
	// response is being fetched: repeat the request with NewerThan to get it.
	AsOf time.Time
	// Stale is the error that prevented a newer response than AsOf, nil without one.
	Stale error
	// Masked reports whether the last digits of numbers are hidden.
	Masked bool
	// Digits says how digits in the Query were treated while numbers are masked.
	Digits DigitSearch
	// Partial reports whether a local search has covered only a part of the list so far:
	// Covered customers.
	Partial bool
	Covered int
}

// DigitSearch says how digits in a Query were treated. While numbers are masked,
// searching for parts of them would reveal them.
type DigitSearch uint8

// The values of DigitSearch. The last three come without customers.
const (
	DigitsSearched  DigitSearch = iota // numbers are not masked, or the Query has no digits
	DigitsLeftOut                      // only the rest of the Query was searched for
	DigitsWholeOnly                    // only complete phone numbers can be searched for
	DigitsRefused                      // numbers cannot be searched for
	DigitsTooOften                     // too many numbers were searched for; try again later
)
