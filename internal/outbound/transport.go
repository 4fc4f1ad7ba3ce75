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
	// abandon ends attempts to connect that nobody waits for any more: twice the
	// longest call there is. Who waits has a shorter time of its own.
	abandon = 12 * time.Second
	// maxHeader bounds the header of an answer, in bytes.
	maxHeader = 64 << 10
)

// Transport makes a transport that connects to what the policy allows and nowhere
// else, whatever name, redirect or rebinding leads there: each address is checked
// when the connection to it is made. It takes no proxy from the environment (a proxy
// would do the connecting), keeps idle connections, and speaks TLS 1.2 or later.
// Following redirects or not is the client's business.
//
// What was refused comes back as a *RefusedError. The caller may change fields of
// the transport before the first request, such as MaxConnsPerHost, but not those
// that connect.
func Transport(p Policy) *http.Transport { return newTransport(p, nil) }

// newTransport has a resolver of the test's own, or nil.
func newTransport(p Policy, resolver *net.Resolver) *http.Transport {
	return &http.Transport{
		DialContext:            p.dialer(resolver),
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    32,
		IdleConnTimeout:        90 * time.Second,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    abandon,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: maxHeader,
	}
}

// dialer answers a function that resolves, checks and connects.
func (p Policy) dialer(resolver *net.Resolver) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{
		Timeout:  abandon,
		Resolver: resolver,
		// It is called for every address that is tried, after the name was looked up
		// and before the first packet goes out.
		ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
			return p.checkConnect(network, address)
		},
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, address)
		var refused *RefusedError
		if errors.As(err, &refused) {
			return nil, refused // without the address that the error around it names
		}
		return conn, err
	}
}

// checkConnect judges an address as the dialer is about to connect to it.
func (p Policy) checkConnect(network, address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !strings.HasPrefix(network, "tcp") {
		return &RefusedError{Reason: "no address of the internet"}
	}
	return p.Check(at.Addr())
}
