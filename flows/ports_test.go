package flows_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/golden"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// asking is a network that asks for ports of every kind.
func asking(t testing.TB) *network {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	n.host("h2", 2, "192.0.2.2")
	n.host("e1", 3, "192.0.2.9")
	n.host("e6", 4, "2001:db8:ffff::9")
	for _, name := range []string{"e1", "e6"} {
		e := *n.rows[logical.Ref{Kind: logical.KindHost, UUID: id(logical.KindHost, name)}].(*logical.Host)
		e.Role = logical.RoleEdge
		n.put(&e)
	}
	n.sw("lab", 1, func(s *logical.Switch) { s.Kind, s.Network, s.VLAN = logical.SwitchVLAN, "physnet1", 20 })
	n.sw("far", 2, func(s *logical.Switch) { s.Kind, s.Network, s.VLAN = logical.SwitchVLAN, "physnet9", 20 })
	n.sw("blue", 3)
	outside := func(name, host, bridge string) {
		n.put(&logical.SwitchPort{ID: portID(name), Switch: swID("blue"), Name: name, Key: n.nextKey("blue"), Kind: logical.PortOutside, Host: host, Bridge: bridge})
	}
	outside("out2", "h1", "br-ex")
	outside("out1", "sys-h1", "br-ex")
	outside("out3", "h2", "br-ex2")
	n.put(&logical.SwitchPort{ID: portID("wire"), Switch: swID("blue"), Name: "wire", Key: n.nextKey("blue"), Kind: logical.PortLocalnet, Network: "physnet2"})
	n.port("blue", "vm1", "h1", "10.0.0.1")
	return n
}

// TestPorts compares what the network asks of a node and of an edge with what a reader
// agreed to.
func TestPorts(t *testing.T) {
	overlay := logical.Overlay{
		Integration: "br-int", Address: netip.MustParseAddr("192.0.2.1"), Role: "node", UDPPort: 6081, Csum: true,
		BFD:      logical.BFD{MinRx: time.Second, MinTx: 500 * time.Millisecond, Multiplier: 4},
		Provider: []logical.ProviderNetwork{{Network: "physnet1", Bridge: "br-phy"}, {Network: "physnet2", Bridge: "br-phy2"}, {Network: "unused", Bridge: "br-x"}},
	}
	s := asking(t).snapshot()
	var text strings.Builder
	for _, role := range []string{"node", "edge"} {
		overlay.Role = role
		fmt.Fprintf(&text, "# h1 as %s\n", role)
		local := flows.Local{}
		for i, p := range flows.Ports(s, overlay, "h1") {
			fmt.Fprintf(&text, "%s, for %s\n", p.Name, p.For)
			for _, r := range p.Rows {
				fmt.Fprintf(&text, "  %s in %s", r.ID, r.Parent)
				for _, name := range r.Settings.Names() {
					fmt.Fprintf(&text, " %s=%s", name, r.Settings[name])
				}
				text.WriteString("\n")
				if !flows.Planned(r.Name) {
					t.Errorf("%s is not known by its name", r.Name)
				}
			}
			local.Add(p.Name, of.Port(i+1))
		}
		fmt.Fprintf(&text, "networks %v, bridges %v, peers %v\n", local.Networks, local.Bridges, local.Peers)
	}
	golden.Check(t, "testdata/ports.txt", text.String())
	if flows.Planned(flows.TunnelName) {
		t.Error("the tunnel is always there, nobody asks for it")
	}
}

// A guest that comes does not make anybody look for ports; what may ask for one does.
func TestPortsTouched(t *testing.T) {
	n := asking(t)
	s := n.snapshot()
	ref := func(kind logical.Kind, name string) logical.Delta {
		return logical.Delta{{Kind: kind, UUID: id(kind, name)}}
	}
	gone, delta := s.With(logical.Changes{Delete: ref(logical.KindSwitchPort, "out1")})
	for _, tt := range []struct {
		what          string
		before, after *logical.Snapshot
		delta         logical.Delta
		want          bool
	}{
		{"nothing", s, s, nil, false},
		{"the first", nil, s, nil, true},
		{"a guest", s, s, ref(logical.KindSwitchPort, "vm1"), false},
		{"localnet", s, s, ref(logical.KindSwitchPort, "wire"), true},
		{"a switch", s, s, ref(logical.KindSwitch, "lab"), true},
		{"a host", s, s, ref(logical.KindHost, "e1"), true},
		{"an outside port that went", s, gone, delta, true},
	} {
		if got := flows.PortsTouched(tt.before, tt.after, tt.delta); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.what, got, tt.want)
		}
	}
}
