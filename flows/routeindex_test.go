package flows

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// TestRouteIndex changes the routes of a router at random and asks, as one who walks all
// of them would, which are around a prefix and which inside; who asked is touched where
// the answer is another.
func TestRouteIndex(t *testing.T) {
	router := logical.ID[logical.Router]{15: 1}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		random := func() netip.Prefix {
			a := netip.AddrFrom4([4]byte{10, byte(r.IntN(3) << 6), 0, 0})
			if r.IntN(3) == 0 {
				a = netip.AddrFrom16([16]byte{0: 0x20, 1: byte(r.IntN(3))})
			}
			p, _ := a.Prefix([]int{0, 8, 9, 10, 16}[r.IntN(5)])
			return p
		}
		v := view{routes: routeIndex{}}
		have := map[logical.ID[logical.Route]]*logical.Route{}
		type answer struct {
			reads  map[logical.Ref]bool
			around []*logical.Route
			inside []netip.Prefix
		}
		ask := func(p netip.Prefix, above int) answer {
			a := answer{reads: map[logical.Ref]bool{}}
			v.note = func(ref logical.Ref) { a.reads[ref] = true }
			a.around = slices.Clone(v.routesAround(router, p, above))
			a.inside = slices.Clone(v.prefixesIn(router, p))
			return a
		}
		for range 200 {
			p, above := random(), r.IntN(12)-1
			before := ask(p, above)
			id := logical.ID[logical.Route]{15: byte(r.IntN(6))}
			var old, now logical.Entity
			if have[id] != nil {
				old = have[id]
			}
			if delete(have, id); r.IntN(3) > 0 {
				have[id] = &logical.Route{ID: id, Router: router, Prefix: random()}
				now = have[id]
			}
			touched := map[logical.Ref]bool{}
			v.routes.follow(old, now, func(ref logical.Ref) { touched[ref] = true })
			after := ask(p, above)
			want := answer{}
			best := above
			for _, route := range have {
				switch q := route.Prefix; {
				case q.Addr().Is4() != p.Addr().Is4():
				case q.Bits() <= p.Bits() && q.Contains(p.Addr()):
					if q.Bits() > best {
						best, want.around = q.Bits(), nil
					}
					if q.Bits() == best && best > above {
						want.around = append(want.around, route)
					}
				case q.Bits() > p.Bits() && p.Contains(q.Addr()):
					want.inside = append(want.inside, q)
				}
			}
			slices.SortFunc(want.around, func(a, b *logical.Route) int { return a.ID.Compare(b.ID) })
			slices.SortFunc(want.inside, byAddress)
			want.inside = slices.Compact(want.inside)
			if !slices.Equal(want.around, after.around) || !slices.Equal(want.inside, after.inside) {
				t.Fatalf("seed %d: around %s above %d: %v inside %v, want %v inside %v", seed, p, above, after.around, after.inside, want.around, want.inside)
			}
			told := false
			for ref := range before.reads {
				told = told || touched[ref]
			}
			if !told && (!slices.Equal(before.around, after.around) || !slices.Equal(before.inside, after.inside)) {
				t.Fatalf("seed %d: around %s: %v inside %v became %v inside %v, untold", seed, p, before.around, before.inside, after.around, after.inside)
			}
		}
	}
}

