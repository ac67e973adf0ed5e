package openflow

import (
	"encoding/binary"
	"fmt"

	"antrea.io/libOpenflow/common"
	"antrea.io/libOpenflow/openflow15"
	"antrea.io/libOpenflow/util"
)

// What is sent seldom is encoded by antrea.io/libOpenflow v0.15.0, where that is
// right. It is not used for async config (AsyncConfigPropReasons writes a length
// of 4 instead of 8), flow_mod (out_port in the place of out_group), packet-out
// and groups (they stand in bundles with the flows), nor for decoding: it panics
// on what real switches send.

// message is a message of the library as bytes, with the transaction id given:
// the library numbers messages by itself.
func message(b []byte, m util.Message, xid uint32) []byte {
	start := len(b)
	data, err := m.MarshalBinary()
	if err != nil || len(data) < headerLen {
		panic("openflow: libOpenflow cannot encode its own message") // no message below has a way to
	}
	b = append(b, data...)
	binary.BigEndian.PutUint16(b[start+2:], uint16(len(data)))
	binary.BigEndian.PutUint32(b[start+4:], xid)
	return b
}

// AppendHello appends a hello that offers OpenFlow 1.5 alone.
func AppendHello(b []byte, xid uint32) []byte {
	versions := common.NewHelloElemVersionBitmap()
	versions.Bitmaps = []uint32{1 << Version}
	return message(b, &common.Hello{
		Header:   common.Header{Version: Version},
		Elements: []common.HelloElem{versions},
	}, xid)
}

// AppendFeaturesRequest appends the question what the switch can do.
func AppendFeaturesRequest(b []byte, xid uint32) []byte {
	start := len(b)
	return endMessage(appendHeader(b, typeFeaturesRequest, xid), start)
}

// AppendEchoRequest appends an echo request without data.
func AppendEchoRequest(b []byte, xid uint32) []byte {
	return message(b, openflow15.NewEchoRequest(), xid)
}

// AppendEchoReply appends the reply to an echo request, a whole message.
func AppendEchoReply(b, request []byte) []byte {
	start := len(b)
	b = append(b, request...)
	b[start+1] = byte(TypeEchoReply)
	return b
}

// AppendBarrier appends a barrier request: its reply follows those, and the
// errors, of all that was sent before.
func AppendBarrier(b []byte, xid uint32) []byte {
	return message(b, openflow15.NewBarrierRequest(), xid)
}

// AppendTo appends the message.
func (m *MeterMod) AppendTo(b []byte, xid uint32) []byte {
	mod := openflow15.NewMeterMod()
	mod.Command, mod.Flags, mod.MeterId = uint16(m.Command), uint16(m.Meter.Flags), m.Meter.ID
	if m.Command != MeterDelete {
		for _, band := range m.Meter.Bands {
			mod.AddMeterBand(band.library())
		}
	}
	return message(b, mod, xid)
}

func (w Band) library() util.Message {
	if w.Remark != 0 {
		m := openflow15.NewMeterBandDSCP()
		m.Rate, m.BurstSize, m.PrecLevel = w.Rate, w.Burst, w.Remark
		return m
	}
	m := openflow15.NewMeterBandDrop()
	m.Rate, m.BurstSize = w.Rate, w.Burst
	return m
}

// TLVCommand is what a TLVMod does (enum nx_tlv_table_mod_command).
type TLVCommand uint16

// Commands of TLVMod.
const (
	TLVAdd TLVCommand = iota
	TLVDelete
	TLVClear
)

// TLVMod is a change of the bridge's table of options. OVS takes none in a bundle.
type TLVMod struct {
	Command TLVCommand
	Maps    []TLVMap
}

// AppendTo appends the message.
func (m *TLVMod) AppendTo(b []byte, xid uint32) []byte {
	maps := make([]*openflow15.TLVTableMap, len(m.Maps))
	for i, t := range m.Maps {
		maps[i] = &openflow15.TLVTableMap{OptClass: t.Class, OptType: t.Type, OptLength: t.Length, Index: t.Index}
	}
	return message(b, openflow15.NewTLVTableModMessage(openflow15.NewTLVTableMod(uint16(m.Command), maps)), xid)
}

// String names the options.
func (m *TLVMod) String() string {
	words := [...]string{"map", "unmap", "clear"}
	word := "change"
	if int(m.Command) < len(words) {
		word = words[m.Command]
	}
	text := word + " tunnel options"
	for _, t := range m.Maps {
		text += fmt.Sprintf(" {class=0x%x,type=0x%x,len=%d}->tun_metadata%d", t.Class, t.Type, t.Length, t.Index)
	}
	return text
}

// AppendTLVRequest appends a request for the bridge's table of options.
func AppendTLVRequest(b []byte, xid uint32) []byte {
	return message(b, openflow15.NewTLVTableRequest(), xid)
}

// BundleAction is a step of a bundle (OFPBCT_*). Each is answered by the next number.
type BundleAction uint16

// Steps of a bundle.
const (
	BundleOpen    BundleAction = 0
	BundleClose   BundleAction = 2
	BundleCommit  BundleAction = 4
	BundleDiscard BundleAction = 6
)

// bundleFlags make a bundle all or nothing, in the order of its messages.
const bundleFlags = openflow15.BF_ATOMIC | openflow15.BF_ORDERED

// AppendBundleControl appends a step of a bundle that is atomic and ordered.
func AppendBundleControl(b []byte, xid, bundle uint32, step BundleAction) []byte {
	return message(b, openflow15.NewBundleCtrl(bundle, uint16(step), bundleFlags), xid)
}

// AppendBundleAdd appends a message as part of a bundle. It is not sent if the
// message is longer than MaxBundled: ok is false then, and b unchanged.
func AppendBundleAdd(b []byte, xid, bundle uint32, m Message) (out []byte, ok bool) {
	start := len(b)
	out = u32(appendHeader(b, typeBundleAdd, xid), bundle)
	out = u16(append(out, 0, 0), bundleFlags)
	out = m.AppendTo(out, xid)
	if len(out)-start > MaxMessage {
		return b, false
	}
	return endMessage(out, start), true
}

// MaxBundled is the longest message that fits a bundle, in bytes.
const MaxBundled = MaxMessage - 16

// PacketInFormat is the form of packet-ins (lib/ofp-packet.c).
type PacketInFormat uint32

// Forms of packet-ins. Only the second kind of Nicira's carries userdata.
const (
	PacketInStandard PacketInFormat = 0
	PacketInNicira2  PacketInFormat = 2
)

// AppendPacketInFormat appends the choice of the form of packet-ins.
func AppendPacketInFormat(b []byte, xid uint32, f PacketInFormat) []byte {
	return message(b, openflow15.NewSetPacketInFormat(uint32(f)), xid)
}

// AppendControllerID appends the choice of which Controller.ID is this connection.
func AppendControllerID(b []byte, xid uint32, id uint16) []byte {
	return message(b, openflow15.NewSetControllerID(id), xid)
}

// Role is what a controller may do (OFPCR_ROLE_*).
type Role uint32

// Roles of controllers.
const (
	RoleNoChange Role = iota
	RoleEqual
	RolePrimary
	RoleSecondary
)

// AppendRole appends a request for a role. The generation must not go back
// between requests for RolePrimary and RoleSecondary.
func AppendRole(b []byte, xid uint32, r Role, generation uint64) []byte {
	m := openflow15.NewRoleRequest()
	m.Role, m.GenerationId = uint32(r), generation
	return message(b, m, xid)
}
