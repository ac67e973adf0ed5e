package overlay

import (
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/openflow"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
)

func TestWireOf(t *testing.T) {
	const head = `
Open_vSwitch .
Bridge br-phy datapath_type=netdev
Port br-phy in Bridge br-phy
Interface br-phy in Port br-phy type=internal ~ofport=65534
Port sluice-phy-net in Bridge br-phy
Interface sluice-phy-net in Port sluice-phy-net type=patch ~ofport=7
Port mgmt in Bridge br-phy
Interface mgmt in Port mgmt type=internal ~ofport=8
Bridge br-int datapath_type=netdev
Port vm1 in Bridge br-int
Interface vm1 in Port vm1 type=dpdkvhostuserclient ~ofport=1
`
	const nic = "Port nic0 in Bridge br-phy\nInterface nic0 in Port nic0 type=dpdk ~ofport=2\n"
	at := func(port, rest string) string {
		return "Port " + port + " in Bridge br-phy\nInterface " + port + " in Port " + port + " " + rest + "\n"
	}
	for _, tt := range []struct {
		name, rows string
		want       openflow.Port
		why        string
	}{
		{"none", head, 0, "no port leads to the other hosts"},
		{"one", head + nic, 2, ""},
		{"one of the kernel's", head + at("eth1", "~ofport=2"), 2, ""},
		{"not open", head + at("nic0", "type=dpdk ~ofport=-1"), 0, "port nic0 is not open"},
		{"two", head + nic + at("nic1", "type=dpdk ~ofport=3"), 0, "ports nic0 and nic1: which leads to the other hosts is not known"},
		{"beside a guest's", head + nic + at("vm2", "type=dpdkvhostuserclient ~ofport=3"), 0, "ports nic0 and vm2: which leads to the other hosts is not known"},
		{"a bond", head + "Port bond in Bridge br-phy\nInterface m1 in Port bond type=dpdk ~ofport=4\nInterface m0 in Port bond type=dpdk ~ofport=3\n", 0, "port bond is a bond"},
		{"a bond, one member not open", head + "Port bond in Bridge br-phy\nInterface m1 in Port bond type=dpdk ~ofport=4\nInterface m0 in Port bond type=dpdk ~ofport=-1\n", 0, "port bond is a bond"},
		{"a tagged port", head + strings.Replace(nic, "Bridge br-phy\n", "Bridge br-phy tag=5\n", 1), 0, "port nic0 tells VLANs apart"},
		{"a tagged bridge", strings.Replace(head, "Port br-phy in Bridge br-phy", "Port br-phy in Bridge br-phy tag=5", 1) + nic, 0, "port br-phy tells VLANs apart"},
		{"behind a patch port", head + at("uplink", "type=patch ~ofport=9"), 0, "patch port uplink leads to another bridge"},
		{"behind a patch port, a guest here", head + at("uplink", "type=patch ~ofport=9") + at("vm2", "type=dpdkvhostuserclient ~ofport=3"), 0, "patch port uplink leads to another bridge"},
		{"a patch port besides", head + nic + at("uplink", "type=patch ~ofport=9"), 0, "patch port uplink leads to another bridge"},
		{"a guest alone", head + at("vm2", "type=dpdkvhostuserclient ~ofport=3"), 0, "port vm2 may be a guest's"},
		{"a guest's of the older kind", head + at("vm2", "type=dpdkvhostuser ~ofport=3"), 0, "port vm2 may be a guest's"},
		{"a tap of OVS", head + at("tap0", "type=tap ~ofport=3"), 0, "port tap0 may be a guest's"},
		{"a tap of the kernel's", head + at("tap0", "~ofport=3 ~driver_name=tun"), 0, "port tap0 may be a guest's"},
		{"one of a switch port", head + at("eth1", "external_ids:iface-id=vm2 ~ofport=3"), 0, "port eth1 may be a guest's"},
		{"another tunnel", head + at("vx", "type=vxlan ~ofport=3"), 0, "port vx may be a guest's"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := vswitch.Observed{Rows: vswitchtest.Rows(t, tt.rows)}
			vswitch.SortObserved(o.Rows)
			if wire, why := wireOf(o, "br-phy"); wire != tt.want || why != tt.why {
				t.Errorf("%d %q, want %d %q", wire, why, tt.want, tt.why)
			}
		})
	}
}
