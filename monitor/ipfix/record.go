package ipfix

import (
	"encoding/binary"
	"net"
	"net/netip"
	"time"
)

// Direction is which way a sampled packet went, as the switch sees it.
type Direction uint8

// The directions (RFC 5102, flowDirection).
const (
	Ingress Direction = iota // from a port into the switch
	Egress                   // out of the switch by a port
)

// String returns "rx" or "tx".
func (d Direction) String() string {
	if d == Egress {
		return "tx"
	}
	return "rx"
}

// MAC is an Ethernet address.
type MAC [6]byte

// String returns it as "52:54:00:00:00:01".
func (m MAC) String() string { return net.HardwareAddr(m[:]).String() }

// Interface is a port as a record names it.
type Interface struct {
	Index uint32 // of the kernel; a hash for DPDK's ports, 0 where OVS knows none
	Name  string // Interface.name; "" where OVS knows none
}

// Tunnel is the outer header of a packet that came by a tunnel or goes into one.
type Tunnel struct {
	Type                uint8 // 1 VXLAN, 2 GRE, 3 LISP, 7 Geneve; 0 = no tunnel
	Source, Destination netip.Addr
	Port                uint16 // UDP destination
	Key                 uint64 // VNI
}

// Record is what a data record says. What its template lacks is zero.
type Record struct {
	Exporter netip.AddrPort // whom the datagram came from
	Domain   uint32         // obs_domain_id
	Template uint16
	// BuiltIn tells that the record was read by a built-in template: the exporter's own
	// was not heard yet.
	BuiltIn  bool
	Options  bool      // the record is about the exporter, and no flow
	Exported time.Time // whole seconds

	Point     uint32 // obs_point_id
	VirtualID string
	Direction Direction
	In, Out   Interface // Out is of Egress records

	SourceMAC, DestinationMAC MAC
	EtherType                 uint16
	VLAN                      uint16 // 0 = none
	IPVersion                 uint8  // 4, 6, or 0
	Protocol                  uint8  // IP's
	Class                     uint8  // DSCP and ECN
	Source, Destination       netip.Addr
	SourcePort                uint16
	DestinationPort           uint16
	ICMPType, ICMPCode        uint8
	Tunnel                    Tunnel

	// Start and End are how long before Exported the flow's first and last packets were.
	Start, End time.Duration
	EndReason  uint8 // 1 idle, 2 active timeout, 3 end of flow, 4 forced, 5 cache full
	// The counts are OVS's own estimate: sampled packets times the sampling. Dropped are
	// of Packets.
	Packets, Dropped uint64
	Layer2Octets     uint64 // from the Ethernet header on
	Octets           uint64 // from the IP header on; 0 of other packets

	// Process and NotSent are of Options records: which exporter, and how many datagrams
	// it could not send.
	Process uint32
	NotSent uint64
}

// size returns how many bytes a record takes at the start of b; false where b ends first.
func (t *template) size(b []byte) (int, bool) {
	if t.fixed {
		return t.least, t.least <= len(b)
	}
	at := 0
	for _, s := range t.steps {
		n := s.length
		if n < 0 {
			var head int
			if n, head = lengthAt(b, at); head == 0 {
				return 0, false
			}
			at += head
		}
		if at += n; at > len(b) {
			return 0, false
		}
	}
	return at, true
}

// lengthAt reads a variable length (RFC 7011, section 7) and how many bytes it is
// written in; 0 = it is cut off.
func lengthAt(b []byte, at int) (n, head int) {
	switch {
	case at >= len(b):
		return 0, 0
	case b[at] < longLength:
		return int(b[at]), 1
	case at+3 > len(b):
		return 0, 0
	}
	return int(binary.BigEndian.Uint16(b[at+1:])), 3
}

