package agent

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// towardsNetwork: red and blue behind r1, green behind r2, which r1 reaches over transit,
// and grey behind r3 beyond that; the outside is behind an edge router.
const towardsNetwork = `
host h1 172.16.0.1
host h2 172.16.0.2
host h3 172.16.0.3
host edge 172.16.0.9 edge
switch red 10.0.1.0/24
switch blue 10.0.2.0/24
switch green 10.0.3.0/24
switch grey 10.0.4.0/24
switch transit 10.9.0.0/24
switch beyond 10.9.1.0/24
switch uplink 10.9.9.0/24
port vm1 red 10.0.1.1 on h1
port vm2 red 10.0.1.2 on h2
port vm3 blue 10.0.2.3 on h3
port vm4 green 10.0.3.4 on h2
port vm5 grey 10.0.4.5 on h3
port nf transit 10.9.0.50 on h3
router r1
router r2
router r3
router gw on edge
link r1 red 10.0.1.254/24
link r1 blue 10.0.2.254/24
link r1 transit 10.9.0.1/24
link r1 uplink 10.9.9.1/24
link r2 transit 10.9.0.2/24
link r2 green 10.0.3.254/24
link r2 beyond 10.9.1.1/24
link r3 beyond 10.9.1.2/24
link r3 grey 10.0.4.254/24
link gw uplink 10.9.9.2/24
route r1 green 10.0.3.0/24 via 10.9.0.2 dev transit
route r1 grey 10.0.4.0/24 via 10.9.0.2 dev transit
route r2 grey 10.0.4.0/24 via 10.9.1.2 dev beyond
route r1 out 0.0.0.0/0 via 10.9.9.2 dev uplink
route r1 nf 203.0.113.0/24 via 10.9.0.50 dev transit
route r1 hole 198.51.100.0/24 blackhole
route r1 circle 192.0.2.0/24 via 10.9.0.2 dev transit
route r2 circle 192.0.2.0/24 via 10.9.0.1 dev transit
`

// TestTowards: where a guest's packet goes by its addresses.
func TestTowards(t *testing.T) {
	s := logicaltest.Snapshot(towardsNetwork)
	vm1 := s.PortByName("vm1")
	direct := func(port string) ipfix.MAC { return ipfix.MAC(s.PortByName(port).MAC) }
	router := ipfix.MAC(logical.DefaultMAC(netip.MustParseAddr("10.0.1.254")))
	for _, tt := range []struct {
		name  string
		point uint32
		mac   ipfix.MAC
		to    string
		host  string // that asks
		want  string
	}{
		{"to its switch", 7, direct("vm2"), "10.0.1.2", "h1", "h2"},
		{"to its switch, on the same host", 7, direct("vm2"), "10.0.1.2", "h2", ""},
		{"over a router, back to its switch", 7, router, "10.0.1.2", "h1", "h2"},
		{"over a router", 7, router, "10.0.2.3", "h1", "h3"},
		{"over a router, to nobody", 7, router, "10.0.2.99", "h1", ""},
		{"to the router", 7, router, "10.0.1.254", "h1", ""},
		{"to another port of the router", 7, router, "10.0.2.254", "h1", ""},
		{"over two routers", 7, router, "10.0.3.4", "h1", "h2"},
		{"over two routers, to nobody", 7, router, "10.0.3.99", "h1", ""},
		{"to the second router", 7, router, "10.0.3.254", "h1", ""},
		{"over three routers", 7, router, "10.0.4.5", "h1", "h3"},
		{"over three routers, on the same host", 7, router, "10.0.4.5", "h3", ""},
		{"to a next hop that is a guest", 7, router, "203.0.113.7", "h1", "h3"},
		{"outside, by the edge", 7, router, "8.8.8.8", "h1", "edge"},
		{"outside, on the edge", 7, router, "8.8.8.8", "edge", ""},
		{"into a black hole", 7, router, "198.51.100.1", "h1", ""},
		{"in a circle", 7, router, "192.0.2.1", "h1", ""},
		{"of no address", 7, router, "", "h1", ""},
		{"to all", 7, ipfix.MAC{255, 255, 255, 255, 255, 255}, "10.0.1.255", "h1", ""},
		{"from nobody", 8, direct("vm2"), "10.0.1.2", "h1", ""},
	} {
		finder := &towards{snapshot: s, host: tt.host, ports: sources{7: vm1}, known: map[destination]string{}}
		a, _ := netip.ParseAddr(tt.to)
		for _, time := range []string{"first", "again"} {
			if got := finder.of(&ipfix.Record{Point: tt.point, DestinationMAC: tt.mac, Destination: a}); got != tt.want {
				t.Errorf("%s, %s: %q, want %q", tt.name, time, got, tt.want)
			}
		}
	}
}

// TestTowardsFlood: destinations without end take no memory without end.
func TestTowardsFlood(t *testing.T) {
	s := logicaltest.Snapshot(towardsNetwork)
	finder := &towards{snapshot: s, host: "h1", ports: sources{7: s.PortByName("vm1")}, known: map[destination]string{}}
	for i := range 3 * mostDestinations {
		r := &ipfix.Record{Point: 7, DestinationMAC: ipfix.MAC{1, 2, 3, byte(i >> 16), byte(i >> 8), byte(i)}}
		if got := finder.of(r); got != "" || len(finder.known) > mostDestinations {
			t.Fatal(fmt.Sprint(i, got, len(finder.known)))
		}
	}
}
