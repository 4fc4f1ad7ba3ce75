package outbound

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

// Expected results of the table tests.
const (
	allowedAlways   = "allowed"
	allowedPrivate  = "private" // with AllowPrivate only
	forbiddenAlways = "forbidden"
)

// addresses are the expected results by address. A range is represented by its ends; the
// addresses just outside are listed elsewhere.
var addresses = []struct {
	name, want string
	reason     string // part of the reason, "" for allowed ones
	list       string
}{
	{"the public internet", allowedAlways, "", "1.0.0.0 1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 93.184.216.34 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 " +
		"169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.1.255 192.0.3.0 192.31.196.1 192.52.193.1 192.88.98.255 192.88.100.0 " +
		"192.167.255.255 192.169.0.0 192.175.48.1 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 " +
		"168.63.129.15 168.63.129.17 20.1.2.3"},
	{"this network", forbiddenAlways, "this network", "0.0.0.1 0.1.2.3 0.127.0.0 0.169.254.169 0.255.255.255"},
	{"unspecified", forbiddenAlways, "unspecified", "0.0.0.0 :: ::ffff:0.0.0.0"},
	{"private", allowedPrivate, "a private address", "10.0.0.0 10.0.0.1 10.1.2.3 10.255.255.255 172.16.0.0 172.16.0.1 172.20.10.1 172.31.255.255 192.168.0.0 192.168.0.1 192.168.1.254 192.168.255.255"},
	{"shared by a provider's customers", allowedPrivate, "a private address", "100.64.0.0 100.64.0.1 100.100.100.199 100.100.100.201 100.127.255.255"},
	{"loopback", allowedPrivate, "a loopback address", "127.0.0.0 127.0.0.1 127.0.1.1 127.1.1.1 127.127.127.127 127.255.255.254 127.255.255.255 ::1"},
	{"link-local", forbiddenAlways, "link-local", "169.254.0.0 169.254.0.1 169.254.42.42 169.254.169.123 169.254.169.254 169.254.170.2 169.254.255.255"},
	{"metadata", forbiddenAlways, "metadata", "100.100.100.200 168.63.129.16 192.0.0.192 169.254.169.254 169.254.170.2 " +
		"fd00:ec2::254 fd00:ec2::23 fd00:ec2:: fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff fd20:ce::254 fd00:c1::a9fe:a9fe fd00:42::42 fd00:a9fe:a9fe::1 fd00:100::100:200"},
	{"protocol assignments", forbiddenAlways, "protocols", "192.0.0.0 192.0.0.1 192.0.0.8 192.0.0.9 192.0.0.10 192.0.0.170 192.0.0.171 192.0.0.255 192.88.99.0 192.88.99.1 192.88.99.255"},
	{"documentation", forbiddenAlways, "documentation", "192.0.2.0 192.0.2.1 192.0.2.255 198.51.100.0 198.51.100.255 203.0.113.0 203.0.113.255"},
	{"benchmarks", forbiddenAlways, "measurements", "198.18.0.0 198.18.0.1 198.19.255.255"},
	{"multicast", forbiddenAlways, "multicast", "224.0.0.0 224.0.0.1 224.0.0.251 232.1.1.1 239.255.255.250 239.255.255.255"},
	{"broadcast", forbiddenAlways, "broadcast", "255.255.255.255 ::ffff:255.255.255.255"},
	{"reserved", forbiddenAlways, "reserved", "240.0.0.0 240.0.0.1 250.1.2.3 255.255.255.254 255.0.0.0"},

	{"the public internet, IPv6", allowedAlways, "", "2000:: 2001:200:: 2001:4860:4860::8888 2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9:: 2003:: 2400:: 2606:4700::1111 2a00:1450:4001::200e " +
		"2620:4f:8000::1 3ffe:ffff:: 3fff:1000:: 3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001:4860::5efe 2001:4860::5eff:7f00:1 2001:4860::4:5efe:7f00:1"},
	{"unique local", allowedPrivate, "a private address", "fc00:: fc00::1 fd00:: fd00::1 fd12:3456:789a::1 fd00:ec1:ffff:ffff:ffff:ffff:ffff:ffff fd00:ec3:: fd20:ce::253 fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"link-local, IPv6", forbiddenAlways, "link-local", "fe80:: fe80::1 fe80::a9fe:a9fe fe80::5efe:8.8.8.8 febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"site-local", forbiddenAlways, "site-local", "fec0:: fec0::1 feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"multicast, IPv6", forbiddenAlways, "multicast", "ff00:: ff02::1 ff02::fb ff0e::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"documentation, IPv6", forbiddenAlways, "documentation", "2001:db8:: 2001:db8::1 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 3fff:: 3fff::1 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"protocol assignments, IPv6", forbiddenAlways, "protocols", "2001:1::1 2001:1::2 2001:2::1 2001:3::1 2001:4:112::1 2001:10::1 2001:20::1 2001:30::1 2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"},
	{"discard and dummy", forbiddenAlways, "leads nowhere", "100:: 100::1 100::ffff:ffff:ffff:ffff 100:0:0:1::1 100:0:0:1:ffff:ffff:ffff:ffff"},
	{"reserved, IPv6", forbiddenAlways, "reserved", "1:: 64:ff9a:ffff::1 64:ff9b:0:0:0:1:808:808 64:ff9b:2:: 100:0:0:2:: 200::1 400:: 1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 4000:: 4000::1 5f00::1 8000::1 c000::1 " +
		"f000::1 fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe00:: fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::1:0:0:0 ::ffff:0:127.0.0.1 ::ffff:0:8.8.8.8 ::fffe:8.8.8.8 0:0:0:0:1::8.8.8.8"},
	{"with a zone", forbiddenAlways, "zone", "fe80::1%eth0 ::1%lo 2001:4860:4860::8888%1 ::ffff:8.8.8.8%eth0"},

	{"mapped public", allowedAlways, "", "::ffff:8.8.8.8 ::ffff:1.1.1.1"},
	{"mapped private", allowedPrivate, "a private address", "::ffff:10.0.0.1 ::ffff:172.31.255.255 ::ffff:192.168.1.1 ::ffff:100.64.0.1 ::ffff:c0a8:101"},
	{"mapped loopback", allowedPrivate, "a loopback address", "::ffff:127.0.0.1 ::ffff:7f00:1 0:0:0:0:0:ffff:7fff:ffff"},
	{"mapped link-local", forbiddenAlways, "link-local", "::ffff:169.254.169.254 ::ffff:a9fe:a9fe"},
	{"mapped metadata", forbiddenAlways, "metadata", "::ffff:100.100.100.200 ::ffff:168.63.129.16"},
	{"mapped others", forbiddenAlways, "", "::ffff:224.0.0.1 ::ffff:240.0.0.1 ::ffff:192.0.2.1 ::ffff:0.1.2.3 ::ffff:198.18.0.1"},

	{"compatible public", allowedAlways, "", "::8.8.8.8 ::1.2.3.4"},
	{"compatible private", allowedPrivate, "a private address (inside", "::10.0.0.1 ::192.168.0.1"},
	{"compatible loopback", allowedPrivate, "a loopback address (inside", "::127.0.0.1 ::7f00:1"},
	{"compatible others", forbiddenAlways, "(inside", "::169.254.169.254 ::2 ::0.0.1.0 ::255 ::224.0.0.1 ::255.255.255.255"},

	{"NAT64 public", allowedAlways, "", "64:ff9b::8.8.8.8 64:ff9b::808:808"},
	{"NAT64 private", allowedPrivate, "a private address (inside", "64:ff9b::10.0.0.1 64:ff9b::192.168.255.255"},
	{"carrying an address of a provider", allowedPrivate, "a private address of a provider", "64:ff9b::100.64.0.1 2002:6440:1:: 100.64.0.0 ::100.127.255.255"},
	{"NAT64 loopback", allowedPrivate, "a loopback address (inside", "64:ff9b::127.0.0.1"},
	{"NAT64 metadata", forbiddenAlways, "metadata", "64:ff9b::169.254.169.254 64:ff9b::a9fe:a9fe 64:ff9b::100.100.100.200"},
	{"NAT64 others", forbiddenAlways, "(inside", "64:ff9b:: 64:ff9b::0.0.0.1 64:ff9b::224.0.0.1 64:ff9b::255.255.255.255 64:ff9b::192.0.2.33"},
	{"local NAT64", allowedPrivate, "a private address", "64:ff9b:1::8.8.8.8 64:ff9b:1::10.0.0.1 64:ff9b:1:ffff::8.8.8.8 64:ff9b:1:808:8:800:: 64:ff9b:1:8:8:808:: 64:ff9b:1:0:8:808:800:0"},
	{"local NAT64 to metadata, wherever it is", forbiddenAlways, "metadata", "64:ff9b:1::169.254.169.254 64:ff9b:1:a9fe:a9:fe00:: 64:ff9b:1:a9:fe:a9fe:: 64:ff9b:1:0:a9:fea9:fe00:0 64:ff9b:1:abcd::169.254.169.254"},
	{"local NAT64 to nothing", forbiddenAlways, "(inside", "64:ff9b:1:: 64:ff9b:1::1"},

	{"6to4 public", allowedAlways, "", "2002:808:808:: 2002:808:808::1 2002:0101:0101:ffff::1"},
	{"6to4 private", allowedPrivate, "a private address (inside", "2002:a00:1:: 2002:a00:1::1 2002:c0a8:101:: 2002:ac10:1::1"},
	{"6to4 loopback", allowedPrivate, "a loopback address (inside", "2002:7f00:1:: 2002:7f00:1::1"},
	{"6to4 others", forbiddenAlways, "(inside", "2002:: 2002:a9fe:a9fe:: 2002:a9fe:a9fe::1 2002:e000:1:: 2002:ffff:ffff:: 2002:c000:201::"},

	{"Teredo public", allowedAlways, "", "2001:0:4136:e378:8000:63bf:f7f7:f7f7"},
	{"Teredo to a private client", allowedPrivate, "a private address (inside", "2001:0:4136:e378:8000:63bf:f5ff:fffe 2001:0:4136:e378::3f57:fefe"},
	{"Teredo to a loopback client", allowedPrivate, "a loopback address (inside", "2001:0:4136:e378:8000:63bf:80ff:fffe"},
	{"Teredo to metadata", forbiddenAlways, "link-local", "2001:0:4136:e378:8000:63bf:5601:5601"},
	{"Teredo by a refused server", forbiddenAlways, "link-local", "2001:0:a9fe:a9fe:8000:63bf:f7f7:f7f7"},
	{"Teredo by a private server", allowedPrivate, "a private address (inside", "2001:0:a00:1:8000:63bf:f7f7:f7f7"},
	{"Teredo, empty", forbiddenAlways, "(inside", "2001:: 2001::1"},

	{"ISATAP public", allowedAlways, "", "2001:4860::5efe:8.8.8.8 2001:4860::200:5efe:8.8.8.8"},
	{"ISATAP private", allowedPrivate, "a private address", "2001:4860::5efe:10.0.0.1 2001:4860::200:5efe:192.168.0.1 2001:4860::100:5efe:192.168.0.1 fd00::5efe:8.8.8.8"},
	{"ISATAP loopback", allowedPrivate, "a loopback address (inside", "2001:4860::5efe:127.0.0.1 2001:4860::200:5efe:127.0.0.1"},
	{"ISATAP to metadata", forbiddenAlways, "metadata", "2001:4860::5efe:169.254.169.254 2001:4860::200:5efe:a9fe:a9fe fd00::5efe:169.254.169.254 2002:808:808::5efe:169.254.169.254"},
}

func TestPolicy_Check(t *testing.T) {
	seen := 0
	for _, a := range addresses {
		t.Run(a.name, func(t *testing.T) {
			for text := range strings.FieldsSeq(a.list) {
				seen++
				addr := netip.MustParseAddr(text)
				strict, lax := Policy{}.Check(addr), Policy{AllowPrivate: true}.Check(addr)
				got := forbiddenAlways
				switch {
				case strict == nil && lax == nil:
					got = allowedAlways
				case lax == nil:
					got = allowedPrivate
				case strict == nil:
					t.Errorf("Check(%s) fails only with AllowPrivate", text)
				}
				if got != a.want {
					t.Errorf("Check(%s) is %s (%v), want %s", text, got, strict, a.want)
				}
				var refused *RefusedError
				if !errors.As(strict, &refused) {
					continue
				}
				if !strings.Contains(refused.Reason, a.reason) {
					t.Errorf("Check(%s) reason = %q, want %q", text, refused.Reason, a.reason)
				}
				if refused.Addr != addr || !refused.Refused() || refused.Private != (a.want == allowedPrivate) {
					t.Errorf("Check(%s) = %+v, want the address and Private %v", text, refused, a.want == allowedPrivate)
				}
				if strings.Contains(refused.Error(), text) {
					t.Errorf("Check() error %q contains the address", refused)
				}
				if named := strings.Contains(refused.Error(), "--allow-private-callbacks"); named != refused.Private {
					t.Errorf("Check(%s) = %q names the flag: %v", text, refused, named)
				}
			}
		})
	}
	if seen < 200 {
		t.Errorf("Check was tested with %d addresses, want at least 200", seen)
	}
	if err := (Policy{AllowPrivate: true}).Check(netip.Addr{}); err == nil {
		t.Error("Check(invalid address) = nil")
	}
}

// FuzzEmbeddedIPv4 checks that an address that contains an IPv4 address is refused whenever
// that is.
func FuzzEmbeddedIPv4(f *testing.F) {
	f.Add(uint32(0x7f000001))
	f.Add(uint32(0xa9fea9fe))
	f.Add(uint32(0x08080808))
	f.Add(uint32(0xc0a80101))
	f.Fuzz(func(t *testing.T, n uint32) {
		v4 := [4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
		for form, at := range map[string]struct {
			base string
			pos  [4]int
			flip byte
		}{
			"mapped":     {"::ffff:0:0", [4]int{12, 13, 14, 15}, 0},
			"compatible": {"::", [4]int{12, 13, 14, 15}, 0},
			"NAT64":      {"64:ff9b::", [4]int{12, 13, 14, 15}, 0},
			"local /96":  {"64:ff9b:1::", [4]int{12, 13, 14, 15}, 0},
			"local /64":  {"64:ff9b:1::", [4]int{9, 10, 11, 12}, 0},
			"local /56":  {"64:ff9b:1::", [4]int{7, 9, 10, 11}, 0},
			"local /48":  {"64:ff9b:1::", [4]int{6, 7, 9, 10}, 0},
			"6to4":       {"2002::", [4]int{2, 3, 4, 5}, 0},
			"Teredo":     {"2001:0:4136:e378::", [4]int{12, 13, 14, 15}, 0xff},
			"ISATAP":     {"2001:4860::200:5efe:0:0", [4]int{12, 13, 14, 15}, 0},
		} {
			inside := netip.AddrFrom4(v4)
			b := netip.MustParseAddr(at.base).As16()
			for i, pos := range at.pos {
				b[pos] = v4[i] ^ at.flip
			}
			outer := netip.AddrFrom16(b)
			if v := classify(inside); strings.HasPrefix(form, "local /") && form != "local /96" && v != metadata && v != linkLocal {
				inside = netip.MustParseAddr("10.0.0.1") // counts as any private one
			}
			for _, p := range []Policy{{}, {AllowPrivate: true}} {
				if p.Check(inside) != nil && p.Check(outer) == nil && outer != netip.IPv6Loopback() {
					t.Errorf("Check(%s) with %+v fails, but not Check(%s) (%s)", inside, p, outer, form)
				}
			}
		}
	})
}
