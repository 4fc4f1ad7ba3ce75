package web_test

import (
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/clientele-project/clientele/internal/web"
)

func TestClientIP(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.168.9.9/32"), netip.MustParsePrefix("fd00::/8")}
	for _, test := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "203.0.113.7:4711", nil, "203.0.113.7"},
		{"a header from a peer that is no proxy is ignored", "203.0.113.7:4711", []string{"198.51.100.1"}, "203.0.113.7"},
		{"one proxy", "10.0.0.1:80", []string{"198.51.100.1"}, "198.51.100.1"},
		{"entries by the client on the left are ignored", "10.0.0.1:80", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.1:80", []string{"198.51.100.1, 192.168.9.9"}, "198.51.100.1"},
		{"a second proxy in one prefix is a client", "10.0.0.1:80", []string{"8.8.8.8, 10.1.2.3"}, "10.1.2.3"},
		{"more proxies than prefixes", "192.168.9.9:80", []string{"8.8.8.8, 198.51.100.1, fd00::1, 10.0.0.1"}, "198.51.100.1"},
		{"two headers are one list", "10.0.0.1:80", []string{"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},
		{"a proxy without the header", "10.0.0.1:80", nil, "10.0.0.1"},
		{"only proxies", "10.0.0.1:80", []string{"10.0.0.2"}, "10.0.0.2"},
		{"an invalid entry ends the chain", "10.0.0.1:80", []string{"198.51.100.1, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"IPv6", "[fd00::1]:80", []string{"2001:db8::5"}, "2001:db8::5"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:80", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"with a port", "10.0.0.1:80", []string{"198.51.100.1:5555"}, "198.51.100.1"},
		{"a Unix socket", "@", []string{"198.51.100.1"}, "invalid IP"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = test.peer
			r.Header["X-Forwarded-For"] = test.forwarded
			if got := web.ClientIP(r, proxies).String(); got != test.want {
				t.Errorf("ClientIP(%s, %q) = %s, want %s", test.peer, test.forwarded, got, test.want)
			}
		})
	}
}
