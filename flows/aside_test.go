package flows_test

import (
	"slices"
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestSetAside leaves out a port whose flow the switch refused, tells so, and tries it
// again when the port changes.
func TestSetAside(t *testing.T) {
	s := twoHosts(t).snapshot()
	local := on("h1", "blue1", "green1")
	c := flows.New()
	first := c.Update(s, everything(s), local)
	cookie := flows.Cookie(s.PortByName("blue1").Ref())
	at := slices.IndexFunc(first.FlowMods, func(m of.FlowMod) bool { return m.Flow.Cookie == cookie })
	if !c.SetAside(&first.FlowMods[at], "OFPFMFC_UNKNOWN") {
		t.Fatal("the flow has no owner")
	}
	change := c.Pending()
	for i := range change.FlowMods {
		if change.FlowMods[i].Flow.Cookie == cookie {
			t.Errorf("still there: %s", &change.FlowMods[i])
		}
	}
	if p := c.Problems(); len(p) != 1 || p[0].Row != s.PortByName("blue1").Ref() || p[0].Text != "OFPFMFC_UNKNOWN" {
		t.Errorf("problems: %v", p)
	}
	c.Done()
	c.Retry()
	again := c.Update(s, nil, local)
	if !slices.ContainsFunc(again.FlowMods, func(m of.FlowMod) bool { return m.Flow.Cookie == cookie }) || len(c.Problems()) != 0 {
		t.Errorf("it is not tried again: %v", again.FlowMods)
	}
	if !c.SetAside(&first.FlowMods[at], "OFPFMFC_UNKNOWN") {
		t.Fatal("the flow has no owner any more")
	}
	c.Done()
	p := *s.PortByName("blue1")
	p.Security = false
	s, delta := s.With(logical.Changes{Put: []logical.Entity{&p}})
	change = c.Update(s, delta, local)
	if !slices.ContainsFunc(change.FlowMods, func(m of.FlowMod) bool { return m.Flow.Cookie == cookie }) || len(c.Problems()) != 0 {
		t.Errorf("the changed port is not tried again: %v", change.FlowMods)
	}
	if c.SetAside(&of.FlowMod{}, "nobody's") {
		t.Error("somebody owns what nobody wants")
	}
}

// TestCookies finds the row of each flow by its cookie.
func TestCookies(t *testing.T) {
	s := campus(t).snapshot()
	rules, _ := flows.Compile(s, on("h3", "srv"))
	seen := map[logical.Kind]bool{}
	for _, f := range rules.Flows {
		kind, _, ok := flows.Owner(f.Cookie)
		if !ok {
			t.Fatalf("%s: whose is it?", f)
		}
		seen[kind] = true
		if e := flows.Find(s, f.Cookie); kind != 0 && (e == nil || flows.Cookie(e.Ref()) != f.Cookie || e.Ref().Kind != kind) {
			t.Errorf("%s: found %v", f, e)
		}
	}
	if len(seen) < 6 {
		t.Errorf("flows of %d kinds only: %v", len(seen), seen)
	}
	if _, _, ok := flows.Owner(0xf << 60); ok {
		t.Error("class 15 is nobody's")
	}
}

// TestExplain shows two ports that want the same key: a router's networks overlap, and
// both have the address. The least port wins, and the other is told of it.
func TestExplain(t *testing.T) {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	n.router("lr", 9)
	for i, sw := range []string{"left", "right"} {
		n.sw(sw, 1+i)
		n.link("lr", sw, []string{"10.0.0.1/24", "10.0.0.2/24"}[i])
		n.port(sw, "vm-"+sw, "h1", "10.0.0.11")
	}
	s := n.snapshot()
	c := flows.New()
	c.Update(s, everything(s), on("h1", "vm-left", "vm-right"))
	left, right := s.PortByName("vm-left").Ref(), s.PortByName("vm-right").Ref()
	winner, loser := left, right
	if right.Compare(left) < 0 {
		winner, loser = right, left
	}
	for _, row := range []logical.Ref{winner, loser} {
		x, ok := c.Explain(flows.Cookie(row))
		if !ok || x.Row != row {
			t.Fatalf("%v is not explained", row)
		}
		lost := 0
		for _, w := range x.Flows {
			if w.Flow.Cookie != flows.Cookie(row) {
				t.Errorf("%v wants what another does: %s", row, w.Flow)
			}
			if w.InForce != (w.Winner == row) {
				t.Errorf("in force %t, of %v: %s", w.InForce, w.Winner, w.Flow)
			}
			if !w.InForce {
				lost++
			}
		}
		if want := map[bool]int{true: 1, false: 0}[row == loser]; lost != want {
			t.Errorf("%v lost %d flows, want %d", row, lost, want)
		}
	}
	if _, ok := c.Explain(flows.Cookie(logical.Ref{Kind: logical.KindRouter, UUID: logical.UUID{15: 9}})); ok {
		t.Error("a row that is not there is explained")
	}
}
