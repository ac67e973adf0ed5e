package flows

import (
	"maps"
	"slices"

	"github.com/sluice-nfv/sluice/flows/logical"
	of "github.com/sluice-nfv/sluice/internal/ovs/openflow"
)

// openPorts are the ports, by switch, behind which anybody may be: what has no known
// receiver goes there.
type openPorts map[logical.ID[logical.Switch]][]logical.ID[logical.SwitchPort]

// isOpen says whether anybody may be behind a port.
func isOpen(p *logical.SwitchPort) bool {
	return p.Kind == logical.PortOutside || p.Kind == logical.PortLocalnet || p.Kind == logical.PortUnknown
}

// follow takes a port out as it was and in as it is.
func (o openPorts) follow(old, now logical.Entity, touched map[logical.Ref]bool) {
	if p, ok := old.(*logical.SwitchPort); ok && isOpen(p) {
		touched[logical.Ref{Kind: readOpen, UUID: p.Switch.UUID()}] = true
		left := slices.DeleteFunc(o[p.Switch], func(id logical.ID[logical.SwitchPort]) bool { return id == p.ID })
		if o[p.Switch] = left; len(left) == 0 {
			delete(o, p.Switch)
		}
	}
	if p, ok := now.(*logical.SwitchPort); ok && isOpen(p) {
		touched[logical.Ref{Kind: readOpen, UUID: p.Switch.UUID()}] = true
		at, _ := slices.BinarySearchFunc(o[p.Switch], p.ID, logical.ID[logical.SwitchPort].Compare)
		o[p.Switch] = slices.Insert(o[p.Switch], at, p.ID)
	}
}

// openOn are the open ports of a switch, by their UUIDs.
func (v *view) openOn(sw logical.ID[logical.Switch]) []*logical.SwitchPort {
	v.readID(readOpen, sw.UUID())
	var all []*logical.SwitchPort
	for _, id := range v.open[sw] {
		if p := v.port(id); p != nil {
			all = append(all, p)
		}
	}
	return all
}

// outside walks the open ports that a physical network is behind.
func (v *view) outside() func(func(*logical.SwitchPort) bool) {
	return func(yield func(*logical.SwitchPort) bool) {
		for _, sw := range slices.SortedFunc(maps.Keys(v.open), logical.ID[logical.Switch].Compare) {
			for _, p := range v.openOn(sw) {
				if p.Kind != logical.PortUnknown && !yield(p) {
					return
				}
			}
		}
	}
}

// fromOutside is the bit of a port key in reg8 and reg9 that a physical network is
// behind the port.
const fromOutside = 0x8000

// keyNetwork is the port of a VLAN switch to its physical network, which has no row.
const keyNetwork = fromOutside | 0x7fff

// keyOf is a port's key in reg8 and reg9.
func keyOf(p *logical.SwitchPort) logical.PortKey {
	if p.Kind == logical.PortOutside || p.Kind == logical.PortLocalnet {
		return fromOutside | p.Key
	}
	return p.Key
}

// patch is the patch port of this host that a port of a physical network stands for,
// and the VLAN there; 0 where it is not here.
func (v *view) patch(p *logical.SwitchPort, sw *logical.Switch) (of.Port, uint16) {
	if p.Kind == logical.PortOutside {
		h := v.host(p.Host)
		v.read(named(readBridge, p.Bridge))
		if h == nil || h != v.self() {
			return 0, 0
		}
		return v.local.Bridges[p.Bridge], 0
	}
	name := p.Network
	if name == "" || name == sw.Network {
		if sw.Kind == logical.SwitchVLAN {
			return 0, 0 // the switch itself is that port
		}
	}
	for _, other := range v.openOn(p.Switch) {
		if other.Kind == logical.PortLocalnet && other.Network == name {
			if other != p {
				return 0, 0 // one will do, or the network would hear all twice
			}
			break
		}
	}
	v.read(named(readNetwork, name))
	return v.local.Networks[name], sw.VLAN
}

// network is the patch port of this host to the physical network of a VLAN switch.
func (v *view) network(sw *logical.Switch) of.Port {
	if sw.Kind != logical.SwitchVLAN {
		return 0
	}
	v.read(named(readNetwork, sw.Network))
	return v.local.Networks[sw.Network]
}

// patchRules are the way in from a physical network and the way out to it.
func patchRules(r *rules, sw logical.DatapathKey, key logical.PortKey, port of.Port, vlan uint16) {
	tag := of.NoVLAN()
	var pop []of.Action
	out := []of.Action{of.Output{Port: port}}
	if vlan != 0 {
		tag = of.VLAN(vlan)
		pop = []of.Action{of.PopVLAN{}}
		out = []of.Action{of.PushVLAN{Type: 0x8100}, of.Set(of.VLAN(vlan)), of.Output{Port: port}}
	}
	r.add(TablePhyIn, prioMatch, on(of.InPort(port), tag), append(pop, enter(sw), of.Set(inPort(key)), TableGateFrom.then())...)
	r.add(TableOut, prioMatch, on(in(sw), outPort(key)), out...)
	passRequests(r, sw, key)
}

// heard: what a physical network brings to this host, it brings to all others itself. It
// goes into no tunnel but as a router sends it on, which then is where it comes from.
func heard(r *rules, sw logical.DatapathKey, key logical.PortKey) {
	r.add(TableTunnel, prioMore, on(in(sw), inPort(key)))
}

// wires are the ports by which physical networks bring packets into a switch on this host.
func (v *view) wires(sw *logical.Switch) []logical.PortKey {
	var all []logical.PortKey
	if v.network(sw) != 0 {
		all = append(all, keyNetwork)
	}
	for _, p := range v.openOn(sw.ID) {
		if p.Kind == logical.PortLocalnet {
			if port, _ := v.patch(p, sw); port != 0 {
				all = append(all, keyOf(p))
			}
		}
	}
	return all
}

// shared is the port of a physical network that carries a switch to this host and to
// another, 0 where none does: what either sends by it, the other hears, and by no tunnel.
func (v *view) shared(sw *logical.Switch, h *logical.Host) logical.PortKey {
	if h == nil {
		return 0
	}
	if v.network(sw) != 0 && slices.Contains(h.Provider, sw.Network) {
		return keyNetwork
	}
	for _, p := range v.openOn(sw.ID) {
		if p.Kind != logical.PortLocalnet || !slices.Contains(h.Provider, p.Network) {
			continue
		}
		if port, _ := v.patch(p, sw); port != 0 {
			return keyOf(p)
		}
	}
	return 0
}

// fromRouter makes the router's port what a packet came in by, where that counts: see heard.
func (v *view) fromRouter(sw *logical.Switch, s site, link *logical.SwitchPort) []of.Action {
	if s.host == nil || link == nil || len(v.wires(sw)) == 0 {
		return nil
	}
	return []of.Action{of.Set(inPort(link.Key))}
}

// quiet: what a physical network asks is answered by the host of who was asked for,
// and by no other, as all of them hear it.
func quiet(r *rules, sw logical.DatapathKey, key logical.PortKey) {
	r.add(TableCtrl, prioOutside, on(in(sw), inPort(key), of.EthType(of.TypeARP), of.ARPOp(1)), TableL2.then())
	r.add(TableCtrl, prioOutside, on(in(sw), inPort(key), of.EthType(of.TypeIPv6), of.IPProto(of.ProtoICMPv6), of.ICMPv6Type(135), of.ICMPv6Code(0)), TableL2.then())
}
