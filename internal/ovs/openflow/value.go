package openflow

import (
	"encoding/binary"
	"net/netip"
)

// FieldValue is a field with the value it is to have, in all bits or in some: a
// term of a match, or what set_field writes. Make one with a constructor; the
// zero value means in_port 0. It is comparable.
type FieldValue struct {
	field  Field
	size   uint8 // bytes of value in use
	masked bool
	value  [maxValue]byte
	mask   [maxValue]byte // all ones where not masked
}

// maxValue is the longest value a FieldValue holds. Only tunnel options can be
// longer: those are kept when decoded, but cannot be made here.
const maxValue = 16

// Field is the field of the value.
func (v FieldValue) Field() Field { return v.field }

// Masked reports whether only some bits count.
func (v FieldValue) Masked() bool { return v.masked }

// Bytes are the value and the mask, most significant byte first.
func (v FieldValue) Bytes() (value, mask []byte) { return v.value[:v.size], v.mask[:v.size] }

// newValue makes a canonical value: no bit set outside the mask, and a mask that
// covers the field counts as none.
func newValue(f Field, value, mask []byte) FieldValue {
	v := FieldValue{field: f, size: uint8(len(value))}
	info := &fields[f]
	v.masked = false
	for i := range value {
		valid := byte(0xff)
		if info.bits != 0 {
			valid = validBits(len(value)-1-i, info.bits)
		}
		m := mask[i] & valid
		if m != valid {
			v.masked = true
		}
		v.value[i], v.mask[i] = value[i]&m, m
	}
	if !v.masked {
		for i := range value {
			v.mask[i] = 0xff
		}
	}
	return v
}

// validBits are the bits of byte n, counted from the last, of a field.
func validBits(n int, bits uint8) byte {
	switch left := int(bits) - 8*n; {
	case left >= 8:
		return 0xff
	case left <= 0:
		return 0
	default:
		return 1<<left - 1
	}
}

// Number is a field of at most 64 bits with value v.
func Number(f Field, v uint64) FieldValue { return NumberMasked(f, v, ^uint64(0)) }

// NumberMasked is a field of at most 64 bits that has the bits of v where mask
// has ones. It panics for a field of another size: that is a mistake in the code.
func NumberMasked(f Field, v, mask uint64) FieldValue {
	size := int(fields[f].size)
	if size > 8 {
		panic("openflow: " + f.String() + " has more than 64 bits")
	}
	var value, bits [8]byte
	binary.BigEndian.PutUint64(value[:], v)
	binary.BigEndian.PutUint64(bits[:], mask)
	return newValue(f, value[8-size:], bits[8-size:])
}

// Wide is a field of 128 bits with the given value.
func Wide(f Field, value [16]byte) FieldValue {
	return WideMasked(f, value, [16]byte{0: 0xff, 1: 0xff, 2: 0xff, 3: 0xff, 4: 0xff, 5: 0xff, 6: 0xff, 7: 0xff,
		8: 0xff, 9: 0xff, 10: 0xff, 11: 0xff, 12: 0xff, 13: 0xff, 14: 0xff, 15: 0xff})
}

// WideMasked is a field of 128 bits that has the bits of value where mask has
// ones. It panics for a field of another size.
func WideMasked(f Field, value, mask [16]byte) FieldValue {
	if fields[f].size != 16 {
		panic("openflow: " + f.String() + " has not 128 bits")
	}
	return newValue(f, value[:], mask[:])
}

// Addr is a field that holds an address, IPv4 or IPv6 as the field does. It
// panics for an address of the other family.
func Addr(f Field, a netip.Addr) FieldValue { return Prefix(f, netip.PrefixFrom(a, a.BitLen())) }

// Prefix is a field whose leading bits are those of p. It panics for an invalid
// prefix and one of the other family.
func Prefix(f Field, p netip.Prefix) FieldValue {
	value := p.Addr().AsSlice()
	if !p.IsValid() || len(value) != int(fields[f].size) {
		panic("openflow: " + f.String() + " cannot hold " + p.String())
	}
	mask := make([]byte, 16)
	for i := range p.Bits() {
		mask[i/8] |= 0x80 >> (i % 8)
	}
	return newValue(f, value, mask[:len(value)])
}

// MAC is a field that holds an Ethernet address.
func MAC(f Field, mac [6]byte) FieldValue {
	return MACMasked(f, mac, [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
}

// MACMasked is a field that holds an Ethernet address of which the bits in mask
// count. It panics for a field that holds something else.
func MACMasked(f Field, mac, mask [6]byte) FieldValue {
	if fields[f].size != 6 {
		panic("openflow: " + f.String() + " is no Ethernet address")
	}
	return newValue(f, mac[:], mask[:])
}

// TunMetadata is option n of the switch's TLV map, 0 to 63, with a value of as
// many bytes as the map says, 4 to 16.
func TunMetadata(n int, value []byte) FieldValue {
	mask := [maxValue]byte{}
	for i := range mask {
		mask[i] = 0xff
	}
	return TunMetadataMasked(n, value, mask[:len(value)])
}

// TunMetadataMasked is TunMetadata of which the bits in mask count. A packet
// without the option has its value 0. It panics for another option and a value
// of another length.
func TunMetadataMasked(n int, value, mask []byte) FieldValue {
	if n < 0 || n >= tunnelOptions || len(value) > maxValue || len(value) != len(mask) {
		panic("openflow: no such tunnel option")
	}
	return newValue(FieldTunMetadata0+Field(n), value, mask)
}

// appendTo appends the OXM entry.
func (v FieldValue) appendTo(b []byte) []byte {
	h := fields[v.field].oxm&^0xff | uint32(v.size)
	if !v.masked {
		b = binary.BigEndian.AppendUint32(b, h)
		return append(b, v.value[:v.size]...)
	}
	b = binary.BigEndian.AppendUint32(b, h&^0xff|maskBit|uint32(2*v.size))
	b = append(b, v.value[:v.size]...)
	return append(b, v.mask[:v.size]...)
}
