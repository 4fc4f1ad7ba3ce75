// Package frontline is the CRM callback: the two questions that a frontline
// worker's application asks an integration service, and both ends of the
// conversation.
//
// Whoever has customers to show implements [CRM], two methods, and serves it
// with [NewHandler]. Whoever wants to show them asks a [CRM]: a [Client] is one
// that calls somebody's callback URL. The pair is meant to feel like
// http.Handler and http.RoundTripper: learn one interface, and the rest follows.
//
// The package depends on the standard library only.
package frontline
