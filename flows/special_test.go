package flows_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// exit is the campus whose routers send all that they do not know to srv.
func exit(t testing.TB) *network {
	n := campus(t)
	n.route("lre", "lre-default", "0.0.0.0/0", "10.0.4.11", "lre_to_ext")
	n.route("lre", "lre-default6", "::/0", "2001:db8:4::11", "lre_to_ext")
	// A guest on the edge's transit switch, on another host.
	n.port("transit", "probe", "h2", "100.64.0.99", "2001:db8:ff::99")
	return n
}

const (
	blue1LL, lrBlueLL = "fe80::f001:aff:fe00:10b", "fe80::f001:aff:fe00:101"
	probeMAC, lreMAC  = "f2:01:64:40:00:63", "f2:01:64:40:00:03"
	probeLL, lreLL    = "fe80::f001:64ff:fe40:63", "fe80::f001:64ff:fe40:3"
)

func echo6(src, dst, from, to string) string {
	return fmt.Sprintf("icmp6,dl_src=%s,dl_dst=%s,ipv6_src=%s,ipv6_dst=%s,nw_ttl=64,icmpv6_type=128,icmpv6_code=0", src, dst, from, to)
}

// TestSpecialAddresses: what is of one link, one host or for several is not routed, and
// routers answer on their links (RFC 4291 sections 2.5.2, 2.5.3, 2.5.6 and 2.7, RFC 6890).
func TestSpecialAddresses(t *testing.T) {
	r := start(t, exit(t))
	probes := map[string]probe{
		"routed":                     {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "203.0.113.7", 64), []string{"h3/srv nw_ttl=62"}},
		"routed6":                    {"h1/blue1", ip6(blue1, lrBlue, "2001:db8:1::11", "2001:db8:9::7", 64), []string{"h3/srv nw_ttl=62"}},
		"from a link-local address":  {"h1/blue1", ip6(blue1, lrBlue, blue1LL, "2001:db8:9::7", 64), nil},
		"its link-local address":     {"h1/blue1", echo6(blue1, lrBlue, blue1LL, lrBlueLL), []string{"h1/blue1 ipv6_src=" + lrBlueLL + " ipv6_dst=" + blue1LL + " dl_src=" + lrBlue + " dl_dst=" + blue1 + " icmpv6_type=129 nw_ttl=255"}},
		"from a global one to it":    {"h1/blue1", echo6(blue1, lrBlue, "2001:db8:1::11", lrBlueLL), []string{"h1/blue1 ipv6_src=" + lrBlueLL + " ipv6_dst=2001:db8:1::11 dl_dst=" + blue1 + " nw_ttl=255"}},
		"from it to a global one":    {"h1/blue1", echo6(blue1, lrBlue, blue1LL, "2001:db8:1::1"), []string{"h1/blue1 ipv6_src=2001:db8:1::1 ipv6_dst=" + blue1LL + " dl_dst=" + blue1 + " nw_ttl=255"}},
		"to that of another link":    {"h1/blue1", echo6(blue1, lrBlue, blue1LL, "fe80::f001:64ff:fe40:1"), nil},
		"an edge's":                  {"h2/probe", echo6(probeMAC, lreMAC, probeLL, lreLL), []string{"h2/probe ipv6_src=" + lreLL + " ipv6_dst=" + probeLL + " dl_src=" + lreMAC + " dl_dst=" + probeMAC + " nw_ttl=255"}},
		"an edge's, from far behind": {"h1/blue1", echo6(blue1, lrBlue, "2001:db8:1::11", "2001:db8:ff::3"), []string{"h1/blue1 ipv6_src=2001:db8:ff::3 nw_ttl=253"}},
	}
	for _, to := range []string{"0.0.0.0", "0.1.2.3", "127.0.0.1", "169.254.1.1", "224.0.0.5", "239.1.2.3", "255.255.255.255"} {
		probes[to] = probe{"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", to, 64), nil}
		probes[to+" at the edge"] = probe{"h2/probe", ip4(probeMAC, lreMAC, "100.64.0.99", to, 64), nil}
	}
	for _, to := range []string{"::", "::1", "fe80::99", "ff02::1", "ff0e::5"} {
		probes[to] = probe{"h1/blue1", ip6(blue1, lrBlue, "2001:db8:1::11", to, 64), nil}
		probes[to+" at the edge"] = probe{"h2/probe", ip6(probeMAC, lreMAC, "2001:db8:ff::99", to, 64), nil}
	}
	for name, p := range probes {
		t.Run(name, func(t *testing.T) { p.run(t, r) })
	}
}

// TestStrangerAsksLinkLocal: who is behind a bridge of another host has an answer of the
// edge's link-local address, too.
func TestStrangerAsksLinkLocal(t *testing.T) {
	n := provider(t)
	n.put(&logical.SwitchPort{ID: portID("patch3"), Switch: swID("inside"), Name: "patch3", Key: n.nextKey("inside"), Kind: logical.PortOutside, Host: "h3", Bridge: "br-ex"})
	n.linkHalf("gw", "inside", true, "10.0.0.1/24", "2001:db8::1/64")
	r := start(t, n)
	const stranger, gw = "02:00:00:00:00:77", "f2:01:0a:00:00:01"
	p := probe{"h2/patch", echo6(stranger, gw, "fe80::77", "fe80::f001:aff:fe00:1"), []string{"h2/patch dl_dst=" + stranger, "h3/patch3 dl_dst=" + stranger}}
	p.run(t, r)
}

// TestSpecialMegaflows: what is not routed costs the datapath entry of a routed packet no
// more than the bits that tell.
func TestSpecialMegaflows(t *testing.T) {
	r := start(t, exit(t))
	for packet, want := range map[string][]string{
		ip4(blue1, lrBlue, "10.0.1.11", "203.0.113.7", 64):         {"nw_dst=192.0.0.0/3", "nw_dst=192.0.0.0/3"},
		ip6(blue1, lrBlue, "2001:db8:1::11", "2001:db8:4::11", 64): {"ipv6_src=2001:db8:1::11", "ipv6_src=2000::/10"},
	} {
		o := follow(t, r, "h1/blue1", packet)
		for i, w := range want {
			if len(o.Megaflows) != len(want) || !slices.Contains(strings.Split(o.Megaflows[i], ","), w) {
				t.Errorf("%s: host %d asks for other than %s: %v", packet, i+1, w, o.Megaflows)
			}
		}
	}
}
