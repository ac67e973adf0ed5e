package agent

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/dpdk"
	"github.com/sluice-nfv/sluice/internal/host"
	"github.com/sluice-nfv/sluice/internal/ovs/appctl"
)

func TestMissingRoutes(t *testing.T) {
	bridges := []dpdk.BridgeSpec{{
		Name:      "br-phy",
		Addresses: []netip.Prefix{netip.MustParsePrefix("172.16.0.1/24")},
		Routes:    []host.Route{{To: netip.MustParsePrefix("172.17.0.0/16"), Via: netip.MustParseAddr("172.16.0.254")}},
	}}
	local := appctl.Route{Prefix: netip.MustParsePrefix("172.16.0.1/32"), Dev: "br-phy", Local: true}
	routed := appctl.Route{Prefix: netip.MustParsePrefix("172.17.0.0/16"), Dev: "br-phy", Gateway: netip.MustParseAddr("172.16.0.254")}
	elsewhere := routed
	elsewhere.Dev = "eth0"
	const noAddress = "bridge br-phy: OVS's route table (ovs-appctl ovs/route/show) lacks the address 172.16.0.1: tunnels from it will drop; is the device up, and does OVS read kernel routes (no --disable-system-route)?"
	const noRoute = "bridge br-phy: OVS's route table (ovs-appctl ovs/route/show) lacks the route 172.17.0.0/16 via 172.16.0.254: tunnels that need it will drop"
	tests := []struct {
		name   string
		routes []appctl.Route
		want   []string
	}{
		{"all there", []appctl.Route{local, routed}, nil},
		{"nothing", nil, []string{noAddress, noRoute}},
		{"by another device", []appctl.Route{local, elsewhere}, []string{noRoute}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, missingRoutes(bridges, tt.routes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
