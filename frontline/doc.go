// Package frontline implements both ends of the CRM callback: the two requests that a
// frontline worker's app sends to an integration service.
//
// To serve customers, implement the two methods of [CRM] and pass it to [NewHandler]. To
// show customers, call a [CRM]: a [Client] is one that calls a callback URL. The two
// relate as http.Handler and http.RoundTripper do. What applies to every service (a
// cache, a circuit breaker, masking) is a CRM around a CRM.
//
// # Requests
//
// A request is a POST with a form-encoded body; the response is JSON. Location names the
// request, and Worker is the identity of the person who is signed in to the app.
//
//	GetCustomersList                a page of the worker's customers
//	  PageSize                      the number wanted; the app requests 30
//	  Anchor or NextPageToken       the customer, or the page, that it follows
//	  Query                         what the worker typed, if it is a search
//	GetCustomerDetailsByCustomerId  one customer with all details
//	  CustomerId
//
// A page says whether the service searches by itself ([Searchable]), and has a token if
// more customers follow. A service without tokens pages by anchor: the ID of the last
// customer received.
//
// # Trust
//
// Requests are signed with the account's auth token, in the header [SignatureHeader]; see
// [Sign]. A handler refuses unsigned requests unless HandlerOptions.AllowUnsigned permits
// them. The signature covers the URL that the caller used: a server behind a proxy needs
// to know its public URL.
//
// A service must return the worker's own customers only. A customer of another worker
// must look like one that does not exist: both are [ErrNotFound].
//
// # Limits
//
// A caller waits 6 s ([CallTimeout]) and reads 64 KiB ([MaxBodyBytes]). A handler keeps
// pages below that by requesting fewer customers from its CRM. The details of one
// customer must fit by themselves, so keep a customer's JSON within 48 KiB
// ([MaxCustomerBytes]).
//
// # Errors
//
// A CRM's errors are few: [ErrNotFound], [*InvalidRequestError],
// [*UnavailableError] and [*CallbackError] with its published [Code]; errors.Is
// and errors.As find them when they are wrapped. [NewHandler] lists the HTTP status of
// each, and [Client] the error of each status.
//
// The package depends on the standard library only.
package frontline
