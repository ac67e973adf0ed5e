package flows_test

import (
	"testing"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/internal/golden"
)

// TestGolden compares the tables of small networks with what a reader agreed to.
func TestGolden(t *testing.T) {
	for name, c := range map[string]struct {
		network func(testing.TB) *network
		local   flows.Local
	}{
		"two-hosts":    {twoHosts, on("h1", "blue1", "green1")},
		"flood":        {flooding, on("h1", "a", "b")},
		"edge":         {campus, on("h3", "srv")},
		"node":         {campus, on("h1", "blue1", "red1")},
		"equal-routes": {twoEdges, watched(on("h1", "blue1"))},
		"requests":     {requests, on("h1", "blue1")},
		"ways":         {measuredWay, watched(on("h1", "blue1"))},
		"provider":     {provider, patched(on("h1", "vm1"))},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.network(t).snapshot()
			rules, problems := flows.Compile(s, c.local)
			for _, p := range problems {
				t.Errorf("%v: %s", p.Row, p.Text)
			}
			golden.Check(t, "testdata/"+name+".txt", rules.Text(flows.NamesOf(s)))
		})
	}
}

func flooding(t testing.TB) *network {
	n := newNetwork(t)
	n.host("h1", 1, "192.0.2.1")
	n.host("h2", 2, "192.0.2.2")
	n.host("h3", 3, "2001:db8:ffff::3")
	n.sw("hub", 5, func(s *logical.Switch) { s.Flood = logical.FloodAll })
	n.port("hub", "a", "h1", "10.0.0.1")
	n.port("hub", "b", "h1", "10.0.0.2")
	n.port("hub", "c", "h2", "10.0.0.3")
	n.port("hub", "d", "h2", "10.0.0.4")
	n.port("hub", "nowhere", "", "10.0.0.5")
	return n
}

// measuredWay is a router with equal routes, one of them into a network with an MTU.
func measuredWay(t testing.TB) *network {
	n := twoEdges(t)
	rp := *n.rows[logical.Ref{Kind: logical.KindRouterPort, UUID: rportID("lr_to_transit-e1").UUID()}].(*logical.RouterPort)
	rp.MTU = 1400
	n.put(&rp)
	return n
}
