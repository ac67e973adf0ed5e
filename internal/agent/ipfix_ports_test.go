package agent

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// portsProfile is dummyOverlay with sampling in the pipeline.
func portsProfile(listen netip.AddrPort, more string) string {
	return dummyOverlay + `monitor:
  ipfix: {mode: ports, listen: "` + listen.String() + `"` + more + `}
`
}

// samples waits until so many flows of the integration bridge sample.
func (r *rig) samples(n int) {
	r.t.Helper()
	r.until(fmt.Sprintf("%d flows sample", n), func() error {
		out, err := r.host.Command(r.limit(), "ovs-ofctl", "-O", "OpenFlow15", "dump-flows", r.host.Path("br-int.mgmt")).Output()
		if is := strings.Count(string(out), "sample("); err == nil && is != n {
			err = fmt.Errorf("%d do", is)
		}
		return err
	})
}

// TestIPFIXOfPorts: the pipeline samples each guest's port, what it sends and what it
// gets; a routed packet counts at both ends; what port security drops was sent all the
// same. Off again, no flow samples and no set is left.
func TestIPFIXOfPorts(t *testing.T) {
	r := answeringRig(t, wallClock{})
	r.host.Allow(regexp.MustCompile(`\|(collectors|ofproto_dpif_ipfix|ipfix)\|`))
	r.write(portsProfile(freePort(t), ", sampling: 1"))
	r.samples(4) // vm1 and vm2, in and out
	r.until("the collector knows the ports", func() error {
		c := r.agent.collector
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.names == nil || len(c.names.Points) != 2 {
			return fmt.Errorf("names are %+v", c.names)
		}
		return nil
	})
	router := logical.DefaultMAC(netip.MustParseAddr("10.0.1.1"))
	for range 5 {
		r.guestSends("vm1", sampled(router, logical.MAC{2, 0, 0, 0, 0, 1}, "10.0.1.11", "10.0.2.22", protoUDP))
	}
	for range 3 { // from an address that is not its own
		r.guestSends("vm1", sampled(router, logical.MAC{2, 0, 0, 0, 0, 1}, "10.0.1.99", "10.0.2.22", protoTCP))
	}
	r.counts(
		"br-int vm1 vm1 rx tcp: 3 packets, 222 bytes",
		"br-int vm1 vm1 rx udp: 5 packets, 710 bytes",
		"br-int vm2 vm2 tx udp: 5 packets, 710 bytes",
	)
	r.until("OVS tells of the set's exporter", func() error {
		s := r.agent.collector.tell()
		if len(s.Exporters) != 1 || s.Exporters[0].CollectorSet != fmt.Sprint(ipfix.CollectorSet) || s.Exporters[0].SampledPackets != 13 {
			return fmt.Errorf("exporters are %+v", s.Exporters)
		}
		return nil
	})
	r.write(dummyOverlay)
	r.samples(0)
	r.until("the set is gone", func() error {
		if out := r.vsctl("--columns=_uuid", "list", "Flow_Sample_Collector_Set"); out != "" {
			return errors.New(out)
		}
		return nil
	})
}
