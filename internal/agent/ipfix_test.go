package agent

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/api"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/monitor"
	"github.com/sluice-nfv/sluice/monitor/ipfix"
)

// freePort is a UDP port of loopback that nobody has.
func freePort(t *testing.T) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return netip.MustParseAddrPort(conn.LocalAddr().String())
}

// bridgeProfile samples a bridge.
func bridgeProfile(listen netip.AddrPort, more string) string {
	return `
apiVersion: sluice/v1
kind: HostProfile
name: lab
bridges:
  - name: br0
monitor:
  ipfix: {mode: bridge, bridges: [br0], cacheTimeout: 1s, listen: "` + listen.String() + `"` + more + `}
`
}

// exportingRig is a host whose bridge br0 has ports a, b and c, of which a and b are
// guests' of the names vm-a and vm-b, and exports every packet.
func exportingRig(t *testing.T, more string) *rig {
	t.Helper()
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.opt.Clock = &aheadClock{}
	// Nobody listens while the daemon is down.
	r.host.Allow(regexp.MustCompile(`\|(collectors|ofproto_dpif_ipfix|ipfix)\|`))
	r.write(bridgeProfile(freePort(t), more))
	r.start()
	r.await(monitor.ResultConverged)
	for _, name := range []string{"a", "b", "c"} {
		args := []string{"add-port", "br0", name, "--", "set", "Interface", name, "type=dummy"}
		if name != "c" {
			args = append(args, "external_ids:iface-id=vm-"+name)
		}
		if _, err := r.host.VSCtl(r.limit(), args...); err != nil {
			t.Fatal(err)
		}
	}
	r.until("the collector knows the ports", func() error {
		c := r.agent.collector
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.names == nil || c.names.Interfaces["a"].Logical != "vm-a" || c.names.Interfaces["c"].Bridge == "" {
			return fmt.Errorf("names are %+v", c.names)
		}
		return nil
	})
	return r
}

// counted is what the collector has by now, a line for each series.
func (r *rig) counted() []string {
	var lines []string
	if s := r.agent.collector.tell(); s != nil {
		for x, c := range s.Traffic {
			peer := ""
			if x.Peer != "" {
				peer = " peer " + x.Peer
			}
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s%s: %d packets, %d bytes", x.Port.Bridge, x.Port.Interface, x.Port.Logical, x.Direction, x.Protocol, peer, c.Packets, c.Bytes))
		}
	}
	slices.Sort(lines)
	return lines
}

// counts waits until the collector has just these series.
func (r *rig) counts(want ...string) {
	r.t.Helper()
	r.until("the collector counts it", func() error {
		if diff := cmp.Diff(want, r.counted()); diff != "" {
			return errors.New(diff)
		}
		return nil
	})
}

// protoTCP is that of packets whose flags do not matter.
const protoTCP = 6

// sampled is a packet with 100 bytes of UDP's payload, or 20 of TCP's.
func sampled(dst, src logical.MAC, from, to string, proto byte) []byte {
	a, b := netip.MustParseAddr(from), netip.MustParseAddr(to)
	if proto == protoUDP {
		ethertype, p := datagram(a, b, frameTTL, 5001, 5002, make([]byte, 100))
		return ethernet(dst, src, ethertype, p)
	}
	ethertype, p := packet(a, b, proto, frameTTL, make([]byte, 40), 16)
	return ethernet(dst, src, ethertype, p)
}

// send lets n frames of UDP from one guest to another's MAC in by a port.
func (r *rig) send(port string, n int, source string) {
	r.t.Helper()
	frame := sampled(logical.MAC{0x52, 0x54, 0, 0, 0x0b, 0x0b}, logical.MAC{0x52, 0x54, 0, 0, 0x0a, 0x0a}, source, "10.9.0.2", protoUDP)
	// A dummy's queue has room for 100 (lib/netdev-dummy.c, NETDEV_DUMMY_MAX_QUEUE).
	for ; n > 0; n -= 50 {
		frames := slices.Repeat([]string{hex.EncodeToString(frame)}, min(n, 50))
		if _, err := r.host.AppCtl(r.limit(), append([]string{"netdev-dummy/receive", port}, frames...)...); err != nil {
			r.t.Fatal(err)
		}
	}
}

// asksAgain lets the collector find that it is time to ask OVS about its exporters.
func (r *rig) asksAgain() { r.opt.Clock.(*aheadClock).ahead.Add(int64(askExporters)) }

