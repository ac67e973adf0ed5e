package dpdk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// TestKeys: whatever any plan writes stands in Keys, once, and under a name OVS
// knows.
func TestKeys(t *testing.T) {
	type setting struct {
		table vswitch.Table
		name  string
	}
	known := map[setting]bool{}
	for _, k := range dpdk.Keys() {
		s := setting{k.Table, k.Name}
		if known[s] {
			t.Errorf("%s %s stands twice", k.Table, k.Name)
		}
		known[s] = true
		for _, f := range vswitch.NewReviewer("").Review(vswitch.Settings{k.Name: "x"}, k.Table) {
			if f.Code == "setting-misspelt" || f.Code == "setting-too-new" {
				t.Errorf("%s: %s", k.Table, f.What)
			}
		}
	}
	check := func(table vswitch.Table, s vswitch.Settings) {
		for _, name := range s.Names() {
			if !known[setting{table, name}] {
				t.Errorf("a plan writes %s %s, which is not among Keys", table, name)
			}
		}
	}
	for _, tt := range planTests {
		in := tt.in
		in.Topology = describedHost(t, tt.host)
		p, _ := dpdk.Decide(in)
		check(vswitch.OpenvSwitch, p.Settings)
		for _, r := range p.Rows {
			check(r.Table, r.Settings)
		}
	}
}

// TestCostOfBridgeKeys: what takes flows or peers away from a bridge is not live.
func TestCostOfBridgeKeys(t *testing.T) {
	want := map[string]vswitch.Class{"fail_mode": vswitch.PortRestart, "other_config:hwaddr": vswitch.PortRestart, "datapath_type": vswitch.PortRestart}
	got := map[string]vswitch.Class{}
	for _, k := range dpdk.Keys() {
		if k.Table == vswitch.BridgeTable {
			got[k.Name] = k.Class
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("classes of a bridge's settings (-want +got):\n%s", diff)
	}
}

func TestDeviceNode(t *testing.T) {
	topo := describedHost(t, twoSockets)
	tests := []struct {
		device dpdk.Device
		node   int
	}{
		{dpdk.Device{PCI: "0000:af:00.0"}, 1},
		{dpdk.Device{PCI: "0000:AF:00.0"}, 1},
		{dpdk.Device{MAC: "3C:FD:FE:00:00:03"}, 1},
		{dpdk.Device{PCI: "0000:ff:00.0"}, 0},
		{dpdk.Device{Vdev: "net_tap0"}, 0},
	}
	for _, tt := range tests {
		if got := tt.device.Node(topo, dpdk.Spec{}.LCores); got != tt.node {
			t.Errorf("%s is on node %d, want %d", tt.device, got, tt.node)
		}
	}
}
