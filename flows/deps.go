package flows

import (
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// deps knows which units read a thing.
type deps map[logical.Ref]*readers

// readers are the units that read a thing. Those that no longer do are counted, and
// swept out when they are as many as the others: who comes and goes costs no walk.
type readers struct {
	units []*unit
	gone  int
}

// note brings in what a unit read and did not read before, and lets go what it no longer
// does. A unit that ended reads nothing.
func (d deps) note(u *unit, before []logical.Ref) {
	for _, r := range u.reads {
		if !reads(before, r) {
			if d[r] == nil {
				d[r] = &readers{}
			}
			d[r].units = append(d[r].units, u)
		}
	}
	for _, r := range before {
		if all := d[r]; all != nil && !reads(u.reads, r) {
			if all.gone++; 2*all.gone > len(all.units) {
				d.sweep(r)
			}
		}
	}
}

// readUp brings in what the units that were new read.
func (c *Compiler) readUp() {
	if len(c.deps) == 0 {
		c.deps = make(deps, 3*len(c.unread)) // about as many things as rows, and some more
	}
	for _, u := range c.unread {
		u.unread = false
		c.deps.note(u, nil)
	}
	c.unread = nil
}

// of marks the units that read something that was touched.
func (d deps) of(touched, dirty map[logical.Ref]bool) {
	for r := range touched {
		for _, u := range d.sweep(r) {
			dirty[u.ref] = true
		}
	}
}

// sweep returns who reads a thing, and forgets all others.
func (d deps) sweep(r logical.Ref) []*unit {
	all := d[r]
	if all == nil {
		return nil
	}
	seen := make(map[*unit]bool, len(all.units))
	all.units = slices.DeleteFunc(all.units, func(u *unit) bool {
		known := seen[u]
		seen[u] = true
		return known || !reads(u.reads, r)
	})
	if all.gone = 0; len(all.units) == 0 {
		delete(d, r)
	}
	return all.units
}

// reads says whether a thing is among those, which ascend.
func reads(all []logical.Ref, r logical.Ref) bool {
	_, ok := slices.BinarySearchFunc(all, r, logical.Ref.Compare)
	return ok
}

// owns says whether rows of a kind are units.
func owns(k logical.Kind) bool {
	switch k {
	case logical.KindHost, logical.KindSwitch, logical.KindSwitchPort, logical.KindRouter, logical.KindRouterPort, logical.KindRoute:
		return true
	default:
		return false
	}
}

// touches marks what is read anew where a row came, went or changed.
func touches(e logical.Entity, touched map[logical.Ref]bool) {
	by := func(kind logical.Kind, id logical.UUID) { touched[logical.Ref{Kind: kind, UUID: id}] = true }
	switch e := e.(type) {
	case *logical.Host:
		touched[named(readHostName, e.Name)] = true
		touched[named(readHostName, e.SystemID)] = true
		for _, a := range e.Addresses {
			touched[named(readAddress, a.String())] = true
		}
	case *logical.SwitchPort:
		by(readPorts, e.Switch.UUID())
		if e.Kind == logical.PortRouter {
			by(readLinks, e.Switch.UUID())
		}
		if !e.Trunk.IsZero() {
			by(readTrunk, e.Trunk.UUID())
		}
		touched[named(readPortName, e.Name)] = true
		touched[named(readLocal, e.Name)] = true
		for _, a := range e.Addresses {
			touched[addressOn(e.Switch, a)] = true
		}
	case *logical.RouterPort:
		by(readRouter, e.Router.UUID())
		touched[named(readRouterPortName, e.Name)] = true
	}
}

// shapes says whether a change of the row can change what is reached.
func shapes(e logical.Entity, now, was *Local) bool {
	switch e := e.(type) {
	case *logical.Host, *logical.Router, *logical.RouterPort, *logical.Switch:
		return true
	case *logical.SwitchPort:
		return e.Kind != logical.PortGuest && e.Kind != logical.PortUnknown || !e.Trunk.IsZero() || now.Ports[e.Name] != 0 || was.Ports[e.Name] != 0
	}
	return false
}

// differs marks what is read anew where the host itself is different.
func (l *Local) differs(was *Local, touched map[logical.Ref]bool) bool {
	changed := false
	mark := func(r logical.Ref) { touched[r], changed = true, true }
	if l.Host != was.Host || l.Tunnel != was.Tunnel {
		mark(logical.Ref{Kind: readTunnel})
	}
	if l.Sampling != was.Sampling || l.Host != was.Host {
		touched[logical.Ref{Kind: readSampling}] = true
	}
	for _, m := range []struct {
		kind     logical.Kind
		now, was map[string]of.Port
	}{
		{readLocal, l.Ports, was.Ports}, {readPeer, l.Peers, was.Peers}, {readNetwork, l.Networks, was.Networks}, {readBridge, l.Bridges, was.Bridges},
	} {
		for name, port := range m.now {
			if m.was[name] != port {
				mark(named(m.kind, name))
			}
		}
		for name := range m.was {
			if m.now[name] == 0 {
				mark(named(m.kind, name))
			}
		}
	}
	return changed
}
