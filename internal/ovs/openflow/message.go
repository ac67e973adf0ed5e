package openflow

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Version is the version of OpenFlow this package speaks, 1.5.
const Version = 6

// MaxMessage is the longest a message can be, in bytes.
const MaxMessage = 0xffff

// Type is the type of a message (OpenFlow 1.5.1 section 7.1.1; OFPT_*).
type Type uint8

// Types of messages.
const (
	TypeHello            Type = 0
	TypeError            Type = 1
	TypeEchoRequest      Type = 2
	TypeEchoReply        Type = 3
	TypeExperimenter     Type = 4
	typeFeaturesRequest  Type = 5
	TypeFeaturesReply    Type = 6
	TypePacketIn         Type = 10
	TypeFlowRemoved      Type = 11
	TypePortStatus       Type = 12
	typePacketOut        Type = 13
	typeFlowMod          Type = 14
	typeGroupMod         Type = 15
	typeMultipartRequest Type = 18
	TypeMultipartReply   Type = 19
	TypeBarrierReply     Type = 21
	TypeRoleReply        Type = 25
	typeSetAsync         Type = 28
	TypeRequestForward   Type = 32
	TypeBundleControl    Type = 33
	typeBundleAdd        Type = 34
)

// ErrFormat marks what is not OpenFlow 1.5, or is cut short.
var ErrFormat = errors.New("no OpenFlow 1.5 message")

// Header is the head of every message.
type Header struct {
	Version uint8
	Type    Type
	Length  uint16 // of the whole message, in bytes
	XID     uint32
}

// HeaderLen is the length of a Header in bytes.
const HeaderLen = headerLen

// ParseHeader reads the head of a message. The error matches ErrFormat if b is
// too short, or the length less than a header's. The version is the caller's to
// check: a hello has that of its sender.
func ParseHeader(b []byte) (Header, error) {
	if len(b) < headerLen {
		return Header{}, fmt.Errorf("%w: a header of %d bytes", ErrFormat, len(b))
	}
	h := Header{b[0], Type(b[1]), binary.BigEndian.Uint16(b[2:]), binary.BigEndian.Uint32(b[4:])}
	if h.Length < headerLen {
		return Header{}, fmt.Errorf("%w: a length of %d", ErrFormat, h.Length)
	}
	return h, nil
}

// appendHeader appends the head of a message, with room for its length.
func appendHeader(b []byte, t Type, xid uint32) []byte {
	return u32(append(b, Version, byte(t), 0, 0), xid)
}

// endMessage sets the length of the message that begins at start. One that is
// too long gets the greatest: senders check Size, and the switch refuses the rest.
func endMessage(b []byte, start int) []byte {
	binary.BigEndian.PutUint16(b[start+2:], uint16(min(len(b)-start, MaxMessage)))
	return b
}
