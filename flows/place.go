package flows

import (
	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// self is this host's row, nil while it has none.
func (v *view) self() *logical.Host {
	v.readID(readTunnel, logical.UUID{})
	return v.host(v.local.Host)
}

// hostOf is the host where a port is. The port's row must have been read.
func (v *view) hostOf(p *logical.SwitchPort) *logical.Host {
	if p.Kind == logical.PortOutside {
		return v.host(p.Host)
	}
	carrier := p.ID
	if !p.Trunk.IsZero() {
		carrier = p.Trunk
		v.readID(logical.KindSwitchPort, carrier.UUID())
	}
	if b := v.snap.Bound(carrier); b != nil {
		return v.host(b.Host)
	}
	return nil
}

// here is the number of the interface that a port of a guest has on this host, 0
// where it is elsewhere. An interface whose port another host has bound is not it.
func (v *view) here(p *logical.SwitchPort) of.Port {
	if !p.Trunk.IsZero() {
		if p = v.port(p.Trunk); p == nil || !p.Trunk.IsZero() {
			return 0
		}
	}
	v.read(named(readLocal, p.Name))
	v.readID(readTunnel, logical.UUID{})
	n := v.local.Ports[p.Name]
	if n == 0 || v.snap.PortByName(p.Name) != p {
		return 0
	}
	if b := v.snap.Bound(p.ID); b != nil && b.Host != v.local.Host {
		return 0
	}
	return n
}

// shares says whether another port of the switch is behind the interface of a port: a
// trunk's own, or one that it carries.
func (v *view) shares(p *logical.SwitchPort) bool {
	trunk := p.ID
	if !p.Trunk.IsZero() {
		trunk = p.Trunk
		if parent := v.port(trunk); parent != nil && parent.Switch == p.Switch {
			return true
		}
	}
	v.readID(readTrunk, trunk.UUID())
	for other := range v.snap.PortsOver(trunk) {
		if other.ID != p.ID && other.Switch == p.Switch {
			return true
		}
	}
	return false
}

// peer is the port that leads to a host: its own or the one for all.
func (v *view) peer(h *logical.Host) of.Port {
	v.read(named(readPeer, h.Name))
	v.readID(readTunnel, logical.UUID{})
	if n := v.local.Peers[h.Name]; n != 0 {
		return n
	}
	return v.local.Tunnel
}

// place is where a pinned router works: the first of its hosts that is there and not
// drained, or the first that is there.
func (v *view) place(r *logical.Router) *logical.Host {
	var drained *logical.Host
	for _, name := range r.Hosts {
		h := v.host(name)
		switch {
		case h == nil:
		case !h.Drained:
			return h
		case drained == nil:
			drained = h
		}
	}
	return drained
}
