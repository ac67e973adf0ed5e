package flows_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate/difftest"
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

// TestFloodWide floods a switch that is on 5,000 hosts: a switch takes the groups, sends as
// many copies as it can, those of its own ports among them, and the operator is told.
func TestFloodWide(t *testing.T) {
	n := wide(t, 5000)
	n.port("hub", "other", "h1", "10.1.0.1")
	r := start(t, n, "h1")
	if err := r.Gateway(t.Context(), netip.MustParsePrefix("172.16.0.0/12")); err != nil {
		t.Fatal(err)
	}
	c := r.Compiler("h1")
	if p := c.Problems(); len(p) != 1 || !strings.Contains(p[0].Text, "512 of its 4999 receivers") {
		t.Errorf("problems: %v", p)
	}
	for _, g := range c.Rules().Groups {
		if size := len((&of.GroupMod{Group: g}).AppendTo(nil, 0)); size >= 1<<16 {
			t.Errorf("group 0x%x has %d bytes", g.ID, size)
		}
	}
	// The trace goes no further than this host: the others are none of the rig's.
	p, err := difftest.ParsePacket(ip4("f2:01:0a:00:00:01", "ff:ff:ff:ff:ff:ff", "10.0.0.1", "10.0.0.255", 64))
	if err != nil {
		t.Fatal(err)
	}
	o, _ := r.Follow(t.Context(), difftest.Place{Host: "h1", Port: "p1"}, p)
	if len(o.Texts) != 1 {
		t.Fatalf("%d traces", len(o.Texts))
	}
	if copies := strings.Count(o.Texts[0], "tnl_push("); copies != 512 || strings.Contains(o.Texts[0], ">>>>") {
		t.Errorf("%d copies for other hosts, complaints: %t", copies, strings.Contains(o.Texts[0], ">>>>"))
	}
	if len(o.Out) != 1 || o.Out[0].Port != "other" {
		t.Errorf("this host's: %v", o.Out)
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
	if _, ok := c.SetAside(&first.GroupMods[0], "OFPGMFC_OUT_OF_GROUPS"); !ok {
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
