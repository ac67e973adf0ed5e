package flows_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows"
	"github.com/sluice-nfv/sluice/flows/logical"
	"github.com/sluice-nfv/sluice/flows/simulate/difftest"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestIncrement changes random networks at random, and the host with them, and expects
// after each change the same rules as computed from nothing, and of the change just
// what makes the former rules the new ones.
func TestIncrement(t *testing.T) {
	most := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 7))
		c := flows.New()
		s := new(logical.Snapshot)
		local := randomLocal(r)
		var before, sent flows.Rules // an empty switch
		for round := range 40 {
			var all logical.Changes
			if round == 0 {
				all.Put = base()
			}
			for range 1 + r.IntN(6) {
				if e := randomRow(r); r.IntN(6) == 0 {
					all.Delete = append(all.Delete, e.Ref())
				} else {
					all.Put = append(all.Put, e)
				}
			}
			if r.IntN(5) == 0 {
				local = randomLocal(r)
			}
			next, delta := s.With(all)
			s = next
			change := c.Update(s, delta, local)
			got := c.Rules()
			if c.Len() != len(got.Flows) {
				t.Fatalf("seed %d round %d: %d flows counted, %d listed", seed, round, c.Len(), len(got.Flows))
			}
			want, problems := flows.Compile(s, local)
			names := flows.NamesOf(s)
			if diff := cmp.Diff(want.Text(names), got.Text(names)); diff != "" {
				t.Fatalf("seed %d round %d %v: fresh(-) incremental(+)\n%s", seed, round, delta, diff)
			}
			if diff := cmp.Diff(problems, c.Problems()); diff != "" {
				t.Fatalf("seed %d round %d: problems of fresh(-) incremental(+)\n%s", seed, round, diff)
			}
			if diff := cmp.Diff(flows.Diff(sent.Flows, sent.Groups, got), change, cmp.AllowUnexported(of.FieldValue{})); diff != "" {
				t.Fatalf("seed %d round %d: diff(-) change(+)\n%s", seed, round, diff)
			}
			if before = got; r.IntN(4) > 0 {
				c.Done()
				sent = got
			}
		}
		most = max(most, len(before.Flows))
	}
	if most < 150 {
		t.Errorf("the largest network came to %d flows: too few to prove anything", most)
	}
}

// TestIncrementOnSwitch does the like to a real switch, which has to take each change
// and to hold what is wanted afterwards: a daemon that starts then has nothing to send.
func TestIncrementOnSwitch(t *testing.T) {
	s, delta := new(logical.Snapshot).With(logical.Changes{Put: base()})
	fleet := difftest.NewFleet(t, "h0")
	rig, err := difftest.NewRig(t.Context(), fleet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { rig.Close() })
	names := []string{"phys", "br-ex"}
	for i := range 8 {
		names = append(names, fmt.Sprintf("p%d", i))
	}
	numbers, err := fleet.Switches["h0"].Wire(names)
	if err != nil {
		t.Fatal(err)
	}
	local := flows.Local{Host: "h0", Tunnel: difftest.TunnelPort, Ports: map[string]of.Port{}}
	for _, name := range names[2:] {
		local.Ports[name] = of.Port(numbers[name]) //nolint:gosec // few
	}
	local.Networks = map[string]of.Port{"phys": of.Port(numbers["phys"])}  //nolint:gosec // few
	local.Bridges = map[string]of.Port{"br-ex": of.Port(numbers["br-ex"])} //nolint:gosec // few
	r := rand.New(rand.NewPCG(1, 9))
	for round := range 60 {
		if err := rig.Update(t.Context(), "h0", s, delta, local); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		var all logical.Changes
		for range 1 + r.IntN(8) {
			if e := randomRow(r); r.IntN(6) == 0 {
				all.Delete = append(all.Delete, e.Ref())
			} else {
				all.Put = append(all.Put, e)
			}
		}
		s, delta = s.With(all)
	}
}

// base is a network in order: four hosts, switches and routers, each with each.
func base() []logical.Entity {
	n := newNetwork(nil)
	var all []logical.Entity
	n.sink = func(e logical.Entity) { all = append(all, e) }
	for i := range 4 {
		n.host(fmt.Sprintf("h%d", i), i+1, fmt.Sprintf("192.0.2.%d", i+1))
		n.sw(fmt.Sprintf("s%d", i), 1+i)
		n.router(fmt.Sprintf("r%d", i), 101+i)
		for sw := range 4 {
			n.seq = byte(i)
			n.link(fmt.Sprintf("r%d", i), fmt.Sprintf("s%d", sw), fmt.Sprintf("10.0.%d.%d/24", sw, 250+i), fmt.Sprintf("2001:db8:%d::%x/64", sw, 250+i))
		}
	}
	return all
}

// randomLocal is a host's side of few possible ones.
func randomLocal(r *rand.Rand) flows.Local {
	l := flows.Local{Host: "h0", Tunnel: 100, Ports: map[string]of.Port{}, Peers: map[string]of.Port{}, Networks: map[string]of.Port{}, Bridges: map[string]of.Port{}}
	for i := range 8 {
		if r.IntN(3) > 0 {
			l.Ports[fmt.Sprintf("p%d", i)] = of.Port(1 + i) //nolint:gosec // few
		}
	}
	if r.IntN(3) == 0 {
		l.Peers["h1"] = of.Port(101 + r.IntN(2)) //nolint:gosec // few
	}
	if r.IntN(2) == 0 {
		l.Networks["phys"], l.Bridges["br-ex"] = 60, 61
	}
	if r.IntN(20) == 0 {
		l.Tunnel = 0
	}
	return l
}

