package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/internal/host/hosttest"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// TestAskedPorts plans ports that the network asks for: made on somebody else's bridge
// without a take-over, left out where they would lead nowhere, deleted as nothing in
// use when nobody asks for them, and left alone when nobody knows.
func TestAskedPorts(t *testing.T) {
	const head = `
Open_vSwitch .
Bridge br-int datapath_type=netdev fail_mode=secure owner=profile keys=*
Port br-int in Bridge br-int owner=profile
Interface br-int in Port br-int type=internal owner=profile keys=*
Port sluice-geneve in Bridge br-int owner=profile
Interface sluice-geneve in Port sluice-geneve type=geneve options:key=flow options:local_ip=172.16.0.1 options:remote_ip=flow owner=profile keys=*
Bridge br-ex datapath_type=netdev
Bridge br-kernel
`
	const pair = `
Port sluice-in-br-ex in Bridge br-ex owner=profile
Port sluice-out-br-ex in Bridge br-int owner=profile
Interface sluice-in-br-ex in Port sluice-in-br-ex type=patch options:peer=sluice-out-br-ex owner=profile keys=*
Interface sluice-out-br-ex in Port sluice-out-br-ex type=patch options:peer=sluice-in-br-ex owner=profile keys=*
`
	port := func(name, bridge string) flows.Port {
		id := vswitch.ID{Table: vswitch.PortTable, Name: "sluice-in-" + bridge}
		return flows.Port{Name: "sluice-out-" + bridge, Bridge: bridge, For: "outside port " + name, Rows: []vswitch.Row{
			{ID: id, Parent: vswitch.ID{Table: vswitch.BridgeTable, Name: bridge}, Settings: vswitch.Settings{}, Asked: true},
			{ID: vswitch.ID{Table: vswitch.IfaceTable, Name: id.Name}, Parent: id, Settings: vswitch.Settings{"type": "patch", "options:peer": "sluice-out-" + bridge}, Asked: true},
		}}
	}
	tests := []struct {
		name, rows, profile string
		ports               []flows.Port
		known               bool
		want                string
		stay                []string
	}{
		{"made", head, "overlay: {bridge: \"\", address: 172.16.0.1, redirect: false}", []flows.Port{port("a", "br-ex"), port("b", "br-none"), port("c", "br-kernel")}, true, `warning bridge-not-reached: outside port b is to be reached by bridge br-none, which is not there
warning bridge-not-reached: outside port c is to be reached by bridge br-kernel, which is of datapath type system
step 1
  create Port sluice-in-br-ex in Bridge br-ex [live]
  create Interface sluice-in-br-ex in Port sluice-in-br-ex options:peer=sluice-out-br-ex type=patch [live]
`, nil},
		{"asked no more", head + pair, "overlay: {bridge: \"\", address: 172.16.0.1, redirect: false}", nil, true, `step 1
  delete Port sluice-in-br-ex [live] the logical network has no need of it any more
  delete Port sluice-out-br-ex [live] the logical network has no need of it any more
`, nil},
		{"flows lead to it", head + pair, "overlay: {bridge: \"\", address: 172.16.0.1, redirect: false}", nil, true, `step 1
  delete Port sluice-in-br-ex [live] the logical network has no need of it any more
`, []string{"sluice-out-br-ex"}},
		{"nobody knows", head + pair, "overlay: {bridge: \"\", address: 172.16.0.1, redirect: false}", nil, false, "CONVERGED\n", nil},
		{"asked in vain", head + pair, "overlay: {bridge: \"\", address: 172.16.0.1, mode: on-demand}", nil, false, `CONVERGED
info not-in-this-release at overlay.mode: on-demand mode is checked but not carried out by this release
info not-in-this-release at overlay.redirect: sending packets for unknown destinations by way of an edge host is checked but not carried out by this release
`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := vswitch.Observed{OVSVersion: "3.1.0", Rows: vswitchtest.Rows(t, tt.rows)}
			vswitch.SortObserved(o.Rows)
			p := plan.Make(plan.Input{Profile: profile(t, tt.profile), Topology: hosttest.Topology(t, "vm2"), Observed: o, Ports: tt.ports, PortsKnown: tt.known, PortsStay: tt.stay})
			if diff := cmp.Diff(tt.want, printed(p.Wire("nfv-01", o.OVSVersion, plan.Scope{}))); diff != "" {
				t.Error(diff)
			}
			if p.Guarded != nil {
				t.Error(p.Guarded)
			}
		})
	}
}
