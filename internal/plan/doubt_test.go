package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/internal/ovs/vswitch/vswitchtest"
	"github.com/sluice-nfv/sluice/internal/plan"
)

// Of whose guest one must know more before a change is priced: of those that OVS
// denies, and that the change would disturb.
func TestDoubtful(t *testing.T) {
	o := vswitch.Observed{Rows: vswitchtest.Rows(t, `
Open_vSwitch .
Bridge br0 datapath_type=netdev
Port vm1 in Bridge br0
Interface vm1 in Port vm1 type=dpdkvhostuserclient ~status=disconnected
Port vm2 in Bridge br0
Interface vm2 in Port vm2 type=dpdkvhostuserclient ~status=connected
Port vm3 in Bridge br0
Interface vm3 in Port vm3 type=dpdkvhostuser ~link=down
Port vm4 in Bridge br0
Interface vm4 in Port vm4 type=dpdkvhostuserclient ~error="could not open network device vm4"
Port dpdk0 in Bridge br0
Interface dpdk0 in Port dpdk0 type=dpdk ~link=down
`)}
	id := func(text string) vswitch.ID {
		table, name, _ := strings.Cut(text, " ")
		return vswitch.ID{Table: vswitch.Table(table), Name: name}
	}
	tests := []struct {
		op   vswitch.Op
		row  string
		want []string
	}{
		{vswitch.Delete, "Port vm1", []string{"vm1"}},
		{vswitch.Set, "Interface vm1", []string{"vm1"}},
		{vswitch.Unset, "Interface vm3", []string{"vm3"}},
		{vswitch.Delete, "Bridge br0", []string{"vm1", "vm3"}},
		{vswitch.Set, "Bridge br0", []string{"vm1", "vm3"}},
		{vswitch.Delete, "Port vm2", nil},
		{vswitch.Delete, "Port vm4", nil},
		{vswitch.Delete, "Port dpdk0", nil},
		{vswitch.Claim, "Interface vm1", nil},
		{vswitch.Create, "Port vm5", nil},
		{vswitch.Set, "Open_vSwitch .", nil},
	}
	for _, tt := range tests {
		got := plan.Doubtful([]vswitch.Change{{Op: tt.op, ID: id(tt.row)}}, o)
		if diff := cmp.Diff(tt.want, append([]string(nil), got...)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tt.op, tt.row, diff)
		}
	}
	if diff := cmp.Diff([]string{"vm1", "vm3"}, plan.Denied(o)); diff != "" {
		t.Errorf("denied (-want +got):\n%s", diff)
	}
}
