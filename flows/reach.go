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
}

// reachOf walks from the ports and the pinned routers of the host. Its cost follows
// the number of switches and routers, not that of ports.
func reachOf(v *view) *reach {
	r := &reach{switches: map[logical.ID[logical.Switch]]via{}, routers: map[logical.ID[logical.Router]]bool{}}
	var walk []logical.ID[logical.Router]
	enterRouter := func(router *logical.Router) {
		if router != nil && !r.routers[router.ID] && v.worksHere(router) {
			r.routers[router.ID] = true
			walk = append(walk, router.ID)
		}
	}
	enterSwitch := func(sw logical.ID[logical.Switch], how via) {
		was := r.switches[sw]
		if how == viaRouter && v.wired(sw) {
			how = viaPort
		}
		r.switches[sw] = max(was, how)
		if was == viaNone {
			for _, rp := range v.links(sw) {
				enterRouter(v.snap.Router(rp.Router))
			}
		}
	}
	for p := range v.own() {
		enterSwitch(p.Switch, viaPort)
	}
	for router := range v.snap.Routers() {
		if router.Pinned() {
			enterRouter(router)
		}
	}
	for len(walk) > 0 {
		router := walk[len(walk)-1]
		walk = walk[:len(walk)-1]
		for rp := range v.snap.RouterPortsOf(router) {
			if p := v.snap.SwitchPortOf(rp); p != nil {
				enterSwitch(p.Switch, viaRouter)
			}
		}
	}
	return r
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
