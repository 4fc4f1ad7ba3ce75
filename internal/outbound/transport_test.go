package outbound

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// localServer is a server on loopback that counts its connections.
type localServer struct {
	*httptest.Server
	port        string
	connections atomic.Int32
}

func newLocalServer(t *testing.T) *localServer {
	t.Helper()
	h := new(localServer)
	h.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "inside")
	}))
	h.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			h.connections.Add(1)
		}
	}
	h.Start()
	t.Cleanup(h.Close)
	_, h.port, _ = net.SplitHostPort(h.Listener.Addr().String())
	return h
}

func get(t *testing.T, tr *http.Transport, url string) (string, error) {
	t.Helper()
	t.Cleanup(tr.CloseIdleConnections)
	client := http.Client{Transport: tr, Timeout: 5 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

func TestTransport_ChecksResolvedAddresses(t *testing.T) {
	for _, c := range []struct {
		name      string
		addresses string
		private   bool   // Policy.AllowPrivate
		reason    string // "" when it must connect
	}{
		{"a public-looking name of this machine", "127.0.0.1", false, "a loopback address"},
		{"the same, when private addresses are allowed", "127.0.0.1", true, ""},
		{"a name of this machine in both families", "127.0.0.1 ::1", false, "a loopback address"},
		{"a name of the metadata service", "169.254.169.254", false, "link-local"},
		{"the metadata service, when private addresses are allowed", "169.254.169.254", true, "link-local"},
		{"metadata over IPv6", "fd00:ec2::254", true, "metadata"},
		{"a mapped address", "::ffff:127.0.0.1", false, "a loopback address"},
		{"a NAT64 address of this machine", "64:ff9b::127.0.0.1", false, "a loopback address (inside"},
		{"a 6to4 address of the metadata service", "2002:a9fe:a9fe::1", true, "link-local"},
		{"the unspecified address", "0.0.0.0", true, "unspecified"},
		{"the unspecified address of IPv6", "::", true, "unspecified"},
		{"a private address", "10.11.12.13", false, "a private address"},
		{"several refused ones", "169.254.169.254 224.0.0.1 0.0.0.0", true, ""},
		{"a refused one before an allowed one", "169.254.169.254 127.0.0.1", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newLocalServer(t)
			dns := newNameserver(t, map[string][]string{"crm.example.com": {c.addresses}})
			if err := CheckURL("http://crm.example.com:"+h.port+"/", Policy{}); err != nil {
				t.Fatalf("CheckURL(a name) = %v", err)
			}
			body, err := get(t, newTransport(Policy{AllowPrivate: c.private}, dns.resolver()), "http://crm.example.com:"+h.port+"/")
			if c.reason == "" && strings.Contains(c.addresses, "127.0.0.1") {
				if body != "inside" || err != nil {
					t.Errorf("GET = %q, %v, want a response", body, err)
				}
				return
			}
			var refused *RefusedError
			if !errors.As(err, &refused) || !strings.Contains(refused.Reason, c.reason) {
				t.Fatalf("GET = %q, %v, want it refused as %q", body, err, c.reason)
			}
			for text := range strings.FieldsSeq(c.addresses) {
				if strings.Contains(err.Error(), text) {
					t.Errorf("error %q contains the address", err)
				}
			}
			if n := h.connections.Load(); n != 0 {
				t.Errorf("GET made %d connections, want none", n)
			}
		})
	}
}

func TestTransport_Rebinding(t *testing.T) {
	h := newLocalServer(t)
	dns := newNameserver(t, map[string][]string{"rebind.example.com": {"93.184.216.34", "127.0.0.1"}})
	addrs, err := dns.resolver().LookupNetIP(t.Context(), "ip4", "rebind.example.com")
	if err != nil || len(addrs) != 1 {
		t.Fatalf("LookupNetIP() = %v, %v, want one address", addrs, err)
	}
	if err := (Policy{}).Check(addrs[0].Unmap()); err != nil {
		t.Fatalf("Check(first lookup) = %v, want it allowed", err)
	}
	var refused *RefusedError
	_, err = get(t, newTransport(Policy{}, dns.resolver()), "http://rebind.example.com:"+h.port+"/")
	if !errors.As(err, &refused) || refused.Addr != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("GET after rebinding = %v, want it refused", err)
	}
	if n := h.connections.Load(); n != 0 {
		t.Errorf("GET after rebinding made %d connections, want none", n)
	}
}

