package openflow

import "encoding/binary"

// Learn adds a flow made from the packet.
type Learn struct {
	Table       uint8
	Priority    uint16
	Cookie      uint64
	IdleTimeout uint16 // seconds; 0 means for ever
	HardTimeout uint16 // seconds; 0 means for ever
	// FlowRemoved tells the controllers when the flow goes.
	FlowRemoved bool
	// DeleteLearned deletes what was learned together with this flow.
	DeleteLearned bool
	Specs         []LearnSpec
}

// LearnSpec is one part of the flow to be learned: what it is to match, or do.
type LearnSpec struct {
	Kind LearnKind
	// From is where the value is read, unless it is nil: then it is Value, an
	// integer of To.Bits bits, the most significant byte first, in whole bytes.
	From  *Subfield
	Value string
	// To is what is to match the value or to be set to it. LearnOutput has none.
	To Subfield
}

// LearnKind is what a LearnSpec makes of its value.
type LearnKind uint8

// Kinds of LearnSpec.
const (
	LearnMatch LearnKind = iota
	LearnLoad
	LearnOutput
)

// Bits of a spec's header (include/openvswitch/ofp-actions.h, NX_LEARN_*).
const (
	learnBits      = 0x3ff
	learnKind      = 11
	learnImmediate = 1 << 13
)

func (a Learn) appendTo(b []byte) []byte {
	start := len(b)
	b = u16(u16(nicira(b, nxLearn), a.IdleTimeout), a.HardTimeout)
	b = u64(u16(b, a.Priority), a.Cookie)
	var flags uint16
	if a.FlowRemoved {
		flags |= 1
	}
	if a.DeleteLearned {
		flags |= 2
	}
	b = append(u16(b, flags), a.Table, 0, 0, 0, 0, 0)
	for _, s := range a.Specs {
		b = s.appendTo(b)
	}
	return finish(b, start)
}

func (s LearnSpec) appendTo(b []byte) []byte {
	head := uint16(s.Kind) << learnKind
	switch {
	case s.From == nil:
		b = u16(b, head|learnImmediate|s.To.Bits)
		if len(s.Value)%2 != 0 {
			b = append(b, 0)
		}
		b = append(b, s.Value...)
	default:
		b = u16(b, head|s.From.Bits)
		b = u16(u32(b, s.From.nxm()), s.From.Offset)
	}
	if s.Kind != LearnOutput {
		b = u16(u32(b, s.To.nxm()), s.To.Offset)
	}
	return b
}

// cutLearnSpec takes one spec off b; the padding at the end is none.
func cutLearnSpec(b []byte) (s LearnSpec, rest []byte, ok bool) {
	if len(b) < 2 {
		return s, nil, false
	}
	head := binary.BigEndian.Uint16(b)
	bits := head & learnBits
	s.Kind = LearnKind(head >> learnKind & 3)
	if head == 0 || bits == 0 || s.Kind > LearnOutput {
		return s, nil, false
	}
	b = b[2:]
	if head&learnImmediate != 0 {
		size := 2 * ((int(bits) + 15) / 16)
		if len(b) < size {
			return s, nil, false
		}
		s.Value = string(b[size-(int(bits)+7)/8 : size])
		b = b[size:]
	} else {
		from, rest, ok := cutSubfield(b, bits)
		if !ok {
			return s, nil, false
		}
		s.From, b = &from, rest
	}
	if s.Kind == LearnOutput {
		return s, b, true
	}
	s.To, b, ok = cutSubfield(b, bits)
	return s, b, ok
}

// cutSubfield takes a header and an offset off b.
func cutSubfield(b []byte, bits uint16) (s Subfield, rest []byte, ok bool) {
	if len(b) < 6 {
		return s, nil, false
	}
	s, ok = subfieldOf(binary.BigEndian.Uint32(b), binary.BigEndian.Uint16(b[4:]), bits)
	return s, b[6:], ok
}

// subfieldOf is the bits of the field of a header.
func subfieldOf(h uint32, offset, bits uint16) (Subfield, bool) {
	f, ok := fieldByHeader[h>>9]
	s := Subfield{Field: f, Offset: offset, Bits: bits}
	if f >= FieldTunMetadata0 {
		s.Size = uint8(h)
	}
	return s, ok
}

// subfieldOfRange is the bits of the field of a header, coded as range16 does.
func subfieldOfRange(h uint32, r uint16) (Subfield, bool) { return subfieldOf(h, r>>6, r&0x3f+1) }
