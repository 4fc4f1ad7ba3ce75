// Package outbound says which addresses this program may connect to when somebody
// else names them, in a callback URL or in the address of a picture, and holds its
// connections to that.
//
// A name says nothing: whoever owns it may point it anywhere, and elsewhere a moment
// later. So the check that counts is made on the very address that is about to be
// connected to ([Transport]). [CheckURL] comes before, when a URL is set, to tell
// early what can be known without looking a name up.
package outbound

import "net/netip"

// A Policy says what may be connected to. The zero value allows the public internet
// and nothing else.
type Policy struct {
	// AllowPrivate allows private and loopback addresses too: the service is on the
	// company's own network, or on this machine. It never allows link-local addresses,
	// cloud metadata, multicast and the like.
	AllowPrivate bool
}

// RefusedError tells that an address may not be connected to.
type RefusedError struct {
	// Reason names the kind of address in plain words, such as "a loopback address".
	Reason string
	// Private tells that Policy.AllowPrivate would allow it.
	Private bool
	// Addr is the address, for administrators only: what a name leads to inside the
	// network is nothing for workers. It is not in the error's text, and not valid
	// when it was a name that was refused.
	Addr netip.Addr
}

// Error says what was refused and what to do; it holds neither name nor address.
func (e *RefusedError) Error() string {
	if e.Private {
		return "the URL leads to " + e.Reason + "; use a public address, or start with --allow-private-callbacks when the service is on your own network"
	}
	return "the URL leads to " + e.Reason + ", which is never connected to; use another address"
}

// Refused tells those who know no more than this method that trying again, or
// elsewhere, is of no use: the refusal is ours.
func (e *RefusedError) Refused() bool { return true }

// Check tells whether an address may be connected to: nil, or a *RefusedError.
func (p Policy) Check(addr netip.Addr) error {
	v := judge(addr)
	if v.fine() || v.private && p.AllowPrivate {
		return nil
	}
	return &RefusedError{Reason: v.reason, Private: v.private, Addr: addr}
}
