package flows_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// TestLostMAC: a port whose MAC is that of an older one sends from it no more, nor from
// the address that follows from it; another of its MACs is still its own.
func TestLostMAC(t *testing.T) {
	n := twoHosts(t)
	taken := logical.MAC{0xf2, 1, 0x0a, 0, 1, 0x0b} // blue1's
	own := logical.MAC{2, 0, 0, 0, 0, 7}
	late := n.port("blue", "late", "h2", "10.0.1.13", "2001:db8:1::13")
	late.MAC, late.MoreMACs = taken, []logical.MAC{own}
	n.put(late)
	r := start(t, n)
	const ownText, ownLL = "02:00:00:00:00:07", "fe80::ff:fe00:7"
	for name, p := range map[string]probe{
		"from the lost MAC":     {"h2/late", ip4(blue1, blue2, "10.0.1.13", "10.0.1.12", 64), nil},
		"v6 from the lost MAC":  {"h2/late", ip6(blue1, blue2, "2001:db8:1::13", "2001:db8:1::12", 64), nil},
		"from its address":      {"h2/late", ip6(ownText, blue2, blue1LL, "2001:db8:1::12", 64), nil},
		"ARP tells of it":       {"h2/late", "arp,dl_src=" + blue1 + ",dl_dst=" + blue2 + ",arp_op=2,arp_spa=10.0.1.13,arp_tpa=10.0.1.12,arp_sha=" + blue1, nil},
		"a solicitation of it":  {"h2/late", "icmp6,dl_src=" + ownText + ",dl_dst=" + blue2 + ",ipv6_src=2001:db8:1::13,ipv6_dst=2001:db8:1::12,nw_ttl=255,icmpv6_type=135,icmpv6_code=0,nd_target=2001:db8:1::12,nd_sll=" + blue1, nil},
		"an advertised address": {"h2/late", "icmp6,dl_src=" + ownText + ",dl_dst=" + blue2 + ",ipv6_src=2001:db8:1::13,ipv6_dst=2001:db8:1::12,nw_ttl=255,icmpv6_type=136,icmpv6_code=0,nd_target=2001:db8:1::13,nd_tll=" + blue1, nil},
		"from its own":          {"h2/late", ip4(ownText, blue2, "10.0.1.13", "10.0.1.12", 64), []string{"h2/blue2 dl_src=" + ownText}},
		"from its own address":  {"h2/late", ip6(ownText, blue2, ownLL, "2001:db8:1::12", 64), []string{"h2/blue2"}},
		"the winner":            {"h1/blue1", ip4(blue1, blue2, "10.0.1.11", "10.0.1.12", 64), []string{"h2/blue2 dl_src=" + blue1}},
	} {
		t.Run(name, func(t *testing.T) { p.run(t, r) })
	}
}
