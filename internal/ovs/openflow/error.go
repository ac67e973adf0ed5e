package openflow

import (
	"encoding/binary"
	"fmt"
)

// Error is a refusal by the switch. It is comparable but for Data.
type Error struct {
	// XID is the transaction id of the message that was refused.
	XID  uint32
	Type uint16
	// Code is of the type, or of Nicira's errors where Vendor is set.
	Code   uint16
	Vendor uint32
	// Data is the beginning of the refused message, 64 bytes at least where it
	// has them.
	Data []byte
}

// experimenterError is the type of errors with a vendor (OFPET_EXPERIMENTER).
const experimenterError = 0xffff

// ParseError reads a message of TypeError (OpenFlow 1.5.1 section 7.5.4). The
// error matches ErrFormat.
func ParseError(m []byte) (*Error, error) {
	if len(m) < headerLen+4 || Type(m[1]) != TypeError {
		return nil, short("error", m)
	}
	e := &Error{
		XID: binary.BigEndian.Uint32(m[4:]), Type: binary.BigEndian.Uint16(m[8:]),
		Code: binary.BigEndian.Uint16(m[10:]), Data: m[12:],
	}
	if e.Type == experimenterError {
		if len(m) < headerLen+8 {
			return nil, short("error", m)
		}
		e.Vendor, e.Data = binary.BigEndian.Uint32(m[12:]), m[16:]
	}
	return e, nil
}

// Name is what OVS calls the error, "OFPBMC_BAD_PREREQ".
func (e *Error) Name() string { name, _ := e.words(); return name }

// Error is the name and what it means.
func (e *Error) Error() string {
	name, text := e.words()
	return name + ": " + text
}

func (e *Error) words() (name, text string) {
	var w [2]string
	var ok bool
	switch {
	case e.Type != experimenterError:
		w, ok = errorNames()[[2]uint16{e.Type, e.Code}]
	case e.Vendor == niciraVendor:
		w, ok = niciraErrorNames()[e.Code]
	}
	if !ok {
		return fmt.Sprintf("error type %d code %d vendor %#x", e.Type, e.Code, e.Vendor), "unknown to this program"
	}
	return w[0], w[1]
}

// Is reports whether target is an *Error of the same type, code and vendor.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Type == e.Type && t.Code == e.Code && t.Vendor == e.Vendor
}
