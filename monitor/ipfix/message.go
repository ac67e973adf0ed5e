package ipfix

import (
	"encoding/binary"
	"fmt"
	"time"
)

// The format of RFC 7011, section 3.
const (
	version       = 10
	headerLength  = 16
	setHeader     = 4
	setTemplate   = 2
	setOptions    = 3
	firstDataSet  = 256
	variable      = 65535     // the length of a field whose records say it
	enterpriseBit = 0x8000    // of an element's number
	longLength    = 255       // a variable length that needs two more bytes
	maxFields     = 1024      // of a template: OVS's longest has 60
	maxTemplates  = 2048      // of an exporter, over all its domains; OVS has 89 a domain
	maxFieldsKept = 1 << 15   // of all templates of an exporter; OVS has 3,700 a domain
	maxText       = 255       // bytes of a name that is taken; OVS's lengths are one byte
	mostLate      = 32        // messages in a row with old numbers, after which they are the new ones
	maxExporters  = 64        // remembered at a time; OVS has one for each bridge and collector set
	maxNames      = 8192      // texts remembered so that a record allocates none
	longestJump   = 1 << 22   // in sequence numbers, above which the exporter counts as restarted
	idleExporter  = time.Hour // after which an exporter is forgotten
)

// Reason is why a message, or a part of it, cannot be read.
type Reason string

// The reasons.
const (
	ReasonShort    Reason = "short"    // no room for a header
	ReasonVersion  Reason = "version"  // not IPFIX: NetFlow 5 and 9 have other numbers
	ReasonLength   Reason = "length"   // the header says another length than the datagram has
	ReasonSet      Reason = "set"      // a set that ends outside the message, or of a reserved number
	ReasonTemplate Reason = "template" // a template that is cut off, or describes nothing
	ReasonRecord   Reason = "record"   // a record that ends outside its set
)

// Reasons lists all reasons.
func Reasons() []Reason {
	return []Reason{ReasonShort, ReasonVersion, ReasonLength, ReasonSet, ReasonTemplate, ReasonRecord}
}

// MalformedError says what of a message cannot be read. What is in other sets of the
// message was taken, except where the message's own frame is wrong.
type MalformedError struct {
	Reason Reason
	Offset int // of the part, in bytes from the start of the message
	Detail string
}

// Error names the part and what is wrong with it.
func (e *MalformedError) Error() string {
	return fmt.Sprintf("IPFIX message: byte %d: %s", e.Offset, e.Detail)
}

func malformed(reason Reason, offset int, format string, args ...any) *MalformedError {
	return &MalformedError{Reason: reason, Offset: offset, Detail: fmt.Sprintf(format, args...)}
}

// header is that of a message.
type header struct {
	exported time.Time
	sequence uint32
	domain   uint32
}

// set is a part of a message: templates, or records of one.
type set struct {
	id     uint16
	offset int // of body in the message
	body   []byte
}

// frame reads the header and checks that the sets fill the message exactly. Nothing of
// a message whose frame lies can be believed.
func frame(m []byte) (header, *MalformedError) {
	if len(m) < headerLength {
		return header{}, malformed(ReasonShort, 0, "%d bytes are no header", len(m))
	}
	if v := binary.BigEndian.Uint16(m); v != version {
		return header{}, malformed(ReasonVersion, 0, "version %d is not %d", v, version)
	}
	if n := int(binary.BigEndian.Uint16(m[2:])); n != len(m) {
		return header{}, malformed(ReasonLength, 2, "the header says %d bytes, the datagram has %d", n, len(m))
	}
	for at := headerLength; at < len(m); {
		s, err := setAt(m, at)
		if err != nil {
			return header{}, err
		}
		at = s.offset + len(s.body)
	}
	return header{
		exported: time.Unix(int64(binary.BigEndian.Uint32(m[4:])), 0).UTC(),
		sequence: binary.BigEndian.Uint32(m[8:]), domain: binary.BigEndian.Uint32(m[12:]),
	}, nil
}

// setAt reads the set that begins at an offset.
func setAt(m []byte, at int) (set, *MalformedError) {
	if len(m)-at < setHeader {
		return set{}, malformed(ReasonSet, at, "%d bytes are no set", len(m)-at)
	}
	id, n := binary.BigEndian.Uint16(m[at:]), int(binary.BigEndian.Uint16(m[at+2:]))
	switch {
	case n < setHeader || n > len(m)-at:
		return set{}, malformed(ReasonSet, at+2, "set %d says %d bytes, %d are left", id, n, len(m)-at)
	case id != setTemplate && id != setOptions && id < firstDataSet:
		return set{}, malformed(ReasonSet, at, "set number %d is reserved", id)
	}
	return set{id: id, offset: at + setHeader, body: m[at+setHeader : at+n]}, nil
}
