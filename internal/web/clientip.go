package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientIP returns the client's address. It is the peer's address, unless the peer is a
// trusted proxy: then it is the rightmost address in X-Forwarded-For, unless that is
// another trusted proxy's, and so on. Each trusted prefix stands for one proxy, so that a
// client within the prefix cannot pass for a second one and name any address. The zero Addr
// means unknown, as with a Unix socket.
func ClientIP(r *http.Request, trusted []netip.Prefix) netip.Addr {
	addr := parseAddr(r.RemoteAddr)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	trusted = slices.Clone(trusted)
	for i := len(hops) - 1; i >= 0; i-- {
		proxy := slices.IndexFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
		hop := parseAddr(strings.TrimSpace(hops[i]))
		if proxy < 0 || !hop.IsValid() {
			break
		}
		trusted = slices.Delete(trusted, proxy, proxy+1)
		addr = hop
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
