package openflow

import "encoding/binary"

// Flow is one rule of a table. It can be compared: a flow read back from the
// switch equals the one that was written.
type Flow struct {
	Table    uint8
	Priority uint16
	Match    Match
	Do       Instructions
	Cookie   uint64
	// IdleTimeout and HardTimeout are seconds without packets and in all, after
	// which the switch deletes the flow; 0 means never.
	IdleTimeout, HardTimeout uint16
	Flags                    FlowFlags
	// Importance is what goes first where a table is full: less does.
	Importance uint16
}

// Key is what tells flows of a switch apart.
type Key struct {
	Table    uint8
	Priority uint16
	Match    Match
}

// Key is the flow's key.
func (f *Flow) Key() Key { return Key{f.Table, f.Priority, f.Match} }

// DefaultPriority is the one ovs-ofctl leaves out (OFP_DEFAULT_PRIORITY).
const DefaultPriority = 0x8000

// FlowFlags are flags of a flow (OpenFlow 1.5.1 section 7.3.4.3; OFPFF_*).
type FlowFlags uint16

// Flags of flows.
const (
	// FlowSendRemoved tells the controllers when the flow goes.
	FlowSendRemoved FlowFlags = 1 << iota
	// FlowCheckOverlap refuses the flow where one of the same priority could
	// match the same packet. The switch does not keep it.
	FlowCheckOverlap
	// FlowResetCounts sets the counters of the replaced flow to 0. The switch
	// does not keep it.
	FlowResetCounts
	// FlowNoPacketCounts and FlowNoByteCounts allow not to count.
	FlowNoPacketCounts
	FlowNoByteCounts
)

// Command is what a FlowMod does.
type Command uint8

// Commands of FlowMod (OFPFC_*).
const (
	// FlowAdd adds the flow, or replaces the one with its key as a whole but
	// for the counters.
	FlowAdd Command = iota
	// FlowModify changes what all flows do that the match comprises.
	FlowModify
	// FlowModifyStrict changes what the flow with the key does, and no more.
	FlowModifyStrict
	// FlowDelete deletes all flows that the match comprises.
	FlowDelete
	// FlowDeleteStrict deletes the flow with the key. That there is none is no error.
	FlowDeleteStrict
)

// AllTables is every table, in a FlowDelete and in requests.
const AllTables = 0xff

// FlowMod is a change of flows.
type FlowMod struct {
	Command Command
	Flow    Flow
	// CookieMask restricts all but FlowAdd to flows with those bits of Flow.Cookie.
	CookieMask uint64
}

// Message is something to send in a bundle or on its own.
type Message interface {
	// AppendTo appends the message, with the given transaction id.
	AppendTo(b []byte, xid uint32) []byte
}

// Lengths of fixed parts.
const (
	headerLen  = 8
	flowModLen = headerLen + 40
)

// AppendTo appends the message: struct ofp_flow_mod of OpenFlow 1.5.1 section 7.3.4.3.
func (m *FlowMod) AppendTo(b []byte, xid uint32) []byte {
	f := &m.Flow
	start := len(b)
	b = appendHeader(b, typeFlowMod, xid)
	b = u64(u64(b, f.Cookie), m.CookieMask)
	b = append(b, f.Table, byte(m.Command))
	b = u16(u16(u16(b, f.IdleTimeout), f.HardTimeout), f.Priority)
	// No buffered packet; no restriction to an output port or group.
	b = append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	b = u16(u16(b, uint16(f.Flags)), f.Importance)
	b = appendMatch(b, f.Match)
	b = append(b, f.Do...)
	return endMessage(b, start)
}

// Size is the length of the message in bytes. Above MaxMessage it cannot be sent.
func (m *FlowMod) Size() int { return flowModLen + align8(4+len(m.Flow.Match)) + len(m.Flow.Do) }

// FlowEntry is a flow with what the switch tells of it.
type FlowEntry struct {
	Flow
	// Seconds and Nanoseconds are the flow's age.
	Seconds, Nanoseconds uint32
	// IdleSeconds is how long no packet met it.
	IdleSeconds    uint32
	Packets, Bytes uint64
}

// decodeFlowEntry reads a struct ofp_flow_desc (section 7.3.5.2).
func decodeFlowEntry(b []byte) (e FlowEntry, ok bool) {
	if len(b) < 24 {
		return e, false
	}
	e.Flow = Flow{
		Table: b[4], Priority: binary.BigEndian.Uint16(b[6:]),
		IdleTimeout: binary.BigEndian.Uint16(b[8:]), HardTimeout: binary.BigEndian.Uint16(b[10:]),
		Flags: FlowFlags(binary.BigEndian.Uint16(b[12:])), Importance: binary.BigEndian.Uint16(b[14:]),
		Cookie: binary.BigEndian.Uint64(b[16:]),
	}
	m, rest, ok := cutMatch(b[24:])
	if !ok {
		return e, false
	}
	stats, rest, ok := cutMatch(rest) // struct ofp_stats has the same form
	if !ok {
		return e, false
	}
	e.Match, e.Do = decodeMatch(m), Instructions(rest)
	e.decodeStats(stats)
	return e, true
}

// Statistics of a flow (section 7.2.4.2; OFPXST_OFB_*).
const (
	statDuration = 0
	statIdle     = 1
	statPackets  = 4
	statBytes    = 5
)

// decodeStats reads the OXS list of struct ofp_stats.
func (e *FlowEntry) decodeStats(b []byte) {
	for len(b) >= 4 {
		h := binary.BigEndian.Uint32(b)
		size := int(h & 0xff)
		if b = b[4:]; size > len(b) {
			return
		}
		if h>>16 == 0x8002 && size == 8 {
			high, v := binary.BigEndian.Uint32(b), binary.BigEndian.Uint64(b)
			switch h >> 9 & 0x7f {
			case statDuration:
				e.Seconds, e.Nanoseconds = high, uint32(v)
			case statIdle:
				e.IdleSeconds = high
			case statPackets:
				e.Packets = v
			case statBytes:
				e.Bytes = v
			}
		}
		b = b[size:]
	}
}
