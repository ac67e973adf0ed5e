package openflow

import "encoding/binary"

// Types of instructions (OpenFlow 1.5.1 section 7.2.5; OFPIT_*).
const (
	typeGoto          = 1
	typeWriteMetadata = 2
	typeWriteActions  = 3
	typeApplyActions  = 4
	typeClearActions  = 5
)

// Goto looks the packet up in a table of a higher number, after all else.
type Goto struct{ Table uint8 }

func (a Goto) appendTo(b []byte) []byte {
	start := len(b)
	return finish(append(begin(b, typeGoto), a.Table), start)
}

// WriteMetadata sets the bits of mask in the metadata register.
type WriteMetadata struct{ Value, Mask uint64 }

func (a WriteMetadata) appendTo(b []byte) []byte {
	start := len(b)
	b = append(begin(b, typeWriteMetadata), 0, 0, 0, 0)
	return finish(u64(u64(b, a.Value), a.Mask), start)
}

// WriteActions adds to the actions done when the packet's lookups end.
type WriteActions struct{ Actions []Action }

func (a WriteActions) appendTo(b []byte) []byte {
	start := len(b)
	b = append(begin(b, typeWriteActions), 0, 0, 0, 0)
	for _, e := range a.Actions {
		b = e.appendTo(b)
	}
	return finish(b, start)
}

// ClearActions takes back what WriteActions gathered.
type ClearActions struct{}

func (ClearActions) appendTo(b []byte) []byte {
	start := len(b)
	return finish(append(begin(b, typeClearActions), 0, 0, 0, 0), start)
}

// Instructions are what a flow does to its packets, in the form OVS writes it:
// they can be compared, and are a key. None means the packet is dropped.
type Instructions string

// Do is what a flow does: actions, which are done at once and in their order, and
// instructions. OVS takes those in the order ClearActions, WriteActions,
// WriteMetadata, Goto after all actions, each once, and Do puts them there.
func Do(list ...Action) Instructions {
	var room [256]byte
	b := room[:0]
	var late [typeClearActions + 1]Action
	start := -1
	for _, a := range list {
		if kind := instructionType(a); kind != 0 {
			late[kind] = a
			continue
		}
		if start < 0 {
			start = len(b)
			b = append(begin(b, typeApplyActions), 0, 0, 0, 0)
		}
		b = a.appendTo(b)
	}
	if start >= 0 {
		b = finish(b, start)
	}
	for _, kind := range []int{typeClearActions, typeWriteActions, typeWriteMetadata, typeGoto} {
		if late[kind] != nil {
			b = late[kind].appendTo(b)
		}
	}
	return Instructions(b)
}

func instructionType(a Action) int {
	switch a.(type) {
	case Goto:
		return typeGoto
	case WriteMetadata:
		return typeWriteMetadata
	case WriteActions:
		return typeWriteActions
	case ClearActions:
		return typeClearActions
	}
	return 0
}

// List is what Do was given, as far as this package knows it; the rest is Raw.
func (i Instructions) List() []Action {
	var list []Action
	for b := []byte(i); len(b) > 0; {
		entry := cutTLV(b)
		b = b[len(entry):]
		if len(entry) >= 8 && binary.BigEndian.Uint16(entry) == typeApplyActions {
			list = append(list, decodeActions(entry[8:])...)
			continue
		}
		list = append(list, decodeInstruction(entry))
	}
	return list
}

// cutTLV is the first entry of b, which is not empty: type and length of 16 bits
// each, the length counting itself. What has no sense is one entry to the end.
func cutTLV(b []byte) []byte {
	if len(b) >= 4 {
		if n := int(binary.BigEndian.Uint16(b[2:])); n >= 4 && n <= len(b) {
			return b[:n]
		}
	}
	return b
}

func decodeInstruction(b []byte) Action {
	var a Action
	switch kind := binary.BigEndian.Uint16(append(b[:len(b):len(b)], 0, 0)); {
	case kind == typeGoto && len(b) == 8:
		a = Goto{b[4]}
	case kind == typeWriteMetadata && len(b) == 24:
		a = WriteMetadata{binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint64(b[16:])}
	case kind == typeWriteActions && len(b) >= 8:
		a = WriteActions{decodeActions(b[8:])}
	case kind == typeClearActions && len(b) == 8:
		a = ClearActions{}
	}
	return exactly(a, b)
}
