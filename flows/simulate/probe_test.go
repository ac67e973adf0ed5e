package simulate_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/simulate"
)

func TestProbe(t *testing.T) {
	s := logicaltest.Snapshot("host h1 192.0.2.1\nswitch blue 10.0.1.0/24 fd00:1::/64\n" +
		"port a blue 10.0.1.2 fd00:1::2 on h1 mac 02:00:00:00:00:0a\nport b blue 10.0.1.3 fd00:1::3 on h1 mac 02:00:00:00:00:0b\n")
	v4, v6 := netip.MustParseAddr("10.0.1.3"), netip.MustParseAddr("fd00:1::3")
	for name, tt := range map[string]struct {
		probe simulate.Probe
		want  string // of the packet's text, or of the error's
	}{
		"as it is":   {simulate.Probe{Port: "a", To: v4}, "nw_ttl=64,udp_src=4000,udp_dst=5000"},
		"tcp":        {simulate.Probe{Port: "a", To: v4, Proto: "tcp", DstPort: 80, TTL: 1}, "nw_ttl=1,tcp_src=4000,tcp_dst=80"},
		"tcp v6":     {simulate.Probe{Port: "a", To: v6, Proto: "tcp", DstPort: 80}, "tcp6,dl_src=02:00:00:00:00:0a"},
		"echo":       {simulate.Probe{Port: "a", To: v4, Proto: "icmp"}, "icmp_type=8,icmp_code=0"},
		"echo v6":    {simulate.Probe{Port: "a", To: v6, Proto: "icmp"}, "icmpv6_type=128,icmpv6_code=0"},
		"icmp port":  {simulate.Probe{Port: "a", To: v4, Proto: "icmp", DstPort: 8}, "icmp has no port 8"},
		"no proto":   {simulate.Probe{Port: "a", To: v4, Proto: "sctp"}, `"sctp" is none of tcp, udp, icmp`},
		"no port":    {simulate.Probe{Port: "c", To: v4}, "there is no switch port c"},
		"no gateway": {simulate.Probe{Port: "a", To: netip.MustParseAddr("10.9.9.9")}, "port a sees no router on its switch"},
	} {
		at, p, err := tt.probe.Packet(s)
		got := p.String()
		if err != nil {
			got = err.Error()
		} else if at != (simulate.Place{Host: "h1", Port: "a"}) {
			t.Errorf("%s: comes in at %s", name, at)
		}
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
