package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientIP answers the address that a request came from. The peer's own address
// counts, unless it is a trusted proxy's: then X-Forwarded-For is read from the
// right, and the first address that is no trusted proxy's is the client's. What
// stands further left was written by the client and proves nothing. The zero
// Addr means that it is not known (a Unix socket).
func ClientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addr := parseAddr(r.RemoteAddr)
	if !inPrefixes(addr, trusted) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := parseAddr(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			return addr // the last that a trusted proxy vouched for
		}
		addr = hop
		if !inPrefixes(addr, trusted) {
			return addr
		}
	}
	return addr
}

// AddrKey is what attempts are counted by: the address, or for IPv6 the /64 that
// one household or machine has to itself.
func AddrKey(addr netip.Addr) string {
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}

func parseAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}

func inPrefixes(addr netip.Addr, prefixes []netip.Prefix) bool {
	if !addr.IsValid() {
		return false
	}
	for _, p := range prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
