package flows_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate/difftest"
)

func everything(s *logical.Snapshot) logical.Delta {
	var all logical.Delta
	for e := range s.All() {
		all = append(all, e.Ref())
	}
	return all
}

// start is the hosts of a network, or some of them, with their flows in.
func start(t *testing.T, n *network, hosts ...string) *difftest.Rig {
	t.Helper()
	r := difftest.RigOf(t, n.snapshot(), hosts...)
	for host := range r.Switches {
		if err := r.Holds(t.Context(), host); err != nil {
			t.Error(err)
		}
		if got := len(r.Compiler(host).Rules().Flows); got < 10 {
			t.Errorf("%s: only %d flows", host, got)
		}
	}
	return r
}

// follow says what becomes of a packet at a place, "h1/blue1".
func follow(t *testing.T, r *difftest.Rig, at, pkt string) difftest.Observed {
	t.Helper()
	p, err := difftest.ParsePacket(pkt)
	if err != nil {
		t.Fatalf("%s: %v", pkt, err)
	}
	host, port, _ := strings.Cut(at, "/")
	o, err := r.Follow(t.Context(), difftest.Place{Host: host, Port: port}, p)
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(o.Texts, "\n"))
	}
	return o
}

// asked are the requests to the daemons, without what is too old.
func asked(o difftest.Observed) []string {
	var all []string
	for _, p := range o.Punts {
		if op, err := strconv.ParseUint((p.Userdata + "00")[:2], 16, 8); err == nil && op != 0 {
			all = append(all, "ask "+flows.Opcode(op).String())
		}
	}
	return all
}

// probe is a packet and what must become of it: "h2/blue2 dl_src=… nw_ttl=63", or what
// the daemon is asked.
type probe struct {
	at   string
	pkt  string
	want []string
}

func (p probe) run(t *testing.T, r *difftest.Rig) {
	t.Helper()
	o := follow(t, r, p.at, p.pkt)
	if len(o.Out)+len(asked(o)) != len(p.want) {
		t.Errorf("%s %s\nwant %v\ngot %s\n%s", p.at, p.pkt, p.want, o, strings.Join(o.Texts, "\n"))
		return
	}
	for _, want := range p.want {
		if !slices.ContainsFunc(o.Out, func(d difftest.Delivery) bool { return arrived(d, want) }) && !slices.Contains(asked(o), want) {
			t.Errorf("%s %s\nwant %s\ngot %s\n%s", p.at, p.pkt, want, o, strings.Join(o.Texts, "\n"))
		}
	}
}

func arrived(d difftest.Delivery, want string) bool {
	words := strings.Fields(want)
	if words[0] != d.Host+"/"+d.Port {
		return false
	}
	for _, w := range words[1:] {
		if name, value, _ := strings.Cut(w, "="); get(d.Packet, name) != value {
			return false
		}
	}
	return true
}

// get is the value of a field as the packet is written, "" where it is not.
func get(p difftest.Packet, name string) string {
	for word := range strings.SplitSeq(p.String(), ",") {
		if value, ok := strings.CutPrefix(word, name+"="); ok {
			return value
		}
	}
	return ""
}

const (
	blue1, blue2, green1, green2 = "f2:01:0a:00:01:0b", "f2:01:0a:00:01:0c", "f2:01:0a:00:02:0b", "f2:01:0a:00:02:0c"
	lrBlue, lrGreen              = "f2:01:0a:00:01:01", "f2:01:0a:00:02:01"
)

func ip4(src, dst, from, to string, ttl int) string {
	return fmt.Sprintf("tcp,dl_src=%s,dl_dst=%s,nw_src=%s,nw_dst=%s,nw_ttl=%d", src, dst, from, to, ttl)
}

func ip6(src, dst, from, to string, ttl int) string {
	return fmt.Sprintf("tcp6,dl_src=%s,dl_dst=%s,ipv6_src=%s,ipv6_dst=%s,nw_ttl=%d", src, dst, from, to, ttl)
}

func solicit(target string) string {
	return "icmp6,dl_src=" + blue1 + ",dl_dst=33:33:ff:00:00:12,ipv6_src=2001:db8:1::11,ipv6_dst=ff02::1:ff00:12,nw_ttl=255,icmpv6_type=135,icmpv6_code=0," +
		"nd_target=" + target + ",nd_sll=" + blue1
}

