package flows

import (
	"github.com/sluice-nfv/sluice/flows/logical"
)

// follow goes on to the reach of now, and finds the units that come into it or leave it.
func (c *Compiler) follow(rewired bool, touched, dirty map[logical.Ref]bool) {
	moved := newShift()
	if rewired {
		c.view.reach.become(reachOf(&c.view), moved)
	} else {
		c.view.reach.turn(&c.view, moved)
	}
	for id, was := range moved.switches {
		touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		if was == viaNone {
			dirty[logical.Ref{Kind: logical.KindSwitch, UUID: id.UUID()}] = true
			dirty[floodOf(id.UUID())] = true
			for p := range c.view.snap.PortsOf(id) {
				dirty[p.Ref()] = true
			}
		}
	}
	for id, was := range moved.routers {
		touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		if was {
			continue
		}
		dirty[logical.Ref{Kind: logical.KindRouter, UUID: id.UUID()}] = true
		for rp := range c.view.snap.RouterPortsOf(id) {
			dirty[rp.Ref()] = true
		}
		for route := range c.view.snap.RoutesOf(id) {
			dirty[route.Ref()] = true
		}
	}
}

// wanted says whether a unit is there: its row, within reach.
func (v *view) wanted(ref logical.Ref) bool {
	s, reach := v.snap, v.reach
	switch ref.Kind {
	case 0:
		return true
	case logical.KindHost:
		return s.Host(logical.ID[logical.Host](ref.UUID)) != nil
	case logical.KindSwitch, unitFlood:
		return reach.switches[logical.ID[logical.Switch](ref.UUID)] != viaNone
	case logical.KindSwitchPort:
		p := s.Port(logical.ID[logical.SwitchPort](ref.UUID))
		return p != nil && reach.switches[p.Switch] != viaNone
	case logical.KindRouter:
		return reach.routers[logical.ID[logical.Router](ref.UUID)]
	case logical.KindRouterPort:
		rp := s.RouterPort(logical.ID[logical.RouterPort](ref.UUID))
		return rp != nil && reach.routers[rp.Router]
	case logical.KindRoute:
		r := s.Route(logical.ID[logical.Route](ref.UUID))
		return r != nil && reach.routers[r.Router]
	default:
		return false
	}
}
