package difftest

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/simulate"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// masked has one of everything, a packet of which makes a megaflow of its own kind.
const masked = `
host h1 172.31.0.1 index 1 provider ext
host h2 172.31.0.2 index 2 provider ext
switch s 10.0.0.0/24 fd00::/64 key 1
switch f 10.0.1.0/24 fd01::/64 key 2
switch o 10.0.2.0/24 fd02::/64 key 3
switch n 10.0.3.0/24 fd03::/64 key 4
switch hub 10.0.4.0/24 flood key 5
switch v 10.0.5.0/24 vlan ext:100 key 6
switch out 10.0.6.0/24 key 7
router full ttl full key 8
router once ttl once key 9
router none ttl none key 10
router edge ttl none on h2 key 11
link full s 10.0.0.1/24 fd00::1/64 mac 02:00:00:00:ff:01 key 101
link once s 10.0.0.2/24 fd00::2/64 mac 02:00:00:00:ff:02 key 102
link none s 10.0.0.3/24 fd00::3/64 mac 02:00:00:00:ff:03 key 103
link edge s 10.0.0.4/24 fd00::4/64 mac 02:00:00:00:ff:04 key 104
link full f 10.0.1.1/24 fd01::1/64 mac 02:00:00:00:ff:05 key 105
link once o 10.0.2.1/24 fd02::1/64 mac 02:00:00:00:ff:06 key 106
link none n 10.0.3.1/24 fd03::1/64 mac 02:00:00:00:ff:07 key 107
link edge out 10.0.6.1/24 fd06::1/64 mac 02:00:00:00:ff:08 key 108
route none w1 0.0.0.0/0 via 10.0.0.4 dev s
port a s 10.0.0.10 fd00::10 on h1 mac 02:00:00:00:00:0a key 201
port b s 10.0.0.11 fd00::11 on h2 mac 02:00:00:00:00:0b key 202
port c s 10.0.0.12 fd00::12 on h1 mac 02:00:00:00:00:0c nosec key 203
port d s 10.0.0.13 fd00::13 on h1 mac 02:00:00:00:00:0d key 204
port t s 10.0.0.14 fd00::14 tag a:7 mac 02:00:00:00:00:0e key 205
port bf f 10.0.1.10 fd01::10 on h2 mac 02:00:00:00:01:0b key 206
port bo o 10.0.2.10 fd02::10 on h2 mac 02:00:00:00:02:0b key 207
port bn n 10.0.3.10 fd03::10 on h2 mac 02:00:00:00:03:0b key 208
port dn n 10.0.3.11 fd03::11 on h1 mac 02:00:00:00:03:0d key 209
port x hub 10.0.4.10 on h1 mac 02:00:00:00:04:0a key 210
port y hub 10.0.4.11 on h1 mac 02:00:00:00:04:0b key 211
port z hub 10.0.4.12 on h2 mac 02:00:00:00:04:0c key 212
port v1 v 10.0.5.10 on h1 mac 02:00:00:00:05:0a key 213
port v2 v 10.0.5.11 on h2 mac 02:00:00:00:05:0b key 214
port i out 10.0.6.10 on h1 mac 02:00:00:00:06:0a key 215
port patch out outside h2:br-ex key 216
`

