package flows

import (
	"cmp"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// deps knows which units read a thing. An entry may be of a unit that no longer does:
// such entries cost a needless computation at most, and go when they are met.
type deps map[logical.Ref][]*unit

// note brings in what a unit read and did not read before.
func (d deps) note(u *unit, before []logical.Ref) {
	for _, r := range u.reads {
		if _, known := slices.BinarySearchFunc(before, r, logical.Ref.Compare); !known {
			d[r] = append(d[r], u)
		}
	}
}

// of marks the units that read something that was touched.
func (d deps) of(touched map[logical.Ref]bool, units map[logical.Ref]*unit, dirty map[logical.Ref]bool) {
	for r := range touched {
		readers, ok := d[r]
		if !ok {
			continue
		}
		seen := map[*unit]bool{}
		readers = slices.DeleteFunc(readers, func(u *unit) bool {
			_, reads := slices.BinarySearchFunc(u.reads, r, logical.Ref.Compare)
			if !reads || units[u.ref] != u || seen[u] {
				return true
			}
			seen[u] = true
			dirty[u.ref] = true
			return false
		})
		if len(readers) == 0 {
			delete(d, r)
		} else {
			d[r] = readers
		}
	}
}

func compareKeys(a, b of.Key) int {
	return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Match, b.Match))
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
	case *logical.Route:
		by(readRoutes, e.Router.UUID())
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
