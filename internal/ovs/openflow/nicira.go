package openflow

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
	nxController     = 20
	nxSample         = 29
	nxConjunction    = 34
	nxCT             = 35
	nxNAT            = 36
	nxController2    = 37
	nxSample2        = 38
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
