package ipfix

import (
	"encoding/binary"
	"net/netip"
	"time"
)

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
