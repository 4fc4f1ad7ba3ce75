package cli

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// fromThisMachine tells whether a request was made on this machine, for this
// machine: a loopback peer that asks a loopback Host (so that no other site's
// name leads here), with no sign of having been passed on by a proxy or tunnel.
// HTTP/1.0 is one: nothing but a proxy that says nothing else of itself speaks it.
func fromThisMachine(r *http.Request) bool {
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
	return loopbackHost(host) && !passedOn(r.Header)
}

// passedOn tells whether a header says that the request came through a proxy, a
// tunnel or a content network.
func passedOn(header http.Header) bool {
	for name := range header {
		// Some servers take an underscore for a dash.
		switch name = strings.ReplaceAll(strings.ToLower(name), "_", "-"); name {
		case "via", "forwarded", "forwarded-for", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip":
			return true
		}
		for _, family := range []string{
			"x-forwarded", "x-original-", "x-proxyuser-", "x-envoy-", "x-amzn-", "x-amz-cf-", "x-azure-", "x-appengine-",
			"x-arr-", "x-vercel-", "cf-", "cdn-", "fastly-", "fly-", "ngrok-", "tailscale-", "proxy-",
		} {
			if strings.HasPrefix(name, family) {
				return true
			}
		}
	}
	return false
}
