package cli

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"

	"github.com/clientele-project/clientele/frontline"
	"github.com/clientele-project/clientele/internal/outbound"
)

// checkAddr refuses what is not HOST:PORT.
func checkAddr(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65535 {
		return usageErrorf("--addr %s: write HOST:PORT, such as 127.0.0.1:8080", addr)
	}
	return nil
}

// isLoopbackAddr reports whether only this machine can reach HOST:PORT.
func isLoopbackAddr(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return err == nil && outbound.IsLoopbackHost(host)
}

// listen listens on HOST:PORT. The errors say in plain words why that failed.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	var dns *net.DNSError
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another program: stop that one, or choose another --addr", addr)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return nil, fmt.Errorf("%s is not an address of this machine: choose another --addr", addr)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s: choose a port above 1023 with --addr", addr)
	case errors.As(err, &dns):
		return nil, fmt.Errorf("the host of --addr %s is unknown: use an IP address of this machine", addr)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return l, nil
}

// rootURL is the URL under which a browser on this machine finds addr.
func rootURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return addr.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port)) + "/"
}

// parsePublicURL checks and normalizes the origin under which people and callers reach
// the server, such as https://crm.example.com; "" stays "".
func parsePublicURL(raw string) (string, error) {
	if raw == "" {
		return "", nil
	}
	if err := frontline.CheckPublicURL(raw); err != nil {
		return "", usageErrorf("--public-url %s: %v", raw, err)
	}
	u, err := url.Parse(raw)
	if err != nil || strings.Trim(u.Path, "/") != "" {
		return "", usageErrorf("--public-url %s: it must end with the host, such as https://crm.example.com", raw)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// parseProxies reads addresses and CIDR ranges.
func parseProxies(values []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, value := range values {
		p, err := netip.ParsePrefix(value)
		if err != nil {
			addr, aerr := netip.ParseAddr(value)
			if aerr != nil || addr.Zone() != "" {
				return nil, usageErrorf("--trusted-proxy %s: write an address or a range, such as 10.0.0.5 or 10.0.0.0/28", value)
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		if p.Addr().Is4In6() { // clients' addresses are compared as IPv4
			if p.Bits() < 96 {
				return nil, usageErrorf("--trusted-proxy %s: write the range as IPv4, such as 10.0.0.0/28", value)
			}
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		prefixes = append(prefixes, p.Masked())
	}
	return prefixes, nil
}

// isTooWide reports whether a trusted range is wider than proxies need. Loopback addresses
// are all this machine's.
func isTooWide(p netip.Prefix) bool {
	enough := 64
	if p.Addr().Is4() {
		enough = 24
	}
	return p.Bits() < enough && !(p.Addr().IsLoopback() && p.Bits() >= 8)
}
