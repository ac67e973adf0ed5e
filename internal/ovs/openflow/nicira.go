package openflow

import (
	"encoding/binary"
	"net/netip"
)

// Subtypes of Nicira's actions (lib/ofp-actions.c, enum ofp_raw_action_type, the
// same from OVS 2.17 to 4.0 for those below).
const (
	niciraVendor = 0x00002320

	nxNote           = 8
	nxBundle         = 12
	nxBundleLoad     = 13
	nxResubmitTable  = 14
	nxOutputReg      = 15
	nxLearn          = 16
	nxExit           = 17
	nxDecTTLIDs      = 18
	nxController     = 20
	nxSample         = 29
	nxConjunction    = 34
	nxCT             = 35
	nxNAT            = 36
	nxController2    = 37
	nxSample2        = 38
	nxOutputTrunc    = 39
	nxSample3        = 41
	nxClone          = 42
	nxCTClear        = 43
	nxResubmitCT     = 44
	nxCheckPktLarger = 49
)

// nicira appends the header of one of Nicira's actions.
func nicira(b []byte, subtype uint16) []byte {
	return u16(u32(begin(b, typeExperimenter), niciraVendor), subtype)
}

// Resubmit looks the packet up again, in another table or as if it had come by
// another port, and goes on with the next action afterwards.
type Resubmit struct {
	Table uint8
	// Port is what in_port is during the lookup; 0 leaves it as it is.
	Port Port
	// CT looks up with the addresses and ports of the connection's first packet.
	CT bool
}

func (a Resubmit) appendTo(b []byte) []byte {
	start := len(b)
	kind, port := uint16(nxResubmitTable), a.Port
	if a.CT {
		kind = nxResubmitCT
	}
	if port == 0 {
		port = PortInPort
	}
	b = u16(nicira(b, kind), port.short())
	return finish(append(b, a.Table, 0, 0, 0), start)
}

// Controller sends the packet to the controllers.
type Controller struct {
	// MaxLen is how much of the packet to send, in bytes; 0 means all. OVS 3.1
	// sends all in any case.
	MaxLen uint16
	// ID is the controller to send it to; 0 is every connection's own.
	ID uint16
	// Reason is what the packet-in tells; 0 means ReasonAction.
	Reason Reason
	// Userdata comes with the packet-in of format 2, as it is.
	Userdata string
	// Pause sends what is needed to go on with the packet from here (Resume),
	// and ends its way otherwise.
	Pause bool
	// Meter is the id of a meter for such packets; 0 means the virtual one.
	Meter uint32
}

// Properties of NXAST_CONTROLLER2 (lib/ofp-actions.c, enum nx_action_controller2_prop_type).
const (
	ctlMaxLen   = 0
	ctlID       = 1
	ctlReason   = 2
	ctlUserdata = 3
	ctlPause    = 4
	ctlMeter    = 5
)

func (a Controller) appendTo(b []byte) []byte {
	start := len(b)
	maxLen, reason := a.MaxLen, a.Reason
	if maxLen == 0 {
		maxLen = 0xffff
	}
	if reason == 0 {
		reason = ReasonAction
	}
	if a.Userdata == "" && !a.Pause && a.Meter == 0 {
		b = u16(u16(nicira(b, nxController), maxLen), a.ID)
		return finish(append(b, byte(reason), 0), start)
	}
	b = append(nicira(b, nxController2), 0, 0, 0, 0, 0, 0)
	if maxLen != 0xffff {
		b = append(u16(property(b, ctlMaxLen, 8), maxLen), 0, 0)
	}
	if a.ID != 0 {
		b = append(u16(property(b, ctlID, 8), a.ID), 0, 0)
	}
	if reason != ReasonAction {
		b = pad8(append(property(b, ctlReason, 5), byte(reason)), 5)
	}
	if a.Userdata != "" {
		size := 4 + len(a.Userdata)
		b = pad8(append(property(b, ctlUserdata, size), a.Userdata...), size)
	}
	if a.Pause {
		b = pad8(property(b, ctlPause, 4), 4)
	}
	if a.Meter != 0 {
		b = u32(property(b, ctlMeter, 8), a.Meter)
	}
	return finish(b, start)
}

// property appends the header of a property of size bytes (OpenFlow 1.5.1 section 7.2.12).
func property(b []byte, kind uint16, size int) []byte { return u16(u16(b, kind), uint16(size)) }

// CT sends the packet through connection tracking.
type CT struct {
	Commit bool
	// Force, with Commit, replaces a connection whose first packet went the other way.
	Force bool
	// Table is where the packet goes on, with ct_state, beside the actions that
	// follow here. Without Recirculate it goes on here only, without ct_state.
	Table       uint8
	Recirculate bool
	// Zone is the zone, unless ZoneField is set.
	Zone uint16
	// ZoneField is where the zone is read; nil means Zone.
	ZoneField *Subfield
	// ALG is the port of a helper, 21 for FTP and 69 for TFTP; 0 means none.
	ALG uint16
	// NAT is address translation; nil means none.
	NAT *NAT
	// Exec sets ct_mark and ct_label of the connection. It needs Commit.
	Exec []Action
}

const noTable = 0xff

