package logical

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLookups is a small network, asked everything.
func TestLookups(t *testing.T) {
	link := aPort(3, 1, "10.0.0.254")
	link.Kind, link.Peer = PortRouter, "rp1"
	outside := &SwitchPort{ID: portID(4), Switch: swID(1), Name: "out", Kind: PortOutside, Host: "sys2", Bridge: "br-ext"}
	carried := aPort(5, 1, "10.0.0.5")
	carried.Trunk, carried.Tag = portID(1), 7
	s := snapshotOf(
		aHost(1, "192.0.2.1"), aHost(2, "192.0.2.2"), aSwitch(1), &Datapath{ID: uid[Datapath](KindDatapath, 1), Key: 17, Kind: DatapathSwitch},
		aPort(1, 1, "10.0.0.1"), aPort(2, 1, "10.0.0.2"), link, outside, carried,
		aRouter(1), aRouterPort(1, 1, "10.0.0.254/24", "p3"), aRouterPort(2, 1, "10.9.0.1/24", "nobody"), aRoute(1, 1, 2, "0.0.0.0/0", "10.9.0.2"),
		aBinding(1, 1, "h1", 1), aBinding(2, 1, "h2", 2), &Global{Seq: 12},
	)
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"generation", s.Generation(), uint64(12)},
		{"key", s.SwitchKey(s.SwitchByName("ls1")), DatapathKey(17)},
		{"by datapath", s.SwitchOf(uid[Datapath](KindDatapath, 1)).Name, "ls1"},
		{"ports", names(s.PortsOf(swID(1))), []string{"p1", "p2", "p3", "out", "p5"}},
		{"links", names(s.RouterPortsOn(swID(1))), []string{"rp1"}},
		{"peer of rp1", s.SwitchPortOf(s.RouterPortByName("rp1")).Name, "p3"},
		{"peer of rp2", s.SwitchPortOf(s.RouterPortByName("rp2")), (*SwitchPort)(nil)},
		{"routes", names(s.RoutesOf(routerID(1))), []string{"r1"}},
		{"router ports", names(s.RouterPortsOf(routerID(1))), []string{"rp1", "rp2"}},
		{"where p1 is", s.HostOf(s.PortByName("p1")).Name, "h2"},
		{"where p2 is", s.HostOf(s.PortByName("p2")), (*Host)(nil)},
		{"where what p1 carries is", s.HostOf(carried).Name, "h2"},
		{"where out is", s.HostOf(outside).Name, "h2"},
		{"who has 192.0.2.1", s.HostByAddress(netip.MustParseAddr("192.0.2.1")).Name, "h1"},
		{"on h1", len(names(s.BindingsOn("h1"))), 1},
		{"by MAC", s.PortByMAC(swID(1), MAC{0xf2, 1, 10, 0, 0, 2}).Name, "p2"},
		{"gone", s.Entity(Ref{KindRoute, UUID{9}}), nil},
		{"there", Name(s.Entity(outside.Ref())), "out"},
		{"over p1", names(s.PortsOver(portID(1))), []string{"p5"}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s: %s", test.what, diff)
		}
	}
	var half []string
	for v := range s.HalfLinks() {
		half = append(half, Name(v))
	}
	if diff := cmp.Diff([]string{"rp2"}, half); diff != "" {
		t.Error(diff)
	}
}

func TestConflicts(t *testing.T) {
	loser := aPort(2, 1, "10.0.0.1")
	loser.Seq = 99
	late := aHost(2, "192.0.2.1")
	s := snapshotOf(aSwitch(1), aPort(1, 1, "10.0.0.1"), loser, aHost(1, "192.0.2.1"), late,
		aBinding(1, 1, "h1", 4), aBinding(2, 1, "h2", 3))
	want := []string{
		"MAC f2:01:0a:00:00:01 on switch ls1: p1 holds it, claimed by p2 too: give one of them another address",
		"address 10.0.0.1 on switch ls1: p1 holds it, claimed by p2 too: give one of them another address",
		"binding of port p1: it is on host h1, which bound it last, and on h2 too: remove the iface-id p1 there",
		"tunnel address 192.0.2.1: host h2 registered it last, it stands at h1 too: remove the host that is gone (`ch del`) or change its address",
	}
	var got []string
	for _, c := range s.Conflicts() {
		got = append(got, c.Text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if quiet := snapshotOf(aSwitch(1), aSwitch(2), aPort(1, 1, "10.0.0.1"), aPort(2, 2, "10.0.0.1")).Conflicts(); len(quiet) > 0 {
		t.Errorf("one address on two switches: %v", quiet)
	}
}
