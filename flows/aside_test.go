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
	change, ok := c.SetAside(&first.FlowMods[at], "OFPFMFC_UNKNOWN")
	if !ok {
		t.Fatal("the flow has no owner")
	}
	for i := range change.FlowMods {
		if change.FlowMods[i].Flow.Cookie == cookie {
			t.Errorf("still there: %s", &change.FlowMods[i])
		}
	}
	if p := c.Problems(); len(p) != 1 || p[0].Row != s.PortByName("blue1").Ref() || p[0].Text != "OFPFMFC_UNKNOWN" {
		t.Errorf("problems: %v", p)
	}
	c.Done()
	p := *s.PortByName("blue1")
	p.Security = false
	s, delta := s.With(logical.Changes{Put: []logical.Entity{&p}})
	change = c.Update(s, delta, local)
	if !slices.ContainsFunc(change.FlowMods, func(m of.FlowMod) bool { return m.Flow.Cookie == cookie }) || len(c.Problems()) != 0 {
		t.Errorf("the changed port is not tried again: %v", change.FlowMods)
	}
	if _, ok := c.SetAside(&of.FlowMod{}, "nobody's"); ok {
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