func TestTransport_Redirect(t *testing.T) {
	inner := newLocalServer(t)
	outer := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:"+inner.port+"/", http.StatusFound))
	t.Cleanup(outer.Close)
	// The outer server acts as a public one: it alone is reached unchecked.
	checked := newTransport(Policy{}, nil)
	client := http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Host == outer.Listener.Addr().String() {
			return http.DefaultTransport.RoundTrip(r)
		}
		return checked.RoundTrip(r)
	})}
	var refused *RefusedError
	if _, err := client.Get(outer.URL); !errors.As(err, &refused) {
		t.Errorf("GET redirected to loopback = %v, want it refused", err)
	}
	if n := inner.connections.Load(); n != 0 {
		t.Errorf("GET redirected to loopback made %d connections, want none", n)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestTransport_IgnoresProxyEnvironment(t *testing.T) {
	var proxied atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { proxied.Add(1) }))
	t.Cleanup(proxy.Close)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	t.Setenv("NO_PROXY", "")
	h := newLocalServer(t)
	dns := newNameserver(t, map[string][]string{"crm.example.com": {"127.0.0.1"}})
	tr := newTransport(Policy{AllowPrivate: true}, dns.resolver())
	if tr.Proxy != nil {
		t.Error("Transport() has a proxy function")
	}
	if body, err := get(t, tr, "http://crm.example.com:"+h.port+"/"); body != "inside" || err != nil {
		t.Errorf("GET = %q, %v", body, err)
	}
	if proxied.Load() != 0 {
		t.Error("the proxy was used")
	}
}

func TestTransport_KeepAliveAndHTTP2(t *testing.T) {
	h := newLocalServer(t)
	tr := Transport(Policy{AllowPrivate: true})
	for range 3 {
		if body, err := get(t, tr, h.URL); body != "inside" || err != nil {
			t.Fatalf("GET = %q, %v", body, err)
		}
	}
	if n := h.connections.Load(); n != 1 {
		t.Errorf("three GETs made %d connections, want 1", n)
	}

	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) }))
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(secure.Close)
	tr = Transport(Policy{AllowPrivate: true})
	tr.TLSClientConfig.RootCAs = secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	if body, err := get(t, tr, secure.URL); body != "HTTP/2.0" || err != nil {
		t.Errorf("GET = %q, %v", body, err)
	}
	var refused *RefusedError
	if _, err := get(t, Transport(Policy{}), secure.URL); !errors.As(err, &refused) {
		t.Errorf("GET over TLS = %v, want it refused", err)
	}
}

func TestPolicy_CheckConnect(t *testing.T) {
	p := Policy{AllowPrivate: true}
	for _, c := range []struct{ network, address string }{
		{"unix", "/run/docker.sock"}, {"tcp", "/run/docker.sock"}, {"tcp", ":80"}, {"tcp", ""},
		{"udp", "8.8.8.8:53"}, {"tcp6", "[fe80::1%eth0]:80"}, {"tcp6", "[::1%lo]:80"},
	} {
		if err := p.checkConnect(c.network, c.address); err == nil {
			t.Errorf("checkConnect(%s, %q) = nil", c.network, c.address)
		}
	}
	if err := p.checkConnect("tcp4", "8.8.8.8:443"); err != nil {
		t.Error(err)
	}
	_, err := p.dialer(nil)(t.Context(), "tcp", "no-such-name.invalid:80")
	var refused *RefusedError
	if err == nil || errors.As(err, &refused) {
		t.Errorf("dial of an unknown name = %v, want an error that is no refusal", err)
	}
	var u *url.Error
	if _, err := get(t, Transport(Policy{}), "http://127.0.0.1:1/"); !errors.As(err, &u) || !errors.As(err, &refused) {
		t.Errorf("GET of loopback = %v, want a refusal inside the client's error", err)
	}
}
