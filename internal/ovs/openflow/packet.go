package openflow

import (
	"encoding/binary"
	"fmt"
)

// PacketOut sends a packet through actions, as if it had come by a port.
type PacketOut struct {
	// Match tells in_port and what else of the metadata the packet has:
	// registers, metadata, tunnel fields. Without InPort it is PortController.
	Match   Match
	Actions Actions
	Packet  []byte
}

// AppendTo appends the message: struct ofp_packet_out of OpenFlow 1.5.1 section 7.3.6.
func (p *PacketOut) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	b = appendHeader(b, typePacketOut, xid)
	b = append(b, 0xff, 0xff, 0xff, 0xff) // no buffer
	b = append(u16(b, uint16(len(p.Actions))), 0, 0)
	m := p.Match
	if _, ok := m.Get(FieldInPort); !ok {
		m = m.With(InPort(PortController))
	}
	b = appendMatch(b, m)
	b = append(b, p.Actions...)
	return endMessage(append(b, p.Packet...), start)
}

// PacketIn is a packet for the controller. Its slices refer to the message.
type PacketIn struct {
	Packet []byte
	// FullLen is the length the packet had before the action cut it, in bytes.
	FullLen int
	Table   uint8
	Cookie  uint64
	Reason  Reason
	// Match is the packet's metadata: in_port, registers, tunnel fields.
	Match    Match
	Userdata []byte
	// Continuation is what Resume needs to go on; empty unless the action paused.
	Continuation []byte
}

// Properties of NXT_PACKET_IN2 (include/openflow/nicira-ext.h, enum nx_packet_in2_prop_type).
const (
	pinPacket       = 0
	pinFullLen      = 1
	pinTable        = 3
	pinCookie       = 4
	pinReason       = 5
	pinMetadata     = 6
	pinUserdata     = 7
	pinContinuation = 8
)

// IsPacketIn reports whether a whole message is a packet-in, of either form.
func IsPacketIn(m []byte) bool {
	_, ok := niciraBody(m, nxPacketIn2)
	return ok || len(m) > 1 && Type(m[1]) == TypePacketIn
}

// ParsePacketIn reads a packet-in of either form. The error matches ErrFormat.
func ParsePacketIn(m []byte) (PacketIn, error) {
	b, ok := niciraBody(m, nxPacketIn2)
	if !ok {
		return parseStandardPacketIn(m)
	}
	var p PacketIn
	eachProperty(b, func(kind uint16, prop []byte) {
		v := prop[4:]
		switch {
		case kind == pinPacket:
			p.Packet = v
		case kind == pinFullLen && len(v) == 4:
			p.FullLen = int(binary.BigEndian.Uint32(v))
		case kind == pinTable && len(v) >= 1:
			p.Table = v[0]
		case kind == pinCookie && len(v) == 12: // 4 bytes of padding first
			p.Cookie = binary.BigEndian.Uint64(v[4:])
		case kind == pinReason && len(v) >= 1:
			p.Reason = Reason(v[0])
		case kind == pinMetadata:
			p.Match = decodeMatch(v)
		case kind == pinUserdata:
			p.Userdata = v
		case kind == pinContinuation:
			p.Continuation = v
		}
	})
	p.FullLen = max(p.FullLen, len(p.Packet))
	return p, nil
}

// parseStandardPacketIn reads struct ofp_packet_in of section 7.4.1.
func parseStandardPacketIn(m []byte) (PacketIn, error) {
	const fixed = headerLen + 16
	if len(m) < fixed || Type(m[1]) != TypePacketIn {
		return PacketIn{}, short("packet-in", m)
	}
	match, rest, ok := cutMatch(m[fixed:])
	if !ok || len(rest) < 2 {
		return PacketIn{}, short("packet-in", m)
	}
	return PacketIn{
		FullLen: int(binary.BigEndian.Uint16(m[12:])), Reason: Reason(m[14]), Table: m[15],
		Cookie: binary.BigEndian.Uint64(m[16:]), Match: decodeMatch(match), Packet: rest[2:],
	}, nil
}

// AppendResume appends the order to go on with a packet that an action paused
// (NXT_RESUME). Packet and Match may have been changed; Continuation may not.
func AppendResume(b []byte, xid uint32, p *PacketIn) []byte {
	start := len(b)
	b = u32(u32(appendHeader(b, TypeExperimenter, xid), niciraVendor), nxResume)
	add := func(kind uint16, v []byte) { b = pad8(append(property(b, kind, 4+len(v)), v...), 4+len(v)) }
	add(pinPacket, p.Packet)
	add(pinMetadata, []byte(p.Match))
	add(pinContinuation, p.Continuation)
	return endMessage(b, start)
}

func short(what string, m []byte) error {
	return fmt.Errorf("%w: a %s of %d bytes", ErrFormat, what, len(m))
}

// FlowRemoved tells that a flow with FlowSendRemoved went.
type FlowRemoved struct {
	// FlowEntry lacks Do, Flags and Importance, and IdleSeconds.
	FlowEntry
	Reason RemovedReason
}

// ParseFlowRemoved reads a message of TypeFlowRemoved: struct ofp_flow_removed of
// OpenFlow 1.5.1 section 7.4.2. The error matches ErrFormat.
func ParseFlowRemoved(m []byte) (FlowRemoved, error) {
	const fixed = headerLen + 16
	if len(m) < fixed || Type(m[1]) != TypeFlowRemoved {
		return FlowRemoved{}, short("flow-removed", m)
	}
	match, rest, ok := cutMatch(m[fixed:])
	if !ok {
		return FlowRemoved{}, short("flow-removed", m)
	}
	stats, _, ok := cutMatch(rest)
	if !ok {
		return FlowRemoved{}, short("flow-removed", m)
	}
	r := FlowRemoved{Reason: RemovedReason(m[9])}
	r.Flow = Flow{
		Table: m[8], Priority: binary.BigEndian.Uint16(m[10:]), IdleTimeout: binary.BigEndian.Uint16(m[12:]),
		HardTimeout: binary.BigEndian.Uint16(m[14:]), Cookie: binary.BigEndian.Uint64(m[16:]), Match: decodeMatch(match),
	}
	r.decodeStats(stats)
	return r, nil
}

// Async is which messages a connection gets without asking.
type Async struct {
	// PacketIns and Removed list the reasons for which to get one.
	PacketIns []Reason
	Removed   []RemovedReason
	// Ports is whether to get changes of ports.
	Ports bool
}

// AppendAsync appends the choice of messages, for every role of the connection
// (OpenFlow 1.5.1 section 7.3.10).
func AppendAsync(b []byte, xid uint32, a Async) []byte {
	var packets, removed, ports uint32
	for _, r := range a.PacketIns {
		packets |= 1 << r
	}
	for _, r := range a.Removed {
		removed |= 1 << r
	}
	if a.Ports {
		ports = 7
	}
	start := len(b)
	b = appendHeader(b, typeSetAsync, xid)
	for i, mask := range []uint32{packets, packets, ports, ports, removed, removed} {
		b = u32(property(b, uint16(i), 8), mask)
	}
	return endMessage(b, start)
}

// AppendCTFlushZone appends the order to forget all connections of a zone
// (include/openflow/nicira-ext.h, struct nx_zone_id).
func AppendCTFlushZone(b []byte, xid uint32, zone uint16) []byte {
	start := len(b)
	b = u32(u32(appendHeader(b, TypeExperimenter, xid), niciraVendor), nxCTFlushZone)
	return endMessage(u16(append(b, 0, 0, 0, 0, 0, 0), zone), start)
}
