package outbound

import "net/netip"

// IPv6 prefixes that carry an IPv4 address, to which a gateway or tunnel would connect.
var (
	compatible = netip.MustParsePrefix("::/96")          // RFC 4291, 2.5.5.1
	nat64      = netip.MustParsePrefix("64:ff9b::/96")   // RFC 6052
	nat64Local = netip.MustParsePrefix("64:ff9b:1::/48") // RFC 8215
	sixToFour  = netip.MustParsePrefix("2002::/16")      // RFC 3056
	teredo     = netip.MustParsePrefix("2001::/32")      // RFC 4380
)

// embeddedIPv4 returns the IPv4 addresses that an IPv6 address may contain. A NAT64 prefix
// chosen by a network, or a provider's tunnels (6rd), cannot be recognized.
func embeddedIPv4(addr netip.Addr) []netip.Addr {
	b := addr.As16()
	var found []netip.Addr
	add := func(w, x, y, z byte) { found = append(found, netip.AddrFrom4([4]byte{w, x, y, z})) }
	switch {
	case compatible.Contains(addr):
		if addr != netip.IPv6Unspecified() && addr != netip.IPv6Loopback() {
			add(b[12], b[13], b[14], b[15])
		}
	case nat64.Contains(addr):
		add(b[12], b[13], b[14], b[15])
	case nat64Local.Contains(addr):
		found = append(found, embeddedLocalNAT64(b)...)
	case sixToFour.Contains(addr):
		add(b[2], b[3], b[4], b[5])
	case teredo.Contains(addr): // the server, and the client with inverted bits
		add(b[4], b[5], b[6], b[7])
		add(^b[12], ^b[13], ^b[14], ^b[15])
	}
	// ISATAP (RFC 5214) is recognized by the second half, under any prefix.
	if b[8]&^0x03 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe {
		add(b[12], b[13], b[14], b[15])
	}
	return found
}

// embeddedLocalNAT64 returns what an address of the local-use prefix may contain. Only the
// network knows the length of its own prefix, which decides where the IPv4 address begins:
// each position of RFC 6052 is possible. The last is the usual one; of the others, which
// may be part of the prefix, only harmful addresses count. The whole range is private
// anyhow.
func embeddedLocalNAT64(b [16]byte) (found []netip.Addr) {
	positions := [][4]byte{
		{b[6], b[7], b[9], b[10]},   // /48
		{b[7], b[9], b[10], b[11]},  // /56
		{b[9], b[10], b[11], b[12]}, // /64
	}
	shorter := false
	for _, p := range positions {
		addr := netip.AddrFrom4(p)
		shorter = shorter || p[0] != 0
		if v := lookup(ranges4, addr); v == metadata || v == linkLocal {
			found = append(found, addr)
		}
	}
	if b[12] == 0 && shorter {
		return found // the last position is empty, or the end of a shorter one
	}
	return append(found, netip.AddrFrom4([4]byte(b[12:16])))
}
