package flows_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/flowstest"
	"github.com/sluice-nfv/sluice/flows/logical"
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

// TestFloodWide floods a switch that is on 5,000 hosts: no message is too long, a switch
// takes them all and holds them, and one host more changes one group.
func TestFloodWide(t *testing.T) {
	n := wide(t, 5000)
	r := start(t, n, map[string]flowstest.Ports{"h1": guests("p1")})
	c := r.Compiler("h1")
	if p := c.Problems(); len(p) > 0 {
		t.Errorf("problems: %v", p)
	}
	var flood of.Flow
	for _, f := range c.Rules().Flows {
		if f.Table == uint8(flows.TableL2) && strings.Contains(f.String(), "group:") {
			flood = f
		}
	}
	buckets := map[uint32]bool{}
	for _, g := range c.Rules().Groups {
		if size := len((&of.GroupMod{Group: g}).AppendTo(nil, 0)); size >= 1<<16 {
			t.Errorf("group 0x%x has %d bytes", g.ID, size)
		}
		if !strings.Contains(flood.String(), fmt.Sprintf("group:%d", g.ID)) {
			t.Errorf("group 0x%x is not in %s", g.ID, flood)
		}
		for _, b := range g.Buckets {
			buckets[b.ID] = true
		}
	}
	if len(buckets) != 5000 {
		t.Errorf("%d receivers, want 5000", len(buckets))
	}
	s := n.snapshot()
	s, delta := s.With(logical.Changes{Put: []logical.Entity{
		&logical.Binding{ID: logical.ID[logical.Binding](id(logical.KindBinding, "gone")), Port: portID("p3000"), Host: "h2", Seq: 9},
	}})
	if change := c.Update(s, delta, r.Local("h1")); len(change.GroupMods) != 1 {
		t.Errorf("a host less changes %d groups", len(change.GroupMods))
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
	if text := rules.Text(flows.NamesOf(s)); !strings.Contains(text, "controller(userdata=01)  # switch hub") {
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
