package agent

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
)

// TestIPFIXWithDPDK: a virtio-user guest sends 128 packets through a real PMD, each an
// upcall for its samples, and just those are counted, where they came in and where they
// went out.
func TestIPFIXWithDPDK(t *testing.T) {
	lab.Require(t, lab.MissingGuests()...)
	r := prepare(t, lab.Options{DPDK: true, Unconfigured: true})
	r.host.Allow(regexp.MustCompile(`\|(collectors|ofproto_dpif_ipfix|ipfix)\|`))
	r.listenThere()
	r.write(guests("vm1", "vm2") + "monitor: {ipfix: {mode: bridge, bridges: [br0], sampling: 1, cacheTimeout: 1s}}\n")
	r.start()
	r.await(monitor.ResultConverged)
	guest := func(name string, n byte) *lab.Guest {
		g, err := r.host.StartVirtioUser(r.limit(), lab.GuestOptions{
			Socket: filepath.Join(r.sockets, name, name+".sock"), MAC: net.HardwareAddr{2, 0, 0, 0, 0, n}, Mode: lab.RxOnly, Idle: true,
			PeerMAC: net.HardwareAddr{2, 0, 0, 0, 0, 3 - n}, TxSource: netip.MustParseAddr("198.18.0.1"), TxDestination: netip.MustParseAddr("198.18.0.2"),
		})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	one, two := guest("vm1", 1), guest("vm2", 2)
	for _, g := range []*lab.Guest{one, two} {
		r.step(g.Connected)
	}
	r.step(two.StartForwarding)
	if err := one.StartWithBurst(r.limit(), 4); err != nil {
		t.Fatal(err)
	}
	var sent, heard lab.Stats
	r.until("they arrive", func() (err error) {
		if sent, err = one.Stats(r.limit()); err == nil {
			heard, err = two.Stats(r.limit())
		}
		if err == nil && (sent.TxPackets < 128 || heard.RxPackets < sent.TxPackets) {
			err = fmt.Errorf("%d of %d", heard.RxPackets, sent.TxPackets)
		}
		return err
	})
	r.until("they are counted", func() error {
		got := map[string]uint64{}
		for s, c := range r.agent.collector.tell().Traffic {
			if s.Protocol == "udp" {
				got[s.Port.Bridge+" "+s.Port.Interface+" "+s.Direction.String()] += c.Packets
			}
		}
		want := map[string]uint64{"br0 vm1 rx": sent.TxPackets, "br0 vm2 tx": heard.RxPackets}
		// The first ones are flooded, until the bridge has learned where vm2 is.
		delete(got, "br0 br0 tx")
		if diff := cmp.Diff(want, got); diff != "" {
			return errors.New(diff)
		}
		return nil
	})
	s := r.agent.collector.tell()
	t.Logf("sent %d, heard %d; decoder %+v", sent.TxPackets, heard.RxPackets, s.Decoder)
	if s.Decoder.Lost > 0 || s.Drops > 0 || s.Hidden.Packets > 0 || s.Decoder.Undecoded > 0 {
		t.Errorf("decoder %+v, dropped %d, hidden %d", s.Decoder, s.Drops, s.Hidden.Packets)
	}
}
