// Package frontline is the CRM callback: the two questions that a frontline
// worker's application asks an integration service, and both ends of the
// conversation.
//
// Whoever has customers to show implements [CRM], two methods, and serves it
// with [NewHandler]. Whoever wants to show them asks a [CRM]: a [Client] is one
// that calls somebody's callback URL. The pair is meant to feel like
// http.Handler and http.RoundTripper: learn one interface, and the rest follows.
// What holds for every service (a cache, a breaker, masking) is a CRM around a
// CRM.
//
// # The questions
//
// A request is a POST with a form-encoded body; the answer is JSON. Location
// says what is asked, Worker who asks: the identity of the person who is signed
// in to the app.
//
//	GetCustomersList                a page of the worker's customers
//	  PageSize                      how many; the app asks for 30
//	  Anchor or NextPageToken       after which customer, or after which page
//	  Query                         what the worker typed, when it is a search
//	GetCustomerDetailsByCustomerId  one customer, whole
//	  CustomerId
//
// A page says whether the service searches by itself ([Searchable]), and carries
// a token when more customers follow. A service that gives no tokens is asked by
// anchor: the ID of the last customer that came.
//
// # Trust
//
// Requests are signed with the account's auth token, in the header
// [SignatureHeader]; see [Sign]. A handler refuses what is not signed, unless
// its HandlerOptions.AllowUnsigned says otherwise. The signature covers the URL
// that the caller used: a server behind a proxy must be told its public URL.
//
// A service must answer for the worker's own customers only, and must not let a
// customer of somebody else be told from one that does not exist: both are
// [ErrNotFound].
//
// # Limits
//
// A caller waits 6 s ([CallTimeout]) and reads 64 KiB ([MaxBodyBytes]). A
// handler keeps its answers below that by asking its CRM for fewer customers;
// the details of one customer must fit by themselves, so keep a customer's JSON
// within 48 KiB ([MaxCustomerBytes]).
//
// # Errors
//
// A CRM's errors are few: [ErrNotFound], [*InvalidRequestError],
// [*UnavailableError] and [*CallbackError] with its published [Code]; errors.Is
// and errors.As find them however they are wrapped. [NewHandler] lists the HTTP
// statuses that they become, [Client] what becomes of statuses.
//
// The package depends on the standard library only.
package frontline
