package difftest

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical/logicaltest"
	"github.com/sluice-nfv/sluice/flows/respond"
	"github.com/sluice-nfv/sluice/internal/lab"
	"github.com/sluice-nfv/sluice/internal/ovs/ofconn"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// elsewhere is a guest whose router works on another host.
const elsewhere = `
host h1 172.31.0.1
host h2 172.31.0.2
switch blue 10.0.1.0/24 fd00:1::/64 dhcp dns db.web=10.0.1.9
switch red 10.0.2.0/24 fd00:2::/64
router r on h2
link r blue 10.0.1.1/24 fd00:1::1/64 mac 02:00:00:00:ff:01
link r red 10.0.2.1/24 fd00:2::1/64 mac 02:00:00:00:ff:02
port a blue 10.0.1.2 fd00:1::2 on h1 mac 02:00:00:00:00:0a
port b red 10.0.2.2 fd00:2::2 on h2 mac 02:00:00:00:00:0b
`

// TestAnswersFromElsewhere: what a guest asks of a router on another host, and what that
// router cannot send on, is answered there; the answer comes back through the tunnel as a
// real packet.
func TestAnswersFromElsewhere(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := &answering{Rig: RigOf(t, logicaltest.Snapshot(elsewhere))}
	var err error
	if c.local, err = c.Wiring(c.Snapshot); err != nil {
		t.Fatal(err)
	}
	wire := newTestWire(ctx, t, c)
	for name := range c.local {
		c.answer(ctx, t, name)
	}
	head4 := func(ttl byte, to string, size int) string { return ipv4Header(ttl, 17, "10.0.1.2", to, size) }
	const toRouter = "02000000ff0102000000000a"
	query := "12670100000100000000000002646203776562000001" + "0001"
	dns := udpHeader(4000, 53, len(query)/2) + query
	renewal := "01010600cafebabe00000000" + "0a000102" + strings.Repeat("00", 12) + "02000000000a" + strings.Repeat("00", 202) + "63825363350103ff"
	lla := "fe80000000000000000000fffe00000a"
	for _, probe := range []struct{ name, frame, want string }{
		{"TTL", toRouter + "0800" + head4(1, "10.0.2.2", 8) + udpHeader(1, 2, 0), "0a0001010a0001020b00"},
		{"DNS", toRouter + "0800" + head4(64, "10.0.1.1", len(dns)/2) + dns, "12678500"},
		{"DHCP", toRouter + "0800" + head4(64, "10.0.1.1", 8+len(renewal)/2) + udpHeader(68, 67, len(renewal)/2) + renewal, "02010600cafebabe"},
		{"the router is there", toRouter + "86dd60000000" + "0018" + "3aff" + lla + "fe80000000000000000000fffe00ff01" + "870000000000" + "0000" + "fe80000000000000000000fffe00ff01", "fe80000000000000000000fffe00ff01" + lla + "8800"},
	} {
		t.Run(probe.name, func(t *testing.T) {
			wire.send(ctx, t, "h1", "a", probe.frame)
			err := lab.Until(ctx, "the answer comes", func(context.Context) error {
				wire.carry(ctx, t)
				for _, f := range wire.arrived("h1", "a") {
					if strings.HasPrefix(f, "02000000000a02000000ff01") && strings.Contains(f, probe.want) {
						return nil
					}
				}
				return fmt.Errorf("there came %v", wire.arrived("h1", "a"))
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// answering is a rig whose daemons answer.
type answering struct {
	*Rig
	local map[string]flows.Local
}

func ipv4Header(ttl, proto byte, from, to string, size int) string {
	b := binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+size)) //nolint:gosec // short
	b = slices.Concat(b, []byte{0, 1, 0x40, 0, ttl, proto, 0, 0}, netip.MustParseAddr(from).AsSlice(), netip.MustParseAddr(to).AsSlice())
	sum := uint32(0)
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	binary.BigEndian.PutUint16(b[10:], ^uint16(sum>>16+sum&0xffff)) //nolint:gosec // folded
	return hex.EncodeToString(b)
}

func udpHeader(sport, dport, size int) string {
	return fmt.Sprintf("%04x%04x%04x0000", sport, dport, 8+size)
}

// answer lets the daemon's part be done for a host until the test ends.
func (c *answering) answer(ctx context.Context, t *testing.T, host string) {
	t.Helper()
	session := c.sessions[host]
	if err := session.SetPacketInFormat(ctx, of.PacketInNicira2); err != nil {
		t.Fatal(err)
	}
	asked := session.Subscribe(16)
	if err := session.SetAsync(ctx, of.Async{PacketIns: []of.Reason{of.ReasonAction, of.ReasonInvalidTTL}}); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for e := range asked.Events() {
			c.reply(ctx, t, host, session, e)
		}
	}()
	t.Cleanup(func() { asked.Close(); <-done })
}

func (c *answering) reply(ctx context.Context, t *testing.T, host string, session *ofconn.Session, e ofconn.Event) {
	if e.PacketIn == nil {
		t.Errorf("%s: %+v", host, e.Error)
		return
	}
	q, ok := flows.Asked(e.PacketIn)
	if !ok {
		t.Errorf("%s: a packet-in is no question: %+v", host, e.PacketIn)
		return
	}
	replies, err := respond.Respond(c.Snapshot, c.local[host], q)
	if err != nil {
		t.Errorf("%s: %s: %v", host, q.Op, err)
	}
	for i := range replies {
		if err := session.PacketOut(ctx, replies[i].PacketOut()); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// testWire is what joins the switches of a fleet: frames that one sends to the underlay
// are let into the one that they are for.
type testWire struct {
	c    *answering
	macs map[string]string // of the bridges that the tunnels end at
	seen map[string]int    // frames already carried
}

func newTestWire(ctx context.Context, t *testing.T, c *answering) *testWire {
	t.Helper()
	w := &testWire{c: c, macs: map[string]string{}, seen: map[string]int{}}
	for name := range c.local {
		s := c.Switches[name]
		args := []string{"set", "interface", underlay, "options:tx_pcap=" + s.Lab.Path("phy.pcap")}
		for port, n := range s.wire {
			args = append(args, "--", "set", "interface", fmt.Sprintf("p%d", n), "options:tx_pcap="+s.Lab.Path(port+".pcap"))
		}
		if _, err := s.Lab.VSCtl(ctx, args...); err != nil {
			t.Fatal(err)
		}
		mac, err := s.Lab.VSCtl(ctx, "get", "interface", "br-phy", "mac_in_use")
		if err != nil {
			t.Fatal(err)
		}
		w.macs[name] = strings.NewReplacer(":", "", "\"", "").Replace(strings.TrimSpace(mac))
	}
	return w
}

func (w *testWire) send(ctx context.Context, t *testing.T, host, port, frame string) {
	t.Helper()
	s := w.c.Switches[host]
	if _, err := s.ctl.Call(ctx, "netdev-dummy/receive", fmt.Sprintf("p%d", s.wire[port]), frame); err != nil {
		t.Fatal(err)
	}
}

// carry brings frames from underlay to underlay: an IPv4 packet to the host with its
// address, under the MAC that this one has.
func (w *testWire) carry(ctx context.Context, t *testing.T) {
	t.Helper()
	for name := range w.c.local {
		all := w.arrived(name, "phy")
		for _, f := range all[w.seen[name]:] {
			w.seen[name]++
			to, err := hex.DecodeString(f[2*30 : 2*34])
			if err != nil || f[24:28] != "0800" {
				continue
			}
			for peer := range w.c.local {
				s := w.c.Switches[peer]
				if s.Address != netip.AddrFrom4([4]byte(to)) {
					continue
				}
				if _, err := s.ctl.Call(ctx, "netdev-dummy/receive", underlay, w.macs[peer]+f[12:]); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// arrived are the frames that left by a port, in hexadecimal.
func (w *testWire) arrived(host, port string) []string {
	frames, err := lab.ReadPCAP(w.c.Switches[host].Lab.Path(port + ".pcap"))
	if err != nil {
		return nil // none yet
	}
	var all []string
	for _, f := range frames {
		all = append(all, hex.EncodeToString(f))
	}
	return all
}
