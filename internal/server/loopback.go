package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/clientele-project/clientele/internal/outbound"
)

// FromThisMachine reports whether a request was made on this machine, for this
// machine: a loopback peer, a loopback Host (so that no other site's name leads here),
// and no sign of a proxy or tunnel. HTTP/1.0 is such a sign: only a proxy that says
// nothing else of itself speaks it.
func FromThisMachine(r *http.Request) bool {
	if !r.ProtoAtLeast(1, 1) {
		return false
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	} else if strings.HasPrefix(host, "[") {
		host = strings.Trim(host, "[]")
	}
	return outbound.IsLoopbackHost(host) && !proxied(r.Header)
}

// proxied reports whether a header says that the request came through a proxy, a
// tunnel or a content network. Most of them name the client's address.
func proxied(header http.Header) bool {
	for name := range header {
		// Some servers take an underscore for a dash.
		name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
		if name == "via" {
			return true
		}
		for _, part := range []string{"forwarded", "client-ip", "clientip", "real-ip", "remote-ip", "remote-addr"} {
			if strings.Contains(name, part) {
				return true
			}
		}
		for _, family := range []string{
			"x-original-", "x-proxyuser-", "x-envoy-", "x-amzn-", "x-amz-cf-", "x-azure-", "x-appengine-",
			"x-arr-", "x-vercel-", "akamai-", "cf-", "cdn-", "fastly-", "fly-", "ngrok-", "tailscale-", "proxy-",
		} {
			if strings.HasPrefix(name, family) {
				return true
			}
		}
	}
	return false
}
