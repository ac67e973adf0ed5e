package flows

import (
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// via says how a host reaches a switch.
type via uint8

const (
	viaNone   via = iota
	viaRouter     // through a router: packets leave for its ports, none enters here
	viaPort       // by a port of its own
)

// reach is the part of the network that a host needs: what its ports can get to. It
// ends at routers that work on other hosts, where the tunnel takes over.
type reach struct {
	switches map[logical.ID[logical.Switch]]via
	routers  map[logical.ID[logical.Router]]bool
	// own are the switches with ports of this host.
	own map[logical.ID[logical.Switch]]bool
	// regions are those of the switches that are reached.
	regions map[logical.ID[logical.Switch]]*region
	// lopsided says that somewhere there is a way without a way back, as ports with one
	// name make: then a region can be reached and what it was entered from not.
	lopsided bool
	// listed are the switches as list returned them, nil where it has to sort anew.
	listed []logical.ID[logical.Switch]
}

// region is switches that all reach each other, and the routers between them that work
// here.
type region struct {
	switches []logical.ID[logical.Switch]
	routers  []logical.ID[logical.Router]
	own      int  // of its switches have ports of this host
	pinned   bool // a router is pinned here: it is reached without ports
}

func newReach() *reach {
	return &reach{
		switches: map[logical.ID[logical.Switch]]via{}, routers: map[logical.ID[logical.Router]]bool{},
		own: map[logical.ID[logical.Switch]]bool{}, regions: map[logical.ID[logical.Switch]]*region{},
	}
}

// reachOf walks from the ports and the pinned routers of the host. Its cost follows
// the number of switches and routers, not that of ports.
func reachOf(v *view) *reach {
	r := newReach()
	r.turn(v, newShift())
	for router := range v.snap.Routers() {
		if router.Pinned() && !r.routers[router.ID] && v.worksHere(router) {
			r.walk(v, newShift(), nil, router)
		}
	}
	return r
}

// walk finds the region of some switch or some router, which is not reached yet.
func (r *reach) walk(v *view, s shift, from *logical.ID[logical.Switch], first *logical.Router) *region {
	g := &region{}
	enterRouter := func(router *logical.Router) {
		if router != nil && !r.routers[router.ID] && v.worksHere(router) {
			r.setRouter(s, router.ID, true)
			g.routers, g.pinned = append(g.routers, router.ID), g.pinned || router.Pinned()
		}
	}
	enterSwitch := func(id logical.ID[logical.Switch]) {
		if r.regions[id] == nil {
			r.regions[id] = g
			g.switches = append(g.switches, id)
			r.setSwitch(s, id, v.through(id))
		}
	}
	enterRouter(first)
	if from != nil {
		enterSwitch(*from)
	}
	for sw, router := 0, 0; sw < len(g.switches) || router < len(g.routers); {
		if sw < len(g.switches) {
			for p, rp := range v.links(g.switches[sw]) {
				r.lopsided = r.lopsided || v.snap.SwitchPortOf(rp) != p
				enterRouter(v.snap.Router(rp.Router))
			}
			sw++
			continue
		}
		for rp := range v.snap.RouterPortsOf(g.routers[router]) {
			if p := v.snap.SwitchPortOf(rp); p != nil {
				r.lopsided = r.lopsided || v.snap.RouterPortOf(p) != rp
				enterSwitch(p.Switch)
			}
		}
		router++
	}
	return g
}

// through is how a switch is reached that has no port of this host.
func (v *view) through(id logical.ID[logical.Switch]) via {
	if v.wired(id) {
		return viaPort
	}
	return viaRouter
}

// wired says whether this host has a port of the switch to a physical network.
func (v *view) wired(id logical.ID[logical.Switch]) bool {
	sw := v.snap.Switch(id)
	if sw == nil {
		return false
	}
	if v.network(sw) != 0 {
		return true
	}
	for _, p := range v.openOn(id) {
		if p.Kind != logical.PortUnknown {
			if port, _ := v.patch(p, sw); port != 0 {
				return true
			}
		}
	}
	return false
}

// worksHere says whether a router works on this host: it is pinned here, or nowhere. It
// works on all of its hosts, so that a packet on its way there is not lost when the senders
// choose another of them.
func (v *view) worksHere(r *logical.Router) bool {
	self := v.self()
	return !r.Pinned() || self != nil && slices.ContainsFunc(r.Hosts, func(name string) bool { return v.host(name) == self })
}

// own walks the switch ports of this host, those that it carries tagged included.
func (v *view) own() func(func(*logical.SwitchPort) bool) {
	return func(yield func(*logical.SwitchPort) bool) {
		for p := range v.outside() {
			if p.Kind == logical.PortOutside && v.wired(p.Switch) && !yield(p) {
				return
			}
		}
		for name := range v.local.Ports {
			p := v.snap.PortByName(name)
			if p == nil || v.here(p) == 0 {
				continue
			}
			if !yield(p) {
				return
			}
			for child := range v.snap.PortsOver(p.ID) {
				if !yield(child) {
					return
				}
			}
		}
	}
}
