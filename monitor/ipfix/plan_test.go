package ipfix

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
)

// TestDecide: the rows of each mode, as ovs-vsctl would be told them. Input and output
// sampling are left alone: OVS 3.1 takes them for their opposite.
func TestDecide(t *testing.T) {
	spec := Spec{Sampling: 1000, CacheTimeout: 5 * time.Second, CacheFlows: 4096, Listen: netip.MustParseAddrPort("127.0.0.1:4739"), ExportTo: []string{"[2001:db8::7]:4739", "10.0.0.7:4739"}}
	for _, c := range []struct {
		mode Mode
		want []string
	}{
		{ModeOff, nil},
		{ModeBridge, []string{
			`create IPFIX br-ext in Bridge br-ext cache_active_timeout=5 cache_max_flows=4096 sampling=1000 targets=10.0.0.7:4739,127.0.0.1:4739,[2001:db8::7]:4739`,
			`create IPFIX br-phy in Bridge br-phy cache_active_timeout=5 cache_max_flows=4096 sampling=1000 targets=10.0.0.7:4739,127.0.0.1:4739,[2001:db8::7]:4739`,
		}},
		{ModePorts, []string{
			`create Flow_Sample_Collector_Set br-int/4739 in Bridge br-int id=4739`,
			`create IPFIX br-int/4739 in Flow_Sample_Collector_Set br-int/4739 cache_active_timeout=5 cache_max_flows=4096 targets=10.0.0.7:4739,127.0.0.1:4739,[2001:db8::7]:4739`,
		}},
	} {
		s := spec
		if s.Mode = c.mode; c.mode == ModeBridge {
			s.Bridges = []string{"br-ext", "br-phy"}
		}
		var got []string
		for _, r := range Decide(&s, "br-int") {
			got = append(got, vswitch.Change{Op: vswitch.Create, ID: r.ID, Parent: r.Parent, Row: r}.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.mode, diff)
		}
	}
	if rows := Decide(nil, "br-int"); rows != nil {
		t.Errorf("without a section: %v", rows)
	}
}
