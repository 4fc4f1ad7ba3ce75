package outbound

import "net/netip"

// A span is a range of addresses and the verdict on it.
type span struct {
	prefix netip.Prefix
	verdict
}

func spans(v verdict, prefixes ...string) []span {
	all := make([]span, len(prefixes))
	for i, p := range prefixes {
		all[i] = span{netip.MustParsePrefix(p), v}
	}
	return all
}

func table(parts ...[]span) (all []span) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

var (
	metadata  = never("an address where cloud machines keep their metadata")
	linkLocal = never("a link-local address (where cloud machines keep their metadata)")
	multicast = never("a multicast address")
	examples  = never("an address set aside for documentation")
	benchmark = never("an address set aside for measurements")
	protocols = never("an address set aside for protocols of the network")
	reserved  = never("a reserved address")
	nowhere   = never("the unspecified address")

	loopback = verdict{reason: "a loopback address", private: true}
	private  = verdict{reason: "a private address", private: true}
	shared   = verdict{reason: "a private address of a provider", private: true}
)

// The ranges are those of IANA's special-purpose address registries, and what
// cloud providers publish as the addresses of their metadata services. The first
// range that an address is in decides. Blocks of the registries that are reachable
// from everywhere, and where anybody may have a server, are not here.
var (
	ranges4 = table(
		spans(metadata,
			"100.100.100.200/32", // Alibaba Cloud, within the shared range
			"168.63.129.16/32",   // Azure, within the public internet
			"192.0.0.192/32",     // Oracle Cloud
		),
		spans(nowhere, "0.0.0.0/32"),
		spans(never(`an address of "this network"`), "0.0.0.0/8"),
		spans(private, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
		spans(shared, "100.64.0.0/10"),
		spans(loopback, "127.0.0.0/8"),
		spans(linkLocal, "169.254.0.0/16"),
		spans(protocols, "192.0.0.0/24", "192.88.99.0/24"),
		spans(examples, "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
		spans(benchmark, "198.18.0.0/15"),
		spans(multicast, "224.0.0.0/4"),
		spans(never("the broadcast address"), "255.255.255.255/32"),
		spans(reserved, "240.0.0.0/4"),
	)

	ranges6 = table(
		spans(metadata,
			"fd00:ec2::/32",          // Amazon
			"fd20:ce::254/128",       // Google Cloud
			"fd00:c1::a9fe:a9fe/128", // Oracle Cloud
			"fd00:42::42/128",        // Scaleway
			"fd00:a9fe:a9fe::1/128",  // Akamai
			"fd00:100::100:200/128",  // Alibaba Cloud
		),
		spans(nowhere, "::/128"),
		spans(loopback, "::1/128"),
		spans(linkLocal, "fe80::/10"),
		spans(never("a site-local address"), "fec0::/10"),
		spans(private, "fc00::/7"),
		spans(multicast, "ff00::/8"),
		// Judged by the IPv4 address inside alone.
		spans(verdict{}, compatible.String(), nat64.String(), sixToFour.String(), teredo.String()),
		spans(private, nat64Local.String()),
		spans(protocols, "2001::/23"),
		spans(examples, "2001:db8::/32", "3fff::/20"),
		spans(never("an address that leads nowhere"), "100::/64", "100:0:0:1::/64"),
		// All that has been given to networks so far. What is outside is reserved.
		spans(verdict{}, "2000::/3"),
	)
)
