package openflow

import (
	"encoding/binary"
	"fmt"
)

// Types of multipart messages (OpenFlow 1.5.1 section 7.3.5; OFPMP_*).
const (
	multipartFlowDesc      = 1
	multipartGroupDesc     = 7
	multipartMeterDesc     = 10
	multipartTableFeatures = 12
	multipartPortDesc      = 13
	multipartLen           = 16
)

// beginMultipart appends the head of a request.
func beginMultipart(b []byte, xid uint32, kind uint16) []byte {
	return append(u16(appendHeader(b, typeMultipartRequest, xid), kind), 0, 0, 0, 0, 0, 0)
}

// FlowRequest restricts a dump of flows.
type FlowRequest struct {
	// Table is the table, or AllTables.
	Table uint8
	// Match comprises the flows; the zero value all.
	Match Match
	// Cookie and CookieMask restrict to flows with those bits.
	Cookie, CookieMask uint64
}

// AppendFlowRequest appends a request for flows.
func AppendFlowRequest(b []byte, xid uint32, r FlowRequest) []byte {
	start := len(b)
	b = append(beginMultipart(b, xid, multipartFlowDesc), r.Table, 0, 0, 0)
	b = append(b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0) // any port, any group
	b = u64(u64(b, r.Cookie), r.CookieMask)
	return endMessage(appendMatch(b, r.Match), start)
}

// AppendGroupRequest appends a request for a group, or AllGroups.
func AppendGroupRequest(b []byte, xid, group uint32) []byte {
	return appendIDRequest(b, xid, multipartGroupDesc, group)
}

// AppendMeterRequest appends a request for a meter, or AllMeters.
func AppendMeterRequest(b []byte, xid, meter uint32) []byte {
	return appendIDRequest(b, xid, multipartMeterDesc, meter)
}

// AppendPortRequest appends a request for a port, or PortNone for all.
func AppendPortRequest(b []byte, xid uint32, p Port) []byte {
	return appendIDRequest(b, xid, multipartPortDesc, uint32(p))
}

func appendIDRequest(b []byte, xid uint32, kind uint16, id uint32) []byte {
	start := len(b)
	return endMessage(append(u32(beginMultipart(b, xid, kind), id), 0, 0, 0, 0), start)
}

// AppendTableRequest appends a request for what the tables can do.
func AppendTableRequest(b []byte, xid uint32) []byte {
	start := len(b)
	return endMessage(beginMultipart(b, xid, multipartTableFeatures), start)
}

// Multipart reports whether a whole message is part of a multipart reply, and
// whether more follow.
func Multipart(m []byte) (is, more bool) {
	is = len(m) >= multipartLen && Type(m[1]) == TypeMultipartReply
	return is, is && m[11]&1 != 0
}

// entries cuts the body of a reply into what has its length at the given place.
// f reports whether it could read the entry.
func entries(m []byte, kind uint16, lengthAt int, f func(b []byte) bool) error {
	if is, _ := Multipart(m); !is || binary.BigEndian.Uint16(m[8:]) != kind {
		return fmt.Errorf("%w: not the multipart reply %d", ErrFormat, kind)
	}
	for b := m[multipartLen:]; len(b) > 0; {
		n := 0
		if len(b) >= lengthAt+2 {
			n = int(binary.BigEndian.Uint16(b[lengthAt:]))
		}
		if n < lengthAt+2 || n > len(b) || !f(b[:n]) {
			return fmt.Errorf("%w: entry at byte %d of multipart reply %d", ErrFormat, len(m)-len(b), kind)
		}
		b = b[n:]
	}
	return nil
}

// records cuts the body of a reply into what is n bytes long.
func records(m []byte, kind uint16, n int, f func(b []byte)) error {
	if is, _ := Multipart(m); !is || binary.BigEndian.Uint16(m[8:]) != kind {
		return fmt.Errorf("%w: not the multipart reply %d", ErrFormat, kind)
	}
	b := m[multipartLen:]
	for ; len(b) >= n; b = b[n:] {
		f(b[:n])
	}
	if len(b) > 0 {
		return fmt.Errorf("%w: %d bytes at the end of multipart reply %d", ErrFormat, len(b), kind)
	}
	return nil
}

// ParseFlows calls f for each flow of one part of the reply to AppendFlowRequest.
// The flow refers to nothing of m. The error matches ErrFormat; flows before the
// place of the error have been seen.
func ParseFlows(m []byte, f func(FlowEntry)) error {
	var terms matcher
	return entries(m, multipartFlowDesc, 0, func(b []byte) bool {
		e, ok := decodeFlowEntry(b, &terms)
		if ok {
			f(e)
		}
		return ok
	})
}

// ParseGroups calls f for each group, as ParseFlows does.
func ParseGroups(m []byte, f func(GroupEntry)) error {
	return entries(m, multipartGroupDesc, 0, func(b []byte) bool {
		g, ok := decodeGroup(b)
		if ok {
			f(g)
		}
		return ok
	})
}

// ParseMeters calls f for each meter, as ParseFlows does.
func ParseMeters(m []byte, f func(MeterEntry)) error {
	return entries(m, multipartMeterDesc, 0, func(b []byte) bool {
		e, ok := decodeMeter(b)
		if ok {
			f(e)
		}
		return ok
	})
}

// ParsePorts calls f for each port, as ParseFlows does.
func ParsePorts(m []byte, f func(PortDesc)) error {
	return entries(m, multipartPortDesc, 4, func(b []byte) bool {
		p, ok := decodePort(b)
		if ok {
			f(p)
		}
		return ok
	})
}

// ParseTables calls f for each table, as ParseFlows does.
func ParseTables(m []byte, f func(TableFeatures)) error {
	return entries(m, multipartTableFeatures, 0, func(b []byte) bool {
		t, ok := decodeTable(b)
		if ok {
			f(t)
		}
		return ok
	})
}
