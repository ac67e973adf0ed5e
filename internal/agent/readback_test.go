package agent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/pmd"
)

func TestReadBack(t *testing.T) {
	number := func(n int64) *int64 { return &n }
	iface := func(s vswitch.InterfaceStatus, settings ...string) vswitch.Observed {
		r := vswitch.ObservedRow{Status: &s}
		r.ID = vswitch.ID{Table: vswitch.IfaceTable, Name: "p0"}
		r.Settings = vswitch.Settings{"type": "dpdk"}
		for i := 0; i < len(settings); i += 2 {
			r.Settings[settings[i]] = settings[i+1]
		}
		return vswitch.Observed{Rows: []vswitch.ObservedRow{r}}
	}
	root := func(initialized bool, types ...string) vswitch.Observed {
		r := vswitch.ObservedRow{Mark: vswitch.Mark{Keys: []string{"other_config:dpdk-init"}}}
		r.ID, r.Settings = vswitch.Root, vswitch.Settings{"other_config:dpdk-init": "try"}
		return vswitch.Observed{Rows: []vswitch.ObservedRow{r}, OVSVersion: "3.1.0", DPDKInitialized: initialized, IfaceTypes: types}
	}
	queues := func(qs ...int) *pmd.RxqShow {
		p := pmd.PMDQueues{Core: 1}
		for _, q := range qs {
			p.Queues = append(p.Queues, pmd.QueueUsage{Port: "p0", Queue: q})
		}
		return &pmd.RxqShow{PMDs: []pmd.PMDQueues{p}}
	}
	tests := []struct {
		name string
		o    vswitch.Observed
		rxqs *pmd.RxqShow
		want []string
	}{
		{"all is well", iface(vswitch.InterfaceStatus{MTU: number(9000), OFPort: number(1)}, "mtu_request", "9000", "options:n_rxq", "2"), queues(0, 1), nil},
		{"the switch does not tell of queues", iface(vswitch.InterfaceStatus{}, "options:n_rxq", "2"), nil, nil},
		{"an error", iface(vswitch.InterfaceStatus{Error: "no", OFPort: number(-1), MTU: number(1)}, "mtu_request", "2"), queues(), []string{"port p0: OVS says: no"}},
		{"no number", iface(vswitch.InterfaceStatus{OFPort: number(-1)}), queues(0), []string{"port p0: OVS could not add it to its bridge (no reason given; see ovs-vswitchd's log)"}},
		{"another MTU", iface(vswitch.InterfaceStatus{MTU: number(1500)}, "mtu_request", "9000"), queues(0), []string{"port p0: asked for MTU 9000, runs with 1500: the device refused it"}},
		{"a guest that never came", iface(vswitch.InterfaceStatus{MTU: number(0)}, "mtu_request", "9000", "type", "dpdkvhostuserclient"), queues(), nil},
		{"a guest that has gone, since when another MTU was asked for", iface(vswitch.InterfaceStatus{MTU: number(1500), Status: map[string]string{"status": "disconnected"}}, "mtu_request", "9000", "type", "dpdkvhostuserclient"), queues(), nil},
		{"a guest that came after another MTU was asked for", iface(vswitch.InterfaceStatus{MTU: number(1500), Status: map[string]string{"status": "connected"}}, "mtu_request", "9000", "type", "dpdkvhostuserclient"), queues(0), []string{
			"port p0: asked for MTU 9000, runs with 1500: OVS takes a vhost port's MTU up only while a guest is connected, and has not set the port up anew since it was asked; " +
				"while the guest is connected set another value and this one again (ovs-vsctl set Interface p0 mtu_request=…), or make the port anew, which cuts the guest off meanwhile",
		}},
		{"an unpolled queue", iface(vswitch.InterfaceStatus{}, "options:n_rxq", "3"), queues(0, 2), []string{"port p0: 2 of 3 rx queues are polled by a PMD; packets of the others are lost"}},
		{"a pin not kept", iface(vswitch.InterfaceStatus{}, "other_config:pmd-rxq-affinity", "0:5"), queues(0), []string{"port p0: queue 0 is pinned to core 5 and polled by core 1: is there a PMD on core 5?"}},
		{"DPDK not started", root(false), nil, []string{"DPDK is not initialized: EAL did not start (ovs-vswitchd's log says why, search for EAL); mend it, then restart ovs-vswitchd, which tries only once"}},
		{"DPDK started", root(true), nil, nil},
		{"DPDK started a moment ago", root(false, "dpdk", "internal"), nil, nil},
	}
	want := vswitch.Desired{Rows: []vswitch.Row{{ID: vswitch.Root}, {ID: vswitch.ID{Table: vswitch.IfaceTable, Name: "p0"}}}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, refusals(want, tt.o, replies{rxqs: tt.rxqs}, newMeanings("3.1.0"))); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
		})
	}
}
