package openflow

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

// List is what NewActions was given, as far as this package knows it; the rest
// is Raw.
func (a Actions) List() []Action { return decodeActions([]byte(a)) }

func decodeActions(b []byte) []Action {
	var list []Action
	for len(b) > 0 {
		entry := cutTLV(b)
		b = b[len(entry):]
		list = append(list, exactly(decodeAction(entry), entry))
	}
	return list
}

// exactly is a if that is what b says, byte by byte, or b itself: whatever is
// shown or compared is what the switch holds.
func exactly(a Action, b []byte) Action {
	if a != nil && bytes.Equal(a.appendTo(nil), b) {
		return a
	}
	return Raw{string(b)}
}

// decodeAction is the action of one whole entry, or nil. It may read it loosely:
// exactly checks.
func decodeAction(b []byte) Action {
	if len(b) < 8 {
		return nil
	}
	v := binary.BigEndian.Uint32(b[4:])
	switch binary.BigEndian.Uint16(b) {
	case typeOutput:
		if len(b) == 16 {
			return Output{Port(v), binary.BigEndian.Uint16(b[8:])}
		}
	case typePushVLAN:
		return PushVLAN{uint16(v >> 16)}
	case typePopVLAN:
		return PopVLAN{}
	case typeSetQueue:
		return SetQueue{v}
	case typeGroup:
		return Group{v}
	case typeDecTTL:
		return DecTTL{}
	case typeMeter:
		return Meter{v}
	case typeSetField:
		if _, value, ok := nextOXM(b[4:]); ok {
			// Of an option, cut short, a mask may cover what is left.
			value.masked = value.masked || binary.BigEndian.Uint32(b[4:])&maskBit != 0
			return SetField{value}
		}
	case typeCopyField:
		return decodeMove(b)
	case typeExperimenter:
		if v == niciraVendor && len(b) >= 16 {
			return decodeNicira(binary.BigEndian.Uint16(b[8:]), b[10:])
		}
	}
	return nil
}

func decodeMove(b []byte) Action {
	if len(b) < 20 {
		return nil
	}
	n := binary.BigEndian.Uint16(b[4:])
	from, ok1 := subfieldOf(binary.BigEndian.Uint32(b[12:]), binary.BigEndian.Uint16(b[6:]), n)
	to, ok2 := subfieldOf(binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint16(b[8:]), n)
	if !ok1 || !ok2 {
		return nil
	}
	return Move{from, to}
}

// decodeNicira reads what follows the subtype: at least 6 bytes.
func decodeNicira(kind uint16, b []byte) Action {
	switch kind {
	case nxResubmitTable, nxResubmitCT:
		port := longPort(binary.BigEndian.Uint16(b))
		if port == PortInPort {
			port = 0
		}
		return Resubmit{Table: b[2], Port: port, CT: kind == nxResubmitCT}
	case nxController:
		c := Controller{MaxLen: binary.BigEndian.Uint16(b), ID: binary.BigEndian.Uint16(b[2:]), Reason: Reason(b[4])}
		return c.defaults()
	case nxController2:
		return decodeController2(b[6:])
	case nxConjunction:
		return Conjunction{ID: binary.BigEndian.Uint32(b[2:]), Clause: b[0] + 1, Clauses: b[1]}
	case nxCTClear:
		return CTClear{}
	case nxExit:
		return Exit{}
	case nxNote:
		return Note{string(b)}
	case nxClone:
		return Clone{decodeActions(b[6:])}
	}
	if len(b) < 14 {
		return nil
	}
	switch kind {
	case nxOutputReg:
		if s, ok := subfieldOfRange(binary.BigEndian.Uint32(b[2:]), binary.BigEndian.Uint16(b)); ok {
			return OutputField{s}
		}
	case nxCheckPktLarger:
		if s, ok := subfieldOf(binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint16(b[2:]), 1); ok {
			return CheckPktLarger{binary.BigEndian.Uint16(b), s}
		}
	case nxSample, nxSample2, nxSample3:
		return decodeSample(b)
	case nxCT:
		return decodeCT(b)
	case nxLearn:
		return decodeLearn(b)
	case nxBundle, nxBundleLoad:
		return decodeBundle(b)
	}
	return nil
}

// defaults is the action with values that mean the same left out.
func (a Controller) defaults() Controller {
	if a.MaxLen == 0xffff {
		a.MaxLen = 0
	}
	if a.Reason == ReasonAction {
		a.Reason = 0
	}
	return a
}

