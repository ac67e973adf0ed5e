package openflow

import (
	"encoding/binary"
	"strings"
)

// GroupType is how a group chooses among its buckets (OFPGT_*).
type GroupType uint8

// Types of groups.
const (
	// GroupAll does all buckets, each with a copy.
	GroupAll GroupType = iota
	// GroupSelect does one bucket, by hash and weight.
	GroupSelect
	// GroupIndirect has one bucket.
	GroupIndirect
	// GroupFailover does the first bucket that is alive.
	GroupFailover
)

// GroupEntry is a group as the switch holds it.
type GroupEntry struct {
	ID      uint32
	Type    GroupType
	Buckets []Bucket
	// Method is how GroupSelect chooses; the zero value is OVS's default.
	Method Selection
	// Unknown are properties this package does not know, as they came.
	Unknown string
}

// Selection is the method of GroupSelect (include/openflow/netronome-ext.h).
type Selection struct {
	// Name is "hash" or "dp_hash"; empty means OVS's default.
	Name  string
	Param uint64
	// Fields are what "hash" hashes, with a mask as their value: all ones is the
	// whole field.
	Fields []FieldValue
}

// Bucket is one way of a group.
type Bucket struct {
	// ID tells the buckets of a group apart, up to 0xffffff00.
	ID      uint32
	Actions Actions
	// Weight is the share in GroupSelect; there 0 means none. Other types have 0.
	Weight uint16
	// WatchPort and WatchGroup make the bucket alive only while they are; 0 means
	// none. (Group 0 cannot be watched.)
	WatchPort  Port
	WatchGroup uint32
	// Unknown are properties this package does not know, as they came.
	Unknown string
}

// Equal reports whether the groups are the same, buckets in their order.
func (g *GroupEntry) Equal(o *GroupEntry) bool { return g.wire() == o.wire() }

func (g *GroupEntry) wire() string { return string((&GroupMod{Group: *g}).AppendTo(nil, 0)) }

// GroupCommand is what a GroupMod does (OFPGC_*).
type GroupCommand uint16

// Commands of GroupMod.
const (
	GroupAdd    GroupCommand = 0
	GroupModify GroupCommand = 1
	// GroupDelete deletes the group, and every flow that uses it. That there is
	// none is no error.
	GroupDelete       GroupCommand = 2
	GroupInsertBucket GroupCommand = 3
	GroupRemoveBucket GroupCommand = 5
)

// Special numbers of groups and buckets (OFPG_*).
const (
	AllGroups   = 0xfffffffc
	BucketFirst = 0xfffffffd
	BucketLast  = 0xfffffffe
	BucketAll   = 0xffffffff
)

// GroupMod is a change of a group.
type GroupMod struct {
	Command GroupCommand
	Group   GroupEntry
	// Bucket is behind which bucket the new ones go, or which one is removed, or
	// one of BucketFirst, BucketLast and BucketAll; for other commands it is not used.
	Bucket uint32
}

// Properties (OFPGBPT_*, OFPGPT_*; include/openflow/netronome-ext.h).
const (
	bucketWeight     = 0
	bucketWatchPort  = 1
	bucketWatchGroup = 2
	netronomeVendor  = 0x0000154d
	netronomeMethod  = 1
	methodNameLen    = 16
	methodLen        = 40
)

// AppendTo appends the message: struct ofp_group_mod of OpenFlow 1.5.1 section 7.3.4.4.
func (m *GroupMod) AppendTo(b []byte, xid uint32) []byte {
	start := len(b)
	g := &m.Group
	b = u16(appendHeader(b, typeGroupMod, xid), uint16(m.Command))
	b = u32(append(b, byte(g.Type), 0), g.ID)
	at := len(b)
	bucket := uint32(BucketAll)
	if m.Command == GroupInsertBucket || m.Command == GroupRemoveBucket {
		bucket = m.Bucket
	}
	b = u32(append(b, 0, 0, 0, 0), bucket)
	first := len(b)
	for i := range g.Buckets {
		b = g.Buckets[i].appendTo(b, g.Type)
	}
	binary.BigEndian.PutUint16(b[at:], uint16(min(len(b)-first, MaxMessage)))
	return endMessage(append(g.Method.appendTo(b), g.Unknown...), start)
}

