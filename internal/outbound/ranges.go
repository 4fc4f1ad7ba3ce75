package outbound

import "net/netip"

// addressRange is a range of addresses and its verdict.
type addressRange struct {
	prefix netip.Prefix
	verdict
}

func rangesOf(v verdict, prefixes ...string) []addressRange {
	all := make([]addressRange, len(prefixes))
	for i, p := range prefixes {
		all[i] = addressRange{netip.MustParsePrefix(p), v}
	}
	return all
}

func concat(parts ...[]addressRange) (all []addressRange) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

var (
	metadata    = forbidden("an address where cloud machines keep their metadata")
	linkLocal   = forbidden("a link-local address (where cloud machines keep their metadata)")
	multicast   = forbidden("a multicast address")
	examples    = forbidden("an address set aside for documentation")
	benchmark   = forbidden("an address set aside for measurements")
	protocols   = forbidden("an address set aside for protocols of the network")
	reserved    = forbidden("a reserved address")
	unspecified = forbidden("the unspecified address")

	loopback = verdict{reason: "a loopback address", private: true}
	private  = verdict{reason: "a private address", private: true}
	shared   = verdict{reason: "a private address of a provider", private: true}
)

// The ranges are those of IANA's special-purpose address registries, and the published
// addresses of cloud metadata services. The first range that contains an address decides.
// Registry blocks that are globally reachable, and where anyone may have a server, are not
// listed.
var (
	ranges4 = concat(
		rangesOf(metadata,
			"100.100.100.200/32", // Alibaba Cloud, within the shared range
			"168.63.129.16/32",   // Azure, within the public internet
			"192.0.0.192/32",     // Oracle Cloud
		),
		rangesOf(unspecified, "0.0.0.0/32"),
		rangesOf(forbidden(`an address of "this network"`), "0.0.0.0/8"),
		rangesOf(private, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
		rangesOf(shared, "100.64.0.0/10"),
		rangesOf(loopback, "127.0.0.0/8"),
		rangesOf(linkLocal, "169.254.0.0/16"),
		rangesOf(protocols, "192.0.0.0/24", "192.88.99.0/24"),
		rangesOf(examples, "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"),
		rangesOf(benchmark, "198.18.0.0/15"),
		rangesOf(multicast, "224.0.0.0/4"),
		rangesOf(forbidden("the broadcast address"), "255.255.255.255/32"),
		rangesOf(reserved, "240.0.0.0/4"),
	)

	ranges6 = concat(
		rangesOf(metadata,
			"fd00:ec2::/32",          // Amazon
			"fd20:ce::254/128",       // Google Cloud
			"fd00:c1::a9fe:a9fe/128", // Oracle Cloud
			"fd00:42::42/128",        // Scaleway
			"fd00:a9fe:a9fe::1/128",  // Akamai
			"fd00:100::100:200/128",  // Alibaba Cloud
		),
		rangesOf(unspecified, "::/128"),
		rangesOf(loopback, "::1/128"),
		rangesOf(linkLocal, "fe80::/10"),
		rangesOf(forbidden("a site-local address"), "fec0::/10"),
		rangesOf(private, "fc00::/7"),
		rangesOf(multicast, "ff00::/8"),
		// Classified by the embedded IPv4 address alone.
		rangesOf(verdict{}, compatible.String(), nat64.String(), sixToFour.String(), teredo.String()),
		rangesOf(private, nat64Local.String()),
		rangesOf(protocols, "2001::/23"),
		rangesOf(examples, "2001:db8::/32", "3fff::/20"),
		rangesOf(forbidden("an address that leads nowhere"), "100::/64", "100:0:0:1::/64"),
		// Everything assigned to networks so far; the rest is reserved.
		rangesOf(verdict{}, "2000::/3"),
	)
)
