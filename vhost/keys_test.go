package vhost_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

// everyPort are the settings that ports of any kind have; dpdk.Keys lists them.
const everyPort = "type mtu_request ingress_policing_rate ingress_policing_burst vlan_mode tag trunks other_config:cir other_config:cbs"

// TestKeys: whatever a plan writes stands in Keys or is every port's, and Keys
// holds none of the latter.
func TestKeys(t *testing.T) {
	var names []string
	for _, k := range vhost.Keys() {
		if slices.Contains(names, k.Name) || slices.Contains(strings.Fields(everyPort), k.Name) {
			t.Errorf("%s has two owners", k.Name)
		}
		names = append(names, k.Name)
	}
	names = append(names, strings.Fields(everyPort)...)
	yes := true
	p, _ := vhost.Decide(vhost.Spec{SocketDir: "/s", IOMMU: &yes, Postcopy: &yes, Ports: []vhost.PortSpec{port("vm0", func(p *vhost.PortSpec) {
		p.MAC, p.LogicalPort, p.TxRetries = "52:54:00:00:00:01", "web-1", 3
		p.VLAN = vswitch.VLAN{Mode: vswitch.VLANNativeTagged, Tag: 1, Trunks: []int{2}}
		p.RateLimit = vswitch.RateLimit{Ingress: vswitch.Rate{BitsPerSecond: 1e9}, Egress: vswitch.Rate{BitsPerSecond: 1e9}}
	})}}, "")
	written := p.Settings.Names()
	for _, r := range p.Rows {
		written = append(written, r.Settings.Names()...)
		for _, f := range vswitch.NewReviewer("").Review(r.Settings, r.Table) {
			t.Errorf("%s: %s", r.ID, f.What)
		}
	}
	for _, name := range written {
		if !slices.Contains(names, name) {
			t.Errorf("a plan writes %s, which is not among Keys", name)
		}
	}
}
