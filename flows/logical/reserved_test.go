package logical

import (
	"net/netip"
	"strings"
	"testing"
)

func TestReserved(t *testing.T) {
	for _, test := range []struct{ network, address, want string }{
		{"10.1.0.0/24", "10.1.0.0", "the network's own address"},
		{"10.1.0.9/24", "10.1.0.0", "the network's own address"},
		{"10.1.0.0/24", "10.1.0.255", "the network's broadcast address"},
		{"10.1.0.0/24", "10.1.0.1", ""},
		{"10.1.0.0/24", "10.1.0.254", ""},
		{"10.1.0.0/24", "10.1.1.255", ""},
		{"10.1.0.0/23", "10.1.0.255", ""},
		{"10.1.0.0/30", "10.1.0.3", "the network's broadcast address"},
		{"10.1.0.0/31", "10.1.0.0", ""},
		{"10.1.0.0/31", "10.1.0.1", ""},
		{"10.1.0.0/32", "10.1.0.0", ""},
		{"0.0.0.0/0", "255.255.255.255", "the network's broadcast address"},
		{"fd00::/64", "fd00::", "the anycast address of the network's routers"},
		{"fd00::/64", "fd00::ffff:ffff:ffff:ffff", ""},
		{"fd00::/127", "fd00::", ""},
		{"fd00::/64", "10.1.0.0", ""},
	} {
		if got := Reserved(netip.MustParsePrefix(test.network), netip.MustParseAddr(test.address)); got != test.want {
			t.Errorf("%s in %s: %q, want %q", test.address, test.network, got, test.want)
		}
	}
}

// TestOldRowsStay: what ValidateIn refuses since a later release stands in stores,
// and Validate decides what is left out of the network there.
func TestOldRowsStay(t *testing.T) {
	sw := aSwitch(1)
	sw.Subnets = []netip.Prefix{pfx("10.0.0.0/24")}
	localnet := &SwitchPort{ID: uid[SwitchPort](KindSwitchPort, 8), Switch: sw.ID, Name: "loc", Kind: PortLocalnet}
	s := snapshotOf(sw, aRouter(1))
	for _, test := range []struct {
		v    Entity
		want string
	}{
		{aPort(1, 1, "10.0.0.0"), "port p1: address 10.0.0.0: it is the network's own address, 10.0.0.0/24"},
		{aPort(1, 1, "10.0.0.255"), "port p1: address 10.0.0.255: it is the network's broadcast address, 10.0.0.0/24"},
		{aRouterPort(1, 1, "10.1.3.0/24", ""), "router port rp1: address 10.1.3.0: it is the network's own address, 10.1.3.0/24"},
		{aRouterPort(1, 1, "10.1.3.255/24", ""), "router port rp1: address 10.1.3.255: it is the network's broadcast address, 10.1.3.0/24"},
		{localnet, "port loc: a localnet port of an overlay switch needs its physical network: --network PHYSNET"},
	} {
		if err := Validate(test.v); err != nil {
			t.Errorf("an old row is left out: %v", err)
		}
		if err := s.ValidateIn(test.v); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
	localnet.Network = "physnet1"
	if err := s.ValidateIn(localnet); err != nil {
		t.Error(err)
	}
}
