package flows

import (
	"github.com/sluice-nfv/sluice/flows/logical"
)

// follow finds the reach anew, and the units that come into it or leave it.
func (c *Compiler) follow(before *logical.Snapshot, touched, dirty map[logical.Ref]bool) {
	was := c.view.reach
	c.view.reach = reachOf(&c.view)
	for id, how := range c.view.reach.switches {
		if was.switches[id] != how {
			touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		}
		if was.switches[id] == viaNone {
			dirty[logical.Ref{Kind: logical.KindSwitch, UUID: id.UUID()}] = true
			dirty[floodOf(id.UUID())] = true
			for p := range c.view.snap.PortsOf(id) {
				dirty[p.Ref()] = true
			}
		}
	}
	for id := range was.switches {
		if c.view.reach.switches[id] == viaNone {
			touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		}
	}
	for id := range c.view.reach.routers {
		if was.routers[id] {
			continue
		}
		touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		dirty[logical.Ref{Kind: logical.KindRouter, UUID: id.UUID()}] = true
		for rp := range c.view.snap.RouterPortsOf(id) {
			dirty[rp.Ref()] = true
		}
		for route := range c.view.snap.RoutesOf(id) {
			dirty[route.Ref()] = true
		}
	}
	for id := range was.routers {
		if !c.view.reach.routers[id] {
			touched[logical.Ref{Kind: readReach, UUID: id.UUID()}] = true
		}
	}
}

// wanted says whether a unit is there: its row, within reach.
func (c *Compiler) wanted(ref logical.Ref) bool {
	s, reach := c.view.snap, c.view.reach
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
