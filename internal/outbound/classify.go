package outbound

import "net/netip"

// A verdict is what there is against an address; the zero value is nothing.
type verdict struct {
	reason  string // in plain words, "" when it is an address of the public internet
	private bool   // refused only while private addresses are
}

func (v verdict) fine() bool { return v.reason == "" }

// never is a verdict that no flag changes.
func never(reason string) verdict { return verdict{reason: reason} }

// worse answers the harder of two verdicts.
func worse(a, b verdict) verdict {
	switch {
	case a.fine(), a.private && !b.fine() && !b.private:
		return b
	}
	return a
}

func judge(addr netip.Addr) verdict {
	switch {
	case !addr.IsValid():
		return never("no address")
	case addr.Zone() != "":
		return never("an address with a zone")
	case addr.Is4():
		return lookUp(ranges4, addr)
	case addr.Is4In6(): // as the operating system takes it
		return lookUp(ranges4, addr.Unmap())
	}
	v := lookUp(ranges6, addr)
	for _, inside := range embedded(addr) {
		w := lookUp(ranges4, inside)
		if !w.fine() {
			w.reason += " (inside an IPv6 address)"
		}
		v = worse(v, w)
	}
	return v
}

// lookUp answers the verdict of the first range that addr is in. An IPv6 address
// in none of them is one that is assigned to nobody.
func lookUp(ranges []span, addr netip.Addr) verdict {
	for _, r := range ranges {
		if r.prefix.Contains(addr) {
			return r.verdict
		}
	}
	if addr.Is4() {
		return verdict{}
	}
	return never("a reserved address")
}