// TestIPFIXOfABridge: each packet that enters and leaves is counted once, at the port
// that it was seen at, under the name of the guest behind it; the daemon starts anew and
// goes on with templates that nobody told it; the profile says off and all is gone.
func TestIPFIXOfABridge(t *testing.T) {
	r := exportingRig(t, ", sampling: 1")
	r.send("a", 7, "10.9.0.1")
	r.counts(
		"br0 a vm-a rx udp: 7 packets, 994 bytes",
		"br0 b vm-b tx udp: 7 packets, 994 bytes",
		"br0 br0  tx udp: 7 packets, 994 bytes",
		"br0 c  tx udp: 7 packets, 994 bytes",
	)
	talkers, err := r.api.Talkers(r.limit(), api.TalkersRequest{Port: "vm-a"})
	if err != nil || len(talkers.Talkers) != 1 || talkers.Talkers[0].Source != "10.9.0.1:5001" || talkers.Talkers[0].Packets != 7 || talkers.Problem != "" {
		t.Errorf("talkers: %v %+v", err, talkers)
	}
	if s := r.agent.collector.tell(); s.Decoder.BuiltIn > 0 || s.Decoder.Received != 89 || s.Decoder.Lost > 0 || s.Drops > 0 {
		t.Errorf("the decoder has %+v, dropped %d", s.Decoder, s.Drops)
	}

	r.stop()
	r.start()
	r.await(monitor.ResultConverged)
	r.until("it listens", func() error {
		if s := r.agent.collector.tell(); s == nil || !s.Listening {
			return errors.New("it does not")
		}
		return nil
	})
	began := time.Now()
	r.send("b", 3, "10.9.0.7")
	r.until("the records come", func() error {
		if got := r.counted(); !slices.Contains(got, "br0 b vm-b rx udp: 3 packets, 426 bytes") {
			return fmt.Errorf("there are %v", got)
		}
		return nil
	})
	t.Logf("a new daemon counts after %v", time.Since(began))
	if s := r.agent.collector.tell(); s.Decoder.BuiltIn == 0 || s.Decoder.Received > 0 || s.Decoder.Undecoded > 0 {
		t.Errorf("the decoder has %+v", s.Decoder)
	}
	r.asksAgain()
	r.until("OVS tells of its exporter", func() error {
		if s := r.agent.collector.tell(); len(s.Exporters) != 1 || s.Exporters[0].Bridge != "br0" || s.Exporters[0].SampledPackets < 4*10 {
			return fmt.Errorf("exporters are %+v", s.Exporters)
		}
		return nil
	})

	r.write(strings.Replace(bridgeProfile(netip.MustParseAddrPort("127.0.0.1:4739"), ""), "mode: bridge, bridges: [br0]", "mode: off", 1))
	r.until("the exporter is gone", func() error {
		if out := r.vsctl("--columns=_uuid", "list", "IPFIX"); out != "" {
			return errors.New(out)
		}
		if s := r.agent.collector.tell(); s != nil {
			return fmt.Errorf("the collector has %+v", s)
		}
		return nil
	})
	if talkers, err := r.api.Talkers(r.limit(), api.TalkersRequest{}); err != nil || talkers.Problem == "" {
		t.Errorf("talkers: %v %+v", err, talkers)
	}
}

// TestIPFIXScaled: what is one packet of ten comes to about all of them: OVS has
// multiplied already.
func TestIPFIXScaled(t *testing.T) {
	r := exportingRig(t, ", sampling: 10")
	const sent = 300
	r.send("a", sent, "10.9.0.1")
	r.until("the records come", func() error {
		s := r.agent.collector.tell()
		n := s.Traffic[ipfix.Series{Port: ipfix.Port{Bridge: "br0", Interface: "a", Logical: "vm-a"}, Protocol: "udp"}].Packets
		if n < sent/3 || n > 3*sent || n%10 != 0 {
			return fmt.Errorf("%d packets", n)
		}
		return nil
	})
}

// TestIPFIXPortTaken: another program has the address: the daemon says so, goes on with
// all else, and takes the address once it is free.
func TestIPFIXPortTaken(t *testing.T) {
	at := freePort(t)
	other, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	r := prepare(t, lab.Options{Dummy: true, Unconfigured: true})
	r.write(bridgeProfile(at, ", sampling: 1"))
	r.start()
	r.await(monitor.ResultConverged)
	r.says("no flow records are collected")
	if got := r.metric("sluice_ipfix_listening"); got != "0" {
		t.Errorf("listening is %q", got)
	}
	talkers, err := r.api.Talkers(r.limit(), api.TalkersRequest{})
	if err != nil || !strings.Contains(talkers.Problem, "address already in use") {
		t.Errorf("talkers: %v %+v", err, talkers)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	r.until("it listens", func() error {
		if got := r.metric("sluice_ipfix_listening"); got != "1" {
			return fmt.Errorf("listening is %q", got)
		}
		return nil
	})
}
