package openflow

import (
	"encoding/binary"
	"fmt"
)

// Controller sends the packet to the controllers.
type Controller struct {
	// MaxLen is how much of the packet to send, in bytes; 0 means all. OVS 3.1
	// sends all in any case.
	MaxLen uint16
	// ID is the controller to send it to; 0 is every connection's own.
	ID uint16
	// Reason is what the packet-in tells; 0 means ReasonAction.
	Reason Reason
	// Userdata comes with the packet-in of format 2, as it is.
	Userdata string
	// Pause sends what is needed to go on with the packet from here (Resume),
	// and ends its way otherwise.
	Pause bool
	// Meter is the id of a meter for such packets; 0 means the virtual one.
	Meter uint32
}

// Properties of NXAST_CONTROLLER2 (lib/ofp-actions.c, enum nx_action_controller2_prop_type).
const (
	ctlMaxLen   = 0
	ctlID       = 1
	ctlReason   = 2
	ctlUserdata = 3
	ctlPause    = 4
	ctlMeter    = 5
)

func (a Controller) appendTo(b []byte) []byte {
	start := len(b)
	maxLen, reason := a.MaxLen, a.Reason
	if maxLen == 0 {
		maxLen = 0xffff
	}
	if reason == 0 {
		reason = ReasonAction
	}
	if a.Userdata == "" && !a.Pause && a.Meter == 0 {
		b = u16(u16(nicira(b, nxController), maxLen), a.ID)
		return finish(append(b, byte(reason), 0), start)
	}
	b = append(nicira(b, nxController2), 0, 0, 0, 0, 0, 0)
	if maxLen != 0xffff {
		b = append(u16(property(b, ctlMaxLen, 8), maxLen), 0, 0)
	}
	if a.ID != 0 {
		b = append(u16(property(b, ctlID, 8), a.ID), 0, 0)
	}
	if reason != ReasonAction {
		b = pad8(append(property(b, ctlReason, 5), byte(reason)), 5)
	}
	if a.Userdata != "" {
		size := 4 + len(a.Userdata)
		b = pad8(append(property(b, ctlUserdata, size), a.Userdata...), size)
	}
	if a.Pause {
		b = pad8(property(b, ctlPause, 4), 4)
	}
	if a.Meter != 0 {
		b = u32(property(b, ctlMeter, 8), a.Meter)
	}
	return finish(b, start)
}

// property appends the header of a property of size bytes (OpenFlow 1.5.1 section 7.2.12).
func property(b []byte, kind uint16, size int) []byte { return u16(u16(b, kind), uint16(size)) }

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

func (a Controller) text() string {
	maxLen := a.MaxLen
	if maxLen == 0 {
		maxLen = 0xffff
	}
	if a.Reason == 0 && a.ID == 0 && a.Userdata == "" && !a.Pause && a.Meter == 0 {
		return fmt.Sprintf("CONTROLLER:%d", maxLen)
	}
	var p printer
	if a.Reason != 0 {
		p.f("reason=%s,", a.Reason)
	}
	if maxLen != 0xffff {
		p.f("max_len=%d,", maxLen)
	}
	if a.ID != 0 {
		p.f("id=%d,", a.ID)
	}
	if a.Userdata != "" {
		p.f("userdata=%s,", dots(a.Userdata))
	}
	if a.Pause {
		p.f("pause,")
	}
	if a.Meter != 0 {
		p.f("meter_id=%d,", a.Meter)
	}
	return "controller(" + chomp(p.String()) + ")"
}