// TestTwoHosts sends packets through a router and two switches on two hosts.
func TestTwoHosts(t *testing.T) {
	r := start(t, twoHosts(t))
	const all = "ff:ff:ff:ff:ff:ff"
	for name, p := range map[string]probe{
		"switched, remote":    {"h1/blue1", ip4(blue1, blue2, "10.0.1.11", "10.0.1.12", 64), []string{"h2/blue2 nw_ttl=64 dl_src=" + blue1}},
		"switched, remote v6": {"h1/blue1", ip6(blue1, blue2, "2001:db8:1::11", "2001:db8:1::12", 64), []string{"h2/blue2 nw_ttl=64 dl_src=" + blue1}},
		"routed, local":       {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.2.11", 64), []string{"h1/green1 nw_ttl=63 dl_src=" + lrGreen + " dl_dst=" + green1}},
		"routed, remote":      {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.2.12", 64), []string{"h2/green2 nw_ttl=63 dl_src=" + lrGreen + " dl_dst=" + green2}},
		"routed, remote v6":   {"h2/green2", ip6(green2, lrGreen, "2001:db8:2::12", "2001:db8:1::11", 9), []string{"h1/blue1 nw_ttl=8 dl_src=" + lrBlue + " dl_dst=" + blue1}},
		"routed back":         {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.1.11", 64), []string{"h1/blue1 nw_ttl=63 dl_src=" + lrBlue}},
		"TTL exceeded":        {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.2.12", 1), nil},
		"unknown address":     {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.2.77", 64), nil},
		"unknown network":     {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.9.9.9", 64), nil},
		"unknown MAC":         {"h1/blue1", ip4(blue1, "02:00:00:00:00:99", "10.0.1.11", "10.0.1.12", 64), nil},
		"a stranger's MAC":    {"h1/blue1", ip4(blue2, lrBlue, "10.0.1.11", "10.0.2.12", 64), nil},
		"a stranger's IP":     {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.12", "10.0.2.12", 64), nil},
		"tagged":              {"h1/blue1", ip4(blue1, blue2, "10.0.1.11", "10.0.1.12", 64) + ",dl_vlan=7", nil},
		"ARP for the router": {
			"h1/blue1", "arp,dl_src=" + blue1 + ",dl_dst=" + all + ",arp_op=1,arp_spa=10.0.1.11,arp_tpa=10.0.1.1,arp_sha=" + blue1,
			[]string{"h1/blue1 arp_op=2 dl_dst=" + blue1 + " dl_src=" + lrBlue + " arp_sha=" + lrBlue + " arp_spa=10.0.1.1 arp_tpa=10.0.1.11 arp_tha=" + blue1},
		},
		"ARP for another guest": {
			"h1/blue1", "arp,dl_src=" + blue1 + ",dl_dst=" + all + ",arp_op=1,arp_spa=10.0.1.11,arp_tpa=10.0.1.12,arp_sha=" + blue1,
			[]string{"h1/blue1 arp_op=2 dl_src=" + blue2 + " arp_sha=" + blue2},
		},
		"ARP for itself":    {"h1/blue1", "arp,dl_src=" + blue1 + ",dl_dst=" + all + ",arp_op=1,arp_spa=0.0.0.0,arp_tpa=10.0.1.11,arp_sha=" + blue1, nil},
		"ARP for a nobody":  {"h1/blue1", "arp,dl_src=" + blue1 + ",dl_dst=" + all + ",arp_op=1,arp_spa=10.0.1.11,arp_tpa=10.0.1.99,arp_sha=" + blue1, nil},
		"ARP with a lie":    {"h1/blue1", "arp,dl_src=" + blue1 + ",dl_dst=" + all + ",arp_op=1,arp_spa=10.0.1.12,arp_tpa=10.0.1.1,arp_sha=" + blue1, nil},
		"ping of a router":  {"h1/blue1", "icmp,dl_src=" + blue1 + ",dl_dst=" + lrBlue + ",nw_src=10.0.1.11,nw_dst=10.0.2.1,nw_ttl=64,icmp_type=8,icmp_code=0", []string{"h1/blue1 nw_src=10.0.2.1 nw_dst=10.0.1.11 icmp_type=0 nw_ttl=254"}},
		"ping of a router6": {"h1/blue1", "icmp6,dl_src=" + blue1 + ",dl_dst=" + lrBlue + ",ipv6_src=2001:db8:1::11,ipv6_dst=2001:db8:2::1,nw_ttl=64,icmpv6_type=128,icmpv6_code=0", []string{"h1/blue1 ipv6_src=2001:db8:2::1 ipv6_dst=2001:db8:1::11 icmpv6_type=129 nw_ttl=254"}},
		"router solicited":  {"h1/blue1", "icmp6,dl_src=" + blue1 + ",dl_dst=33:33:00:00:00:02,ipv6_src=fe80::f001:aff:fe00:10b,ipv6_dst=ff02::2,nw_ttl=255,icmpv6_type=133,icmpv6_code=0", []string{"ask ra"}},
		"neighbour solicited": {
			"h1/blue1", solicit("2001:db8:1::12"),
			[]string{"h1/blue1 icmpv6_type=136 dl_dst=" + blue1 + " dl_src=" + blue2 + " ipv6_src=2001:db8:1::12 ipv6_dst=2001:db8:1::11 nd_tll=" + blue2},
		},
		"router's address solicited": {"h1/blue1", solicit("2001:db8:1::1"), []string{"h1/blue1 icmpv6_type=136 dl_src=" + lrBlue + " nd_tll=" + lrBlue}},
		"nobody solicited":           {"h1/blue1", solicit("2001:db8:1::99"), nil},
		"TCP to a router":            {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.2.1", 64), nil},
	} {
		t.Run(name, func(t *testing.T) { p.run(t, r) })
	}
}

// TestCampus sends packets over chains of routers, to and from an edge, and over a trunk.
func TestCampus(t *testing.T) {
	r := start(t, campus(t))
	const (
		red1, red2, srv        = "f2:01:0a:00:02:0b", "f2:01:0a:00:02:0c", "f2:01:0a:00:04:0b"
		lr2Red, lreExt, lroTag = "f2:01:0a:00:02:01", "f2:01:0a:00:04:01", "f2:01:0a:00:05:01"
		child, plain           = "f2:01:0a:00:05:0b", "f2:01:0a:00:05:0c"
	)
	for name, p := range map[string]probe{
		"two routers, the second without TTL": {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.2.12", 64), []string{"h2/red2 nw_ttl=63 dl_src=" + lr2Red + " dl_dst=" + red2}},
		"two routers v6":                      {"h1/blue1", ip6(blue1, lrBlue, "2001:db8:1::11", "2001:db8:2::11", 64), []string{"h1/red1 nw_ttl=63 dl_src=" + lr2Red + " dl_dst=" + red1}},
		"to the edge":                         {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.4.11", 64), []string{"h3/srv nw_ttl=62 dl_src=" + lreExt + " dl_dst=" + srv}},
		"to the edge v6":                      {"h2/blue2", ip6(blue2, lrBlue, "2001:db8:1::12", "2001:db8:4::11", 64), []string{"h3/srv nw_ttl=62 dl_src=" + lreExt + " dl_dst=" + srv}},
		"over three routers":                  {"h1/red1", ip4(red1, lr2Red, "10.0.2.11", "10.0.4.11", 64), []string{"h3/srv nw_ttl=62 dl_src=" + lreExt}},
		"from the edge":                       {"h3/srv", ip4(srv, lreExt, "10.0.4.11", "10.0.1.12", 64), []string{"h2/blue2 nw_ttl=62 dl_src=" + lrBlue + " dl_dst=" + blue2}},
		"from the edge v6":                    {"h3/srv", ip6(srv, lreExt, "2001:db8:4::11", "2001:db8:1::11", 64), []string{"h1/blue1 nw_ttl=62 dl_src=" + lrBlue + " dl_dst=" + blue1}},
		"no way back":                         {"h3/srv", ip4(srv, lreExt, "10.0.4.11", "10.0.2.12", 64), nil},
		"ping the edge's port":                {"h1/blue1", "icmp,dl_src=" + blue1 + ",dl_dst=" + lrBlue + ",nw_src=10.0.1.11,nw_dst=10.0.4.1,nw_ttl=64,icmp_type=8,icmp_code=0", []string{"h1/blue1 nw_src=10.0.4.1 nw_ttl=253 icmp_type=0"}},
		"ping the next router":                {"h1/blue1", "icmp,dl_src=" + blue1 + ",dl_dst=" + lrBlue + ",nw_src=10.0.1.11,nw_dst=100.64.0.2,nw_ttl=64,icmp_type=8,icmp_code=0", []string{"h1/blue1 nw_src=100.64.0.2 nw_ttl=254 icmp_type=0"}},
		"from the trunk":                      {"h1/blue1", ip4(child, plain, "10.0.5.11", "10.0.5.12", 64) + ",dl_vlan=30", []string{"h2/plain nw_ttl=64 dl_vlan="}},
		"to the trunk":                        {"h2/plain", ip4(plain, child, "10.0.5.12", "10.0.5.11", 64), []string{"h1/blue1 nw_ttl=64 dl_vlan=30"}},
		"routed to the trunk, once":           {"h1/blue1", ip4(blue1, lrBlue, "10.0.1.11", "10.0.5.11", 64), []string{"h1/blue1 nw_ttl=63 dl_vlan=30 dl_src=" + lroTag}},
		"from the trunk, once":                {"h1/blue1", ip4(child, lroTag, "10.0.5.11", "10.0.4.11", 64) + ",dl_vlan=30", []string{"h3/srv nw_ttl=62 dl_vlan="}},
		"ARP on the trunk": {
			"h1/blue1", "arp,dl_vlan=30,dl_src=" + child + ",dl_dst=ff:ff:ff:ff:ff:ff,arp_op=1,arp_spa=10.0.5.11,arp_tpa=10.0.5.1,arp_sha=" + child,
			[]string{"h1/blue1 arp_op=2 dl_vlan=30 dl_src=" + lroTag},
		},
		"another tag": {"h1/blue1", ip4(child, plain, "10.0.5.11", "10.0.5.12", 64) + ",dl_vlan=31", nil},
	} {
		t.Run(name, func(t *testing.T) { p.run(t, r) })
	}
}

// TestFlood sends to all of a switch, and to an unknown receiver there.
func TestFlood(t *testing.T) {
	n := flooding(t)
	n.host("h3", 3, "192.0.2.3")
	n.port("hub", "e", "h3", "10.0.0.6")
	r := start(t, n)
	const a, all = "f2:01:0a:00:00:01", "ff:ff:ff:ff:ff:ff"
	everybody := []string{"h1/b", "h2/c", "h2/d", "h3/e"}
	for name, p := range map[string]probe{
		"broadcast":       {"h1/a", ip4(a, all, "10.0.0.1", "10.0.0.255", 64), everybody},
		"multicast":       {"h1/a", ip4(a, "01:00:5e:00:00:05", "10.0.0.1", "224.0.0.5", 1), everybody},
		"unknown unicast": {"h1/a", ip4(a, "02:00:00:00:00:77", "10.0.0.1", "10.0.0.77", 64), everybody},
		"unknown ARP":     {"h1/a", "arp,dl_src=" + a + ",dl_dst=" + all + ",arp_op=1,arp_spa=10.0.0.1,arp_tpa=10.0.0.77,arp_sha=" + a, everybody},
		"known ARP":       {"h1/a", "arp,dl_src=" + a + ",dl_dst=" + all + ",arp_op=1,arp_spa=10.0.0.1,arp_tpa=10.0.0.3,arp_sha=" + a, []string{"h1/a arp_op=2"}},
	} {
		t.Run(name, func(t *testing.T) { p.run(t, r) })
	}
}

// TestEqualRoutesByFlow: the switch holds groups that spread by flow as they were sent.
func TestEqualRoutesByFlow(t *testing.T) {
	n := twoEdges(t)
	lr := *n.rows[logical.Ref{Kind: logical.KindRouter, UUID: routerID("lr").UUID()}].(*logical.Router)
	lr.ECMP = logical.ECMPFlow
	n.put(&lr)
	start(t, n)
}

// TestProvider sends packets to and from physical networks.
func TestProvider(t *testing.T) {
	r := start(t, provider(t))
	const (
		vm1, vm2, in2, gw, gwIn = "f2:01:c6:33:64:0b", "f2:01:c6:33:64:0c", "f2:01:0a:00:00:0c", "f2:01:c6:33:64:01", "f2:01:0a:00:00:01"
		vm3, in3                = "f2:01:c6:33:64:0d", "f2:01:0a:00:00:0d"
		stranger, all           = "02:00:00:00:00:77", "ff:ff:ff:ff:ff:ff"
	)
	ask := func(from, mac, to string) string {
		return "arp,dl_src=" + mac + ",dl_dst=" + all + ",arp_op=1,arp_spa=" + from + ",arp_tpa=" + to + ",arp_sha=" + mac
	}
	for name, p := range map[string]probe{
		"to a guest elsewhere":         {"h1/vm1", ip4(vm1, vm2, "198.51.100.11", "198.51.100.12", 64), []string{"h1/fabric:phys dl_vlan=20"}},
		"to a stranger":                {"h1/vm1", ip4(vm1, stranger, "198.51.100.11", "198.51.100.77", 64), []string{"h1/fabric:phys dl_vlan=20"}},
		"asking for a stranger":        {"h1/vm1", ask("198.51.100.11", vm1, "198.51.100.77"), []string{"h1/fabric:phys dl_vlan=20 arp_op=1"}},
		"asking for a guest elsewhere": {"h1/vm1", ask("198.51.100.11", vm1, "198.51.100.12"), []string{"h1/vm1 arp_op=2"}},
		"from a stranger":              {"h2/fabric:phys", ip4(stranger, vm2, "198.51.100.77", "198.51.100.12", 64) + ",dl_vlan=20", []string{"h2/vm2 dl_vlan="}},
		"from a stranger, elsewhere":   {"h2/fabric:phys", ip4(stranger, vm1, "198.51.100.77", "198.51.100.11", 64) + ",dl_vlan=20", nil},
		"from another VLAN":            {"h2/fabric:phys", ip4(stranger, vm2, "198.51.100.77", "198.51.100.12", 64) + ",dl_vlan=21", nil},
		"a stranger asks, here":        {"h2/fabric:phys", ask("198.51.100.77", stranger, "198.51.100.12") + ",dl_vlan=20", []string{"h2/fabric:phys dl_vlan=20 arp_op=2 arp_sha=" + vm2}},
		"a stranger asks, elsewhere":   {"h1/fabric:phys", ask("198.51.100.77", stranger, "198.51.100.12") + ",dl_vlan=20", nil},
		"a stranger asks for the gateway": {
			"h1/fabric:phys", ask("198.51.100.77", stranger, "198.51.100.1") + ",dl_vlan=20", []string{"h1/fabric:phys dl_vlan=20 arp_op=2 arp_sha=" + gw},
		},
		"the gateway is elsewhere":        {"h2/fabric:phys", ask("198.51.100.77", stranger, "198.51.100.1") + ",dl_vlan=20", nil},
		"in through the gateway":          {"h1/fabric:phys", ip4(stranger, gw, "198.51.100.77", "10.0.0.12", 64) + ",dl_vlan=20", []string{"h2/in2 nw_ttl=63 dl_vlan= dl_src=" + gwIn}},
		"out through the gateway":         {"h2/in2", ip4(in2, gwIn, "10.0.0.12", "198.51.100.12", 64), []string{"h1/fabric:phys nw_ttl=63 dl_vlan=20 dl_dst=" + vm2}},
		"to a bridge":                     {"h2/in2", ip4(in2, stranger, "10.0.0.12", "10.0.0.77", 64), []string{"h2/patch dl_vlan="}},
		"to a bridge elsewhere":           {"h3/in3", ip4(in3, stranger, "10.0.0.13", "10.0.0.77", 64), []string{"h2/patch dl_vlan="}},
		"asking a bridge elsewhere":       {"h3/in3", ask("10.0.0.13", in3, "10.0.0.77"), []string{"h2/patch arp_op=1"}},
		"from a bridge to elsewhere":      {"h2/patch", ip4(stranger, in3, "10.0.0.77", "10.0.0.13", 64), []string{"h3/in3"}},
		"to who is not on the network":    {"h1/vm1", ip4(vm1, vm3, "198.51.100.11", "198.51.100.13", 64), []string{"h3/vm3"}},
		"from who is not on the network":  {"h3/vm3", ip4(vm3, vm1, "198.51.100.13", "198.51.100.11", 64), []string{"h1/vm1"}},
		"from a bridge":                   {"h2/patch", ip4(stranger, in2, "10.0.0.77", "10.0.0.12", 64), []string{"h2/in2"}},
		"from a bridge to the gateway":    {"h2/patch", ip4(stranger, gwIn, "10.0.0.77", "198.51.100.11", 64), []string{"h1/vm1 nw_ttl=63 dl_src=" + gw}},
		"a bridge asks for a known guest": {"h2/patch", ask("10.0.0.77", stranger, "10.0.0.12"), []string{"h2/patch arp_op=2 arp_sha=" + in2}},
		"a bridge asks for the gateway":   {"h2/patch", ask("10.0.0.77", stranger, "10.0.0.1"), []string{"h2/patch arp_op=2 arp_sha=" + gwIn}},
	} {
		t.Run(name, func(t *testing.T) { p.run(t, r) })
	}
}

// TestEqualRoutes sends packets of many sources over two edges: each source keeps to
// one of them, and both are used.
func TestEqualRoutes(t *testing.T) {
	n := twoEdges(t)
	p := *n.rows[logical.Ref{Kind: logical.KindSwitchPort, UUID: portID("blue1").UUID()}].(*logical.SwitchPort)
	p.Security = false
	n.put(&p)
	r := start(t, n)
	for _, family := range []string{"4", "6"} {
		used := map[string]int{}
		for i := range 20 {
			packet := func(to int) string {
				if family == "6" {
					return ip6(blue1, lrBlue, fmt.Sprintf("2001:db8:1::%x", 16+i), "2001:db8:9::11", 64) + fmt.Sprintf(",tcp_dst=%d", to)
				}
				return ip4(blue1, lrBlue, fmt.Sprintf("10.0.1.%d", 16+i), "10.9.0.11", 64) + fmt.Sprintf(",tcp_dst=%d", to)
			}
			first := ""
			for port := range 3 {
				o := follow(t, r, "h1/blue1", packet(80+port))
				if len(o.Out) != 1 || o.Out[0].Packet.TTL != 62 {
					t.Fatalf("got %s\n%s", o, strings.Join(o.Texts, "\n"))
				}
				if at := o.Out[0].Port; first == "" {
					first = at
					used[at]++
				} else if at != first {
					t.Errorf("source %d: one connection goes to %s, another to %s", i, first, at)
				}
			}
		}
		if len(used) != 2 {
			t.Errorf("IPv%s: 20 sources go by %v only", family, used)
		}
	}
}

// TestMTU sends packets of both sizes into a network with an MTU.
func TestMTU(t *testing.T) {
	n := twoHosts(t)
	rp := *n.rows[logical.Ref{Kind: logical.KindRouterPort, UUID: rportID("lr_to_green").UUID()}].(*logical.RouterPort)
	rp.MTU = 1400
	n.put(&rp)
	r := start(t, n)
	for _, to := range []struct{ address, port string }{{"10.0.2.11", "h1/green1"}, {"10.0.2.12", "h2/green2"}} {
		packet := ip4(blue1, lrBlue, "10.0.1.11", to.address, 64) + ",size="
		if o := follow(t, r, "h1/blue1", packet+"1400"); len(o.Out) != 1 || !arrived(o.Out[0], to.port+" nw_ttl=63") {
			t.Errorf("to %s: %s\n%s", to.address, o, strings.Join(o.Texts, "\n"))
		}
		if o := follow(t, r, "h1/blue1", packet+"1401"); len(o.Out) != 0 || !slices.Equal(asked(o), []string{"ask too-big"}) {
			t.Errorf("to %s, too big: %s\n%s", to.address, o, strings.Join(o.Texts, "\n"))
		}
	}
}