// manyRoutes is two routers that meet, the first with routes to the second, which has a
// default route back.
func manyRoutes(routes int) ([]logical.Entity, Local) {
	id := func(kind logical.Kind, n int) logical.UUID {
		return logical.UUID{byte(kind), 14: byte(n >> 8), 15: byte(n)}
	}
	var all []logical.Entity
	path := func(key int, kind logical.DatapathKind) logical.ID[logical.Datapath] {
		d := &logical.Datapath{ID: logical.ID[logical.Datapath](id(logical.KindDatapath, key)), Key: logical.DatapathKey(key), Kind: kind} //nolint:gosec // few
		all = append(all, d)
		return d.ID
	}
	sw := logical.ID[logical.Switch](id(logical.KindSwitch, 1))
	all = append(all, &logical.Switch{ID: sw, Name: "s", Datapath: path(1, logical.DatapathSwitch), Kind: logical.SwitchOverlay, Flood: logical.FloodNone})
	out := [2]logical.ID[logical.RouterPort]{}
	for i, name := range []string{"a", "b"} {
		router := logical.ID[logical.Router](id(logical.KindRouter, i))
		out[i] = logical.ID[logical.RouterPort](id(logical.KindRouterPort, i))
		a := netip.AddrFrom4([4]byte{100, 64, 0, byte(i + 1)})
		all = append(all,
			&logical.Router{ID: router, Name: name, Datapath: path(10+i, logical.DatapathRouter), TTL: logical.TTLFull, ECMP: logical.ECMPSource},
			&logical.RouterPort{ID: out[i], Router: router, Name: name + "s", Key: 1, Peer: "s" + name, MAC: logical.DefaultMAC(a), Networks: []netip.Prefix{netip.PrefixFrom(a, 24)}},
			&logical.SwitchPort{
				ID: logical.ID[logical.SwitchPort](id(logical.KindSwitchPort, i)), Switch: sw, Name: "s" + name, Key: logical.PortKey(i + 1), //nolint:gosec // few
				Kind: logical.PortRouter, Peer: name + "s", MAC: logical.DefaultMAC(a), Addresses: []netip.Addr{a},
			})
	}
	guest := netip.AddrFrom4([4]byte{100, 64, 0, 9})
	all = append(all, &logical.SwitchPort{
		ID: logical.ID[logical.SwitchPort](id(logical.KindSwitchPort, 9)), Switch: sw, Name: "vm", Key: 9, Kind: logical.PortGuest, MAC: logical.DefaultMAC(guest), Addresses: []netip.Addr{guest},
	})
	route := func(n, from, to int, p netip.Prefix) *logical.Route {
		return &logical.Route{
			ID: logical.ID[logical.Route](id(logical.KindRoute, n)), Router: logical.ID[logical.Router](id(logical.KindRouter, from)), Name: fmt.Sprintf("r%d", n),
			Prefix: p, NextHop: netip.AddrFrom4([4]byte{100, 64, 0, byte(to + 1)}), OutPort: out[from],
		}
	}
	all = append(all, route(0, 1, 0, netip.MustParsePrefix("0.0.0.0/0")))
	for i := 1; i <= routes; i++ {
		all = append(all, route(i, 0, 1, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0}), 24)))
	}
	return all, Local{Host: "h", Ports: map[string]of.Port{"vm": 1}}
}

// TestOneRouteMore expects a route more to be computed with those that it bears on alone.
func TestOneRouteMore(t *testing.T) {
	all, local := manyRoutes(500)
	last := all[len(all)-1]
	c := New()
	s, delta := new(logical.Snapshot).With(logical.Changes{Put: all[:len(all)-1]})
	c.Update(s, delta, local)
	for _, change := range []logical.Changes{{Put: []logical.Entity{last}}, {Delete: []logical.Ref{last.Ref()}}} {
		before := map[logical.Ref]*logical.Ref{}
		for ref, u := range c.units {
			before[ref] = firstRead(u)
		}
		s, delta = s.With(change)
		c.Update(s, delta, local)
		again := 0
		for ref, u := range c.units {
			if firstRead(u) != before[ref] {
				again++
			}
		}
		if again > 3 {
			t.Errorf("%d units of %d are computed again", again, len(c.units))
		}
		want, problems := Compile(s, local)
		if diff := cmp.Diff(want.Text(NamesOf(s)), c.Rules().Text(NamesOf(s))); diff != "" {
			t.Errorf("fresh(-) incremental(+)\n%s", diff)
		}
		if diff := cmp.Diff(problems, c.Problems()); diff != "" {
			t.Errorf("problems of fresh(-) incremental(+)\n%s", diff)
		}
	}
}

// BenchmarkRoute is one route more and less. Its cost follows the routes only of a router
// that sends back all that it does not know.
func BenchmarkRoute(b *testing.B) {
	for _, n := range []int{500, 2000, 8000} {
		b.Run(fmt.Sprintf("routes=%d", n), func(b *testing.B) {
			all, local := manyRoutes(n)
			last := all[len(all)-1]
			c := New()
			s, delta := new(logical.Snapshot).With(logical.Changes{Put: all})
			c.Update(s, delta, local)
			c.Done()
			for i := 0; b.Loop(); i++ {
				change := logical.Changes{Put: []logical.Entity{last}}
				if i%2 == 0 {
					change = logical.Changes{Delete: []logical.Ref{last.Ref()}}
				}
				s, delta = s.With(change)
				if change := c.Update(s, delta, local); len(change.FlowMods) == 0 {
					b.Fatal("nothing changed")
				}
				c.Done()
			}
		})
	}
}

// firstRead is another pointer each time that a unit is computed.
func firstRead(u *unit) *logical.Ref {
	if len(u.reads) == 0 {
		return nil
	}
	return &u.reads[0]
}
