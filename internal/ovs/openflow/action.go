package openflow

import "encoding/binary"

// Action is one thing a flow, a bucket or a packet-out does to a packet, or one
// of the instructions Goto, WriteMetadata, WriteActions and ClearActions, which
// only flows can have.
type Action interface {
	// appendTo appends the action as OVS writes it in a dump.
	appendTo(b []byte) []byte
}

// Subfield is a range of bits of a field, counted from the lowest.
type Subfield struct {
	Field  Field
	Offset uint16
	Bits   uint16
	// Size is the length in bytes of a tunnel option, as the TLV map has it;
	// for other fields it is 0.
	Size uint8
}

// Whole is all bits of a field other than a tunnel option.
func Whole(f Field) Subfield { return Subfield{Field: f, Bits: uint16(fields[f].bits)} }

// Bits is n bits of a field other than a tunnel option, from the bit of offset up.
func Bits(f Field, offset, n uint16) Subfield { return Subfield{Field: f, Offset: offset, Bits: n} }

// TunMetadataBits is bits of option n of the switch's TLV map, of size bytes.
func TunMetadataBits(n int, size uint8, offset, bits uint16) Subfield {
	return Subfield{Field: FieldTunMetadata0 + Field(n), Offset: offset, Bits: bits, Size: size}
}

func (s Subfield) oxm() uint32 { return s.sized(fields[s.Field].oxm) }
func (s Subfield) nxm() uint32 { return s.sized(fields[s.Field].nxm) }

func (s Subfield) sized(h uint32) uint32 {
	if s.Size != 0 {
		return h&^0xff | uint32(s.Size)
	}
	return h
}

// whole reports whether s is all of its field.
func (s Subfield) whole() bool {
	bits := uint16(fields[s.Field].bits)
	if s.Size != 0 {
		bits = 8 * uint16(s.Size)
	}
	return s.Offset == 0 && s.Bits == bits
}

// range16 is offset and length as Nicira actions code them (nxm_encode_ofs_nbits).
func (s Subfield) range16() uint16 { return s.Offset<<6 | (s.Bits - 1) }

// Types of standard actions (OpenFlow 1.5.1 section 7.2.6; OFPAT_*).
const (
	typeOutput       = 0
	typePushVLAN     = 17
	typePopVLAN      = 18
	typeSetQueue     = 21
	typeGroup        = 22
	typeDecTTL       = 24
	typeSetField     = 25
	typeCopyField    = 28
	typeMeter        = 29
	typeExperimenter = 0xffff
)

// begin appends an action's type and room for its length.
func begin(b []byte, kind uint16) []byte {
	b = binary.BigEndian.AppendUint16(b, kind)
	return append(b, 0, 0)
}

// finish pads the action or instruction that begins at start and sets its length.
func finish(b []byte, start int) []byte {
	b = pad8(b, len(b)-start)
	binary.BigEndian.PutUint16(b[start+2:], uint16(len(b)-start))
	return b
}

func u16(b []byte, v uint16) []byte { return binary.BigEndian.AppendUint16(b, v) }
func u32(b []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(b, v) }
func u64(b []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(b, v) }

// Output sends the packet to a port. Use Controller for the controller.
type Output struct {
	Port Port
	// MaxLen is how much of the packet goes to PortController, in bytes. OVS
	// keeps it for other ports too, where it means nothing: leave it 0.
	MaxLen uint16
}

func (a Output) appendTo(b []byte) []byte {
	start := len(b)
	b = u32(begin(b, typeOutput), uint32(a.Port))
	return finish(u16(b, a.MaxLen), start)
}

// OutputField sends the packet to the port whose number a field holds.
type OutputField struct{ Source Subfield }

func (a OutputField) appendTo(b []byte) []byte {
	start := len(b)
	b = u16(nicira(b, nxOutputReg), a.Source.range16())
	b = u32(b, a.Source.nxm())
	return finish(append(u16(b, 0xffff), 0, 0, 0, 0, 0, 0), start)
}

// Group gives the packet to a group, which must exist.
type Group struct{ ID uint32 }

func (a Group) appendTo(b []byte) []byte {
	start := len(b)
	return finish(u32(begin(b, typeGroup), a.ID), start)
}

// SetField writes a field. Fields of a protocol need a match on that protocol.
type SetField struct{ Value FieldValue }

// Set is SetField of the value.
func Set(v FieldValue) SetField { return SetField{v} }

func (a SetField) appendTo(b []byte) []byte {
	start := len(b)
	return finish(a.Value.trimmed().appendTo(begin(b, typeSetField)), start)
}

// trimmed leaves out the leading zero bytes of a tunnel option, which OVS counts
// as absent (lib/nx-match.c, mf_field_len).
func (v FieldValue) trimmed() FieldValue {
	if v.field < FieldTunMetadata0 {
		return v
	}
	skip := uint8(0)
	for skip < v.size && v.value[skip] == 0 && (!v.masked || v.mask[skip] == 0) {
		skip++
	}
	short := FieldValue{field: v.field, size: v.size - skip, masked: v.masked}
	copy(short.value[:], v.value[skip:v.size])
	copy(short.mask[:], v.mask[skip:v.size])
	return short
}

// Move copies bits from one field to another. Both have as many bits.
type Move struct{ From, To Subfield }

func (a Move) appendTo(b []byte) []byte {
	start := len(b)
	b = u16(begin(b, typeCopyField), a.To.Bits)
	b = u16(u16(b, a.From.Offset), a.To.Offset)
	b = u32(u32(append(b, 0, 0), a.From.oxm()), a.To.oxm())
	return finish(b, start)
}

// DecTTL decrements TTL or hop limit; a packet for which that gives 0 goes to
// the controller as OFPR_INVALID_TTL, and no further.
type DecTTL struct{}

func (DecTTL) appendTo(b []byte) []byte {
	start := len(b)
	return finish(begin(b, typeDecTTL), start)
}

// PushVLAN puts a new outer tag on, of VLAN 0 until it is set.
type PushVLAN struct {
	// Type is the tag's Ethernet type, 0x8100 or 0x88a8.
	Type uint16
}

func (a PushVLAN) appendTo(b []byte) []byte {
	start := len(b)
	return finish(u16(begin(b, typePushVLAN), a.Type), start)
}

// PopVLAN takes the outer tag off.
type PopVLAN struct{}

func (PopVLAN) appendTo(b []byte) []byte {
	start := len(b)
	return finish(begin(b, typePopVLAN), start)
}

// SetQueue says by which queue of its port the packet goes.
type SetQueue struct{ ID uint32 }

func (a SetQueue) appendTo(b []byte) []byte {
	start := len(b)
	return finish(u32(begin(b, typeSetQueue), a.ID), start)
}

// Meter lets the packet pass only as fast as a meter says. It must exist, and
// come first among the actions of a flow.
type Meter struct{ ID uint32 }

func (a Meter) appendTo(b []byte) []byte {
	start := len(b)
	return finish(u32(begin(b, typeMeter), a.ID), start)
}

// Raw is an action or instruction this package does not know, or knows but could
// not write back byte by byte: the whole of it, header and padding included.
type Raw struct{ Bytes string }

func (a Raw) appendTo(b []byte) []byte { return append(b, a.Bytes...) }

// Actions is a list of actions in the form OVS writes it: it can be compared,
// and is a key.
type Actions string

// NewActions is the list of the actions, which are no instructions.
func NewActions(list ...Action) Actions {
	var room [256]byte
	b := room[:0]
	for _, a := range list {
		b = a.appendTo(b)
	}
	return Actions(b)
}