// TestMasks holds what each kind of packet makes the datapaths match against what was
// found to be the least: whatever is more would be an entry for each value of it, so a
// longer line of testdata/megaflows.txt has to have its reason.
func TestMasks(t *testing.T) {
	const (
		a    = "dl_src=02:00:00:00:00:0a,"
		a4   = a + "nw_src=10.0.0.10,nw_ttl=64,"
		a6   = a + "ipv6_src=fd00::10,nw_ttl=64,"
		l4   = "tp_src=1000,tp_dst=2000,"
		wire = "dl_vlan=100,dl_src=02:00:00:00:09:09,nw_src=10.0.5.99,nw_ttl=64,"
		arp  = "arp,dl_dst=ff:ff:ff:ff:ff:ff,arp_op=1,arp_spa=10.0.0.10,arp_sha=02:00:00:00:00:0a," + a
		nd   = "icmp6,dl_dst=33:33:ff:00:00:11,ipv6_src=fd00::10,ipv6_dst=ff02::1:ff00:11,nw_ttl=255,icmpv6_type=135,nd_sll=02:00:00:00:00:0a," + a
	)
	scenarios := []struct{ name, at, packet string }{
		{"switched, here", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:00:0d,nw_dst=10.0.0.13"},
		{"switched, remote", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:00:0b,nw_dst=10.0.0.11"},
		{"switched v6, remote", "a@h1", "tcp6," + a6 + l4 + "dl_dst=02:00:00:00:00:0b,ipv6_dst=fd00::11"},
		{"switched v6, ICMP", "a@h1", "icmp6," + a6 + "dl_dst=02:00:00:00:00:0b,ipv6_dst=fd00::11,icmpv6_type=128"},
		{"no port security", "c@h1", "tcp,dl_src=02:00:00:00:00:0c,nw_src=10.0.0.12,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:00:0b,nw_dst=10.0.0.11"},
		{"no port security v6", "c@h1", "tcp6,dl_src=02:00:00:00:00:0c,ipv6_src=fd00::12,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:00:0b,ipv6_dst=fd00::11"},
		{"routed, full, remote", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:ff:01,nw_dst=10.0.1.10"},
		{"routed v6, full, remote", "a@h1", "tcp6," + a6 + l4 + "dl_dst=02:00:00:00:ff:01,ipv6_dst=fd01::10"},
		{"routed, once, remote", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:ff:02,nw_dst=10.0.2.10"},
		{"routed v6, once, remote", "a@h1", "tcp6," + a6 + l4 + "dl_dst=02:00:00:00:ff:02,ipv6_dst=fd02::10"},
		{"routed, none, remote", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:ff:03,nw_dst=10.0.3.10"},
		{"routed v6, none, remote", "a@h1", "tcp6," + a6 + l4 + "dl_dst=02:00:00:00:ff:03,ipv6_dst=fd03::10"},
		{"routed, none, here", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:ff:03,nw_dst=10.0.3.11"},
		{"routed, none, without security", "c@h1", "tcp,dl_src=02:00:00:00:00:0c,nw_src=10.0.0.12,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:ff:03,nw_dst=10.0.3.10"},
		{"out by an edge, none", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:ff:03,nw_dst=203.0.113.9"},
		{"unknown address", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:ff:01,nw_dst=10.0.1.77"},
		{"unknown network", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:ff:01,nw_dst=203.0.113.9"},
		{"unknown MAC", "a@h1", "tcp," + a4 + l4 + "dl_dst=02:00:00:00:00:99,nw_dst=10.0.0.99"},
		{"echo of a router", "a@h1", "icmp," + a4 + "dl_dst=02:00:00:00:ff:01,nw_dst=10.0.1.1,icmp_type=8"},
		{"a stranger's MAC", "a@h1", "tcp,dl_src=02:00:00:00:00:0b,nw_src=10.0.0.10,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:00:0d,nw_dst=10.0.0.13"},
		{"a stranger's address", "a@h1", "tcp," + a + "nw_src=10.0.0.11,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:00:0d,nw_dst=10.0.0.13"},
		{"a stranger's address v6", "a@h1", "tcp6," + a + "ipv6_src=fd00::11,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:00:0d,ipv6_dst=fd00::13"},
		{"ARP", "a@h1", arp + "arp_tpa=10.0.0.11"},
		{"ARP for nobody", "a@h1", arp + "arp_tpa=10.0.0.99"},
		{"ND", "a@h1", nd + "nd_target=fd00::11"},
		{"ND for nobody", "a@h1", nd + "nd_target=fd00::99"},
		{"flood", "x@h1", "udp,dl_src=02:00:00:00:04:0a,dl_dst=ff:ff:ff:ff:ff:ff,nw_src=10.0.4.10,nw_dst=10.0.4.255,nw_ttl=64," + l4},
		{"flood of an unknown MAC", "x@h1", "udp,dl_src=02:00:00:00:04:0a,dl_dst=02:00:00:00:04:99,nw_src=10.0.4.10,nw_dst=10.0.4.99,nw_ttl=64," + l4},
		{"from a tag", "a@h1", "tcp,dl_vlan=7,dl_src=02:00:00:00:00:0e,nw_src=10.0.0.14,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:00:0b,nw_dst=10.0.0.11"},
		{"to a tag", "b@h2", "tcp,dl_src=02:00:00:00:00:0b,nw_src=10.0.0.11,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:00:0e,nw_dst=10.0.0.14"},
		{"a tag without a port", "a@h1", "tcp,dl_vlan=8," + a4 + l4 + "dl_dst=02:00:00:00:00:0b,nw_dst=10.0.0.11"},
		{"to the wire", "v1@h1", "tcp,dl_src=02:00:00:00:05:0a,nw_src=10.0.5.10,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:09:09,nw_dst=10.0.5.99"},
		{"by the wire", "v1@h1", "tcp,dl_src=02:00:00:00:05:0a,nw_src=10.0.5.10,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:05:0b,nw_dst=10.0.5.11"},
		{"from the wire", "fabric:ext@h2", "tcp," + wire + l4 + "dl_dst=02:00:00:00:05:0b,nw_dst=10.0.5.11"},
		{"from the wire, for another host", "fabric:ext@h1", "tcp," + wire + l4 + "dl_dst=02:00:00:00:05:0b,nw_dst=10.0.5.11"},
		{"to an outside port elsewhere", "i@h1", "tcp,dl_src=02:00:00:00:06:0a,nw_src=10.0.6.10,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:09:09,nw_dst=10.0.6.99"},
		{"from an outside port", "patch@h2", "tcp,dl_src=02:00:00:00:09:09,nw_src=10.0.6.99,nw_ttl=64," + l4 + "dl_dst=02:00:00:00:06:0a,nw_dst=10.0.6.10"},
	}
	c := newCompiled(t.Context(), t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	snap := logicaltest.Snapshot(masked)
	if err := c.Begin(ctx, snap); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, s := range scenarios {
		p, err := simulate.ParsePacket(strings.TrimSuffix(s.packet, ","))
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		var in simulate.Place
		in.Port, in.Host, _ = strings.Cut(s.at, "@")
		got, err := c.Follow(ctx, in, p)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if complaint := Compare(simulate.All(snap, in, p), got, Punts); complaint != "" {
			t.Errorf("%s: %s", s.name, complaint)
		}
		fmt.Fprintf(&all, "%s: %s\n", s.name, verdict(got))
		for _, m := range got.Megaflows {
			fmt.Fprintf(&all, "  %s\n", inPorts.ReplaceAllString(m, "in_port"))
		}
	}
	golden.Check(t, "testdata/megaflows.txt", all.String())
}

// inPorts are the numbers of interfaces, which are given anew each time.
var inPorts = regexp.MustCompile(`in_port=\d+`)

func verdict(o Observed) string {
	switch {
	case len(o.Out) > 0:
		return fmt.Sprintf("%d arrive", len(o.Out))
	case len(o.Punts) > 0:
		return "for the daemon"
	}
	return "dropped"
}