func (a CT) appendTo(b []byte) []byte {
	start := len(b)
	var flags uint16
	if a.Commit {
		flags |= 1
	}
	if a.Force {
		flags |= 2
	}
	b = u16(nicira(b, nxCT), flags)
	if a.ZoneField != nil {
		b = u16(u32(b, a.ZoneField.nxm()), a.ZoneField.range16())
	} else {
		b = u16(u32(b, 0), a.Zone)
	}
	table := a.Table
	if !a.Recirculate {
		table = noTable
	}
	b = u16(append(b, table, 0, 0, 0), a.ALG)
	if a.NAT != nil {
		b = a.NAT.appendTo(b)
	}
	for _, e := range a.Exec {
		b = e.appendTo(b)
	}
	return finish(b, start)
}

// NAT is address translation inside CT. The zero value translates as the
// connection was when it was committed. It has to be in a CT with the matching
// Commit, where it has a range.
type NAT struct {
	// Src and Dst say which end a new connection's range is for; not both.
	Src, Dst bool
	// First and Last are the range of addresses. The zero Last means First
	// alone, the zero First means the address stays.
	First, Last netip.Addr
	// FirstPort and LastPort are the range of ports; 0 as with addresses.
	FirstPort, LastPort uint16
	// Persistent keeps a client's address over its connections; Hash and Random
	// choose ports so; not both.
	Persistent, Hash, Random bool
}

func (a NAT) appendTo(b []byte) []byte {
	start := len(b)
	var flags, ranges uint16
	for i, set := range []bool{a.Src, a.Dst, a.Persistent, a.Hash, a.Random} {
		if set {
			flags |= 1 << i
		}
	}
	b = u16(append(nicira(b, nxNAT), 0, 0), flags)
	at := len(b)
	b = u16(b, 0)
	addr := func(a netip.Addr, v4, v6 uint16) {
		if a.Is4() {
			ranges |= v4
		} else if a.IsValid() {
			ranges |= v6
		}
		b = append(b, a.AsSlice()...)
	}
	addr(a.First, 1, 4)
	addr(a.Last, 2, 8)
	if a.FirstPort != 0 {
		ranges |= 16
		b = u16(b, a.FirstPort)
	}
	if a.LastPort != 0 {
		ranges |= 32
		b = u16(b, a.LastPort)
	}
	binary.BigEndian.PutUint16(b[at:], ranges)
	return finish(b, start)
}

// CTClear makes the packet one that was not tracked.
type CTClear struct{}

func (CTClear) appendTo(b []byte) []byte { return plain(b, nxCTClear) }

// Exit ends the packet's way through the tables, this one's and those that resubmitted.
type Exit struct{}

func (Exit) appendTo(b []byte) []byte { return plain(b, nxExit) }

func plain(b []byte, subtype uint16) []byte {
	start := len(b)
	return finish(append(nicira(b, subtype), 0, 0, 0, 0, 0, 0), start)
}

// CheckPktLarger sets a bit to whether the packet is longer than Len bytes, from
// the Ethernet header on.
type CheckPktLarger struct {
	Len uint16
	// To is one bit.
	To Subfield
}

func (a CheckPktLarger) appendTo(b []byte) []byte {
	start := len(b)
	b = u16(u16(nicira(b, nxCheckPktLarger), a.Len), a.To.Offset)
	return finish(append(u32(b, a.To.nxm()), 0, 0, 0, 0, 0, 0), start)
}

// Clone does things to a copy of the packet.
type Clone struct{ Actions []Action }

func (a Clone) appendTo(b []byte) []byte {
	start := len(b)
	b = append(nicira(b, nxClone), 0, 0, 0, 0, 0, 0)
	for _, e := range a.Actions {
		b = e.appendTo(b)
	}
	return finish(b, start)
}

// Note does nothing: it holds bytes for who reads the flow. They are 6 modulo 8;
// what lacks is filled with zeros.
type Note struct{ Text string }

func (a Note) appendTo(b []byte) []byte {
	start := len(b)
	b = append(nicira(b, nxNote), a.Text...)
	return finish(b, start)
}

// Conjunction makes a flow one of the dimensions of a conjunctive match.
type Conjunction struct {
	ID uint32
	// Clause is which, from 1, of how many, 2 to 64.
	Clause, Clauses uint8
}

func (a Conjunction) appendTo(b []byte) []byte {
	start := len(b)
	return finish(u32(append(nicira(b, nxConjunction), a.Clause-1, a.Clauses), a.ID), start)
}

// Direction is which way a sampled packet goes.
type Direction uint8

// Directions of samples.
const (
	DirectionAny Direction = iota
	DirectionIngress
	DirectionEgress
)

// Sample sends some packets to the IPFIX collectors of a set.
type Sample struct {
	// Probability is of 65535: how many packets are taken.
	Probability  uint16
	CollectorSet uint32
	// Domain and Point tell the collector where the packet was seen.
	Domain, Point uint32
	// Port is the port the packet is counted for; 0 means none.
	Port      Port
	Direction Direction
}

func (a Sample) appendTo(b []byte) []byte {
	start := len(b)
	kind, port := uint16(nxSample3), a.Port
	switch {
	case a.Direction == DirectionAny && port == 0:
		kind = nxSample
	case a.Direction == DirectionAny:
		kind = nxSample2
	}
	b = u32(u16(nicira(b, kind), a.Probability), a.CollectorSet)
	b = u32(u32(b, a.Domain), a.Point)
	if kind == nxSample {
		return finish(b, start)
	}
	if port == 0 {
		port = PortNone
	}
	return finish(append(u16(b, port.short()), byte(a.Direction), 0, 0, 0, 0, 0), start)
}
