package outbound

import "net/netip"

// verdict is the result of a classification; the zero value is allowed.
type verdict struct {
	reason  string // in plain words, "" when allowed
	private bool   // allowed by Policy.AllowPrivate
}

func (v verdict) allowed() bool { return v.reason == "" }

// forbidden returns a verdict that no policy overrides.
func forbidden(reason string) verdict { return verdict{reason: reason} }

// stricter returns the stricter of two verdicts.
func stricter(a, b verdict) verdict {
	switch {
	case a.allowed(), a.private && !b.allowed() && !b.private:
		return b
	}
	return a
}

func classify(addr netip.Addr) verdict {
	switch {
	case !addr.IsValid():
		return forbidden("no address")
	case addr.Zone() != "":
		return forbidden("an address with a zone")
	case addr.Is4():
		return lookup(ranges4, addr)
	case addr.Is4In6(): // operating systems connect to the IPv4 address
		return lookup(ranges4, addr.Unmap())
	}
	v := lookup(ranges6, addr)
	for _, inside := range embeddedIPv4(addr) {
		w := lookup(ranges4, inside)
		if !w.allowed() {
			w.reason += " (inside an IPv6 address)"
		}
		v = stricter(v, w)
	}
	return v
}

// lookup returns the verdict of the first range that contains addr. An IPv6 address in none
// of them is unassigned.
func lookup(ranges []addressRange, addr netip.Addr) verdict {
	for _, r := range ranges {
		if r.prefix.Contains(addr) {
			return r.verdict
		}
	}
	if addr.Is4() {
		return verdict{}
	}
	return forbidden("a reserved address")
}
