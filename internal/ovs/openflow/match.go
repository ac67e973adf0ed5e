package openflow

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
)

// Match is what packets a flow is for: a set of fields with values, in a
// canonical form. Two matches of the same packets written with the same fields
// are equal, wherever they come from; so a Match can be compared and is a key.
//
// It is the OXM list of OpenFlow 1.5.1 section 7.2.3 without header and padding:
// sorted by Field, registers one by one, masks that cover a field left out,
// terms without any bit left out, and packet_type Ethernet, which OVS writes
// where nothing else implies it, left out. What this package does not know
// stands at the end, as it came.
type Match string

// NewMatch is the match of the terms. A field named twice counts with the bits
// of both. Where those differ nothing can match; OVS refuses such a match as it
// stands (OFPBMC_DUP_FIELD), which a mistake deserves.
func NewMatch(terms ...FieldValue) Match {
	var m matcher
	for _, t := range terms {
		m.add(t)
	}
	return m.match()
}

// With is the match with further terms.
func (m Match) With(terms ...FieldValue) Match {
	var c matcher
	c.parse([]byte(m))
	for _, t := range terms {
		c.add(t)
	}
	return c.match()
}

// Terms are the fields of the match that this package knows. An option of a
// tunnel of more than 16 bytes counts as unknown.
func (m Match) Terms() []FieldValue {
	var c matcher
	c.parse([]byte(m))
	return c.terms
}

// Get is the term of a field.
func (m Match) Get(f Field) (FieldValue, bool) {
	for _, t := range m.Terms() {
		if t.field == f {
			return t, true
		}
	}
	return FieldValue{}, false
}

// matcher gathers terms.
type matcher struct {
	terms   []FieldValue
	unknown []string // whole OXM entries
	broken  string   // the rest, from an entry that is cut short
}

// add takes a term in, split into single registers.
func (m *matcher) add(v FieldValue) {
	switch f := v.field; {
	case f >= FieldXXReg0 && f < FieldTunMetadata0:
		m.split(v, FieldReg0+4*(f-FieldXXReg0))
	case f >= FieldXReg0 && f < FieldXXReg0:
		m.split(v, FieldReg0+2*(f-FieldXReg0))
	default:
		m.single(v)
	}
}

func (m *matcher) split(v FieldValue, first Field) {
	for i := 0; i < int(v.size); i += 4 {
		m.single(newValue(first+Field(i/4), v.value[i:i+4], v.mask[i:i+4]))
	}
}

func (m *matcher) single(v FieldValue) {
	if v.masked && v.mask == [maxValue]byte{} && v.field < FieldTunMetadata0 {
		return
	}
	for i, t := range m.terms {
		if t.field == v.field {
			if both, ok := merge(t, v); ok {
				m.terms[i] = both
				return
			}
		}
	}
	m.terms = append(m.terms, v)
}

// merge is a term with the bits of both, where they agree.
func merge(a, b FieldValue) (FieldValue, bool) {
	if a.size != b.size {
		return a, false
	}
	var value, mask [maxValue]byte
	for i := range value {
		if common := a.mask[i] & b.mask[i]; a.value[i]&common != b.value[i]&common {
			return a, false
		}
		value[i], mask[i] = a.value[i]|b.value[i], a.mask[i]|b.mask[i]
	}
	return newValue(a.field, value[:a.size], mask[:a.size]), true
}

func (m *matcher) match() Match {
	slices.SortStableFunc(m.terms, func(a, b FieldValue) int { return int(a.field) - int(b.field) })
	slices.Sort(m.unknown)
	var room [256]byte
	b := room[:0]
	for _, t := range m.terms {
		b = t.appendTo(b)
	}
	return Match(append(append(b, strings.Join(m.unknown, "")...), m.broken...))
}

// packetTypeEthernet is the entry OVS writes before a match that implies no Ethernet.
var packetTypeEthernet = binary.BigEndian.AppendUint64(nil, uint64(header(classBasic, 44, 4))<<32)

// parse takes an OXM list in. What ends in the middle of an entry is kept as it is.
func (m *matcher) parse(b []byte) {
	for len(b) > 0 {
		entry, v, known := nextOXM(b)
		if entry == nil {
			m.broken = string(b)
			return
		}
		b = b[len(entry):]
		switch {
		case known:
			m.add(v)
		case bytes.Equal(entry, packetTypeEthernet):
		default:
			m.unknown = append(m.unknown, string(entry))
		}
	}
}

// nextOXM cuts one entry off b, which is not empty, and tells its field if that
// is known and its value has a length this package can hold. It is nil if b is
// shorter than its header says.
func nextOXM(b []byte) (entry []byte, v FieldValue, known bool) {
	if len(b) < 4 {
		return nil, v, false
	}
	h := binary.BigEndian.Uint32(b)
	end := 4 + int(h&0xff)
	if end > len(b) {
		return nil, v, false
	}
	entry = b[:end]
	f, ok := fieldByHeader[h>>9]
	if !ok {
		return entry, v, false
	}
	value, mask := entry[4:], allOnes[:]
	if h&maskBit != 0 {
		half := len(value) / 2
		value, mask = value[:half], value[half:]
		if len(mask) != half {
			return entry, v, false
		}
	}
	option := f >= FieldTunMetadata0
	if len(value) > maxValue || !option && len(value) != int(fields[f].size) {
		return entry, v, false
	}
	return entry, newValue(f, value, mask), true
}

var allOnes = func() (b [maxValue]byte) {
	for i := range b {
		b[i] = 0xff
	}
	return b
}()

// decodeMatch is the canonical match of an OXM list.
func decodeMatch(b []byte) Match {
	var m matcher
	m.parse(b)
	return m.match()
}

// appendMatch appends struct ofp_match: type OFPMT_OXM, length, entries, padding
// to 8 bytes (OpenFlow 1.5.1 section 7.2.3.1).
func appendMatch(b []byte, m Match) []byte {
	b = binary.BigEndian.AppendUint16(b, 1)
	b = binary.BigEndian.AppendUint16(b, uint16(4+len(m)))
	b = append(b, m...)
	return pad8(b, 4+len(m))
}

// cutMatch takes struct ofp_match off b.
func cutMatch(b []byte) (m, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	size := int(binary.BigEndian.Uint16(b[2:]))
	if size < 4 || align8(size) > len(b) {
		return nil, nil, false
	}
	return b[4:size], b[align8(size):], true
}

func align8(n int) int { return (n + 7) &^ 7 }

// pad8 appends zeros so that size bytes before become a multiple of 8.
func pad8(b []byte, size int) []byte {
	var zeros [8]byte
	return append(b, zeros[:align8(size)-size]...)
}
