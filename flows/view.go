package flows

import (
	"crypto/sha256"
	"iter"
	"net/netip"

	"github.com/sluice-nfv/sluice/flows/logical"
)

// The kinds of what a unit reads besides rows; with a UUID they are a key like a
// row's. They follow the kinds of the model at a distance.
const (
	readPorts    logical.Kind = 64 + iota // the ports of a switch
	readLinks                             // its ports that lead to routers
	readRouter                            // the ports of a router
	readRoutesTo                          // the routes of a router with a prefix
	readRoutesIn                          // those with longer prefixes inside of it
	readLengths                           // the lengths of its prefixes
	readPortName                          // which port has a name
	readRouterPortName
	readHostName
	readAddress // which port holds an address of a switch
	readReach   // whether and how a switch or router is reached
	readLocal   // the interface of a name
	readPeer    // the tunnel port to a host
	readNetwork // the patch port to a network
	readBridge  // the patch port to a bridge
	readTunnel  // the tunnel port, and who this host is
	readTrunk   // the ports that a trunk carries
	readOpen    // the ports of a switch behind which anybody may be
	readSampling
)

// named is the key of what has a text.
func named(kind logical.Kind, text string) logical.Ref {
	sum := sha256.Sum256([]byte(text))
	return logical.Ref{Kind: kind, UUID: logical.UUID(sum[:16])}
}

func addressOn(sw logical.ID[logical.Switch], a netip.Addr) logical.Ref {
	b := sw.UUID()
	return named(readAddress, string(b[:])+string(a.AsSlice()))
}

// view is what units see: the snapshot, the host and its reach, with a note of
// each thing that was looked at.
type view struct {
	snap  *logical.Snapshot
	local *Local
	reach *reach
	open  openPorts
	// note takes what a unit reads; nil takes nothing.
	note  func(logical.Ref)
	noted []logical.Ref
	seen  seen
	// routes are those of all routers.
	routes routeIndex
}

func (v *view) read(r logical.Ref) {
	if v.note != nil {
		v.note(r)
	}
}

func (v *view) readID(kind logical.Kind, id logical.UUID) {
	v.read(logical.Ref{Kind: kind, UUID: id})
}

func (v *view) port(id logical.ID[logical.SwitchPort]) *logical.SwitchPort {
	v.readID(logical.KindSwitchPort, id.UUID())
	return v.snap.Port(id)
}

func (v *view) sw(id logical.ID[logical.Switch]) *logical.Switch {
	v.readID(logical.KindSwitch, id.UUID())
	return v.snap.Switch(id)
}

func (v *view) router(id logical.ID[logical.Router]) *logical.Router {
	v.readID(logical.KindRouter, id.UUID())
	return v.snap.Router(id)
}

func (v *view) routerPort(id logical.ID[logical.RouterPort]) *logical.RouterPort {
	v.readID(logical.KindRouterPort, id.UUID())
	return v.snap.RouterPort(id)
}

func (v *view) switchKey(sw *logical.Switch) logical.DatapathKey {
	v.readID(logical.KindDatapath, sw.Datapath.UUID())
	return v.snap.SwitchKey(sw)
}

func (v *view) routerKey(r *logical.Router) logical.DatapathKey {
	v.readID(logical.KindDatapath, r.Datapath.UUID())
	return v.snap.RouterKey(r)
}

// portOf is the switch port behind a router port.
func (v *view) portOf(rp *logical.RouterPort) *logical.SwitchPort {
	v.read(named(readPortName, rp.Peer))
	p := v.snap.SwitchPortOf(rp)
	if p != nil {
		v.read(p.Ref())
	}
	return p
}

// behind is the router port behind a switch port.
func (v *view) behind(p *logical.SwitchPort) *logical.RouterPort {
	v.read(named(readRouterPortName, p.Peer))
	rp := v.snap.RouterPortOf(p)
	if rp != nil {
		v.read(rp.Ref())
	}
	return rp
}

// ports walks the ports of a switch. Each change of one counts as a change of all.
func (v *view) ports(sw logical.ID[logical.Switch]) iter.Seq[*logical.SwitchPort] {
	v.readID(readPorts, sw.UUID())
	return v.snap.PortsOf(sw)
}

// holder is the port that holds an address of a switch.
func (v *view) holder(sw logical.ID[logical.Switch], a netip.Addr) *logical.SwitchPort {
	v.read(addressOn(sw, a))
	p := v.snap.PortByAddress(sw, a)
	if p != nil {
		v.read(p.Ref())
	}
	return p
}

// reached says how this host reaches a switch.
func (v *view) reached(sw logical.ID[logical.Switch]) via {
	v.readID(readReach, sw.UUID())
	return v.reach.switches[sw]
}

// enters says whether packets of this host enter a router here: it works here, and here
// is the place that all senders choose.
func (v *view) enters(r *logical.Router) bool {
	return v.routed(r.ID) && (!r.Pinned() || v.place(r) == v.self())
}

// routed says whether a router works on this host.
func (v *view) routed(r logical.ID[logical.Router]) bool {
	v.readID(readReach, r.UUID())
	return v.reach.routers[r]
}
