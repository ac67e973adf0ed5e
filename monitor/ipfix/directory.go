package ipfix

import "net/netip"

// Port is where a packet was seen, in the host's own names. "" = not known, or none.
type Port struct {
	Bridge, Interface string
	Logical           string // the port of the logical network behind the interface
}

// Directory names what records bring as numbers. It is not changed once it is in use.
type Directory struct {
	// Interfaces has ports by Interface.name.
	Interfaces map[string]Port
	// Points has ports by obs_point_id, for records of Domain: those of the pipeline's own
	// samples.
	Domain uint32
	Points map[uint32]Port
	// Towards names the host that a packet goes to which the pipeline sampled where a
	// guest sent it; "" = this one, or not known. nil = never known.
	Towards func(*Record) string
	// Peers has hosts by tunnel address.
	Peers map[netip.Addr]string
}

// place finds the port that a record counts for, and the host at the other end of the
// tunnel that the packet came by or goes into; "" = none. A port that is not known
// bears the name that OVS gave it.
func (d *Directory) place(r *Record) (Port, string) {
	peer, i := r.Tunnel.Source, r.In
	if r.Direction == Egress {
		i = r.Out
	}
	pipeline := r.Domain == d.Domain && r.Point != 0
	// The tunnel of what the pipeline sampled is the one that it came by, always.
	if r.Direction == Egress && !pipeline {
		peer = r.Tunnel.Destination
	}
	port, known := d.Points[r.Point]
	if known = known && pipeline; !known {
		if port, known = d.Interfaces[i.Name]; !known {
			port = Port{Interface: i.Name}
		}
	}
	if pipeline && r.Direction == Ingress && d.Towards != nil {
		return port, d.Towards(r)
	}
	return port, d.host(peer)
}

func (d *Directory) host(a netip.Addr) string {
	if !a.IsValid() || a.IsUnspecified() { // of a tunnel over IPv6 OVS tells 0.0.0.0
		return ""
	}
	if name, ok := d.Peers[a]; ok {
		return name
	}
	return unknownPeer
}

// unknownPeer is a tunnel's other end that is no host of the network. Its address is no
// label: whoever sends tunnel packets would choose it.
const unknownPeer = "unknown"
