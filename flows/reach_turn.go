package flows

import (
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// shift is what is reached otherwise than before, each as it was before.
type shift struct {
	switches map[logical.ID[logical.Switch]]via
	routers  map[logical.ID[logical.Router]]bool
}

func newShift() shift {
	return shift{switches: map[logical.ID[logical.Switch]]via{}, routers: map[logical.ID[logical.Router]]bool{}}
}

func (r *reach) setSwitch(s shift, id logical.ID[logical.Switch], how via) {
	was := r.switches[id]
	if _, noted := s.switches[id]; !noted && was != how {
		s.switches[id] = was
	}
	if was == viaNone || how == viaNone {
		r.listed = nil
	}
	if r.switches[id] = how; how == viaNone {
		delete(r.switches, id)
	}
}

func (r *reach) setRouter(s shift, id logical.ID[logical.Router], in bool) {
	was := r.routers[id]
	if _, noted := s.routers[id]; !noted && was != in {
		s.routers[id] = was
	}
	if r.routers[id] = in; !in {
		delete(r.routers, id)
	}
}

// list are the switches that are reached, by UUID.
func (r *reach) list() []logical.ID[logical.Switch] {
	if r.listed == nil {
		r.listed = slices.SortedFunc(maps.Keys(r.switches), logical.ID[logical.Switch].Compare)
	}
	return r.listed
}

// turn follows the ports of the host where switches, routers and the links between
// them are as they were: its cost follows the number of the host's ports and of the
// switches and routers that come into reach or leave it.
func (r *reach) turn(v *view, s shift) {
	own := map[logical.ID[logical.Switch]]bool{}
	for p := range v.own() {
		own[p.Switch] = true
	}
	was := r.own
	r.own = own
	for id := range own {
		if was[id] {
			continue
		}
		if r.regions[id] == nil {
			r.walk(v, s, &id, nil)
		}
		r.regions[id].own++
		r.setSwitch(s, id, viaPort)
	}
	for id := range was {
		if own[id] {
			continue
		}
		if r.lopsided {
			r.become(reachOf(v), s)
			return
		}
		if g := r.regions[id]; g.own > 1 || g.pinned {
			g.own--
			r.setSwitch(s, id, v.through(id))
		} else {
			r.leave(g, s)
		}
	}
}

// leave takes a region out that nothing of this host is in.
func (r *reach) leave(g *region, s shift) {
	for _, id := range g.switches {
		delete(r.regions, id)
		r.setSwitch(s, id, viaNone)
	}
	for _, id := range g.routers {
		r.setRouter(s, id, false)
	}
}

// become takes over what was found anew.
func (r *reach) become(fresh *reach, s shift) {
	for id := range maps.Clone(r.switches) {
		r.setSwitch(s, id, fresh.switches[id])
	}
	for id, how := range fresh.switches {
		r.setSwitch(s, id, how)
	}
	for id := range maps.Clone(r.routers) {
		r.setRouter(s, id, fresh.routers[id])
	}
	for id := range fresh.routers {
		r.setRouter(s, id, true)
	}
	r.own, r.regions, r.lopsided = fresh.own, fresh.regions, fresh.lopsided
}

// rewires says whether a change of the row can change more of what is reached than
// where this host's ports are.
func rewires(e logical.Entity) bool {
	switch e := e.(type) {
	case *logical.Host, *logical.Router, *logical.RouterPort, *logical.Switch:
		return true
	case *logical.SwitchPort:
		return e.Kind != logical.PortGuest && e.Kind != logical.PortUnknown
	}
	return false
}

// wiredAs says whether the host has the same ways to physical networks as before.
func (l *Local) wiredAs(was *Local) bool {
	return l.Host == was.Host && maps.Equal(l.Networks, was.Networks) && maps.Equal(l.Bridges, was.Bridges)
}
