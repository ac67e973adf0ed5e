package flows_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate/difftest"
	"github.com/sluice-nfv/sluice/internal/lab"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// wide is a switch with a port on each of many hosts.
func wide(t testing.TB, hosts int) *network {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	n.sw("hub", 5, func(s *logical.Switch) { s.Flood, s.DHCP.Enabled = logical.FloodAll, true })
	n.port("hub", "p1", "h1", "10.0.0.1")
	for i := 2; i <= hosts; i++ {
		host := fmt.Sprintf("h%d", i)
		n.host(host, i, netip.AddrFrom4([4]byte{172, 16, byte(i >> 8), byte(i)}).String())
		n.port("hub", fmt.Sprintf("p%d", i), host, netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}).String())
	}
	return n
}

// broadcast is a frame of p1 for all, from a UDP port.
func broadcast(port byte) []byte {
	return []byte{
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf2, 0x01, 0x0a, 0, 0, 1, 8, 0,
		0x45, 0, 0, 32, 0, 0, 0, 0, 64, 17, 0x65, 0xcc, 10, 0, 0, 1, 10, 0, 0, 255,
		0x30, port, 0x30, 0x39, 0, 12, 0, 0, 'w', 'o', 'r', 'd',
	}
}

// TestFloodWide floods a switch that is on 5,000 hosts: a switch takes the groups, and each
// host gets one copy of each frame, as does the port here.
func TestFloodWide(t *testing.T) {
	const hosts, frames = 5000, 24
	n := wide(t, hosts)
	n.port("hub", "other", "h1", "10.1.0.1")
	r := start(t, n, "h1")
	if err := r.Gateway(t.Context(), netip.MustParsePrefix("172.16.0.0/12")); err != nil {
		t.Fatal(err)
	}
	c := r.Compiler("h1")
	if p := c.Problems(); len(p) != 0 {
		t.Errorf("problems: %v", p)
	}
	for _, g := range c.Rules().Groups {
		if size := len((&of.GroupMod{Group: g}).AppendTo(nil, 0)); size >= 1<<16 {
			t.Errorf("group 0x%x has %d bytes", g.ID, size)
		}
	}
	wire, other := difftest.Underlay("h1"), difftest.Place{Host: "h1", Port: "other"}
	for _, at := range []difftest.Place{wire, other} {
		if err := r.Capture(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	for port := range byte(frames) {
		if err := r.Send(t.Context(), difftest.Place{Host: "h1", Port: "p1"}, broadcast(port)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := lab.Until(ctx, "all copies are out", func(context.Context) error {
		here, err := r.Received(other)
		if err != nil || len(here) != frames {
			return fmt.Errorf("%d frames here: %w", len(here), err)
		}
		out, err := r.Received(wire)
		if err != nil {
			return err
		}
		to := map[string]int{}
		for _, f := range out {
			// Ethernet, IPv4, UDP, Geneve with an option of 8 bytes, the frame.
			if len(f) < 58 || !slices.Equal(f[58:100], broadcast(f[58+35])[:42]) {
				return fmt.Errorf("another frame is out: %x", f)
			}
			to[fmt.Sprintf("%x %d", f[30:34], f[58+35])]++
		}
		if want := (hosts - 1) * frames; len(to) != want || len(out) != want {
			return fmt.Errorf("%d copies, %d of them different, want %d", len(out), len(to), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := r.Datapath(t.Context(), "h1")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d frames made %d entries in the datapath", frames, strings.Count(entries, "\n"))
}

// TestFloodWider: beyond what there are numbers for, the operator is told.
func TestFloodWider(t *testing.T) {
	s := wide(t, 8200).snapshot()
	c := flows.New()
	c.Update(s, everything(s), on("h1", "p1"))
	if p := c.Problems(); len(p) != 1 || !strings.Contains(p[0].Text, "8192 of its 8199 receivers") {
		t.Errorf("problems: %v", p)
	}
}

// TestFloodRefused: a switch that does not take the flood's groups has all else.
func TestFloodRefused(t *testing.T) {
	s := wide(t, 3).snapshot()
	c := flows.New()
	first := c.Update(s, everything(s), on("h1", "p1"))
	if len(first.GroupMods) == 0 {
		t.Fatal("there are no groups")
	}
	before := len(c.Rules().Flows)
	if !c.SetAside(&first.GroupMods[0], "OFPGMFC_OUT_OF_GROUPS") {
		t.Fatal("the group has no owner")
	}
	rules := c.Rules()
	if len(rules.Groups) != 0 || len(rules.Flows) != before-2 {
		t.Errorf("%d groups and %d flows of %d are left", len(rules.Groups), len(rules.Flows), before)
	}
	if text := rules.Text(flows.NamesOf(s)); !strings.Contains(text, "controller(userdata=01,meter_id=1)  # switch hub") {
		t.Errorf("nobody answers DHCP:\n%s", text)
	}
	hub := s.SwitchByName("hub").Ref()
	if p := c.Problems(); len(p) != 1 || p[0].Row != hub {
		t.Errorf("problems: %v", p)
	}
	x, ok := c.Explain(flows.Cookie(hub))
	if !ok || len(x.Flows) != 2 || len(x.Problems) != 1 || x.Row != hub {
		t.Errorf("the switch is explained by %v", x)
	}
}
