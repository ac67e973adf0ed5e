package flows

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestReachTurns changes random networks and hosts at random, mostly the host's ports,
// and expects after each change what a walk from nothing finds. Names and UUIDs are few
// and come again, two ports may have one name, and a port may become another's.
func TestReachTurns(t *testing.T) {
	most, lopsided := 0, 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		c := New()
		s := new(logical.Snapshot)
		local := Local{Host: "h0"}
		for round := range 120 {
			var all logical.Changes
			for range r.IntN(3) + 12*btoi(round == 0) {
				if e := reachRow(r, seed%3 == 0); r.IntN(6) == 0 {
					all.Delete = append(all.Delete, e.Ref())
				} else {
					all.Put = append(all.Put, e)
				}
			}
			if r.IntN(2) == 0 {
				local = reachLocal(r)
			}
			next, delta := s.With(all)
			s = next
			before := c.view.reach
			c.Update(s, delta, local)
			fresh := reachOf(&c.view)
			got := c.view.reach
			if got != before {
				t.Fatalf("seed %d round %d: the reach is not followed but made anew", seed, round)
			}
			if diff := cmp.Diff(fresh.switches, got.switches); diff != "" {
				t.Fatalf("seed %d round %d: switches, walked(-) turned(+)\n%s", seed, round, diff)
			}
			if diff := cmp.Diff(fresh.routers, got.routers); diff != "" {
				t.Fatalf("seed %d round %d: routers, walked(-) turned(+)\n%s", seed, round, diff)
			}
			if diff := cmp.Diff(fresh.list(), got.list()); diff != "" {
				t.Fatalf("seed %d round %d: listed, walked(-) turned(+)\n%s", seed, round, diff)
			}
			most, lopsided = max(most, len(got.switches)), lopsided+btoi(got.lopsided)
			regionsHold(t, got)
		}
	}
	if most < 5 || lopsided == 0 {
		t.Errorf("%d switches at most and %d lopsided rounds: too few to prove anything", most, lopsided)
	}
}

// regionsHold counts what the regions say that they hold.
func regionsHold(t *testing.T, r *reach) {
	t.Helper()
	if len(r.regions) != len(r.switches) {
		t.Fatalf("%d switches are in regions, %d are reached", len(r.regions), len(r.switches))
	}
	for id, g := range r.regions {
		own := 0
		for _, sw := range g.switches {
			own += btoi(r.own[sw])
		}
		if own != g.own {
			t.Fatalf("the region of %v counts %d switches with ports of this host, not %d", id, g.own, own)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func reachID(kind logical.Kind, i int) logical.UUID {
	return logical.UUID{byte(kind), 1, 15: byte(i)} //nolint:gosec // few
}

func reachLocal(r *rand.Rand) Local {
	l := Local{Host: "h0", Ports: map[string]of.Port{}}
	for i := range 6 {
		if r.IntN(3) == 0 {
			l.Ports[fmt.Sprintf("p%d", i)] = of.Port(1 + i) //nolint:gosec // few
		}
	}
	if r.IntN(8) == 0 {
		l.Networks, l.Bridges = map[string]of.Port{"phys": 60}, map[string]of.Port{"br-ex": 61}
	}
	return l
}

// reachRow is a row of few possible ones. With twins, names are given to several.
func reachRow(r *rand.Rand, twins bool) logical.Entity {
	sw := func() logical.ID[logical.Switch] {
		return logical.ID[logical.Switch](reachID(logical.KindSwitch, r.IntN(6)))
	}
	i := r.IntN(12)
	switch r.IntN(10) {
	case 0:
		return &logical.Host{ID: logical.ID[logical.Host](reachID(logical.KindHost, i%2)), Name: fmt.Sprintf("h%d", i%2), Index: logical.HostIndex(1 + i%2), Drained: r.IntN(3) == 0} //nolint:gosec // few
	case 1:
		s := &logical.Switch{ID: sw(), Kind: logical.SwitchOverlay}
		if r.IntN(3) == 0 {
			s.Kind, s.Network, s.VLAN = logical.SwitchVLAN, "phys", 10
		}
		return s
	case 2:
		router := &logical.Router{ID: logical.ID[logical.Router](reachID(logical.KindRouter, i%4))}
		if r.IntN(3) == 0 {
			router.Hosts = []string{fmt.Sprintf("h%d", r.IntN(2))}
		}
		return router
	case 3, 4, 5:
		name := i
		if twins && r.IntN(3) == 0 {
			name = r.IntN(12)
		}
		if r.IntN(2) == 0 {
			return &logical.RouterPort{
				ID: logical.ID[logical.RouterPort](reachID(logical.KindRouterPort, i)), Name: fmt.Sprintf("r%d", name), Peer: fmt.Sprintf("l%d", name),
				Router: logical.ID[logical.Router](reachID(logical.KindRouter, r.IntN(4))),
			}
		}
		return &logical.SwitchPort{
			ID: logical.ID[logical.SwitchPort](reachID(logical.KindSwitchPort, 100+i)), Name: fmt.Sprintf("l%d", name), Peer: fmt.Sprintf("r%d", name),
			Kind: logical.PortRouter, Switch: sw(), Seq: uint64(r.IntN(9)), //nolint:gosec // few
		}
	case 6:
		return &logical.Binding{
			ID: logical.ID[logical.Binding](reachID(logical.KindBinding, i)), Port: logical.ID[logical.SwitchPort](reachID(logical.KindSwitchPort, i%6)),
			Host: fmt.Sprintf("h%d", r.IntN(2)), Seq: uint64(r.IntN(5)), //nolint:gosec // few
		}
	}
	p := &logical.SwitchPort{
		ID: logical.ID[logical.SwitchPort](reachID(logical.KindSwitchPort, i)), Name: fmt.Sprintf("p%d", i), Kind: logical.PortGuest, Switch: sw(),
		Key: logical.PortKey(1 + r.IntN(3)), Seq: uint64(r.IntN(9)), //nolint:gosec // few
	}
	switch r.IntN(6) {
	case 0:
		p.Trunk, p.Tag = logical.ID[logical.SwitchPort](reachID(logical.KindSwitchPort, r.IntN(4))), 7
	case 1:
		p.Kind, p.Network = []logical.PortKind{logical.PortUnknown, logical.PortLocalnet, logical.PortOutside}[r.IntN(3)], "phys"
		p.Host, p.Bridge = "h0", "br-ex"
	case 2:
		if twins {
			p.Name = fmt.Sprintf("p%d", r.IntN(6))
		}
	}
	return p
}
