package cli

import (
	"net"
	"net/netip"
	"strings"
	"testing"
)

func TestListen_PlainErrors(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for addr, want := range map[string]string{
		taken.Addr().String(): "is in use by another program",
		"192.0.2.1:0":         "is not an address of this machine",
	} {
		l, err := listen(addr)
		if err == nil {
			l.Close()
			t.Errorf("listen(%q) succeeded, want an error with %q", addr, want)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "bind:") {
			t.Errorf("listen(%q) = %v, want an error with %q", addr, err, want)
		}
	}
}

func TestRootURL(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8080":   "http://127.0.0.1:8080/",
		"0.0.0.0:8080":     "http://127.0.0.1:8080/",
		"[::]:8080":        "http://127.0.0.1:8080/",
		"[::1]:8080":       "http://[::1]:8080/",
		"192.168.1.9:8080": "http://192.168.1.9:8080/",
	} {
		if got := rootURL(net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))); got != want {
			t.Errorf("rootURL(%s) = %s, want %s", addr, got, want)
		}
	}
}

func TestParsePublicURL(t *testing.T) {
	for raw, want := range map[string]string{
		"":                              "",
		"https://crm.example.com":       "https://crm.example.com",
		"https://CRM.example.com/":      "https://crm.example.com",
		"http://127.0.0.1:8080":         "http://127.0.0.1:8080",
		"https://crm.example.com:8443/": "https://crm.example.com:8443",
		"HTTPS://crm.example.com":       "https://crm.example.com",
		"crm.example.com":               "refused",
		"https://":                      "refused",
		"https://crm.example.com/crm":   "refused",
		"https://crm.example.com?x=1":   "refused",
		"https://crm.example.com/#x":    "refused",
		"https://user@crm.example.com":  "refused",
		"javascript:alert(1)":           "refused",
		" https://crm.example.com":      "refused",
	} {
		got, err := parsePublicURL(raw)
		if err != nil {
			got = "refused"
		}
		if got != want {
			t.Errorf("parsePublicURL(%q) = %q (%v), want %q", raw, got, err, want)
		}
	}
}

func TestParseProxies(t *testing.T) {
	for raw, want := range map[string]string{
		"10.0.0.0/8":          "10.0.0.0/8",
		"10.1.2.3/8":          "10.0.0.0/8",
		"10.1.2.3":            "10.1.2.3/32",
		"fd00::/8":            "fd00::/8",
		"2001:db8::1":         "2001:db8::1/128",
		"::ffff:10.1.2.3":     "10.1.2.3/32",
		"::ffff:10.0.0.0/104": "10.0.0.0/8",
		"::ffff:10.0.0.0/64":  "refused",
		"fe80::1%eth0":        "refused",
		"10.0.0.0/33":         "refused",
		"proxy.example.com":   "refused",
		"10.0.0.1:8080":       "refused",
	} {
		prefixes, err := parseProxies([]string{raw})
		got := "refused"
		if err == nil {
			got = prefixes[0].String()
		}
		if got != want {
			t.Errorf("parseProxies(%q) = %s (%v), want %s", raw, got, err, want)
		}
	}
}

func TestIsTooWide(t *testing.T) {
	for prefix, want := range map[string]bool{
		"10.0.0.5/32": false, "10.0.0.0/24": false, "10.0.0.0/23": true, "10.0.0.0/8": true, "0.0.0.0/0": true,
		"127.0.0.0/8": false, "127.0.0.0/7": true,
		"2001:db8::1/128": false, "2001:db8::/64": false, "2001:db8::/63": true, "::1/128": false, "::/0": true,
	} {
		if got := isTooWide(netip.MustParsePrefix(prefix)); got != want {
			t.Errorf("isTooWide(%s) = %v, want %v", prefix, got, want)
		}
	}
}
