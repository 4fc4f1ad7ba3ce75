// Package frontline implements both ends of the callbacks of a frontline worker's app: the
// CRM callback, with its two requests to an integration service, and the callbacks around
// conversations.
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
// # Conversations
//
// The other callbacks have an interface and a handler each, and a [Client] of their URL is
// that interface:
//
//	Outgoing       the company's address from which a worker writes to a customer
//	  Location     GetProxyAddress
//	  Worker, CustomerId, ChannelType, ChannelValue
//	Templates      texts that a worker can send to a customer
//	  Location     GetTemplatesByCustomerId
//	  Worker, CustomerId, ConversationSid
//	Router         adds a worker to an incoming conversation
//	  ConversationSid, ConversationServiceSid, Attributes, State
//	  MessagingBinding.Address, MessagingBinding.ProxyAddress
//	Conversations  the webhooks of the messaging service
//	  EventType    and the parameters of the event: see [ConversationEvent]
//
// The messaging service sends the events of the last one; an app sends the rest. There is
// one webhook URL, so a service that receives events may relay them to others with a
// Client, which sends all parameters with a new signature.
//
// # Trust
//
// Requests are signed with the account's auth token, in the header [SignatureHeader]; see
// [Sign]. A handler refuses unsigned requests unless HandlerOptions.AllowUnsigned permits
// them. The signature covers the URL that the caller used: a server behind a proxy needs
// to know its public URL.
//
// A service must return the worker's own customers only. A customer of another worker
// must look like one that does not exist: both are [ErrNotFound]. A worker who may see a
// customer, but not write, gets [ErrForbidden] from an Outgoing.
//
// # Limits
//
// A caller waits 6 s ([CallTimeout]) and reads 64 KiB ([MaxBodyBytes]). It waits 10 s for a
// Router ([RouteTimeout]), and the messaging service waits 5 s for the response to an event
// ([WebhookTimeout]): with a deadline of that, a relay has its own answer ready if the other
// service has none. A friendly name has 256 characters ([MaxFriendlyName]). A handler keeps
// pages below that by requesting fewer customers from its CRM. The details of one
// customer must fit by themselves, so keep a customer's JSON within 48 KiB
// ([MaxCustomerBytes]).
//
// # Errors
//
// A CRM's errors, and those of the other interfaces, are few: [ErrNotFound],
// [ErrForbidden] of an Outgoing, [*InvalidRequestError],
// [*UnavailableError] and [*CallbackError] with its published [Code]; errors.Is
// and errors.As find them when they are wrapped. [NewHandler] lists the HTTP status of
// each, and [Client] the error of each status.
//
// The package depends on the standard library only.
package frontline
