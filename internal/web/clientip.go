package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// ClientIP returns the client's address. It is the peer's address, unless the peer
// is a trusted proxy: then it is the rightmost address in X-Forwarded-For that is
// not a trusted proxy's. Entries further left are written by the client and are not
// trusted. The zero Addr means unknown, as with a Unix socket.
func ClientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addr := parseAddr(r.RemoteAddr)
	if !inPrefixes(addr, trusted) {
		return addr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := parseAddr(strings.TrimSpace(hops[i]))
		if !hop.IsValid() {
			return addr // the last one that a trusted proxy reported
		}
		addr = hop
		if !inPrefixes(addr, trusted) {
			return addr
		}
	}
	return addr
}

// ClientAddress returns ClientIP as text, "" when it is unknown.
func ClientAddress(r *http.Request, trusted []netip.Prefix) string {
	if addr := ClientIP(r, trusted); addr.IsValid() {
		return addr.String()
	}
	return ""
}

// AddrKey returns the key under which attempts of a client are counted: the address,
// or the /64 network for IPv6, which is usually one customer's.
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
