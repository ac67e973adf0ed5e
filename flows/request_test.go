package flows_test

import (
	"net/netip"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// everythingAsked lets the daemon answer all that it can on both switches, and puts an
// MTU on one.
func everythingAsked(n *network) {
	for _, name := range []string{"blue", "green"} {
		sw := *n.rows[logical.Ref{Kind: logical.KindSwitch, UUID: swID(name).UUID()}].(*logical.Switch)
		sw.DHCP.Enabled = true
		sw.DNS = []logical.DNSRecord{{Name: "db.web", Addresses: []netip.Addr{netip.MustParseAddr("10.0.1.12")}}}
		n.put(&sw)
	}
	rp := *n.rows[logical.Ref{Kind: logical.KindRouterPort, UUID: rportID("lr_to_green").UUID()}].(*logical.RouterPort)
	rp.MTU = 1400
	n.put(&rp)
}

// requests is a guest that may ask for everything.
func requests(t testing.TB) *network {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	n.sw("blue", 1)
	n.sw("green", 2)
	n.router("lr", 9)
	n.link("lr", "blue", "10.0.1.1/24", "2001:db8:1::1/64")
	n.link("lr", "green", "10.0.2.1/24")
	n.port("blue", "blue1", "h1", "10.0.1.11", "2001:db8:1::11")
	n.port("green", "green1", "", "10.0.2.11")
	everythingAsked(n)
	return n
}

// TestRequests asks the daemon of a guest's own host for everything it answers, and
// expects it to be asked for nothing else.
func TestRequests(t *testing.T) {
	n := twoHosts(t)
	everythingAsked(n)
	r := start(t, n)
	const all, lla = "ff:ff:ff:ff:ff:ff", "fe80::f001:aff:fe00:10b"
	udp := func(dst, from, to string, sport, dport string) string {
		return "udp,dl_src=" + blue1 + ",dl_dst=" + dst + ",nw_src=" + from + ",nw_dst=" + to + ",nw_ttl=64,udp_src=" + sport + ",udp_dst=" + dport
	}
	udp6 := func(dst, from, to string, sport, dport string) string {
		return "udp6,dl_src=" + blue1 + ",dl_dst=" + dst + ",ipv6_src=" + from + ",ipv6_dst=" + to + ",nw_ttl=64,udp_src=" + sport + ",udp_dst=" + dport
	}
	for name, p := range map[string]probe{
		"DHCP":                      {"h1/blue1", udp(all, "0.0.0.0", "255.255.255.255", "68", "67"), []string{"ask dhcpv4"}},
		"DHCP to the router alone":  {"h1/blue1", udp(lrBlue, "10.0.1.11", "10.0.1.1", "68", "67"), []string{"ask dhcpv4"}},
		"DHCPv6":                    {"h1/blue1", udp6("33:33:00:01:00:02", lla, "ff02::1:2", "546", "547"), []string{"ask dhcpv6"}},
		"DNS":                       {"h1/blue1", udp(lrBlue, "10.0.1.11", "10.0.1.1", "4000", "53"), []string{"ask dns"}},
		"DNS of IPv6":               {"h1/blue1", udp6(lrBlue, "2001:db8:1::11", "2001:db8:1::1", "4000", "53"), []string{"ask dns"}},
		"DNS of another network":    {"h1/blue1", udp(lrBlue, "10.0.1.11", "10.0.2.1", "4000", "53"), []string{"ask dns"}},
		"DNS of somebody else":      {"h1/blue1", udp(blue2, "10.0.1.11", "10.0.1.12", "4000", "53"), []string{"h2/blue2"}},
		"from a DHCP server":        {"h1/blue1", udp(all, "10.0.1.11", "255.255.255.255", "67", "68"), nil},
		"from a stranger's address": {"h1/blue1", udp(lrBlue, "10.0.1.12", "10.0.1.1", "4000", "53"), nil},
		"probe": {
			"h1/blue1", "icmp6,dl_src=" + blue1 + ",dl_dst=33:33:ff:00:00:12,ipv6_src=::,ipv6_dst=ff02::1:ff00:12,nw_ttl=255,icmpv6_type=135,icmpv6_code=0,nd_target=2001:db8:1::12",
			[]string{"ask nd"},
		},
		"is the router there": {
			"h1/blue1", "icmp6,dl_src=" + blue1 + ",dl_dst=" + lrBlue + ",ipv6_src=" + lla + ",ipv6_dst=2001:db8:1::1,nw_ttl=255,icmpv6_type=135,icmpv6_code=0,nd_target=2001:db8:1::1",
			[]string{"h1/blue1 icmpv6_type=136 dl_dst=" + blue1 + " ipv6_dst=" + lla + " nd_target=2001:db8:1::1"},
		},
	} {
		t.Run(name, func(t *testing.T) { p.run(t, r) })
	}
}
