package agent

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// portsProfile is dummyOverlay with sampling in the pipeline.
func portsProfile(listen netip.AddrPort, more string) string {
	return dummyOverlay + `monitor:
  ipfix: {mode: ports, cacheTimeout: 1s, listen: "` + listen.String() + `"` + more + `}
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
	r := answeringRig(t, &aheadClock{})
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
	r.asksAgain()
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

// listenThere lets the next agent listen in the host's network namespace, where its
// switch sends.
func (r *rig) listenThere() {
	r.opt.ListenUDP = func(at netip.AddrPort) (conn *net.UDPConn, err error) {
		failed := r.host.Do(func() error { conn, err = listenIPFIX(at); return err })
		return conn, failed
	}
}

// TestIPFIXNamesThePeer: what comes to a guest by the tunnel counts under the host that it
// comes from, and what it sends under the one that it goes to.
func TestIPFIXNamesThePeer(t *testing.T) {
	a, b, c, _ := pair(t)
	tenants(a, c)
	one, two := a.plug(1), b.plug(2)
	one.reaches(two, "before")
	two.reaches(one, "before, back")
	for _, r := range []*rig{a, b} {
		r.host.Allow(regexp.MustCompile(`\|(collectors|ofproto_dpif_ipfix|ipfix)\|`))
	}
	b.stop()
	b.listenThere()
	b.begin()
	b.write(plainOverlay("h2", "172.16.0.2", "") + "monitor: {ipfix: {mode: ports, sampling: 1, cacheTimeout: 1s}}\n")
	b.samples(2)
	b.until("the collector knows the port", func() error {
		n := b.agent.collector
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.names == nil || len(n.names.Points) != 1 || len(n.names.Peers) != 2 || !n.listening {
			return fmt.Errorf("names are %+v", n.names)
		}
		return nil
	})
	for range 9 {
		one.send(one.frame(2, "there"))
	}
	for range 4 {
		two.send(two.frame(1, "and back"))
	}
	b.until("it is counted", func() error {
		var udp []string
		for _, line := range b.counted() {
			if strings.Contains(line, " udp") {
				udp = append(udp, line[strings.Index(line, " vm2 "):strings.LastIndex(line, " packets")])
			}
		}
		want := []string{" vm2 vm2 rx udp peer h1: 4", " vm2 vm2 tx udp peer h1: 9"}
		if diff := cmp.Diff(want, udp); diff != "" {
			return errors.New(diff)
		}
		return nil
	})
}
