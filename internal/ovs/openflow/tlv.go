package openflow

import (
	"encoding/binary"
	"fmt"
)

// TLVMap says which Geneve option is which tun_metadata field
// (include/openflow/nicira-ext.h, struct nx_tlv_map). One bridge has one table of
// them.
type TLVMap struct {
	Class uint16
	Type  uint8
	// Length is of the option's value, in bytes: a multiple of 4 up to 124.
	Length uint8
	// Index is the number of the field, 0 to 63.
	Index uint16
}

// TLVTable is the table of a bridge, with its limits.
type TLVTable struct {
	MaxSpace  uint32 // bytes of all options together
	MaxFields uint16
	Maps      []TLVMap
}

// Subtypes of Nicira's messages (include/openvswitch/ofp-msgs.h).
const (
	nxTLVReply    = 26
	nxResume      = 28
	nxCTFlushZone = 29
	nxPacketIn2   = 30
)

// niciraBody is the body of a message of Nicira's, if m is one of that subtype.
func niciraBody(m []byte, subtype uint32) ([]byte, bool) {
	if len(m) < 16 || Type(m[1]) != TypeExperimenter ||
		binary.BigEndian.Uint32(m[8:]) != niciraVendor || binary.BigEndian.Uint32(m[12:]) != subtype {
		return nil, false
	}
	return m[16:], true
}

// ParseTLVTable reads the reply to AppendTLVRequest. The error matches ErrFormat.
func ParseTLVTable(m []byte) (TLVTable, error) {
	b, ok := niciraBody(m, nxTLVReply)
	if !ok || len(b) < 16 || len(b)%8 != 0 {
		return TLVTable{}, fmt.Errorf("%w: a TLV table of %d bytes", ErrFormat, len(m))
	}
	t := TLVTable{MaxSpace: binary.BigEndian.Uint32(b), MaxFields: binary.BigEndian.Uint16(b[4:])}
	for b = b[16:]; len(b) > 0; b = b[8:] {
		t.Maps = append(t.Maps, TLVMap{
			Class: binary.BigEndian.Uint16(b), Type: b[2], Length: b[3], Index: binary.BigEndian.Uint16(b[4:]),
		})
	}
	return t, nil
}
