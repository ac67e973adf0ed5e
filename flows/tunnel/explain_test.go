package tunnel_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows/tunnel"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// sound is a tunnel that works.
func sound() tunnel.Facts {
	option := tunnel.Option{Class: 0xff00, Type: 0x81, Length: 4}
	return tunnel.Facts{
		Known: tunnel.Known{Option: true, Routes: true, Neighbours: true, Listeners: true, Counters: true, Heartbeats: true},
		Self:  "h1", Registered: true, Bridge: "br-int", Address: netip.MustParseAddr("172.16.0.1"), UDPPort: 6081,
		Port: tunnel.Port{Name: "sluice-geneve", There: true}, Option: option, Want: option, Listens: true, GuestMTU: 1500,
		Peer:      tunnel.Peer{Name: "h2", Address: netip.MustParseAddr("172.16.0.2"), Told: true, Silence: 5 * time.Second, Generation: 9},
		Route:     &tunnel.Route{Device: "br-phy", Bridge: true, MTU: 1600},
		Neighbour: "aa:55:aa:55:00:02", Sent: 100, Received: 90, Generation: 9, Aged: time.Hour,
	}
}

// Each cause is told, alone, in words that name it and its remedy.
func TestExplain(t *testing.T) {
	var b strings.Builder
	for _, tt := range []struct {
		name  string
		alter func(*tunnel.Facts)
	}{
		{"sound", func(*tunnel.Facts) {}},
		{"nothing is known", func(f *tunnel.Facts) { f.Known = tunnel.Known{}; f.Route, f.Neighbour, f.Listens = nil, "", false }},
		{"no tunnel port", func(f *tunnel.Facts) { f.Port.There = false }},
		{"port refused", func(f *tunnel.Facts) {
			f.Port.There, f.Port.Error = false, "could not add network device sluice-geneve to ofproto (File exists)"
		}},
		{"option missing", func(f *tunnel.Facts) { f.Option = tunnel.Option{} }},
		{"option foreign", func(f *tunnel.Facts) { f.Option = tunnel.Option{Class: 0x102, Type: 0x80, Length: 4} }},
		{"not laid", func(f *tunnel.Facts) { f.Laid = "bridge at /run/openvswitch/br-int.mgmt: connection refused" }},
		{"not registered", func(f *tunnel.Facts) { f.Registered = false }},
		{"no address of the family", func(f *tunnel.Facts) { f.Peer.Address = netip.Addr{} }},
		{"address of another", func(f *tunnel.Facts) { f.Peer.Holder = "h0" }},
		{"no route", func(f *tunnel.Facts) { f.Route, f.Neighbour = nil, "" }},
		{"route over no bridge", func(f *tunnel.Facts) { f.Route = &tunnel.Route{Device: "eth0"} }},
		{"no ARP", func(f *tunnel.Facts) { f.Neighbour = "" }},
		{"no ARP of the gateway", func(f *tunnel.Facts) { f.Neighbour, f.Route.Gateway = "", netip.MustParseAddr("172.16.0.254") }},
		{"no ND", func(f *tunnel.Facts) {
			f.Neighbour, f.Peer.Address, f.GuestMTU = "", netip.MustParseAddr("fd00::2"), 0
		}},
		{"ARP not asked", func(f *tunnel.Facts) { f.Neighbour, f.Sent, f.Received = "", 0, 0 }},
		{"ARP not asked lately", func(f *tunnel.Facts) { f.Neighbour, f.Idle = "", time.Hour }},
		{"nothing listens", func(f *tunnel.Facts) { f.Listens = false }},
		{"BFD down", func(f *tunnel.Facts) {
			f.Port.Name = "sluice-h2"
			f.BFD = &tunnel.BFD{State: "down", Diagnostic: "Control Detection Time Expired", RemoteState: "up", RemoteDiagnostic: "No Diagnostic"}
		}},
		{"BFD taken down there", func(f *tunnel.Facts) {
			f.BFD = &tunnel.BFD{State: "down", Diagnostic: "Neighbor Signaled Session Down", RemoteState: "admin_down"}
		}},
		{"BFD up", func(f *tunnel.Facts) { f.BFD = &tunnel.BFD{State: "up", RemoteState: "up"} }},
		{"MTU too small", func(f *tunnel.Facts) { f.Route.MTU = 1557 }},
		{"MTU just enough", func(f *tunnel.Facts) { f.Route.MTU = 1558 }},
		{"MTU too small for IPv6", func(f *tunnel.Facts) { f.Route.MTU, f.Peer.Address = 1558, netip.MustParseAddr("fd00::2") }},
		{"never told", func(f *tunnel.Facts) { f.Peer.Told = false }},
		{"silent", func(f *tunnel.Facts) { f.Peer.Silence = 5 * time.Minute }},
		{"generation behind", func(f *tunnel.Facts) { f.Peer.Generation = 7 }},
		{"generation behind for a moment", func(f *tunnel.Facts) { f.Peer.Generation, f.Aged = 7, 20*time.Second }},
		{"one way", func(f *tunnel.Facts) { f.Received = 0 }},
		{"one way since a while", func(f *tunnel.Facts) {
			f.Heard, f.Lately = 100*time.Second, tunnel.Lately{Sent: 342, Over: 50 * time.Second}
		}},
		{"one way, and looked at once", func(f *tunnel.Facts) { f.Heard = 100 * time.Second }},
		{"both ways", func(f *tunnel.Facts) { f.Lately = tunnel.Lately{Sent: 342, Received: 1, Over: 50 * time.Second} }},
		{"chatter that nobody answers", func(f *tunnel.Facts) {
			f.Heard, f.Lately = time.Hour, tunnel.Lately{Sent: 6, Over: 50 * time.Second}
		}},
		{"nothing is sent", func(f *tunnel.Facts) {
			f.Heard, f.Idle, f.Lately = time.Hour, time.Hour, tunnel.Lately{Over: 50 * time.Second}
		}},
		{"cable out", func(f *tunnel.Facts) { f.NICs = []tunnel.NIC{{Name: "eth0"}, {Name: "eth1"}} }},
		{"one cable of a bond out", func(f *tunnel.Facts) { f.NICs = []tunnel.NIC{{Name: "eth0"}, {Name: "eth1", Link: true}} }},
		{"several", func(f *tunnel.Facts) { f.Route, f.Listens, f.Peer.Told = nil, false, false }},
	} {
		f := sound()
		tt.alter(&f)
		b.WriteString(tt.name + "\n")
		for _, r := range tunnel.Explain(f) {
			b.WriteString("  " + r.What + "\n    -> " + r.Fix + "\n")
		}
	}
	golden.Check(t, "testdata/causes.txt", b.String())
}

// A second look is taken only where it can tell something.
func TestDoubtful(t *testing.T) {
	for name, c := range map[string]struct {
		alter func(*tunnel.Facts)
		want  bool
	}{
		"sound":              {func(*tunnel.Facts) {}, false},
		"unheard for long":   {func(f *tunnel.Facts) { f.Heard = time.Minute }, true},
		"and quiet":          {func(f *tunnel.Facts) { f.Heard, f.Idle = time.Minute, time.Minute }, false},
		"and looked at":      {func(f *tunnel.Facts) { f.Heard, f.Lately.Over = time.Minute, time.Minute }, false},
		"never heard":        {func(f *tunnel.Facts) { f.Heard, f.Received = time.Minute, 0 }, false},
		"and not counted":    {func(f *tunnel.Facts) { f.Heard, f.Known.Counters = time.Minute, false }, false},
		"heard a moment ago": {func(f *tunnel.Facts) { f.Heard = time.Second }, false},
	} {
		f := sound()
		c.alter(&f)
		if got := f.Doubtful(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