func chance[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// randomRow is a row of few possible ones, so that they meet.
func randomRow(r *rand.Rand) logical.Entity {
	n := newNetwork(nil)
	var made logical.Entity
	n.sink = func(e logical.Entity) {
		if _, ok := e.(*logical.Datapath); !ok || made == nil {
			made = e
		}
	}
	i := r.IntN(6)
	switch r.IntN(12) {
	case 0:
		i %= 4
		n.host(fmt.Sprintf("h%d", i), i+1, chance(r, fmt.Sprintf("192.0.2.%d", i+1), "192.0.2.1", fmt.Sprintf("2001:db8:ff::%d", i+1)))
		made.(*logical.Host).Drained = r.IntN(4) == 0
		made.(*logical.Host).Provider = chance(r, nil, []string{"phys"})
	case 1:
		kind := chance(r, logical.DatapathSwitch, logical.DatapathRouter)
		if i %= 4; kind == logical.DatapathSwitch {
			// One key may be on its way from one switch to another.
			n.datapath(fmt.Sprintf("s%d", i), chance(r, 1+i, 1+r.IntN(4)), kind)
		} else {
			n.datapath(fmt.Sprintf("r%d", i), 101+i, kind)
		}
	case 2:
		randomSwitch(r, n, i%4)
	case 3:
		randomRouter(r, n, i%4)
	case 4, 5, 6:
		randomPort(r, n, r.IntN(10))
	case 7:
		n.bind(fmt.Sprintf("p%d", r.IntN(10)), fmt.Sprintf("h%d", r.IntN(4)), uint64(r.IntN(5)))
	case 8, 9:
		router, sw := r.IntN(4), r.IntN(4)
		n.seq = byte(router)
		n.linkHalf(fmt.Sprintf("r%d", router), fmt.Sprintf("s%d", sw), router == 0 && r.IntN(2) == 0 || r.IntN(2) == 0,
			fmt.Sprintf("10.0.%d.%d/24", sw, 250+router), fmt.Sprintf("2001:db8:%d::%x/64", sw, 250+router))
	default:
		router := r.IntN(4)
		out := r.IntN(4)
		name := fmt.Sprintf("route%d", r.IntN(8))
		hop := chance(r, fmt.Sprintf("10.0.%d.%d", out, 250+r.IntN(4)), fmt.Sprintf("10.0.%d.%d", out, r.IntN(10)))
		n.route(fmt.Sprintf("r%d", router), name, chance(r, "0.0.0.0/0", "10.9.0.0/16", fmt.Sprintf("10.0.%d.0/24", r.IntN(4))), hop, fmt.Sprintf("r%d_to_s%d", router, out))
		made.(*logical.Route).Blackhole = false
	}
	return made
}

func randomSwitch(r *rand.Rand, n *network, i int) {
	n.sw(fmt.Sprintf("s%d", i), 1+i, func(s *logical.Switch) {
		s.Flood = chance(r, logical.FloodNone, logical.FloodAll)
		s.DHCP.Enabled = r.IntN(2) == 0
		if r.IntN(4) == 0 {
			s.Kind, s.Network, s.VLAN = logical.SwitchVLAN, "phys", uint16(r.IntN(3)*10) //nolint:gosec // small
		}
	})
}

func randomRouter(r *rand.Rand, n *network, i int) {
	n.router(fmt.Sprintf("r%d", i), 101+i, func(lr *logical.Router) {
		lr.TTL = chance(r, logical.TTLFull, logical.TTLOnce, logical.TTLNone)
		lr.ECMP = chance(r, logical.ECMPSource, logical.ECMPFlow)
		if r.IntN(3) == 0 {
			lr.Hosts = []string{fmt.Sprintf("h%d", r.IntN(4)), "h9"}
		}
	})
}

func randomPort(r *rand.Rand, n *network, i int) {
	n.seq = byte(i)
	sw := r.IntN(4)
	p := n.port(fmt.Sprintf("s%d", sw), fmt.Sprintf("p%d", i), "", fmt.Sprintf("10.0.%d.%d", sw, i), fmt.Sprintf("2001:db8:%d::%x", sw, i))
	p.Key = logical.PortKey(100 + i) //nolint:gosec // small
	p.Security = r.IntN(3) > 0
	switch r.IntN(8) {
	case 0: // somebody else's address
		p.Addresses[0] = netip.MustParseAddr(fmt.Sprintf("10.0.%d.%d", sw, r.IntN(10)))
	case 1:
		p.MAC = logical.MAC{2, 0, 0, 0, 0, byte(r.IntN(3))}
	case 2:
		if i > 5 {
			p.Trunk, p.Tag = portID(fmt.Sprintf("p%d", r.IntN(3))), uint16(10+i) //nolint:gosec // small
		}
	case 3:
		if i > 3 {
			p.Kind = chance(r, logical.PortUnknown, logical.PortLocalnet, logical.PortOutside)
			p.MAC, p.Addresses = logical.MAC{}, nil
			p.Host, p.Bridge = "h0", "br-ex"
		}
	}
}
