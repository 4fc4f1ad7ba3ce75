package outbound

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"
)

// CheckURL returns an error in plain words when the host of a URL cannot be connected to:
// see [CheckHost]. It does not check the rest of the URL.
func CheckURL(raw string, p Policy) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return errors.New("the URL has no host: enter the full URL, such as https://example.com/callbacks/crm")
	}
	return CheckHost(u.Hostname(), p)
}

// CheckHost returns an error in plain words when a host (a name or an address, without port
// and brackets) cannot be connected to. It makes no lookups: the addresses of names are
// checked at each connection.
//
// The error is a *RefusedError for an address that the policy refuses, in any spelling, and
// for names that always lead to one. Unusual spellings of allowed addresses are refused with
// a plain error: programs read them differently.
func CheckHost(host string, p Policy) error {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.IndexByte(name, ':') >= 0 {
		addr, err := netip.ParseAddr(name)
		if err != nil {
			return errors.New("the host isn't a valid IPv6 address: write it as [2001:4860:4860::8888]")
		}
		return p.Check(addr)
	}
	if name == "" || strings.HasPrefix(name, ".") || strings.Contains(name, "..") {
		return errors.New("the host isn't a valid name: use a full name such as example.com")
	}
	if isNumeric(name) {
		addr, ok := parseIPv4(name)
		if !ok {
			return errors.New("the host isn't a valid IP address: use four numbers from 0 to 255, or a name")
		}
		if err := p.Check(addr); err != nil {
			return err
		}
		if name != addr.String() {
			return errors.New("the host is an IP address in an unusual form: use " + addr.String())
		}
		return nil
	}
	if v := classifyName(name); !v.allowed() && !(v.private && p.AllowPrivate) {
		return &RefusedError{Reason: v.reason, Private: v.private}
	}
	return nil
}

// IsLoopbackHost reports whether a host is this machine under a name that no other
// machine can have.
func IsLoopbackHost(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Zone() == "" && ip.Unmap().IsLoopback()
}

// classifyName classifies a lower-case name that always has the same meaning.
func classifyName(name string) verdict {
	switch name {
	case "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback":
		return verdict{reason: "this machine itself", private: true}
	case "metadata", "metadata.goog", "metadata.google.internal", "metadata.azure.internal",
		"metadata.tencentyun.com", "metadata.platformequinix.com", "instance-data", "instance-data.ec2.internal":
		return forbidden("a name where cloud machines keep their metadata")
	}
	if strings.HasSuffix(name, ".localhost") {
		return verdict{reason: "this machine itself", private: true}
	}
	return verdict{}
}

// isNumeric reports whether browsers take a host for an IPv4 address: its last part is a
// number.
func isNumeric(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	if digits, ok := strings.CutPrefix(last, "0x"); ok {
		return strings.Trim(digits, "0123456789abcdef") == ""
	}
	return last != "" && strings.Trim(last, "0123456789") == ""
}

// parseIPv4 parses the spellings of an IPv4 address that C libraries and browsers accept:
// one to four parts, each decimal, octal (017) or hexadecimal (0x1f), the last filling the
// rest of the 32 bits.
func parseIPv4(name string) (addr netip.Addr, ok bool) {
	parts := strings.Split(name, ".")
	if len(parts) > 4 {
		return addr, false
	}
	var whole uint64
	for i, part := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		n, ok := parseNumber(part)
		if !ok || n >= 1<<bits {
			return addr, false
		}
		whole = whole<<bits | n
	}
	return netip.AddrFrom4([4]byte{byte(whole >> 24), byte(whole >> 16), byte(whole >> 8), byte(whole)}), true
}

// parseNumber parses a number of at most 32 bits as C does.
func parseNumber(s string) (n uint64, ok bool) {
	base := uint64(10)
	switch {
	case s == "":
		return 0, false
	case strings.HasPrefix(s, "0x"):
		base, s = 16, s[2:] // a bare 0x is zero where it is accepted
	case len(s) > 1 && s[0] == '0':
		base, s = 8, s[1:]
	}
	for i := range len(s) {
		d := uint64(strings.IndexByte("0123456789abcdef", s[i]))
		if d >= base { // -1 is large too
			return 0, false
		}
		if n = n*base + d; n >= 1<<32 {
			return 0, false
		}
	}
	return n, true
}