func (w *Bucket) appendTo(b []byte, t GroupType) []byte {
	start := len(b)
	b = u32(u16(u16(b, 0), uint16(len(w.Actions))), w.ID)
	b = append(b, w.Actions...)
	if t == GroupSelect || w.Weight != 0 {
		b = append(u16(property(b, bucketWeight, 8), w.Weight), 0, 0)
	}
	if w.WatchPort != 0 {
		b = u32(property(b, bucketWatchPort, 8), uint32(w.WatchPort))
	}
	if w.WatchGroup != 0 {
		b = u32(property(b, bucketWatchGroup, 8), w.WatchGroup)
	}
	b = append(b, w.Unknown...)
	binary.BigEndian.PutUint16(b[start:], uint16(len(b)-start))
	return b
}

func (s *Selection) appendTo(b []byte) []byte {
	if s.Name == "" {
		return b
	}
	start := len(b)
	b = u32(u32(property(b, typeExperimenter, 0), netronomeVendor), netronomeMethod)
	var name [methodNameLen]byte
	copy(name[:methodNameLen-1], s.Name)
	b = u64(append(append(b, 0, 0, 0, 0), name[:]...), s.Param)
	for _, f := range s.Fields {
		b = f.appendTo(b)
	}
	size := len(b) - start
	binary.BigEndian.PutUint16(b[start+2:], uint16(size))
	return pad8(b, size)
}

// decodeGroup reads a struct ofp_group_desc (section 7.3.5.11).
func decodeGroup(b []byte) (g GroupEntry, ok bool) {
	if len(b) < 16 {
		return g, false
	}
	g.Type, g.ID = GroupType(b[2]), binary.BigEndian.Uint32(b[4:])
	size := int(binary.BigEndian.Uint16(b[8:]))
	if b = b[16:]; size > len(b) {
		return g, false
	}
	for list := b[:size]; len(list) > 0; {
		n := 0
		if len(list) >= 8 {
			n = int(binary.BigEndian.Uint16(list))
		}
		if n < 8 || n > len(list) {
			return g, false
		}
		w, ok := decodeBucket(list[:n])
		if !ok {
			return g, false
		}
		g.Buckets, list = append(g.Buckets, w), list[n:]
	}
	eachProperty(b[size:], func(kind uint16, p []byte) {
		if kind != typeExperimenter || !g.Method.decode(p) {
			g.Unknown += string(pad8(p[:len(p):len(p)], len(p)))
		}
	})
	return g, true
}

func decodeBucket(b []byte) (w Bucket, ok bool) {
	size := int(binary.BigEndian.Uint16(b[2:]))
	if 8+size > len(b) {
		return w, false
	}
	w.ID, w.Actions = binary.BigEndian.Uint32(b[4:]), Actions(b[8:8+size])
	eachProperty(b[8+size:], func(kind uint16, p []byte) {
		switch {
		case kind == bucketWeight && len(p) >= 6:
			w.Weight = binary.BigEndian.Uint16(p[4:])
		case kind == bucketWatchPort && len(p) == 8:
			w.WatchPort = Port(binary.BigEndian.Uint32(p[4:]))
		case kind == bucketWatchGroup && len(p) == 8:
			w.WatchGroup = binary.BigEndian.Uint32(p[4:])
		default:
			w.Unknown += string(pad8(p[:len(p):len(p)], len(p)))
		}
	})
	return w, true
}

func (s *Selection) decode(p []byte) bool {
	if len(p) < methodLen || binary.BigEndian.Uint32(p[4:]) != netronomeVendor || binary.BigEndian.Uint32(p[8:]) != netronomeMethod {
		return false
	}
	s.Name, _, _ = strings.Cut(string(p[16:16+methodNameLen]), "\x00")
	s.Param = binary.BigEndian.Uint64(p[32:])
	for b := p[methodLen:]; len(b) > 0; {
		entry, v, known := nextOXM(b)
		if !known {
			*s = Selection{}
			return false
		}
		s.Fields, b = append(s.Fields, v), b[len(entry):]
	}
	return true
}

// eachProperty calls f for each property of a list (OpenFlow 1.5.1 section
// 7.2.12), header included and padding left out. The last is cut short if the
// list is.
func eachProperty(b []byte, f func(kind uint16, p []byte)) {
	for len(b) >= 4 {
		p := cutTLV(b)
		f(binary.BigEndian.Uint16(p), p)
		b = b[min(align8(len(p)), len(b)):]
	}
}
