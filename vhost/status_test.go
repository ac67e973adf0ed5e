package vhost_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/ovs/vswitch"
	"github.com/sluice-nfv/sluice/vhost"
)

func p[T any](v T) *T { return &v }

// connected is a port as OVS 3.1.0 with DPDK 22.11 reported it: a guest with two
// queue pairs.
func connected() vswitch.InterfaceStatus {
	return vswitch.InterfaceStatus{
		OFPort: p(int64(1)), AdminState: "up", LinkState: "up", MTU: p(int64(1500)), MACInUse: "00:00:00:00:00:00",
		Status: map[string]string{
			"features": "0x0000000950448000", "mode": "client", "num_of_vrings": "4", "numa": "0",
			"socket": "/var/lib/vhost_sockets/vm0/vm0.sock", "status": "connected",
			"vring_0_size": "256", "vring_1_size": "256", "vring_2_size": "256", "vring_3_size": "256",
		},
	}
}

// disconnected is a port that no guest ever connected to, on OVS 3.1.0.
func disconnected() vswitch.InterfaceStatus {
	return vswitch.InterfaceStatus{
		OFPort: p(int64(3)), AdminState: "up", LinkState: "down", MTU: p(int64(0)), MACInUse: "00:00:00:00:00:00",
		Status: map[string]string{"mode": "client", "status": "disconnected"},
	}
}

func TestParseStatus(t *testing.T) {
	tests := []struct {
		name string
		in   vswitch.InterfaceStatus
		want vhost.Status
	}{
		{"connected", connected(), vhost.Status{
			State: vhost.StateConnected, Socket: "/var/lib/vhost_sockets/vm0/vm0.sock", LinkUp: true, MTU: 1500, GuestMTU: -1,
			Node: 0, VRings: 4, RingSizes: []int{256, 256, 256, 256}, Features: 0x950448000,
		}},
		{"disconnected", disconnected(), vhost.Status{State: vhost.StateWaiting, MTU: 0, GuestMTU: -1, Node: -1, VRings: -1}},
		{"not processed", vswitch.InterfaceStatus{}, vhost.Status{State: vhost.StatePending, MTU: -1, GuestMTU: -1, Node: -1, VRings: -1}},
		{"failed", vswitch.InterfaceStatus{Error: "could not open", OFPort: p(int64(-1))}, vhost.Status{
			State: vhost.StateFailed, Error: "could not open", MTU: -1, GuestMTU: -1, Node: -1, VRings: -1,
		}},
		{"nonsense", vswitch.InterfaceStatus{Status: map[string]string{"status": "connected", "num_of_vrings": "-4", "features": "0xzz", "numa": "x"}}, vhost.Status{
			State: vhost.StateConnected, MTU: -1, GuestMTU: -1, Node: -1, VRings: -1,
		}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, vhost.ParseStatus(tt.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func FuzzParseStatus(f *testing.F) {
	f.Add("connected", "client", "4", "0x0000000950448000", "256", "0", "1500")
	f.Add("disconnected", "server", "99999999999", "0x", "-1", "", "65536")
	f.Fuzz(func(t *testing.T, status, mode, vrings, features, size, numa, mtu string) {
		s := vhost.ParseStatus(vswitch.InterfaceStatus{Status: map[string]string{
			"status": status, "mode": mode, "num_of_vrings": vrings, "features": features, "vring_0_size": size, "numa": numa, "mtu": mtu,
		}})
		if len(s.RingSizes) > 256 || s.VRings < -1 || s.Node < -1 || s.GuestMTU < -1 {
			t.Errorf("out of range: %+v", s)
		}
		vhost.Explain(port("vm0"), "/s", vhost.Facts{Row: true, DPDK: true, Type: vhost.Type, ServerPath: "/s"})
	})
}
