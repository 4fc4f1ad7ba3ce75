// Package outbound decides which addresses the program may connect to when others name
// them, in a callback URL or an avatar URL, and enforces that.
//
// A name proves nothing: its owner may point it anywhere, at any time. So the decisive check
// is made on the address that is about to be connected to ([Transport]). [CheckURL] reports
// what is known without a lookup, when a URL is configured.
package outbound

import "net/netip"

// Policy defines the allowed addresses. The zero value allows the public internet only.
type Policy struct {
	// AllowPrivate also allows private and loopback addresses, for services on the
	// company's network or on this machine. It never allows link-local addresses, cloud
	// metadata, multicast and the like.
	AllowPrivate bool
}

// RefusedError is returned for an address that may not be connected to.
type RefusedError struct {
	// Reason names the kind of address in plain words, such as "a loopback address".
	Reason string
	// Private reports whether Policy.AllowPrivate would allow the address.
	Private bool
	// Addr is the address, for administrators only: workers must not learn what a name
	// resolves to inside the network. It is not in the error's text, and invalid when a
	// name was refused.
	Addr netip.Addr
}

// Error says what was refused and what to do, without the name and the address.
func (e *RefusedError) Error() string {
	if e.Private {
		return "the URL leads to " + e.Reason + "; use a public address, or start with --allow-private-callbacks when the service is on your own network"
	}
	return "the URL leads to " + e.Reason + ", which is never connected to; use another address"
}

// Refused lets packages that do not import this one recognize the error: a retry is
// useless.
func (e *RefusedError) Refused() bool { return true }

// Check returns a *RefusedError when addr may not be connected to.
func (p Policy) Check(addr netip.Addr) error {
	v := classify(addr)
	if v.allowed() || v.private && p.AllowPrivate {
		return nil
	}
	return &RefusedError{Reason: v.reason, Private: v.private, Addr: addr}
}
