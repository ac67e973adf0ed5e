package openflow

import (
	"bytes"
	"encoding/binary"
)

// List is what NewActions was given, as far as this package knows it; the rest
// is Raw.
func (a Actions) List() []Action { return decodeActions([]byte(a), 0) }

// maxNesting is how deep actions are read into each other. Each level is written
// again to compare it, so that the work grows with the depth; what real flows
// have is 2.
const maxNesting = 16

func decodeActions(b []byte, depth int) []Action {
	var list []Action
	if depth > maxNesting {
		return []Action{Raw{string(b)}}
	}
	for len(b) > 0 {
		entry := cutTLV(b)
		b = b[len(entry):]
		list = append(list, exactly(decodeAction(entry, depth), entry))
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
func decodeAction(b []byte, depth int) Action {
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
			return decodeNicira(binary.BigEndian.Uint16(b[8:]), b[10:], depth)
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
func decodeNicira(kind uint16, b []byte, depth int) Action {
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
		return Clone{decodeActions(b[6:], depth+1)}
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
		return decodeCT(b, depth)
	case nxLearn:
		return decodeLearn(b)
	case nxBundle, nxBundleLoad:
		return decodeBundle(b)
	}
	return nil
}