func decodeController2(b []byte) Action {
	var c Controller
	for len(b) > 0 {
		p := cutTLV(b)
		value := append(p[min(4, len(p)):len(p):len(p)], 0, 0, 0, 0)
		if len(p) < 4 {
			return nil
		}
		switch binary.BigEndian.Uint16(p) {
		case ctlMaxLen:
			c.MaxLen = binary.BigEndian.Uint16(value)
		case ctlID:
			c.ID = binary.BigEndian.Uint16(value)
		case ctlReason:
			c.Reason = Reason(value[0])
		case ctlUserdata:
			c.Userdata = string(p[4:])
		case ctlPause:
			c.Pause = true
		case ctlMeter:
			c.Meter = binary.BigEndian.Uint32(value)
		}
		b = b[min(align8(len(p)), len(b)):]
	}
	return c.defaults()
}

func decodeSample(b []byte) Action {
	s := Sample{
		Probability: binary.BigEndian.Uint16(b), CollectorSet: binary.BigEndian.Uint32(b[2:]),
		Domain: binary.BigEndian.Uint32(b[6:]), Point: binary.BigEndian.Uint32(b[10:]),
	}
	if len(b) >= 17 {
		if s.Port = longPort(binary.BigEndian.Uint16(b[14:])); s.Port == PortNone {
			s.Port = 0
		}
		s.Direction = Direction(b[16])
	}
	return s
}

func decodeCT(b []byte) Action {
	flags, zone := binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[6:])
	ct := CT{
		Commit: flags&1 != 0, Force: flags&2 != 0, ALG: binary.BigEndian.Uint16(b[12:]),
		Table: b[8], Recirculate: b[8] != noTable, Zone: zone,
	}
	if !ct.Recirculate {
		ct.Table = 0
	}
	if h := binary.BigEndian.Uint32(b[2:]); h != 0 {
		s, ok := subfieldOfRange(h, zone)
		if !ok {
			return nil
		}
		ct.ZoneField, ct.Zone = &s, 0
	}
	ct.Exec = decodeActions(b[14:])
	if len(ct.Exec) > 0 {
		if raw, ok := ct.Exec[0].(Raw); ok {
			if nat, ok := decodeNAT([]byte(raw.Bytes)); ok {
				ct.NAT, ct.Exec = &nat, ct.Exec[1:]
			}
		}
	}
	if len(ct.Exec) == 0 {
		ct.Exec = nil
	}
	return ct
}

// decodeNAT reads a whole entry.
func decodeNAT(b []byte) (n NAT, ok bool) {
	if len(b) < 16 || binary.BigEndian.Uint16(b) != typeExperimenter || binary.BigEndian.Uint16(b[8:]) != nxNAT {
		return n, false
	}
	flags, ranges := binary.BigEndian.Uint16(b[12:]), binary.BigEndian.Uint16(b[14:])
	for i, to := range []*bool{&n.Src, &n.Dst, &n.Persistent, &n.Hash, &n.Random} {
		*to = flags>>i&1 != 0
	}
	rest := b[16:]
	take := func(bit uint16, size int) []byte {
		if ranges&bit == 0 || len(rest) < size {
			return nil
		}
		v := rest[:size]
		rest = rest[size:]
		return v
	}
	for _, r := range []struct {
		bit  uint16
		size int
		to   *netip.Addr
	}{{1, 4, &n.First}, {2, 4, &n.Last}, {4, 16, &n.First}, {8, 16, &n.Last}} {
		if v := take(r.bit, r.size); v != nil {
			*r.to, _ = netip.AddrFromSlice(v)
		}
	}
	if v := take(16, 2); v != nil {
		n.FirstPort = binary.BigEndian.Uint16(v)
	}
	if v := take(32, 2); v != nil {
		n.LastPort = binary.BigEndian.Uint16(v)
	}
	return n, bytes.Equal(n.appendTo(nil), b)
}

func decodeLearn(b []byte) Action {
	if len(b) < 22 {
		return nil
	}
	flags := binary.BigEndian.Uint16(b[14:])
	l := Learn{
		IdleTimeout: binary.BigEndian.Uint16(b), HardTimeout: binary.BigEndian.Uint16(b[2:]),
		Priority: binary.BigEndian.Uint16(b[4:]), Cookie: binary.BigEndian.Uint64(b[6:]),
		FlowRemoved: flags&1 != 0, DeleteLearned: flags&2 != 0, Table: b[16],
	}
	for b = b[22:]; len(b) > 0; {
		s, rest, ok := cutLearnSpec(b)
		if !ok {
			break
		}
		l.Specs, b = append(l.Specs, s), rest
	}
	return l
}