// read fills r from a record whose size was measured.
func (t *template) read(b []byte, names *names, r *Record) {
	at := 0
	for _, s := range t.steps {
		n := s.length
		if n < 0 {
			var head int
			n, head = lengthAt(b, at)
			at += head
			if s.kind != text && s.take != takeTunnelKey && (n > 65534 || !s.kind.fits(uint16(n))) {
				at += n
				continue
			}
		}
		if s.take != skip {
			r.take(s, b[at:at+n], names)
		}
		at += n
	}
	r.Options = t.scope > 0
}

// take stores one value. Its length is one that its kind can have.
func (r *Record) take(s step, b []byte, names *names) {
	switch s.kind {
	case number:
		r.takeNumber(s.take, unsigned(b))
	case address4, address6:
		r.takeAddress(s.take, b)
	case mac:
		if s.take == takeSourceMAC {
			copy(r.SourceMAC[:], b)
		} else {
			copy(r.DestinationMAC[:], b)
		}
	case text:
		r.takeText(s.take, names.of(b))
	}
}

func (r *Record) takeText(take action, s string) {
	switch take {
	case takeIngressName:
		r.In.Name = s
	case takeEgressName:
		r.Out.Name = s
	default:
		r.VirtualID = s
	}
}

func (r *Record) takeAddress(take action, b []byte) {
	a, _ := netip.AddrFromSlice(b)
	switch take {
	case takeSource4, takeSource6:
		r.Source = a
	case takeDestination4, takeDestination6:
		r.Destination = a
	case takeTunnelSource:
		r.Tunnel.Source = a
	default:
		r.Tunnel.Destination = a
	}
}

// takeNumber stores a number. Two elements mean what the switch counts as one: of the
// ICMP types and codes a record has one pair.
func (r *Record) takeNumber(take action, n uint64) {
	switch take {
	case takeOctets:
		r.Octets = n
	case takePackets:
		r.Packets = n
	case takeProtocol:
		r.Protocol = uint8(n)
	case takeClass:
		r.Class = uint8(n)
	case takeSourcePort:
		r.SourcePort = uint16(n)
	case takeDestinationPort:
		r.DestinationPort = uint16(n)
	case takeIngress:
		r.In.Index = uint32(n)
	case takeEgress:
		r.Out.Index = uint32(n)
	case takeVLAN:
		r.VLAN = uint16(n)
	case takeIPVersion:
		r.IPVersion = uint8(n)
	case takeDirection:
		r.Direction = Direction(n)
	case takeDropped:
		r.Dropped = n
	case takeEndReason:
		r.EndReason = uint8(n)
	case takePoint:
		r.Point = uint32(n)
	default:
		r.takeRest(take, n)
	}
}

func (r *Record) takeRest(take action, n uint64) {
	switch take {
	case takeExporter:
		r.Process = uint32(n)
	case takeNotSent:
		r.NotSent = n
	case takeStart:
		r.Start = microseconds(n)
	case takeEnd:
		r.End = microseconds(n)
	case takeICMPType:
		r.ICMPType = uint8(n)
	case takeICMPCode:
		r.ICMPCode = uint8(n)
	case takeEtherType:
		r.EtherType = uint16(n)
	case takeLayer2Octets:
		r.Layer2Octets = n
	case takeTunnelType:
		r.Tunnel.Type = uint8(n)
	case takeTunnelKey:
		r.Tunnel.Key = n
	case takeTunnelTargetPort:
		r.Tunnel.Port = uint16(n)
	default: // no number
	}
}

func microseconds(n uint64) time.Duration { return time.Duration(uint32(n)) * time.Microsecond }

// unsigned reads a big-endian number of at most 8 bytes.
func unsigned(b []byte) uint64 {
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}

// names keeps the texts that records bring, so that one more record with a name known
// already allocates nothing. A flood of names is forgotten at once; a text too long for OVS to have written is none.
type names struct{ known map[string]string }

func (n *names) of(b []byte) string {
	if len(b) == 0 || len(b) > maxText {
		return ""
	}
	if s, ok := n.known[string(b)]; ok {
		return s
	}
	if n.known == nil || len(n.known) >= maxNames {
		n.known = map[string]string{}
	}
	s := string(b)
	n.known[s] = s
	return s
}
