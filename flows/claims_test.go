package flows_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
)

// TestKeyMovesOn gives a datapath key to a switch with another UUID in one update, as a
// restore or an import does: what the key had is the new switch's at once.
func TestKeyMovesOn(t *testing.T) {
	network := func(name string) *network {
		n := newNetwork(t)
		n.host("h1", 1, "192.0.2.1")
		n.host("h2", 2, "192.0.2.2")
		n.sw(name, 1, func(s *logical.Switch) { s.Flood, s.DHCP.Enabled = logical.FloodAll, true })
		n.port(name, "a-"+name, "h1", "10.0.0.1")
		n.port(name, "b-"+name, "h2", "10.0.0.2")
		return n
	}
	local := on("h1", "a-old", "a-new")
	old := network("old").snapshot()
	for i := range 40 {
		c := flows.New()
		c.Update(old, everything(old), local)
		c.Done()
		s, delta := old.Replace(entities(network("new")))
		c.Update(s, delta, local)
		want, problems := flows.Compile(s, local)
		names := flows.NamesOf(s)
		if diff := cmp.Diff(want.Text(names), c.Rules().Text(names)); diff != "" {
			t.Fatalf("time %d: fresh(-) incremental(+)\n%s", i, diff)
		}
		if diff := cmp.Diff(problems, c.Problems()); diff != "" || len(problems) > 0 {
			t.Fatalf("time %d: problems of fresh(-) incremental(+)\n%s", i, diff)
		}
	}
}

// TestKeyTwice: of two switches with one key the least has it, whoever came first, and the
// other has it as soon as that one goes.
func TestKeyTwice(t *testing.T) {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	local := on("h1")
	for i := range 2 {
		name := fmt.Sprintf("s%d", i)
		n.sw(name, 7, func(s *logical.Switch) { s.Flood = logical.FloodAll })
		n.port(name, "p-"+name, "h1", fmt.Sprintf("10.0.0.%d", i+1))
		local.Ports["p-"+name] = local.Tunnel + 1
	}
	s := n.snapshot()
	first, second := s.SwitchByName("s0"), s.SwitchByName("s1")
	if second.Ref().Compare(first.Ref()) < 0 {
		first, second = second, first
	}
	c := flows.New()
	c.Update(s, everything(s), local)
	for range 20 {
		if p := c.Problems(); len(p) != 1 || p[0].Row != second.Ref() {
			t.Fatalf("problems %v, want one of %v", p, second.Ref())
		}
		gone, delta := s.With(logical.Changes{Delete: []logical.Ref{first.Ref()}})
		c.Update(gone, delta, local)
		want, _ := flows.Compile(gone, local)
		if diff := cmp.Diff(want.Text(flows.NamesOf(s)), c.Rules().Text(flows.NamesOf(s))); diff != "" || len(c.Problems()) != 0 {
			t.Fatalf("the key is free, problems %v: fresh(-) incremental(+)\n%s", c.Problems(), diff)
		}
		s, delta = gone.With(logical.Changes{Put: []logical.Entity{first}})
		c.Update(s, delta, local)
	}
}

func entities(n *network) []logical.Entity {
	var all []logical.Entity
	for _, e := range n.rows {
		all = append(all, e)
	}
	return all
}
