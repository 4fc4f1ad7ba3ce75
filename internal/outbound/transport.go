package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

const (
	// dialTimeout limits an attempt to connect: twice the longest call. Callers have shorter
	// timeouts of their own.
	dialTimeout = 12 * time.Second
	// maxHeader limits the header of a response, in bytes.
	maxHeader = 64 << 10
)

// Transport returns a transport that connects only to what the policy allows, whatever
// name, redirect or rebinding leads elsewhere: each address is checked when it is connected
// to. It ignores proxies of the environment (a proxy would make the connection), keeps idle
// connections, and uses TLS 1.2 or later. Redirects are the client's business.
//
// A refusal is a *RefusedError. Before the first request, the caller may change fields of
// the transport that do not connect, such as MaxConnsPerHost.
func Transport(p Policy) *http.Transport { return newTransport(p, nil) }

// newTransport is Transport with a test's resolver, or nil.
func newTransport(p Policy, resolver *net.Resolver) *http.Transport {
	return &http.Transport{
		DialContext:            p.dialer(resolver),
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        90 * time.Second,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// dialer returns a function that resolves, checks and connects.
func (p Policy) dialer(resolver *net.Resolver) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{
		Timeout:  dialTimeout,
		Resolver: resolver,
		// Called for every resolved address, before the connection is attempted.
		ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
			return p.checkConnect(network, address)
		},
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, address)
		var refused *RefusedError
		if errors.As(err, &refused) {
			return nil, refused // without the wrapping error, which names the address
		}
		return conn, err
	}
}

// checkConnect checks an address that the dialer is about to connect to.
func (p Policy) checkConnect(network, address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return &RefusedError{Reason: "no address of the internet"}
	}
	return p.Check(at.Addr())
}
